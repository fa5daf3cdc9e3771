"""Tests of generated.py."""

import os
import stat
import tempfile
from pathlib import Path

import generated
import module_list
import module_table
from check_test_case import MODULES, CheckTestCase
from source_tree import SourceTree

BINARY = os.environ.get("SHORTLIST_BINARY", "")


class Generated(CheckTestCase):
    def test_the_architecture_page_shows_the_list_of_modules(self):
        self.assert_repository_passes(generated.check_module_table)

    def test_sees_a_table_without_a_module_and_a_page_without_a_table(self):
        modules = module_list.read_modules(SourceTree({"cmake/modules.cmake": MODULES}))
        whole = f"<!-- modules -->\n{module_table.table(modules)}<!-- /modules -->\n"
        short = f"<!-- modules -->\n{module_table.table(modules[1:])}<!-- /modules -->\n"
        self.assertEqual("", self.complaints_about(generated.check_module_table, {module_table.PAGE: whole}))
        self.assertIn("is old", self.complaints_about(generated.check_module_table, {module_table.PAGE: short}))
        self.assertIn("no place", self.complaints_about(generated.check_module_table, {module_table.PAGE: "# Architecture\n"}))

    def test_the_table_says_what_a_module_may_include(self):
        table = module_table.table(module_list.read_modules(SourceTree({"cmake/modules.cmake": MODULES})))
        self.assertIn("| `base` | ground | nothing |\n| `data` | tables | base |\n", table)

    def test_the_reference_is_what_the_program_prints(self):
        if not os.access(BINARY, os.X_OK):
            self.skipTest("the program is not built")
        self.assert_repository_passes(lambda tree: generated.check_reference(tree, BINARY))

    def test_sees_an_old_reference(self):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "program"
            program.write_text('#!/bin/sh\n[ "$*" = "config reference" ] && echo "# New"\n')
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            old = self.complaints_about(lambda tree: generated.check_reference(tree, str(program)), {generated.REFERENCE: "# Old\n"})
            new = self.complaints_about(lambda tree: generated.check_reference(tree, str(program)), {generated.REFERENCE: "# New\n"})
        self.assertIn("is old", old)
        self.assertEqual("", new)
