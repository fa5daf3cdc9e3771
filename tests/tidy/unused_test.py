"""Tests of unused.py."""

import unused
from check_test_case import CheckTestCase

LISTED = {"engine/base/CMakeLists.txt": "shortlist_library(base SOURCES used.cc)\n"}


class Unused(CheckTestCase):
    def test_every_file_has_a_use(self):
        self.assert_repository_passes(unused.check_files)

    def test_sees_a_source_that_nothing_builds(self):
        planted = {**LISTED, "engine/base/dead.cc": ""}
        self.assertIn("dead.cc: no CMakeLists.txt builds it", self.complaints_about(unused.check_files, planted))

    def test_sees_a_header_that_only_its_own_source_includes(self):
        planted = {**LISTED, "engine/base/used.cc": '#include "engine/base/used.h"\n', "engine/base/used.h": ""}
        self.assertIn("used.h: nothing but its own source", self.complaints_about(unused.check_files, planted))

    def test_allows_a_header_that_another_source_includes(self):
        planted = {**LISTED, "engine/base/used.cc": '#include "engine/base/other.h"\n', "engine/base/other.h": ""}
        self.assertEqual("", self.complaints_about(unused.check_files, planted))

    def test_sees_a_tool_that_nothing_mentions(self):
        self.assertIn("tools/forgotten", self.complaints_about(unused.check_files, {"tools/forgotten": ""}))

    def test_every_option_is_read(self):
        self.assert_repository_passes(unused.check_options)

    def test_sees_an_option_that_nothing_reads(self):
        planted = {"engine/base/a.h": 'v.field("leaves", leaves, range(1, 9), "Leaves.");\nv.field("depth", depth, any<int>(), "Depth.");\n'}
        planted["engine/base/b.cc"] = "return config.depth;\n"
        complaints = self.complaints_about(unused.check_options, planted)
        self.assertIn("'leaves'", complaints)
        self.assertNotIn("'depth'", complaints)
