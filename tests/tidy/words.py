"""Names that say nothing, and marks of unfinished work."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from source_tree import SourceTree

EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "misc", "stuff"}
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(wo" r"rk|ro" r"ot|home/\w+)/\w")
DECLARED = re.compile(r"\b(?:namespace|class|struct|def)\s+([A-Za-z_]\w*)")
TEXT_SUFFIXES = (".h", ".cc", ".inc", ".py", ".sh", ".cmake", ".txt", ".md", ".yaml", ".toml", ".json")


def parts(name: str) -> set[str]:
    """`RequestManager2` and `request_manager_2` both have the part `manager`."""
    return {part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def check_names(tree: SourceTree) -> list[str]:
    """Neither files nor folders, namespaces, types or Python functions are named utils, helpers, common or manager."""
    complaints = []
    for path, text in tree.texts.items():
        for part in PurePosixPath(path).parts:
            if EMPTY_NAMES & parts(part):
                complaints.append(f"{path}: '{part}' does not say what the file's functions share")
        if path.endswith((".h", ".cc", ".py")):
            names = {name for name in DECLARED.findall(text) if EMPTY_NAMES & parts(name)}
            complaints += [f"{path}: '{name}' does not say what it is" for name in sorted(names)]
    return complaints


def check_unfinished(tree: SourceTree) -> list[str]:
    """No note of work left undone, and no path of one machine."""
    complaints = []
    for path in tree.with_suffix(*TEXT_SUFFIXES):
        for number, line in enumerate(tree.texts[path].splitlines(), 1):
            for found in (UNFINISHED.search(line), MACHINE_PATH.search(line)):
                if found:
                    complaints.append(f"{path}:{number}: '{found[0]}'")
    return complaints
