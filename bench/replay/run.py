#!/usr/bin/env python3
"""How long `shortlist replay --rows impressions` takes for a million impressions of forty features, and polars for the same values.

Draws a log by seed (world.py), imports it, and lets both compute and write the rows, in turn, on the cores that the machine has. The engine's time is
that of its whole process, with loading the log; that of polars begins when it is imported, and it reads numbers where the log has texts.
Every value is compared bit by bit. Prints one JSON object; 1 is returned where a value differs.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy
import pyarrow.parquet

from world import FEATURES, draw_events, write_project


def replay_seconds(program: list[str], folder: Path, partitions: int) -> float:
    started = time.monotonic()
    subprocess.run([*program, "replay", "--project", str(folder), "--rows", "impressions", "--partitions", str(partitions), "--json"], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def polars_seconds(folder: Path) -> float:
    script = Path(__file__).resolve().parent / "polars_rows.py"
    return float(subprocess.run([sys.executable, str(script), str(folder)], check=True, stdout=subprocess.PIPE, text=True).stdout)


def by_time(path: Path) -> tuple[pyarrow.Table, numpy.ndarray]:
    table = pyarrow.parquet.read_table(path)
    times = table["time"].cast("int64").to_numpy()
    return table, numpy.argsort(times, kind="stable")


def count_differences(folder: Path) -> tuple[int, dict[str, int]]:
    """Rows, and the values that differ by feature."""
    ours, our_order = by_time(folder / "rows.parquet")
    theirs, their_order = by_time(folder / "polars.parquet")
    if ours.num_rows != theirs.num_rows:
        raise SystemExit(f"shortlist wrote {ours.num_rows} rows, polars {theirs.num_rows}")
    different = {}
    for name in ("time", *(feature[0] for feature in FEATURES)):
        a, b = ours[name].to_numpy()[our_order], theirs[name].to_numpy()[their_order]
        if name == "time":
            a, b = a.astype("datetime64[us]").astype("int64"), b.astype("int64")
        same = (a == b) | ((a != a) & (b != b))
        if not same.all():
            different[name] = int((~same).sum())
    return ours.num_rows, different


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.environ.get("SHORTLIST_BINARY", "./shortlist"), help="(default: %(default)s)")
    parser.add_argument("--folder", default="build/bars/replay", type=Path, help="where the project lies; made anew (default: %(default)s)")
    parser.add_argument("--impressions", type=int, default=1_000_000)
    parser.add_argument("--partitions", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=42)
    arguments = parser.parse_args()
    program = shlex.split(arguments.binary)
    shutil.rmtree(arguments.folder, ignore_errors=True)
    columns = draw_events(arguments.impressions, arguments.seed)
    write_project(arguments.folder, columns, arguments.seed, program)
    rounds = [(replay_seconds(program, arguments.folder, arguments.partitions), polars_seconds(arguments.folder)) for _ in range(arguments.rounds)]
    seconds, theirs = (statistics.median(times) for times in zip(*rounds))
    rows, different = count_differences(arguments.folder)
    print(json.dumps({"seconds": round(seconds, 2), "polars_seconds": round(theirs, 2), "ratio": round(theirs / seconds, 2), "rounds": [[round(time, 2) for time in both] for both in rounds],
                      "events": len(columns["time"]), "rows": rows, "features": len(FEATURES), "different": sum(different.values()), "different_by_feature": different}, indent=2))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
