"""Includes point down the list of modules, never sideways and never in a circle."""

from __future__ import annotations

from module_list import MODULES_FILE, module_of, read_modules
from source_tree import SourceTree, includes


def check_list(tree: SourceTree) -> list[str]:
    """A module depends only on modules above it in the list, so the list itself has no cycle."""
    complaints, known = [], set()
    for module in read_modules(tree):
        complaints += [f"{MODULES_FILE}: {module.name} depends on {name}, which is not above it" for name in module.depends if name not in known]
        known.add(module.name)
    return complaints


def check_includes(tree: SourceTree) -> list[str]:
    """A file includes only its own module and those that its module names; internal headers stay at home."""
    modules = read_modules(tree)
    complaints = []
    for path in tree.cpp():
        here = module_of(path, modules)
        for line, target, quoted in includes(tree.texts[path]):
            if not quoted:
                continue
            there = module_of(target, modules)
            if target not in tree.texts:
                complaints.append(f"{path}:{line}: {target} is not a path from the root of the repository")
            elif here and there and here != there and there.name not in here.depends:
                complaints.append(f"{path}:{line}: {here.name} may not include {there.name}; {MODULES_FILE} allows {', '.join(here.depends) or 'none'}")
            elif here != there and target.endswith("_internal.h") and not path.startswith("tests/"):
                complaints.append(f"{path}:{line}: {target} is private to its module")
    return complaints


def check_cycles(tree: SourceTree) -> list[str]:
    """No file includes itself through others."""
    edges = {path: [target for _, target, quoted in includes(tree.texts[path]) if quoted] for path in tree.cpp()}
    finished: set[str] = set()
    complaints: list[str] = []

    def visit(path: str, trail: list[str]) -> None:
        if path in trail:
            complaints.append("include cycle: " + " -> ".join([*trail[trail.index(path) :], path]))
        elif path not in finished:
            for target in edges.get(path, []):
                visit(target, [*trail, path])
            finished.add(path)

    for path in edges:
        visit(path, [])
    return complaints
