"""docs/tutorial.md from beginning to end: each of its commands runs, and what it promises about lists and bundles is seen.

The first project of README.md is checked too.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from harness import binary, run

ROOT = Path(__file__).resolve().parent.parent.parent
TUTORIAL = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(sh|python|yaml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
END_OF_BLOCK = "--- end of block ---"
TIME_LIMIT_S = 120


def blocks(language: str, page: Path = TUTORIAL) -> list[str]:
    return [found[2] for found in BLOCK.finditer(page.read_text()) if found[1] == language]


def run_shell(folder: Path, commands: list[str]) -> list[tuple[str, str]]:
    """Runs the blocks in one shell; returns each with what it printed on standard output. Fails at the first command that does."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "shortlist").symlink_to(binary())
    script = "set -eu\n" + "".join(f"{text}\necho; echo '{END_OF_BLOCK}'\n" for text in commands)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    # Errors go to a file: the server holds it open, and a pipe would wait for the server where the shell stops early.
    with (folder / "out").open("w+") as out, (folder / "errors").open("w+") as errors:
        shell = subprocess.Popen(["bash", "-c", script], cwd=folder, env=environment, stdout=out, stderr=errors, start_new_session=True)
        try:
            code = shell.wait(timeout=TIME_LIMIT_S)
        finally:
            try:
                os.killpg(shell.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # the server ended with the script, as it should
        out.seek(0)
        errors.seek(0)
        printed = out.read()
        if code != 0:
            raise AssertionError(f"the tutorial's commands ended with {code}:\n{printed[-2000:]}\n{errors.read()[-2000:]}")
    return list(zip(commands, printed.split(END_OF_BLOCK)[:-1], strict=True))


def retrievers_of(items: list[dict]) -> set[str]:
    return {reason["retriever"] for item in items for reason in item["reasons"]}


class TutorialTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        binary()
        folder = tempfile.TemporaryDirectory(prefix="shortlist-tutorial-")
        cls.addClassCleanup(folder.cleanup)
        for text in blocks("python"):
            subprocess.run([sys.executable, "-c", text], cwd=folder.name, check=True)
        cls.printed = run_shell(Path(folder.name), blocks("sh"))

    def outputs_of(self, command: str) -> list[str]:
        """What each block that holds `command` printed, in order."""
        return [text for block, text in self.printed if command in block]

    def test_an_event_changes_the_next_list(self) -> None:
        before, after = (json.loads(text)["items"] for text in self.outputs_of('"explain": true'))
        self.assertNotIn(before[0]["id"], [item["id"] for item in after])
        self.assertEqual(retrievers_of(before), {"popular"})
        self.assertLess({"popular"}, retrievers_of(after))

    def test_the_server_takes_over_the_new_bundle_and_the_old_one_again(self) -> None:
        taken = [json.loads(text[text.rindex("{") :])["bundle"] for text in self.outputs_of("/v1/admin/reload")]
        self.assertEqual(taken, ["second", "first"])

    def test_evaluation_shows_every_stage(self) -> None:
        (table,) = self.outputs_of("shortlist evaluate")
        for stage in ("random", "popularity", "taste", "popular", "similar", "blended", "ranked", "slate"):
            self.assertRegex(table, rf"(?m)^{stage} ")


class ReadmeTest(unittest.TestCase):
    def test_the_first_project_passes_config_check(self) -> None:
        binary()
        (text,) = blocks("yaml", ROOT / "README.md")
        with tempfile.TemporaryDirectory(prefix="shortlist-readme-") as name:
            folder = Path(name)
            (folder / "shortlist.yaml").write_text(text)
            for path in re.findall(r"path: (\S+?),", text):
                (folder / path).touch()
            checked = run(folder, "config", "check")
        self.assertIn("is fine: 2 signals, 3 retrievers, 1 surfaces", checked.stdout)
