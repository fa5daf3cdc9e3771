"""Tests of layering.py."""

import layering
from check_test_case import CheckTestCase


class Layering(CheckTestCase):
    def test_the_list_of_modules_points_down(self):
        self.assert_repository_passes(layering.check_list)

    def test_sees_a_module_that_depends_on_a_later_one(self):
        planted = {"cmake/modules.cmake": 'shortlist_module(low engine/low\n  DEPENDS high\n  PURPOSE "x")\nshortlist_module(high engine/high\n  PURPOSE "y")\n'}
        self.assertIn("low depends on high", self.complaints_about(layering.check_list, planted))

    def test_includes_follow_the_list_of_modules(self):
        self.assert_repository_passes(layering.check_includes)

    def test_sees_an_include_that_points_up(self):
        planted = {"engine/base/a.h": '#include "engine/data/b.h"\n', "engine/data/b.h": ""}
        self.assertIn("base may not include data", self.complaints_about(layering.check_includes, planted))

    def test_sees_an_include_of_a_sibling(self):
        planted = {"engine/eval/a.h": '#include "engine/data/b.h"\n', "engine/data/b.h": ""}
        self.assertIn("eval may not include data", self.complaints_about(layering.check_includes, planted))

    def test_allows_a_listed_dependency(self):
        planted = {"engine/data/a.h": '#include "engine/base/b.h"\n', "engine/base/b.h": ""}
        self.assertEqual("", self.complaints_about(layering.check_includes, planted))

    def test_sees_an_internal_header_used_by_another_module(self):
        planted = {"engine/data/a.h": '#include "engine/base/b_internal.h"\n', "engine/base/b_internal.h": ""}
        self.assertIn("private to its module", self.complaints_about(layering.check_includes, planted))

    def test_sees_an_include_that_is_not_a_path_from_the_root(self):
        planted = {"engine/base/a.h": '#include "b.h"\n', "engine/base/b.h": ""}
        self.assertIn("not a path from the root", self.complaints_about(layering.check_includes, planted))

    def test_no_file_includes_itself_through_others(self):
        self.assert_repository_passes(layering.check_cycles)

    def test_sees_a_cycle_of_three_files(self):
        names = ["a", "b", "c"]
        planted = {f"engine/base/{name}.h": f'#include "engine/base/{names[(at + 1) % 3]}.h"\n' for at, name in enumerate(names)}
        self.assertIn("engine/base/a.h -> engine/base/b.h -> engine/base/c.h -> engine/base/a.h", self.complaints_about(layering.check_cycles, planted))
