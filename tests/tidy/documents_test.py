"""Tests of documents.py."""

import os
import stat
import tempfile
from pathlib import Path

import documents
from check_test_case import CheckTestCase
from source_tree import repository

BINARY = os.environ.get("SHORTLIST_BINARY", "")


class Documents(CheckTestCase):
    def test_links_lead_somewhere(self):
        self.assert_repository_passes(documents.check_links)

    def test_sees_a_link_to_nothing(self):
        self.assertIn("docs/gone.md", self.complaints_about(documents.check_links, {"README.md": "[here](docs/gone.md)\n"}))

    def test_sees_a_fragment_without_a_heading(self):
        planted = {"README.md": "[here](docs/a.md#no-such) [there](docs/a.md#first-steps)\n", "docs/a.md": "# First steps\n"}
        complaints = self.complaints_about(documents.check_links, planted)
        self.assertIn("#no-such", complaints)
        self.assertNotIn("#first-steps", complaints)

    def test_figures_are_those_that_were_measured(self):
        self.assert_repository_passes(documents.check_figures)

    def test_sees_a_figure_that_was_not_measured_so(self):
        record = {"bench/results/fast.json": '{"measured": 1234.5, "unit": "s"}'}
        wrong = {**record, "README.md": "<!-- figure fast -->9 s<!-- /figure -->"}
        right = {**record, "README.md": "<!-- figure fast -->1,234 s<!-- /figure -->"}
        self.assertIn("README.md", self.complaints_about(documents.check_figures, wrong))
        self.assertEqual("", self.complaints_about(documents.check_figures, right))

    def test_commands_in_documents_exist(self):
        if documents.shown_commands(repository()) and not os.access(BINARY, os.X_OK):
            self.skipTest("the program is not built")
        self.assert_repository_passes(lambda tree: documents.check_commands(tree, BINARY))

    def test_sees_an_unknown_verb_and_an_unknown_flag(self):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "program"
            program.write_text('#!/bin/sh\n[ "$1" = train ] && echo "--seed N" && exit 0\nexit 2\n')
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            planted = {"README.md": "```\nshortlist trian\nshortlist train --seed 3 --sede 4\n```\nand `shortlist train PROJECT`\n"}
            complaints = self.complaints_about(lambda tree: documents.check_commands(tree, str(program)), planted)
        self.assertEqual(2, len(complaints.splitlines()), complaints)
        self.assertIn("'shortlist trian'", complaints)
        self.assertIn("does not know --sede", complaints)


