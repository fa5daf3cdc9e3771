"""kill -9 at random moments, over and over: every acknowledged event is there once, and the state of a restart is that of the whole log. In
every second round a part of a further write stands at the end of the tail's last file, as a loss of power in the middle of it leaves it.

SHORTLIST_CRASH_ROUNDS sets how many rounds; SHORTLIST_CRASH_SEED, which moments.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from harness import Client, Load, ServerTestCase, run

ROUNDS = int(os.environ.get("SHORTLIST_CRASH_ROUNDS", "10"))
SEED = int(os.environ.get("SHORTLIST_CRASH_SEED", "1"))
# Few, so that kills come while a snapshot is being written or a segment sealed, too.
# Most users are on disk at any time.
SERVE = ("--snapshot-records", "150", "--segment-records", "120", "--user-bytes", "10000")


@dataclass
class Sent:
    """What was posted, and what of it was acknowledged."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    events: list[dict] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)

    def post(self, client: Client, events: list[dict]) -> None:
        with self.lock:
            self.events += events
        answer = client.post("/v1/events", {"events": events})
        if answer.status != 200:
            raise AssertionError(answer.text)
        with self.lock:
            self.acknowledged.update(event["event_id"] for event in events)


def watch(name: str, thread: int, number: int) -> dict:
    # One in five is late by up to three minutes: it must count behind the tick that it missed, after a restart as before.
    late = number % 150 if number % 5 == 0 else 0
    return {"event_id": name, "user": f"crash-{thread}-{number % 13}", "item": f"i{number % 70}", "type": "watch",
            "time": int((time.time() - late) * 1e6)}


def tear_last_file(tail: Path, rng: random.Random) -> None:
    """Appends the beginning of a write, of which the rest is missing, to the newest write-ahead log."""
    newest = max(tail.glob("*.log"), key=lambda path: int(path.stem))
    written = newest.read_bytes()
    # A whole write is longer: a head of 7 bytes, the 12 of a batch, and a record.
    newest.write_bytes(written + written[: rng.randint(1, 30)])


class CrashTest(ServerTestCase):
    def test_no_kill_loses_or_doubles_an_event_or_changes_the_state(self) -> None:
        rng = random.Random(SEED)
        sent = Sent()
        server = self.start(*SERVE)
        before = server.client().metric("shortlist_events")
        restored = 0
        for round_number in range(ROUNDS):
            def work(client: Client, thread: int, number: int, round_number: int = round_number) -> None:
                size = 1 + number % 7
                sent.post(client, [watch(f"{round_number}-{thread}-{number}-{part}", thread, number + part) for part in range(size)])
                if number % 4 == 0:
                    client.post("/v1/items", {"id": f"i{number % 70}", "attributes": {"category": f"kind {number % 5}"}})
                if number % 3 == 0:
                    client.recommend(f"u{number % 40}")

            with Load(server.port, work) as load:
                load.wait_for(20)
                time.sleep(rng.uniform(0, 0.5))
                server.kill()
            if round_number % 2 == 1:
                tear_last_file(self.folder / "log" / "tail", rng)
            verified = json.loads(run(self.folder, "verify", "--json").stdout)
            self.assertTrue(verified["equal"], verified)
            restored = max(restored, verified["restored"])
            stored = verified["events"] - before
            self.assertGreaterEqual(stored, len(sent.acknowledged))
            self.assertLessEqual(stored, len(sent.events))
            server = self.start(*SERVE)
        self.assertGreater(restored, 0, "no round began with a snapshot")
        self.assertTrue(list((self.folder / "log" / "segments").glob("*/events.parquet")), "nothing was sealed")
        client = server.client()
        self.assertGreater(client.metric("shortlist_users_on_disk"), 0, "all users fitted in memory")
        self.check_each_is_there_once(client, sent)
        self.assertEqual(client.metric("shortlist_events") - before, len(sent.events))
        self.assertEqual(server.terminate(), 0)
        verified = json.loads(run(self.folder, "verify", "--json").stdout)
        self.assertTrue(verified["equal"], verified)
        self.assertGreaterEqual(verified["restored"], verified["events"], "the snapshot that the server took at its end")

    def check_each_is_there_once(self, client: Client, sent: Sent) -> None:
        """Posts everything again: what was acknowledged must be known."""
        for begin in range(0, len(sent.events), 500):
            batch = sent.events[begin : begin + 500]
            results = client.post("/v1/events", {"events": batch}).json["results"]
            for event, result in zip(batch, results, strict=True):
                if event["event_id"] in sent.acknowledged:
                    self.assertEqual(result["status"], "duplicate", event)
