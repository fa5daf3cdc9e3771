"""Tests of libraries.py."""

import libraries
from check_test_case import CheckTestCase


class Libraries(CheckTestCase):
    def test_each_library_stays_in_its_room(self):
        self.assert_repository_passes(libraries.check_rooms)

    def test_sees_arrow_outside_its_folder(self):
        planted = {"engine/data/log.cc": "#include <arrow/api.h>\n"}
        self.assertIn("Arrow may not be included here", self.complaints_about(libraries.check_rooms, planted))

    def test_sees_any_library_in_base(self):
        for header in ["boost/json.hpp", "openssl/evp.h", "xxhash.h", "fmt/core.h"]:
            with self.subTest(header):
                self.assertIn("engine/base/a.cc:1", self.complaints_about(libraries.check_rooms, {"engine/base/a.cc": f"#include <{header}>\n"}))

    def test_sees_a_header_that_brings_a_library_to_others(self):
        planted = {"engine/data/tail.h": "#include <rocksdb/db.h>\n"}
        self.assertIn("RocksDB may not be included here", self.complaints_about(libraries.check_rooms, planted))

    def test_sees_a_third_file_of_a_library_of_two(self):
        planted = {f"engine/store/{name}.cc": "#include <hiredis/hiredis.h>\n" for name in "abc"}
        self.assertIn("included by 3 files", self.complaints_about(libraries.check_rooms, planted))

    def test_sees_a_library_that_the_module_does_not_name(self):
        planted = {"engine/eval/a.cc": "#include <boost/json.hpp>\n"}
        self.assertIn("does not name Boost::json", self.complaints_about(libraries.check_rooms, planted))

    def test_sees_a_library_that_nobody_listed(self):
        planted = {"engine/eval/a.cc": "#include <nlohmann/json.hpp>\n"}
        self.assertIn("no known library", self.complaints_about(libraries.check_rooms, planted))

    def test_sees_googletest_outside_tests(self):
        planted = {"engine/eval/a.cc": "#include <gtest/gtest.h>\n"}
        self.assertIn("GoogleTest may not be included here", self.complaints_about(libraries.check_rooms, planted))

    def test_allows_the_standard_library_and_the_system(self):
        planted = {"engine/base/a.cc": "#include <vector>\n#include <sys/mman.h>\n#include <immintrin.h>\n"}
        self.assertEqual("", self.complaints_about(libraries.check_rooms, planted))
