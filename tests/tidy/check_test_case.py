"""What the tests of all checks share: the repository passes, and a planted fault is seen."""

from __future__ import annotations

import unittest
from collections.abc import Callable

from source_tree import SourceTree, repository

MODULES = '''
shortlist_module(base engine/base
  PURPOSE "ground")
shortlist_module(data engine/data
  DEPENDS base
  USES Boost::json
  PURPOSE "tables")
shortlist_module(eval engine/eval
  DEPENDS base
  PURPOSE "metrics")
'''


class CheckTestCase(unittest.TestCase):
    """A check is a function from a tree to complaints."""

    def assert_repository_passes(self, check: Callable[[SourceTree], list[str]]) -> None:
        complaints = check(repository())
        if complaints:
            self.fail("\n" + "\n".join(complaints))

    def complaints_about(self, check: Callable[[SourceTree], list[str]], files: dict[str, str]) -> str:
        """The complaints about a planted tree, one a line; a list of modules is there unless the test brings its own."""
        return "\n".join(check(SourceTree({"cmake/modules.cmake": MODULES, **files})))
