"""Tests of words.py."""

import words
from check_test_case import CheckTestCase


class Words(CheckTestCase):
    def test_names_say_what_they_name(self):
        self.assert_repository_passes(words.check_names)

    def test_sees_an_empty_file_name(self):
        self.assertIn("string_utils.h", self.complaints_about(words.check_names, {"engine/base/string_" + "utils.h": ""}))

    def test_sees_an_empty_type_name(self):
        self.assertIn("'RequestManager'", self.complaints_about(words.check_names, {"engine/base/a.h": "class Request" + "Manager {};\n"}))

    def test_allows_a_word_that_only_begins_like_one(self):
        self.assertEqual("", self.complaints_about(words.check_names, {"engine/base/utility.h": "struct Commonality {};\n"}))

    def test_nothing_is_marked_as_unfinished(self):
        self.assert_repository_passes(words.check_unfinished)

    def test_sees_a_mark_of_unfinished_work(self):
        self.assertIn("a.cc:2", self.complaints_about(words.check_unfinished, {"engine/base/a.cc": "\n// TO" + "DO: the rest\n"}))

    def test_sees_a_path_of_one_machine(self):
        self.assertIn("a.md:1", self.complaints_about(words.check_unfinished, {"docs/a.md": "look in /ro" + "ot/data\n"}))
