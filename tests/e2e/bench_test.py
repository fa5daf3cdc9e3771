"""`shortlist bench` on a small project: its document, its table, and what it says when there is nothing to measure."""

from __future__ import annotations

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import ITEMS, binary, run, write_project

STAGES = ["retrieve", "blend", "gather", "rank", "compose"]


class BenchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        binary()
        folder = tempfile.TemporaryDirectory(prefix="shortlist-e2e-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        write_project(cls.folder)
        run(cls.folder, "import")

    def refused(self, code: int, *arguments: str) -> str:
        done = subprocess.run([binary(), "bench", *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stderr

    def test_it_asks_as_often_as_told_and_gives_one_document(self) -> None:
        self.assertIn("shortlist train", self.refused(5))
        run(self.folder, "train", "--bundle", "one")
        document = json.loads(run(self.folder, "bench", "--requests", "25", "--warmup", "5", "--threads", "2", "--json").stdout)
        self.assertEqual((document["bundle"], document["surface"], document["items"]), ("one", "home", ITEMS))
        self.assertEqual((document["requests"], document["threads"], document["degraded"]), (50, 2, 0))
        self.assertEqual([stage["name"] for stage in document["stages"]], STAGES)
        # Ten items for whoever has so many left to see; each user has met fifteen of sixty.
        self.assertEqual(document["slate_size_mean"], 10)
        latencies = [document[f"latency_us_{name}"] for name in ("p50", "p90", "p99", "max")]
        self.assertEqual(latencies, sorted(latencies))
        self.assertGreater(latencies[0], 0)
        self.assertGreater(document["requests_per_second"], 0)
        self.assertGreater(document["resident_memory_bytes"], 1_000_000)
        table = run(self.folder, "bench", "--requests", "50", "--k", "3").stdout
        self.assertIn("50 requests by 1 thread", table)
        self.assertIn("3.0 of 60 items a slate", table)
        for stage in STAGES:
            self.assertRegex(table, rf"(?m)^{stage} ")
        self.assertIn("there are home", self.refused(2, "--surface", "hmoe"))


if __name__ == "__main__":
    unittest.main()
