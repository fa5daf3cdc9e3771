"""The text of the repository as the checks read it, or of a small tree planted by a test."""

from __future__ import annotations

import functools
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent.parent
CPP_SUFFIXES = (".h", ".cc", ".inc")


@dataclass(frozen=True)
class SourceTree:
    """Maps each path, relative to the root and with slashes, to its text. Binary files are absent."""

    texts: dict[str, str]

    def with_suffix(self, *suffixes: str) -> list[str]:
        return [path for path in self.texts if path.endswith(suffixes)]

    def cpp(self) -> list[str]:
        return self.with_suffix(*CPP_SUFFIXES)

    def python(self) -> list[str]:
        return [path for path, text in self.texts.items() if path.endswith(".py") or text.startswith("#!/usr/bin/env python3")]


@functools.cache
def repository() -> SourceTree:
    """Every file that git tracks, or would if it were added."""
    listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    texts = {}
    for path in sorted(set(listing.stdout.split("\0")) - {""}):
        try:
            texts[path] = (ROOT / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
    return SourceTree(texts)


def stem(path: str) -> str:
    """`engine/index/ivf_test.cc` and its quartet share the stem `engine/index/ivf`."""
    return re.sub(r"(_test|_bench|_internal)?\.\w+$", "", path)


def is_test(path: str) -> bool:
    return path.startswith("tests/") or re.search(r"_(test|bench|fuzz)\.cc$", path) is not None or "testing_internal" in path


def includes(text: str) -> list[tuple[int, str, bool]]:
    """Each #include as (line number, path, quoted)."""
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', line)
        if found:
            rows.append((number, found[1] or found[2], found[1] is not None))
    return rows


def folder(path: str) -> str:
    return str(PurePosixPath(path).parent)
