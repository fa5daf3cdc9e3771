#!/usr/bin/env python3
"""Runs one of the example projects on its real data, from the files to the judged lists, and prints one JSON object.

    bench/examples/run.py gowalla|kuairand|movielens [--k 10 --k 20]

SHORTLIST_DATA names the folder of the data sets; examples/NAME/README.md says how to get each. The project is copied into a
temporary folder, so that nothing of the data comes near the repository. The object holds
    seconds     import, train, evaluate and their total
    users       who were judged
    stages      stage to metric to {mean, low, high, users}: lists over the whole catalogue
    exposures   the same for the order of what was shown; empty where the data have no impressions
    margins     baseline to {metric: {difference, low, high}} and low, the lower low end of the two: ranked less that baseline, paired by
                user, in user_auc (each user counts the same) and grouped_auc (users count by their impressions)
    best        metric to the mean of the stage that is best in it
Standard library only.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# The folder below SHORTLIST_DATA and, where the files need one, the adapter that writes them into data/ of the project.
SOURCES = {
    "gowalla": ("gowalla_lightgcn", "gowalla.py"),
    "kuairand": ("kuairand_pure_slice", None),
    "movielens": ("ml1m_sasrec", "movielens.py"),
}


def lay_out(example: str, data: Path, folder: Path) -> None:
    """Makes the project: the example's file, and its data where they must be converted."""
    shutil.copy(ROOT / "examples" / example / "shortlist.yaml", folder)
    name, adapter = SOURCES[example]
    if not (data / name).is_dir():
        sys.exit(f"{example}: SHORTLIST_DATA has no folder {name}; examples/{example}/README.md says where to get it")
    if adapter:
        command = [sys.executable, str(ROOT / "tools" / "datasets" / adapter), str(data / name), str(folder / "data")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def run_verb(program: str, folder: Path, *words: str) -> tuple[dict, float]:
    start = time.monotonic()
    done = subprocess.run([program, *words, "--project", str(folder), "--json"], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"shortlist {words[0]} failed with code {done.returncode}: {done.stdout.decode()}")
    return json.loads(done.stdout), time.monotonic() - start


def by_stage(rows: list[dict]) -> dict:
    table: dict[str, dict] = {}
    for row in rows:
        table.setdefault(row["stage"], {})[row["metric"]] = {key: row[key] for key in ("mean", "low", "high", "users")}
    return table


def best_of(stages: dict) -> dict:
    """The highest mean of each metric, and whose it is."""
    best: dict[str, dict] = {}
    for stage, metrics in stages.items():
        for metric, row in metrics.items():
            if metric not in best or row["mean"] > best[metric]["mean"]:
                best[metric] = {"mean": row["mean"], "stage": stage}
    return best


def margins_of(comparisons: list[dict]) -> dict:
    margins: dict[str, dict] = {}
    for row in comparisons:
        if row["metric"] in ("user_auc", "grouped_auc"):
            margins.setdefault(row["against"], {})[row["metric"]] = {key: row[key] for key in ("difference", "low", "high")}
    for margin in margins.values():
        margin["low"] = min(metric["low"] for metric in margin.values())
    return margins


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("example", choices=sorted(SOURCES))
    parser.add_argument("--k", type=int, action="append", help="positions counted; may be repeated (default: 10 and 20)")
    parser.add_argument("--program", default=os.environ.get("SHORTLIST_BINARY", str(ROOT / "shortlist")))
    options = parser.parse_args()
    if not os.environ.get("SHORTLIST_DATA"):
        sys.exit("SHORTLIST_DATA is not set: the folder of the data sets")
    positions = [word for k in options.k or [10, 20] for word in ("--k", str(k))]
    with tempfile.TemporaryDirectory(prefix="shortlist-example-") as name:
        folder = Path(name)
        lay_out(options.example, Path(os.environ["SHORTLIST_DATA"]).resolve(), folder)
        _, imported = run_verb(options.program, folder, "import")
        _, trained = run_verb(options.program, folder, "train", "--no-evaluate")
        quality, evaluated = run_verb(options.program, folder, "evaluate", *positions)
    stages = by_stage(quality["metrics"])
    seconds = {"import": imported, "train": trained, "evaluate": evaluated, "total": imported + trained + evaluated}
    print(json.dumps({
        "example": options.example,
        "seconds": {step: round(spent, 2) for step, spent in seconds.items()},
        "users": quality["users"],
        "stages": stages,
        "exposures": by_stage(quality["exposure_metrics"]),
        "margins": margins_of(quality["exposure_comparisons"]),
        "best": best_of(stages),
    }))


if __name__ == "__main__":
    main()
