"""Links in documents lead somewhere, and the commands that documents show exist."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
import subprocess
import sys

from source_tree import ROOT, SourceTree

sys.path.insert(0, str(ROOT / "tools"))
import figures  # noqa: E402  the tool whose work is checked here

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?$(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\s*(?:\$ )?(?:\w+=\S+ )*(?:\./)?shortlist\s+([^#|>&\n]*)", re.MULTILINE)
INLINE_COMMAND = re.compile(r"`(?:\./)?shortlist\s+([^`]*)`")
VERB = re.compile(r"[a-z][a-z-]*$")


def anchor(heading: str) -> str:
    """The fragment under which a Markdown heading is reached."""
    plain = re.sub(r"[`*]", "", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def check_links(tree: SourceTree) -> list[str]:
    """A relative link names a file or folder of the repository; a fragment names a heading of it."""
    folders = {posixpath.dirname(path) for path in tree.texts}
    complaints = []
    for path in tree.with_suffix(".md"):
        prose = FENCE.sub("", tree.texts[path])
        for found in LINK.finditer(prose):
            link = found[1] or found[2]
            if re.match(r"[a-z]+:", link):
                continue
            target, _, fragment = link.partition("#")
            full = posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) if target else path
            if full not in tree.texts and not any(folder == full or folder.startswith(full + "/") for folder in folders):
                complaints.append(f"{path}: link to {link}, which does not exist")
            elif fragment and full.endswith(".md"):
                headings = re.findall(r"^#+ (.*)$", tree.texts[full], re.MULTILINE)
                if fragment not in {anchor(heading) for heading in headings}:
                    complaints.append(f"{path}: link to {link}, but no such heading is there")
    return complaints


def shown_commands(tree: SourceTree) -> list[tuple[str, list[str]]]:
    """(document, words after `shortlist`) of each command in a code block or between backticks."""
    rows = []
    for path in tree.with_suffix(".md"):
        text = re.sub(r"\\\n\s*", "", tree.texts[path])
        blocks = "\n".join(FENCE.findall(text))
        for line in [*COMMAND.findall(blocks), *INLINE_COMMAND.findall(FENCE.sub("", text))]:
            try:
                words = shlex.split(line)
            except ValueError:
                words = line.split()
            if words and VERB.match(words[0]):
                rows.append((path, words))
    return rows


def check_commands(tree: SourceTree, binary: str) -> list[str]:
    """The program answers --help for each verb that a document shows, and its help names each flag shown."""
    pages: dict[tuple[str, ...], str | None] = {}

    def help_page(verb: tuple[str, ...]) -> str | None:
        if verb not in pages:
            answer = subprocess.run([binary, *verb, "--help"], capture_output=True, text=True, check=False, timeout=60)
            pages[verb] = answer.stdout if answer.returncode == 0 else None
        return pages[verb]

    complaints = []
    for path, words in shown_commands(tree):
        leading = [word for word in words[:2] if VERB.match(word)]
        candidates = [page for page in (help_page(tuple(leading[:count])) for count in range(len(leading), 0, -1)) if page is not None]
        if not candidates:
            complaints.append(f"{path}: 'shortlist {words[0]}' is shown, but the program has no such verb")
            continue
        flags = [re.split(r"[=\]]", word.lstrip("["))[0] for word in words if word.lstrip("[").startswith("--")]
        missing = [flag for flag in flags if not any(re.search(rf"{re.escape(flag)}\b", page) for page in candidates)]
        complaints += [f"{path}: 'shortlist {' '.join(words)}' is shown, but its help does not know {flag}" for flag in missing]
    return complaints


def check_figures(tree: SourceTree) -> list[str]:
    """A measured figure in a document is the one of its record in bench/results/."""
    records = {posixpath.basename(path).removesuffix(".json"): json.loads(tree.texts[path]) for path in tree.texts if path.startswith("bench/results/")}
    stale = [path for path in tree.with_suffix(".md") if figures.filled(tree.texts[path], records) != tree.texts[path]]
    return [f"{path}: a figure is not that of bench/results/: run python3 tools/figures.py" for path in stale]
