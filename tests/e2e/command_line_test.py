"""The command line from outside: what it says and returns when the call or the project is wrong, and its one JSON document."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from harness import PROJECT, binary, write_project

WRONG_INPUT, NOT_FOUND, EXISTS, NOT_YET, DAMAGED = 2, 3, 4, 5, 10


class CommandLineTest(unittest.TestCase):
    def setUp(self) -> None:
        binary()
        folder = tempfile.TemporaryDirectory(prefix="shortlist-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([binary(), *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60)

    def refused(self, code: int, *arguments: str) -> str:
        """What a call prints that must end with `code`; the same error must be the one JSON document of --json."""
        done = self.call(*arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith("error: "), done.stderr)
        machine = self.call(*arguments, "--json")
        self.assertEqual(machine.returncode, code)
        self.assertEqual(machine.stderr, "")
        error = json.loads(machine.stdout)["error"]
        self.assertEqual(f"error: {error['message']}\n", done.stderr)
        return error["message"]

    def document(self, *arguments: str) -> dict:
        done = self.call(*arguments, "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_an_unknown_command_names_the_nearest(self) -> None:
        self.assertIn("did you mean 'shortlist train'?", self.refused(WRONG_INPUT, "trian"))

    def test_an_unknown_option_names_the_nearest_and_all(self) -> None:
        message = self.refused(WRONG_INPUT, "demo", "--userss", "3")
        self.assertIn("did you mean '--users'?", message)
        self.assertIn("--interactions", message)

    def test_a_value_out_of_range_names_the_range(self) -> None:
        message = self.refused(WRONG_INPUT, "demo", "--days", "0")
        self.assertIn("days", message)
        self.assertIn("366", message)
        self.assertIn("users", self.refused(WRONG_INPUT, "demo", "--users", "many"))

    def test_without_a_project_the_first_command_is_named(self) -> None:
        for verb in ("train", "import", "evaluate", "serve"):
            self.assertIn("shortlist init", self.refused(NOT_FOUND, verb))

    def test_a_project_is_found_from_a_folder_below(self) -> None:
        write_project(self.folder)
        below = self.folder / "a" / "b"
        below.mkdir(parents=True)
        done = subprocess.run([binary(), "import", "--json"], cwd=below, capture_output=True, text=True, timeout=60)
        self.assertEqual(json.loads(done.stdout)["events_kept"], 600)

    def test_every_mistake_of_a_project_file_has_its_line(self) -> None:
        (self.folder / "shortlist.yaml").write_text(PROJECT + "surfacs: {}\nsplit: {test: soon}\n")
        message = self.refused(WRONG_INPUT, "config", "check")
        lines = PROJECT.count("\n")
        self.assertIn(f"shortlist.yaml:{lines + 1}:", message)
        self.assertIn("surfaces", message)
        self.assertIn(f"shortlist.yaml:{lines + 2}:", message)

    def test_a_project_file_that_is_no_yaml_is_refused(self) -> None:
        for text in ("", "name: [", "\0\1\2", "- a\n- b\n", "just words"):
            (self.folder / "shortlist.yaml").write_text(text)
            self.assertIn("shortlist.yaml", self.refused(WRONG_INPUT, "train"))

    def test_a_data_file_that_is_missing_is_named(self) -> None:
        (self.folder / "shortlist.yaml").write_text(PROJECT)
        for verb in (("import",), ("config", "check")):
            self.assertIn("there is no file 'events.csv'", self.refused(WRONG_INPUT, *verb))

    def test_empty_data_files_are_refused(self) -> None:
        write_project(self.folder)
        (self.folder / "events.csv").write_text("")
        self.assertIn("events.csv", self.refused(WRONG_INPUT, "import"))

    def test_files_that_hold_no_event_change_nothing(self) -> None:
        write_project(self.folder)
        self.document("import")
        (self.folder / "events.csv").write_text("user,item,time,type\n")
        self.assertIn("no event", self.refused(WRONG_INPUT, "import"))
        self.assertEqual(self.document("train")["promoted"], True)

    def test_a_column_that_is_not_there_is_named_with_the_nearest(self) -> None:
        write_project(self.folder)
        events = self.folder / "events.csv"
        events.write_text(events.read_text().replace("user,item", "users,item", 1))
        message = self.refused(WRONG_INPUT, "import")
        self.assertIn("'user'", message)
        self.assertIn("users", message)

    def test_what_comes_too_early_says_what_comes_first(self) -> None:
        write_project(self.folder)
        self.assertIn("shortlist import", self.refused(NOT_YET, "train"))
        self.assertIn("shortlist train", self.refused(NOT_YET, "evaluate"))
        self.document("import")
        self.assertIn("shortlist train", self.refused(NOT_YET, "recommend", "--user", "u1"))

    def test_a_damaged_bundle_is_refused_by_name(self) -> None:
        write_project(self.folder)
        self.document("import")
        self.document("train", "--bundle", "one")
        models = self.folder / "bundles" / "one" / "models.json"
        models.write_text(models.read_text()[:-1])
        self.assertIn("models.json", self.refused(DAMAGED, "serve", "--listen", "127.0.0.1:0"))

    def test_a_bundle_is_never_written_over(self) -> None:
        write_project(self.folder)
        self.document("import")
        self.assertEqual(self.document("train", "--bundle", "one")["bundle"], "one")
        self.assertIn("one", self.refused(EXISTS, "train", "--bundle", "one"))

    def test_an_import_of_the_same_files_changes_nothing(self) -> None:
        write_project(self.folder)
        first = self.document("import")
        again = self.document("import")
        self.assertEqual((first["events_kept"], first["changed"]), (600, True))
        self.assertEqual((again["events_kept"], again["changed"]), (600, False))

    def test_an_event_long_behind_all_others_is_warned_of_where_it_alone_is_judged(self) -> None:
        write_project(self.folder)
        with (self.folder / "events.csv").open("a") as file:
            file.write(f"u1,i1,{int(time.time()) - 3600},watch\n")  # the log ends a fortnight before; the test part is a day
        self.document("import")
        warnings = self.document("train")["evaluation"]["warnings"]
        self.assertEqual(len(warnings), 2, warnings)
        self.assertIn("split.test", warnings[0])
        self.assertIn("users who are judged: 1, relevant events: 1 of 601", warnings[1])
        self.assertEqual(self.document("evaluate")["warnings"], warnings)
        self.assertIn(f"Warning: {warnings[0]}.", self.call("evaluate").stdout)

    def test_recommend_shows_a_list_and_its_reasons(self) -> None:
        write_project(self.folder)
        self.document("import")
        self.document("train")
        slate = self.document("recommend", "--user", "u1")
        self.assertEqual(len(slate["items"]), 10)
        self.assertEqual({reason["retriever"] for item in slate["items"] for reason in item["reasons"]}, {"trending"})
        newcomer = self.document("recommend", "--user", "somebody-new")
        self.assertEqual(len({item["id"] for item in newcomer["items"]}), 10)


if __name__ == "__main__":
    unittest.main()
