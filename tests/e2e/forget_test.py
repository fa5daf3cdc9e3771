"""Forgetting a user: after DELETE, a restart, kill -9 in the middle and another training, no file of the project holds the id.

Files are read as bytes, and Parquet also decompressed, column by column. The files that were imported lie outside of the project: they are
the operator's.
"""

from __future__ import annotations

import contextlib
import csv
import http.client
import json
import os
import random
import tempfile
import threading
import time
import unittest
from pathlib import Path
from urllib.parse import quote

import pyarrow.parquet
from harness import ITEMS, PROJECT, USERS, Server, binary, run

SEED = int(os.environ.get("SHORTLIST_CRASH_SEED", "1"))
# Few, so that what is to be forgotten stands in segments and a snapshot, too.
SERVE = ("--snapshot-records", "100", "--segment-records", "40")


def name(number: int) -> str:
    """Ids that nothing else in a project looks like."""
    return f"user-to-forget-{number}-end"


def written(value: object) -> str:
    return json.dumps(value, default=str)


def files_with(folder: Path, user: str) -> list[str]:
    """Files below the folder that hold the id."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        holds = user.encode() in path.read_bytes() or user in path.name
        if path.suffix == ".parquet":
            holds = holds or any(user in written(column.to_pylist()) for column in pyarrow.parquet.read_table(path).columns)
        if holds:
            found.append(str(path.relative_to(folder)))
    return found


class ForgetTest(unittest.TestCase):
    def setUp(self) -> None:
        binary()
        outside, inside = (tempfile.TemporaryDirectory(prefix=f"shortlist-forget-{kind}-") for kind in ("files", "project"))
        self.addCleanup(outside.cleanup)
        self.addCleanup(inside.cleanup)
        self.files, self.folder = Path(outside.name), Path(inside.name)
        (self.folder / "shortlist.yaml").write_text(
            PROJECT.replace("events.csv", f"{self.files}/events.csv").replace("items.csv", f"{self.files}/items.csv")
            .replace("signals:", f"  users: {{path: {self.files}/users.csv, attributes: {{city: category, note: text}}}}\n  max_bad_rows: 0.5\nsignals:")
        )
        with (self.files / "items.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["item", "category", "title"])
            rows.writerows([f"i{item}", "even" if item % 2 == 0 else "odd", f"Title {item}"] for item in range(ITEMS))
        with (self.files / "users.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["user", "city", "note"])
            rows.writerows([name(user), f"city {user % 5}", f"a note on {name(user)}"] for user in range(USERS))
        start = int(time.time()) - 30 * 86400
        with (self.files / "events.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["user", "item", "time", "type"])
            for user in range(USERS):
                for step in range(15):
                    item = (user * 7 + step * 2 + user % 2) % ITEMS
                    rows.writerow([name(user), f"i{item - item % 2 + user % 2}", start + 3600 * (user + 24 * step), "watch"])
                rows.writerow([name(user), "i1", f"no time of {name(user)}", "watch"])
        run(self.folder, "import")
        run(self.folder, "train")

    def start(self) -> Server:
        server = Server(self.folder, *SERVE)
        self.addCleanup(lambda: server.process.poll() is None and server.kill())
        return server

    def live_on(self, server: Server, users: list[int]) -> None:
        """Each watches ten items of their own, some new to the catalogue, and changes a note; enough of it to be sealed."""
        client = server.client()
        for user in users:
            events = [{"event_id": f"{name(user)}-{number}", "user": name(user), "item": f"i{(user + number) % ITEMS}" if number else f"new{user}",
                       "type": "watch", "request_id": f"of {name(user)}"} for number in range(10)]
            self.assertEqual(client.post("/v1/events", {"events": events}).status, 200)
            self.assertEqual(client.post("/v1/users", {"id": name(user), "attributes": {"note": f"again {name(user)}", "city": "elsewhere"}}).status, 200)
        client.close()

    def wait_until_sealed(self, user: int) -> None:
        """Until a segment in force holds the user. One in the making, which nobody can read yet, is not looked at."""
        deadline = time.monotonic() + 20
        sealed = False
        while not sealed:
            self.assertLess(time.monotonic(), deadline, "the user was not sealed")
            time.sleep(0.02)
            with contextlib.suppress(FileNotFoundError):  # written again without somebody else, and removed
                sealed = any(files_with(segment, name(user)) for segment in (self.folder / "log" / "segments").glob("[0-9]*"))

    def forget(self, server: Server, user: int):
        client = server.client()
        try:
            return client.request("DELETE", f"/v1/users/{quote(name(user), safe='')}")
        finally:
            client.close()

    def check_newcomer(self, server: Server, user: int) -> None:
        """The next request is a newcomer's. Its list is logged, so that the user is known again, and goes again."""
        client = server.client()
        self.assertEqual(client.recommend(name(user)), client.recommend("a newcomer"))
        self.assertEqual(self.forget(server, user).json, {"user": name(user), "events": 0, "updates": 0, "lists": 1})
        client.close()

    def verified(self) -> dict:
        report = json.loads(run(self.folder, "verify", "--json").stdout)
        self.assertTrue(report["equal"], report)
        return report

    def test_after_delete_restart_and_train_no_file_holds_the_user(self) -> None:
        server = self.start()
        self.live_on(server, list(range(12)))
        client = server.client()
        before = client.metric("shortlist_events")
        self.wait_until_sealed(3)
        holding = files_with(self.folder, name(3))
        for part in ("quarantine/", "log/history-", "log/segments/", "log/tail/"):
            self.assertTrue(any(path.startswith(part) for path in holding), (part, holding))

        for _ in range(2):
            client.recommend(name(3))
        answer = self.forget(server, 3)
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(answer.json, {"user": name(3), "events": 25, "updates": 1, "lists": 2})
        self.assertEqual(files_with(self.folder, name(3)), [], "after DELETE")
        self.assertEqual(client.metric("shortlist_events"), before - 25)
        self.check_newcomer(server, 3)
        self.assertEqual(self.forget(server, 3).status, 404)
        self.assertEqual(self.forget(server, 1000).status, 404)
        self.verified()

        self.live_on(server, [20])
        self.assertEqual(server.terminate(), 0)
        self.verified()
        server = self.start()
        self.assertEqual(files_with(self.folder, name(3)), [], "after a restart")
        self.check_newcomer(server, 3)
        self.assertEqual(server.terminate(), 0)

        run(self.folder, "train")
        self.assertEqual(files_with(self.folder, name(3)), [], "after training")
        self.assertTrue(files_with(self.folder, name(4)), "another user is still there")
        self.assertEqual(json.loads(run(self.folder, "forget", "--user", name(5), "--json").stdout)["live_events"], 10)
        self.assertEqual(files_with(self.folder, name(5)), [], "after the verb")
        with self.assertRaisesRegex(AssertionError, "nobody is called"):
            run(self.folder, "forget", "--user", name(5))

    def test_a_user_who_comes_back_is_new_and_may_bring_the_same_events(self) -> None:
        server = self.start()
        self.live_on(server, [3])
        self.assertEqual(self.forget(server, 3).status, 200)
        before = server.client().metric("shortlist_events")
        self.live_on(server, [3])
        self.assertEqual(server.client().metric("shortlist_events"), before + 10)
        self.assertEqual(server.terminate(), 0)
        self.verified()

    def test_killed_in_the_middle_the_next_start_finishes_and_others_lose_nothing(self) -> None:
        rng = random.Random(SEED)
        intent = self.folder / "log" / "forget.intent"
        interrupted = 0
        events = 0.0
        pause = 0.04  # halved by each kill that came too late: how long the middle lasts is the machine's affair
        server = self.start()
        self.live_on(server, list(range(USERS)))
        for user in range(USERS):
            events = server.client().metric("shortlist_events")
            asking = threading.Thread(target=self._ask, args=(server, user))
            asking.start()
            deadline = time.monotonic() + 60
            while not intent.exists() and asking.is_alive() and time.monotonic() < deadline:
                pass
            time.sleep(rng.uniform(0, pause))
            server.kill()
            asking.join()
            in_the_middle = intent.exists()
            if in_the_middle:
                interrupted += 1
            else:
                pause /= 2
            server = self.start()
            self.assertFalse(intent.exists())
            self.assertEqual(files_with(self.folder, name(user)), [], f"user {user}, killed {'in the middle' if in_the_middle else 'behind it'}")
            self.assertEqual(server.client().metric("shortlist_events"), events - 25)
            if interrupted >= 5:
                break
        self.assertGreaterEqual(interrupted, 3, "no kill came in the middle")
        self.assertEqual(server.terminate(), 0)
        self.verified()

    def _ask(self, server: Server, user: int) -> None:
        try:
            self.forget(server, user)
        except (OSError, http.client.HTTPException):
            pass  # killed before it answered


if __name__ == "__main__":
    unittest.main()
