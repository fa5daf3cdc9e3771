"""Retention: what is older than log.keep leaves log and disk, of a running server too, whatever kills it; all that is left is the log that is left.

Behind what was imported the world goes on for forty watches of eight hours. Each has users of its own, whose ids nothing else looks like, and says something
of an item.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
from harness import PROJECT, Client, Load, Server, binary, run, write_project

SEED = int(os.environ.get("SHORTLIST_CRASH_SEED", "1"))
# Few, so that most of what is to go is sealed, and what is old is looked for often.
SERVE = ("--snapshot-records", "100", "--segment-records", "40")
WATCHES = 40
EVENTS_A_WATCH = 20
HOURS = 8


def user_of(watch: int) -> str:
    return f"user-of-watch-{watch}-end"


def files_with(folder: Path, user: str) -> list[str]:
    """Files of log and state that hold the id; Parquet is read column by column."""
    found = []
    for part in ("log", "state"):
        for path in sorted((folder / part).rglob("*")):
            if not path.is_file():
                continue
            holds = user.encode() in path.read_bytes()
            if path.suffix == ".parquet":
                holds = holds or any(user in json.dumps(column.to_pylist(), default=str) for column in pyarrow.parquet.read_table(path).columns)
            if holds:
                found.append(str(path.relative_to(folder)))
    return found


def served_files_with(folder: Path, user: str) -> list[str] | None:
    """The same where a server is at work; None where one of its files came or went meanwhile."""
    try:
        return files_with(folder, user)
    except (FileNotFoundError, pyarrow.ArrowInvalid):
        return None


def bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class CompactTest(unittest.TestCase):
    def setUp(self) -> None:
        binary()
        folder = tempfile.TemporaryDirectory(prefix="shortlist-compact-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.begin = int(time.time()) - WATCHES * HOURS * 3600
        write_project(self.folder)  # its events end fourteen days ago
        run(self.folder, "import")
        run(self.folder, "train")

    def keep(self, duration: str) -> None:
        (self.folder / "shortlist.yaml").write_text(PROJECT + f"log: {{keep: {duration}}}\n")

    def start(self, *options: str) -> Server:
        server = Server(self.folder, *(options or SERVE))
        self.addCleanup(lambda: server.process.poll() is None and server.kill())
        return server

    def live_through(self, server: Server, watches: range) -> None:
        client = server.client()
        for watch in watches:
            events = [{"event_id": f"{user_of(watch)}-{number}", "user": user_of(watch), "item": f"i{(watch + number) % 70}", "type": "watch",
                       "time": (self.begin + watch * HOURS * 3600 + number * 60) * 1_000_000} for number in range(EVENTS_A_WATCH)]
            self.assertEqual(client.post("/v1/events", {"events": events}).status, 200)
            self.assertEqual(client.post("/v1/items", {"id": f"i{watch}", "attributes": {"title": f"Told in watch {watch}"}}).status, 200)
            client.recommend(user_of(watch))
        client.close()

    def wait_for(self, condition: Callable[[], bool], what: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            meanwhile()
            time.sleep(0.02)

    def verified(self) -> dict:
        report = json.loads(run(self.folder, "verify", "--json").stdout)
        self.assertTrue(report["equal"], report)
        return report

    def compact(self, *options: str) -> dict:
        return json.loads(run(self.folder, "compact", "--json", *options).stdout)

    def titles(self) -> dict[str, str]:
        with tempfile.TemporaryDirectory(prefix="shortlist-export-") as out:
            run(self.folder, "export", "--out", f"{out}/all", "--format", "ndjson")
            items = [json.loads(line) for line in (Path(out) / "all" / "items.ndjson").read_text().splitlines()]
        return {item["id"]: item["title"] for item in items}

    def test_a_server_lets_go_of_what_is_old_while_it_answers(self) -> None:
        self.keep(f"{10 * HOURS}h")
        # Ten watches are kept, those from the thirtieth on, and the segment that this one is in. A watch has 21 records or, with lists, more: none
        # of 100 reaches back to the twentieth.
        server = self.start("--snapshot-records", "400", "--segment-records", "100")

        segments = self.folder / "log" / "segments"

        def ask(client: Client, thread: int, number: int) -> None:
            self.assertTrue(client.recommend(f"u{number % 40}"))

        with Load(server.port, ask, threads=2) as load:
            self.live_through(server, range(WATCHES))
            writer = server.client()
            numbers = iter(range(1_000_000))

            def write_more() -> None:
                batch = next(numbers)
                writer.post("/v1/events", {"events": [{"event_id": f"more-{batch}-{number}", "user": "u1", "item": f"i{number}", "type": "watch"}
                                                      for number in range(40)]})

            self.wait_for(lambda: served_files_with(self.folder, user_of(20)) == [], "what is old stays", write_more)
            self.wait_for(lambda: any(segments.glob("*-*")), "nothing is sealed", write_more)
            load.wait_for(load.answered + 50)
        self.assertEqual(load.lost, [])
        for watch in range(20):
            self.wait_for(lambda watch=watch: served_files_with(self.folder, user_of(watch)) == [], f"watch {watch} stays")
        self.assertTrue(served_files_with(self.folder, user_of(WATCHES - 5)))
        sealed = [path.name for path in segments.iterdir() if path.name != "staging"]
        self.assertGreater(min(int(name.split("-")[0]) for name in sealed), 20 * EVENTS_A_WATCH, sealed)
        self.verified()
        client = server.client()
        again = {"event_id": f"{user_of(WATCHES - 5)}-0", "user": user_of(WATCHES - 5), "item": "i1", "type": "watch"}
        self.assertEqual(client.post("/v1/events", {"events": [again]}).json["results"][0]["status"], "duplicate")
        events = client.metric("shortlist_events")
        self.assertEqual(server.terminate(), 0)
        self.assertEqual(self.verified()["events"], events)
        self.assertEqual(self.titles()["i3"], "Told in watch 3", "what was said of an item stays")
        self.assertNotIn("not compacted", (self.folder / "serve.log").read_text())

    def test_the_verb_says_what_left_and_an_import_brings_nothing_back(self) -> None:
        server = self.start()
        self.live_through(server, range(WATCHES))
        refused = subprocess.run([binary(), "compact", "--keep", "5d"], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn(f"process {server.process.pid}", refused.stderr)
        self.assertEqual(server.terminate(), 0)
        with self.assertRaisesRegex(AssertionError, "set log.keep, or give --keep"):
            run(self.folder, "compact")
        before = self.verified()
        titles = self.titles()

        report = self.compact("--keep", f"{8 * HOURS}h")
        self.assertGreater(report["imported_events"], 0)
        self.assertGreater(report["live_events"], 20 * EVENTS_A_WATCH)
        self.assertGreater(report["lists"], 20)
        self.assertLess(report["bytes_after"], report["bytes_before"])
        self.assertEqual(report["bytes_after"], bytes_of(self.folder / "log"))
        after = self.verified()
        self.assertEqual(after["events"], before["events"] - report["imported_events"] - report["live_events"])
        self.assertEqual(self.titles(), titles)
        self.assertEqual(self.compact("--keep", f"{8 * HOURS}h")["live_events"], 0)
        with self.assertRaisesRegex(AssertionError, "nothing had happened by"):
            run(self.folder, "train", "--as-of", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.begin + HOURS * 3600)))

        self.keep(f"{8 * HOURS}h")
        imported = json.loads(run(self.folder, "import", "--json").stdout)
        self.assertGreater(imported["older"], 0)
        self.assertEqual(self.verified()["events"], after["events"])
        self.assertEqual(self.titles(), titles)
        run(self.folder, "train")
        server = self.start()
        self.assertEqual(server.client().metric("shortlist_events"), after["events"])
        self.assertEqual(server.terminate(), 0)

    def test_killed_in_the_middle_the_log_is_that_of_before_or_of_after(self) -> None:
        server = self.start()
        self.live_through(server, range(WATCHES))
        self.assertEqual(server.terminate(), 0)
        self.keep(f"{(WATCHES - 15) * HOURS}h")
        events = self.verified()["events"]
        before = self.folder
        self.folder = before.with_name(f"{before.name}-again")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        rng = random.Random(SEED)
        for command in (["serve", "--listen", "127.0.0.1:0"], ["compact"]):
            with self.subTest(command[0]):
                interrupted = 0
                pause = 0.03  # halved by each kill that came too late: how long the middle lasts is the machine's affair
                deadline = time.monotonic() + 60
                while interrupted < 4:
                    self.assertLess(time.monotonic(), deadline, "no kill comes in time")
                    shutil.copytree(before, self.folder)
                    if self.killed_in_the_middle(command, rng.uniform(0, pause)):
                        interrupted += 1
                    else:
                        pause /= 2
                    self.assert_before_or_after(events)
                    shutil.rmtree(self.folder)

    def killed_in_the_middle(self, command: list[str], pause: float) -> bool:
        """Whether retention, killed a pause after it began, was not through by then."""
        intent = self.folder / "log" / "compact.intent"
        process = subprocess.Popen([binary(), *command], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            while not intent.exists() and process.poll() is None:
                self.assertLess(time.monotonic(), deadline, "nothing leaves")
            time.sleep(pause)
        finally:
            process.kill()
            process.wait()
        return intent.exists()

    def assert_before_or_after(self, events: int) -> None:
        """What was killed left the log of before or that of after; the next to write ends what was begun."""
        found = self.verified()["events"]
        self.compact()
        self.assertFalse((self.folder / "log" / "compact.intent").exists())
        left = self.verified()["events"]
        self.assertLess(left, events)
        self.assertIn(found, (events, left), "neither the log of before nor that of after")
        for gone in range(11):
            self.assertEqual(files_with(self.folder, user_of(gone)), [], f"watch {gone}")
        self.assertTrue(files_with(self.folder, user_of(WATCHES - 1)))
        server = self.start()
        self.assertEqual(server.client().metric("shortlist_events"), left)
        self.assertEqual(server.terminate(), 0)
        self.verified()


if __name__ == "__main__":
    unittest.main()
