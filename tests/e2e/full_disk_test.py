"""A disk that is full for a while: writes are refused and nothing else, and go on when there is room; what was acknowledged is there once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from harness import Client, Load, Server, binary, run, write_project

DISK_BYTES = 256 << 20
ROOM_BYTES = 2 << 20  # that is left when the disk is filled
# Rarely a snapshot, so that the log itself runs into the end of the disk.
SERVE = ("--snapshot-records", "100000", "--segment-records", "100000")
WAIT_SECONDS = 60


def fill(folder: Path) -> Path:
    """A file that leaves ROOM_BYTES."""
    filler = folder / "filler"
    space = os.statvfs(folder)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, space.f_bavail * space.f_frsize - ROOM_BYTES)
    return filler


def batch(name: str) -> list[dict]:
    return [{"event_id": f"{name}-{part}", "user": f"full-{part % 13}", "item": f"i{part % 60}", "type": "watch", "request_id": "r" * 200}
            for part in range(100)]


class FullDiskTest(unittest.TestCase):
    def setUp(self) -> None:
        binary()
        place = tempfile.TemporaryDirectory(prefix="shortlist-e2e-disk-")
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", place.name], capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            raise unittest.SkipTest(f"this machine does not permit a small disk to be mounted: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", place.name], check=True)
        write_project(self.folder)
        run(self.folder, "import")
        run(self.folder, "train")
        self.acknowledged: set[str] = set()
        self.refused: dict[str, list[dict]] = {}
        self.messages: set[str] = set()  # of refusals, without their numbers
        self.lock = threading.Lock()

    def start(self) -> Server:
        server = Server(self.folder, *SERVE)
        self.addCleanup(lambda: server.process.poll() is None and server.kill())
        return server

    def post(self, client: Client, name: str) -> int:
        answer = client.post("/v1/events", {"events": batch(name)})
        with self.lock:
            if answer.status == 200:
                self.acknowledged.update(event["event_id"] for event in batch(name))
            else:
                self.refused[name] = batch(name)
                self.messages.add(re.sub(r"\d+", "", answer.json["error"]["message"]))
        if answer.status not in (200, 503):
            raise AssertionError(answer.text)
        return answer.status

    def post_until(self, client: Client, status: int, word: str) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        number = 0
        while self.post(client, f"{word}-{number}") != status:
            self.assertLess(time.monotonic(), deadline, f"no answer {status} in {WAIT_SECONDS} s")
            number += 1

    def test_a_full_disk_refuses_writes_and_loses_none_that_was_acknowledged(self) -> None:
        server = self.start()
        client = server.client()
        before = client.metric("shortlist_events")
        self.post_until(client, 200, "first")
        filler = fill(self.folder)
        with Load(server.port, lambda one, thread, number: self.post(one, f"load-{thread}-{number}")) as load:
            self.post_until(client, 503, "full")
            self.assertEqual(len(client.recommend("u1")), 10, "lists are served from a full disk")
            load.stop()
        self.assertEqual(load.lost, [])
        for message in self.messages:
            self.assertIn("No space left on device", message)
        self.assertEqual(client.metric("shortlist_events") - before, len(self.acknowledged), "what was refused was not folded")
        filler.unlink()
        self.post_until(client, 200, "again")
        name, events = next(iter(self.refused.items()))
        results = client.post("/v1/events", {"events": events}).json["results"]
        self.assertEqual({result["status"] for result in results}, {"stored"}, "what was refused is new")
        self.acknowledged.update(event["event_id"] for event in events)
        del self.refused[name]
        server.kill()
        verified = json.loads(run(self.folder, "verify", "--json").stdout)
        self.assertTrue(verified["equal"], verified)
        self.assertEqual(verified["events"] - before, len(self.acknowledged))
        self.check_each_is_there_once(before)

    def test_a_server_that_is_killed_on_a_full_disk_has_what_was_acknowledged(self) -> None:
        server = self.start()
        client = server.client()
        before = client.metric("shortlist_events")
        filler = fill(self.folder)
        self.post_until(client, 503, "full")
        server.kill()
        filler.unlink()
        verified = json.loads(run(self.folder, "verify", "--json").stdout)
        self.assertTrue(verified["equal"], verified)
        self.assertGreaterEqual(verified["events"] - before, len(self.acknowledged))
        self.check_each_is_there_once(before)

    def check_each_is_there_once(self, before: float) -> None:
        client = self.start().client()
        events = client.metric("shortlist_events")
        known = sorted({event_id.rsplit("-", 1)[0] for event_id in self.acknowledged})
        for name in known:
            results = client.post("/v1/events", {"events": batch(name)}).json["results"]
            self.assertEqual({result["status"] for result in results}, {"duplicate"}, name)
        self.assertEqual(client.metric("shortlist_events"), events)
        self.assertGreaterEqual(events - before, len(self.acknowledged))


if __name__ == "__main__":
    unittest.main()
