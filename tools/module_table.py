"""The table of modules in docs/internals/architecture.md, from cmake/modules.cmake: `python3 tools/module_table.py` writes it.

It stands between `<!-- modules -->` and `<!-- /modules -->`; tests/tidy fails where it is not what this would write.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = "docs/internals/architecture.md"
PLACE = re.compile(r"(<!-- modules -->\n)(.*?)(<!-- /modules -->)", re.DOTALL)

sys.path.insert(0, str(ROOT / "tests" / "tidy"))
import module_list  # noqa: E402  the one reader of the list
from source_tree import SourceTree  # noqa: E402


def table(modules: list[module_list.Module]) -> str:
    """A line a module, in the order of the list, which is the order of the layers."""
    rows = [f"| `{module.name}` | {module.purpose} | {', '.join(module.depends) or 'nothing'} |" for module in modules]
    return "\n".join(["| module | what lives there | may include |", "| --- | --- | --- |", *rows]) + "\n"


def filled(page: str, modules: list[module_list.Module]) -> str:
    """The page with its table brought up to date."""
    return PLACE.sub(lambda found: found[1] + table(modules) + found[3], page)


def main() -> None:
    tree = SourceTree({module_list.MODULES_FILE: (ROOT / module_list.MODULES_FILE).read_text()})
    page = ROOT / PAGE
    page.write_text(filled(page.read_text(), module_list.read_modules(tree)))


if __name__ == "__main__":
    main()
