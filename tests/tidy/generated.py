"""Pages and tables that are generated are what their generators write."""

from __future__ import annotations

import subprocess
import sys

import module_list
from source_tree import ROOT, SourceTree

sys.path.insert(0, str(ROOT / "tools"))
import module_table  # noqa: E402  the tool whose work is checked here

REFERENCE = "docs/reference/config.md"


def check_module_table(tree: SourceTree) -> list[str]:
    """The architecture page shows the modules of cmake/modules.cmake."""
    page = tree.texts.get(module_table.PAGE, "")
    if not module_table.PLACE.search(page):
        return [f"{module_table.PAGE}: has no place for the table of modules"]
    if module_table.filled(page, module_list.read_modules(tree)) != page:
        return [f"{module_table.PAGE}: the table of modules is old: run python3 tools/module_table.py"]
    return []


def check_reference(tree: SourceTree, binary: str) -> list[str]:
    """The reference of the project file is what the program prints."""
    printed = subprocess.run([binary, "config", "reference"], capture_output=True, text=True, check=True, timeout=60).stdout
    if tree.texts.get(REFERENCE) != printed:
        return [f"{REFERENCE}: is old: run ./shortlist config reference >{REFERENCE}"]
    return []
