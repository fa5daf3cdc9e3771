"""Import of events from Parquet against reading and sorting the same file with pyarrow, one thread each.

Generates events, runs both sides alternately, and compares results before anything is reported: the same rows, in order of
time. Prints one JSON object: ratio (ours / pyarrow, of medians over all rounds), seconds of both, and their spread.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

import pyarrow_sort

ROOT = Path(__file__).resolve().parent.parent.parent
SEED = 20240501
USERS = 10_000
ITEMS = 50_000
DAY_MS = 86_400_000


def write_events(path, count):
    """Events like those of the shorts world: skewed users and items, 30 days, four types, a value."""
    random = np.random.default_rng(SEED)
    users = random.zipf(1.2, count) % USERS
    items = random.zipf(1.1, count) % ITEMS
    times = 1_650_000_000_000 + random.integers(0, 30 * DAY_MS, count)
    table = pa.table({
        "user_id": pa.array([f"user_{user}" for user in users]),
        "item_id": pa.array([f"video_{item}" for item in items]),
        "time_ms": times,
        "event": random.choice(["impression", "watch", "like", "skip"], count),
        "value": random.random(count, dtype=np.float32),
    })
    # A row that stands twice is one event to us: take such rows out, so that both sides hold as many.
    pq.write_table(table.group_by(table.column_names, use_threads=False).aggregate([]), path)


def check_equal(events_path, imported_path):
    """Stops unless both tables hold the same rows and the imported one is in order of time."""
    ours = pq.read_table(imported_path)
    theirs = pyarrow_sort.read_and_sort(events_path)
    theirs = theirs.append_column("time_us", pa.compute.multiply(theirs["time_ms"], 1000)).select(ours.column_names)
    if not ours["time_us"].combine_chunks().equals(theirs["time_us"].combine_chunks()):
        sys.exit("the imported events are not in order of time")
    order = [(name, "ascending") for name in ours.column_names]
    theirs = theirs.cast(ours.schema)
    if not ours.sort_by(order).equals(theirs.sort_by(order)):
        sys.exit("the imported events are not the rows of the file")
    return ours.num_rows


def spread(seconds):
    return {"median": statistics.median(seconds), "min": min(seconds), "max": max(seconds)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.environ.get("BENCH_BUILD", "build/release"), help="build folder with bench/bench_import")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    pa.set_cpu_count(1)
    ours, load, theirs = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        events = folder / "events.parquet"
        write_events(events, options.events)
        for _ in range(options.rounds):
            command = [str(ROOT / options.build / "bench" / "bench_import"), str(events), str(folder)]
            seconds = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            ours.append(seconds["import"])
            load.append(seconds["load"])
            theirs.append(pyarrow_sort.seconds(events))
        rows = check_equal(events, folder / "imported.parquet")
    print(json.dumps({
        "ratio": round(statistics.median(ours) / statistics.median(theirs), 3),
        "ours_seconds": round(statistics.median(ours), 4), "pyarrow_seconds": round(statistics.median(theirs), 4),
        "load_seconds": round(statistics.median(load), 4),
        "ours_spread_seconds": [round(min(ours), 4), round(max(ours), 4)], "pyarrow_spread_seconds": [round(min(theirs), 4), round(max(theirs), 4)],
        "events": rows, "rounds": options.rounds, "seed": SEED, "pyarrow": pa.__version__,
    }))


if __name__ == "__main__":
    main()
