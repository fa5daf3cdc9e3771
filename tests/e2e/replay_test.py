"""`shortlist replay` by one process and by several: the same file, byte for byte, and nothing left behind."""

from __future__ import annotations

import csv
import hashlib
import json
import random
import resource
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from harness import Server, binary, run

WRONG_INPUT, NOT_YET, UNAVAILABLE = 2, 5, 9
USERS, ITEMS, DAYS = 40, 60, 6
PROJECT = """\
name: replay
data:
  events: {path: events.csv, columns: {user: user, item: item, time: time, type: type, request_id: request}, context: [device]}
  items: {path: items.csv, attributes: {category: category, title: text}}
  users: {path: users.csv, attributes: {country: category}}
signals:
  watched: {type: watch}
  liked: {type: like, weight: 3}
retrievers:
  - {name: taste, kind: ials, embedding_size: 4, epochs: 3, candidates: 15}
  - {name: trending, kind: popularity, half_life: 12h, candidates: 15}
  - {name: similar, kind: item_to_item, candidates: 15}
ranker: {kind: lightgbm, rows: ROWS, trees: 8, leaves: 4, min_rows_per_leaf: 5, negatives: 10, rows_max: 1000}
"""


def write_rows(path: Path, header: list[str], rows: list[list]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def write_project(folder: Path) -> None:
    """Six days of requests that show three items each, of which users mostly watch those of their kind."""
    rng = random.Random(7)
    start = int(time.time()) - DAYS * 86_400
    rows = []
    for request in range(900):
        user, now = rng.randrange(USERS), start + request * DAYS * 86_400 // 900
        for _ in range(3):
            item = min(rng.randrange(ITEMS), rng.randrange(ITEMS))
            for kind in ("impression", *(["watch"] if rng.random() < (0.8 if item % 3 == user % 3 else 0.1) else []), *(["like"] if rng.random() < 0.1 else [])):
                now += 1
                rows.append([f"u{user}", f"i{item}", now, kind, f"r{request}", rng.choice(["phone", "tablet"])])
    write_rows(folder / "events.csv", ["user", "item", "time", "type", "request", "device"], rows)
    write_rows(folder / "items.csv", ["item", "category", "title"], [[f"i{item}", f"c{item % 3}", f"Title {item}"] for item in range(ITEMS)])
    write_rows(folder / "users.csv", ["user", "country"], [[f"u{user}", "de" if user % 2 else "fr"] for user in range(USERS)])
    (folder / "shortlist.yaml").write_text(PROJECT.replace("ROWS", "candidates"))


def write_live(folder: Path) -> None:
    """Events that arrive while a server runs, late ones among them, new states of items, and ticks of its clock."""
    rng = random.Random(8)
    server = Server(folder)
    client = server.client()
    for number in range(60):
        events = [{"user": f"u{rng.randrange(50)}", "item": f"i{rng.randrange(ITEMS)}", "type": rng.choice(["impression", "watch", "like"]), "request_id": f"live{number}",
                   "time": int((time.time() + rng.uniform(-300, 200)) * 1e6)} for _ in range(rng.randrange(1, 6))]
        assert client.post("/v1/events", {"events": events}).status == 200
        if number % 4 == 0:
            assert client.post("/v1/items", {"id": f"i{rng.randrange(ITEMS)}", "attributes": {"category": f"c{rng.randrange(5)}"}}).status == 200
            client.recommend(f"u{rng.randrange(50)}")
    client.close()
    server.terminate()


class ReplayTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        binary()
        holder = tempfile.TemporaryDirectory(prefix="shortlist-e2e-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = Path(holder.name)
        write_project(cls.folder)
        run(cls.folder, "import")
        run(cls.folder, "train", "--no-evaluate")
        write_live(cls.folder)

    def tearDown(self) -> None:
        self.assertEqual(list(self.folder.glob(".replay-*")), [], "processes left files behind")
        self.assertEqual(list(self.folder.glob("*.part")), [])
        (self.folder / "shortlist.yaml").write_text(PROJECT.replace("ROWS", "candidates"))

    def replay(self, *options: str) -> tuple[str, dict]:
        report = json.loads(run(self.folder, "replay", "--json", *options).stdout)
        return hashlib.sha256(Path(report["path"]).read_bytes()).hexdigest(), {name: value for name, value in report.items() if name != "seconds"}

    def refused(self, code: int, *options: str, **more) -> str:
        done = subprocess.run([binary(), "replay", "--json", *options], cwd=self.folder, capture_output=True, text=True, timeout=60, **more)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)["error"]["message"]

    def same_with_any_number(self, *options: str) -> dict:
        whole, report = self.replay(*options)
        self.assertGreater(report["rows"], 200)
        for partitions in (2, 3, 7):
            self.assertEqual(self.replay(*options, "--partitions", str(partitions)), (whole, report), f"{partitions} partitions")
        return report

    def test_rows_of_candidates_are_the_same_with_any_number_of_partitions(self) -> None:
        report = self.same_with_any_number()
        self.assertGreater(report["chosen_missed"], 0)

    def test_rows_of_what_was_shown_are_the_same_with_any_number_of_partitions(self) -> None:
        (self.folder / "shortlist.yaml").write_text(PROJECT.replace("ROWS", "daily_impressions"))
        self.same_with_any_number()

    def test_all_impressions_are_the_same_with_any_number_of_partitions(self) -> None:
        report = self.same_with_any_number("--rows", "impressions")
        self.assertEqual(len(report["left_out"]), 3, "what retrievers' models think")
        self.assertGreaterEqual(report["rows"], 2700)

    def test_a_process_that_fails_is_reported_and_the_file_of_before_stays(self) -> None:
        before, _ = self.replay("--rows", "impressions")

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

        message = self.refused(UNAVAILABLE, "--rows", "impressions", "--partitions", "2", preexec_fn=limit)
        self.assertIn("exit code", message)
        self.assertEqual(hashlib.sha256((self.folder / "rows.parquet").read_bytes()).hexdigest(), before)

    def test_a_process_says_what_is_wrong_in_words(self) -> None:
        done = subprocess.run([binary(), "replay-step", "--json", "--step", "rows", "--files", "nowhere", "--partition", "3", "--partitions", "2"], cwd=self.folder,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, WRONG_INPUT)
        self.assertIn("below partitions (2)", json.loads(done.stdout)["error"]["message"])
        self.assertNotIn("replay-step", run(self.folder, "--help").stdout)

    def test_beside_a_server_that_forgets_all_processes_read_one_log(self) -> None:
        with tempfile.TemporaryDirectory(prefix="shortlist-e2e-") as name:
            folder = Path(name) / "project"
            shutil.copytree(self.folder, folder)
            server = Server(folder)
            forgetting = threading.Thread(target=lambda: [server.client().request("DELETE", f"/v1/users/u{user}") for user in range(20)])
            forgetting.start()
            while forgetting.is_alive():
                run(folder, "replay", "--rows", "impressions", "--partitions", "3")
            forgetting.join()
            run(folder, "replay", "--rows", "impressions", "--partitions", "3")
            rows = (folder / "rows.parquet").read_bytes()
            self.assertEqual(server.terminate(), 0)
            run(folder, "replay", "--rows", "impressions")
            self.assertEqual((folder / "rows.parquet").read_bytes(), rows)

    def test_what_a_killed_process_left_goes_with_the_next_replay(self) -> None:
        gone = subprocess.Popen(["true"])
        gone.wait()
        left = self.folder / f".replay-{gone.pid}"
        left.mkdir()
        (left / "sum.arrow").write_text("half")
        self.replay("--partitions", "2")
        self.assertFalse(left.exists())

    def test_bounds_are_named(self) -> None:
        for wrong in ("0", "257"):
            self.assertIn("1 to 256", self.refused(WRONG_INPUT, "--partitions", wrong))
        self.assertIn("impressions", self.refused(WRONG_INPUT, "--rows", "all"))
        self.assertIn("no/such/folder", self.refused(UNAVAILABLE, "--out", "no/such/folder/rows.parquet"))

    def test_a_log_without_impressions_has_no_rows_of_them(self) -> None:
        with tempfile.TemporaryDirectory(prefix="shortlist-e2e-") as name:
            folder = Path(name)
            write_project(folder)
            write_rows(folder / "events.csv", ["user", "item", "time", "type", "request", "device"], [["u1", "i1", 1_700_000_000, "watch", "r1", "phone"]])
            run(folder, "import")
            done = subprocess.run([binary(), "replay", "--rows", "impressions"], cwd=folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, NOT_YET)
            self.assertIn("'impression'", done.stderr)


if __name__ == "__main__":
    unittest.main()
