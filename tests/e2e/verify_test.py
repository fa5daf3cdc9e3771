"""Lists that the server logs, and `shortlist verify`, which derives each of them from the log again."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from harness import Client, Load, Server, ServerTestCase, binary, run

ALL_FEATURES = ("--impressions-features", "1")


def answers(client: Client, path: str, body: dict) -> dict:
    answer = client.post(path, body)
    if answer.status != 200:
        raise AssertionError(answer.text)
    return answer.json


class VerifyTest(ServerTestCase):
    def setUp(self) -> None:
        """Each test has a copy of the project for itself."""
        folder = tempfile.TemporaryDirectory(prefix="shortlist-e2e-")
        self.addCleanup(folder.cleanup)
        self.copy = Path(folder.name) / "project"
        shutil.copytree(self.folder, self.copy)

    def serve(self, *options: str) -> Server:
        server = Server(self.copy, *options)
        self.addCleanup(self._end, server)
        return server

    def verify(self) -> dict:
        return json.loads(run(self.copy, "verify", "--json").stdout)

    def test_every_list_served_among_concurrent_writers_is_derived_again_to_the_bit(self) -> None:
        server = self.serve(*ALL_FEATURES, "--snapshot-records", "400", "--segment-records", "300", "--user-bytes", "10000")
        start = time.time()

        def work(client: Client, thread: int, number: int) -> None:
            rng = random.Random(thread * 100_000 + number)
            # From three minutes ago to four minutes ahead, so that events bring ticks about and miss them.
            events = [{"event_id": f"{thread}-{number}-{part}", "user": f"u{rng.randrange(50)}", "item": f"i{rng.randrange(70)}", "type": "watch",
                       "time": int((start + min(number * 2, 420) - 180 + rng.uniform(-60, 0)) * 1e6)} for part in range(rng.randrange(1, 6))]
            answers(client, "/v1/events", {"events": events})
            if number % 3 == 0:
                answers(client, "/v1/items", {"id": f"i{rng.randrange(80)}", "attributes": {"category": f"kind {rng.randrange(6)}"}})
            if number % 7 == 0:
                answers(client, "/v1/users", {"id": f"u{rng.randrange(90)}"})
            for _ in range(2):
                served = answers(client, "/v1/recommend", {"user": f"u{rng.randrange(60)}", "exclude": [f"i{rng.randrange(80)}"]})
                self.assertIs(served["logged"], True)
            if number % 5 == 0:
                answers(client, "/v1/rank", {"user": f"u{rng.randrange(60)}", "items": ["i1", "i2", f"i{rng.randrange(80)}", "nobody knows"]})

        with Load(server.port, work) as load:
            load.wait_for(500)
            meanwhile = self.verify()
        self.assertEqual(load.lost, [])
        self.assertTrue(meanwhile["equal"], "verified while it was served")
        self.assertEqual(server.terminate(), 0)
        verified = self.verify()
        self.assertTrue(verified["equal"], verified)
        lists = verified["lists"]
        self.assertGreaterEqual(lists["compared"], 1000)
        self.assertEqual(lists["compared"], lists["lists"])
        self.assertGreater(lists["vectors"], 3000)
        self.assertGreater(lists["values"], lists["vectors"])
        self.assertTrue(list((self.copy / "log" / "segments").glob("*/lists.state")), "nothing was sealed")

    def test_a_kill_leaves_lists_that_are_what_the_log_gives(self) -> None:
        server = self.serve(*ALL_FEATURES)

        def work(client: Client, thread: int, number: int) -> None:
            answers(client, "/v1/events", {"user": f"u{thread}", "item": f"i{number % 60}", "type": "watch"})
            answers(client, "/v1/recommend", {"user": f"u{thread}"})

        with Load(server.port, work) as load:
            load.wait_for(100)
            server.kill()
        verified = self.verify()
        self.assertTrue(verified["equal"], verified)
        self.assertGreater(verified["lists"]["compared"], 0)

    def test_an_answer_says_whether_its_list_was_logged(self) -> None:
        server = self.serve("--impressions-features", "0")
        client = server.client()
        served = answers(client, "/v1/recommend", {"user": "u1"})
        self.assertIs(served["logged"], True)
        self.assertRegex(served["request_id"], r"^[0-9a-f]{32}$")
        while client.metric("shortlist_impressions_logged_total") < 1:
            time.sleep(0.01)
        self.assertEqual(client.metric("shortlist_impressions_dropped_total"), 0)
        server.terminate()
        self.assertEqual(self.verify()["lists"]["without_features"], 1)
        silent = self.serve("--no-impressions-log")
        self.assertIs(answers(silent.client(), "/v1/recommend", {"user": "u1"})["logged"], False)

    def test_a_fold_that_was_broken_is_caught_and_its_feature_named(self) -> None:
        """The bundle's own definition of one feature is changed on disk, and the manifest with it: its half-life."""
        server = self.serve(*ALL_FEATURES)
        client = server.client()
        for number in range(30):
            answers(client, "/v1/events", {"user": "u1", "item": f"i{number}", "type": "watch"})
            answers(client, "/v1/recommend", {"user": "u1"})
        server.terminate()
        self.assertTrue(self.verify()["equal"])
        bundle = self.copy / "bundles" / (self.copy / "bundles" / "current").read_text().strip()
        models = json.loads((bundle / "models.json").read_text())
        feature = next(feature for feature in models["features"] if feature["kind"] == "count" and feature.get("half_life") == "3d")
        feature["half_life"] = "2d"
        feature["name"] = "broken"
        text = json.dumps(models).encode()
        (bundle / "models.json").write_bytes(text)
        manifest = json.loads((bundle / "manifest.json").read_text())
        manifest["files"]["models.json"] = {"sha256": hashlib.sha256(text).hexdigest(), "bytes": len(text)}
        (bundle / "manifest.json").write_text(json.dumps(manifest))
        done = subprocess.run([binary(), "verify", "--json"], cwd=self.copy, capture_output=True, text=True, timeout=120)
        self.assertNotEqual(done.returncode, 0)
        report = json.loads(done.stdout)
        self.assertFalse(report["equal"])
        first = report["lists"]["differences"][0]
        self.assertEqual(first["feature"], "broken")
        self.assertEqual(first["user"], "u1")
        self.assertNotEqual(first["logged"], first["derived"])
        shown = subprocess.run([binary(), "verify"], cwd=self.copy, capture_output=True, text=True, timeout=120)
        self.assertEqual(shown.returncode, done.returncode)
        self.assertIn("broken", shown.stdout)
        self.assertIn("what was served is not what the log gives", shown.stderr)
