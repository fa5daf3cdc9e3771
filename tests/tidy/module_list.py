"""Reads cmake/modules.cmake, the one list of modules."""

from __future__ import annotations

import re
from dataclasses import dataclass

from source_tree import SourceTree

MODULES_FILE = "cmake/modules.cmake"
CALL = re.compile(r"^shortlist_module\((\w+)\s+(\S+)(.*?)\bPURPOSE\s+\"([^\"]*)\"\)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """One shortlist_module(...) call."""

    name: str
    folder: str
    depends: tuple[str, ...]
    uses: tuple[str, ...]
    purpose: str


def _words_after(keyword: str, text: str) -> tuple[str, ...]:
    found = re.search(rf"\b{keyword}\s+(.*?)(?=\b(?:DEPENDS|USES|PURPOSE)\b|\Z)", text, re.DOTALL)
    return tuple(found[1].split()) if found else ()


def read_modules(tree: SourceTree) -> list[Module]:
    """In the order of the list."""
    calls = CALL.finditer(tree.texts[MODULES_FILE])
    return [Module(call[1], call[2], _words_after("DEPENDS", call[3]), _words_after("USES", call[3]), call[4]) for call in calls]


def module_of(path: str, modules: list[Module]) -> Module | None:
    return next((module for module in modules if path.startswith(module.folder + "/")), None)
