"""`shortlist demo` on a small world: from nothing to judged lists, twice."""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path

from harness import binary, run

WORLD = ("--users", "300", "--items", "500", "--interactions", "10000")


class DemoTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        binary()
        folder = tempfile.TemporaryDirectory(prefix="shortlist-e2e-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.first = json.loads(run(cls.folder, "demo", *WORLD, "--json").stdout)

    def mean(self, document: dict, stage: str, metric: str) -> float:
        return next(row["mean"] for row in document["metrics"] if (row["stage"], row["metric"]) == (stage, metric))

    def test_its_document_says_what_it_cost_and_how_good_it_is(self) -> None:
        self.assertEqual(self.first["events"], 10000)
        seconds = self.first["seconds"]
        self.assertGreater(seconds["total"], 0)
        self.assertLess(seconds["total"], 60)
        self.assertGreater(self.first["peak_memory_bytes"], 10_000_000)
        stages = {row["stage"] for row in self.first["metrics"]}
        self.assertLessEqual({"random", "popularity", "taste", "trending", "similar", "blended", "ranked", "slate", "oracle"}, stages)

    def test_what_it_learned_is_worth_more_than_chance(self) -> None:
        self.assertGreater(self.mean(self.first, "ranked", "ndcg@10"), 1.5 * self.mean(self.first, "random", "ndcg@10"))

    def test_run_again_it_gives_the_same_figures_under_another_bundle(self) -> None:
        again = json.loads(run(self.folder, "demo", *WORLD, "--json").stdout)
        self.assertEqual(again["metrics"], self.first["metrics"])
        self.assertEqual(again["events"], self.first["events"])
        bundles = json.loads(run(self.folder / "demo", "bundles", "list", "--json").stdout)
        self.assertEqual([bundle["name"] for bundle in bundles["bundles"] if bundle["current"]], [again["bundle"]])

    def test_for_people_it_prints_a_table_and_the_next_step(self) -> None:
        folder = self.folder / "for-people"
        folder.mkdir()
        text = run(folder, "demo", *WORLD, "--folder", "world").stdout
        self.assertIn("ranked", text)
        self.assertIn("shortlist serve --project world", text)


if __name__ == "__main__":
    unittest.main()
