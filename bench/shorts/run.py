#!/usr/bin/env python3
"""Quality on generated worlds of shorts: `shortlist demo`, once for each seed, judged on the held-out last day.

    bench/shorts/run.py [--seeds 42 101 202 303] [--interactions 1000000 ...]

Seed 42 is the default world, on which the project file was chosen; the others were not looked at while it was. Prints one JSON object:
    worlds    seed to: ranked, the NDCG@10 of the ranked lists; best_retriever; ratio_to_best_retriever, ratio_to_popularity;
              gap_to_best_retriever, gap_to_popularity: the low end of ranked's interval less the high end of theirs, above 0 when
              they stand apart; paired_to_best_retriever, paired_to_popularity: the low end of the paired difference;
              oracle_share: of the NDCG@10 of one who knows the truth, for the same users; intra_list_distance before MMR
              (ranked) and after (slate); seconds, peak_memory_bytes
    worst     of each of these figures, the lowest over the seeds
Exits 0 whatever they are: bench/bars.yaml says what is asked. Standard library only.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
METRIC = "ndcg@10"
DISTANCE = "intra_list_distance@10"
OTHER_STAGES = {"random", "popularity", "blended", "ranked", "slate", "oracle"}
COMPARED = ("ratio_to_best_retriever", "ratio_to_popularity", "gap_to_best_retriever", "gap_to_popularity", "paired_to_best_retriever",
            "paired_to_popularity", "oracle_share", "distance_gain")


def run_demo(program: str, seed: int, size: list[str]) -> dict:
    with tempfile.TemporaryDirectory(prefix="shortlist-shorts-") as folder:
        command = [program, "demo", "--seed", str(seed), "--folder", folder, "--json", *size]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"shortlist demo --seed {seed} failed with code {done.returncode}: {done.stdout.decode()}")
    return json.loads(done.stdout)


def judge(report: dict) -> dict:
    rows = {(row["stage"], row["metric"]): row for row in report["metrics"]}
    pairs = {row["against"]: row for row in report["comparisons"] if row["stage"] == "ranked" and row["metric"] == METRIC}
    retrievers = {stage for stage, _ in rows} - OTHER_STAGES
    best = max(retrievers, key=lambda stage: rows[stage, METRIC]["mean"])
    ranked = rows["ranked", METRIC]
    figures = {"ranked": ranked["mean"], "best_retriever": best}
    for name, stage in (("best_retriever", best), ("popularity", "popularity")):
        figures[f"ratio_to_{name}"] = round(pairs[stage]["ratio"], 4)
        figures[f"gap_to_{name}"] = round(ranked["low"] - rows[stage, METRIC]["high"], 5)
        figures[f"paired_to_{name}"] = round(pairs[stage]["low"], 5)
    before, after = rows["ranked", DISTANCE]["mean"], rows["slate", DISTANCE]["mean"]
    return figures | {
        "oracle_share": round(pairs["oracle"]["ratio"], 4),
        "distance_before_mmr": round(before, 4),
        "distance_after_mmr": round(after, 4),
        "distance_gain": round(after - before, 4),
        "users": report["users"],
        "seconds": report["seconds"],
        "peak_memory_bytes": report["peak_memory_bytes"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 101, 202, 303])
    parser.add_argument("--users", type=int)
    parser.add_argument("--items", type=int)
    parser.add_argument("--interactions", type=int)
    parser.add_argument("--program", default=os.environ.get("SHORTLIST_BINARY", str(ROOT / "shortlist")))
    options = parser.parse_args()
    size = [word for name in ("users", "items", "interactions") if getattr(options, name) for word in (f"--{name}", str(getattr(options, name)))]
    worlds = {str(seed): judge(run_demo(options.program, seed, size)) for seed in options.seeds}
    worst = {name: min(world[name] for world in worlds.values()) for name in COMPARED}
    print(json.dumps({"worlds": worlds, "worst": worst}))


if __name__ == "__main__":
    main()
