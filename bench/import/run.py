"""Import of events from Parquet against reading and sorting the same file with pyarrow, one thread each.

usage: run.py --binary PATH/import_bench [--events 1000000] [--rounds 5]

Results are compared before anything is reported: the same rows, in order of time. Prints one JSON document; times are
medians over the rounds, with the least and the greatest beside them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

import pyarrow_sort

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
    parser.add_argument("--binary", required=True, help="the built program import_bench")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        events = os.path.join(folder, "events.parquet")
        write_events(events, options.events)
        ours = json.loads(subprocess.run([options.binary, events, folder, str(options.rounds)], check=True, capture_output=True, text=True).stdout)
        rows = check_equal(events, os.path.join(folder, "imported.parquet"))
        theirs = pyarrow_sort.measure(events, options.rounds)
    result = {
        "events": rows,
        "ratio": statistics.median(ours["import_seconds"]) / statistics.median(theirs),
        "ours_seconds": statistics.median(ours["import_seconds"]),
        "pyarrow_seconds": statistics.median(theirs),
        "load_seconds": statistics.median(ours["load_seconds"]),
        "spread": {"ours": spread(ours["import_seconds"]), "pyarrow": spread(theirs), "load": spread(ours["load_seconds"])},
        "rounds": options.rounds,
        "seed": SEED,
        "pyarrow": pa.__version__,
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
