"""Tests of shape.py."""

import shape
from check_test_case import CheckTestCase


class Shape(CheckTestCase):
    def test_files_are_short_or_say_why_they_are_not(self):
        self.assert_repository_passes(shape.check_file_length)

    def test_sees_a_long_file(self):
        self.assertIn("601 lines", self.complaints_about(shape.check_file_length, {"engine/base/a.cc": "\n" * 601}))

    def test_allows_a_long_file_that_says_why(self):
        self.assertEqual("", self.complaints_about(shape.check_file_length, {"engine/base/a.cc": "// Long because it is one table.\n" + "\n" * 700}))

    def test_functions_are_short(self):
        self.assert_repository_passes(shape.check_function_length)

    def test_sees_a_long_function(self):
        planted = {"engine/base/a.cc": "int f(int a) {\n" + "    ++a;\n" * 59 + "}\n"}
        self.assertIn("engine/base/a.cc:1: a function of 61 lines", self.complaints_about(shape.check_function_length, planted))

    def test_sees_a_long_member_function(self):
        planted = {"engine/base/a.h": "struct A {\n    void f() const noexcept {\n" + "        g();\n" * 60 + "    }\n};\n"}
        self.assertIn("engine/base/a.h:2: a function of 62 lines", self.complaints_about(shape.check_function_length, planted))

    def test_does_not_take_a_namespace_or_a_class_for_a_function(self):
        planted = {"engine/base/a.h": "namespace a {\nstruct B : C(int) {\n" + "    int x;\n" * 99 + "};\n}\n"}
        self.assertEqual("", self.complaints_about(shape.check_function_length, planted))

    def test_sees_a_long_python_function(self):
        planted = {"tools/a.py": "def f():\n" + "    g()\n" * 60}
        self.assertIn("tools/a.py:1: a function of 61 lines", self.complaints_about(shape.check_function_length, planted))

    def test_measures_a_constructor_from_its_initialisers(self):
        planted = {"engine/base/a.h": "struct A {\n    A(int b)\n        : b_(b) {\n        g();\n    }\n" + "    int c;\n" * 99 + "};\n"}
        self.assertEqual("", self.complaints_about(shape.check_function_length, planted))

    def test_does_not_count_the_lines_of_a_raw_string(self):
        planted = {"engine/base/a.cc": 'void f() {\n    g(R"(\n' + "}\n" * 99 + ')");\n}\n'}
        self.assertEqual("", self.complaints_about(shape.check_function_length, planted))
