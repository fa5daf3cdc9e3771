#!/usr/bin/env python3
"""Turns MovieLens-1M as SASRec prepares it into one rating a row.

    tools/datasets/movielens.py FOLDER OUTPUT   # FOLDER holds ml-1m.txt

A line there is a user and an item, and the lines of a user stand in the order in which they rated. Writes OUTPUT/events.csv with
the columns user_id,item_id in the same order. Standard library only.
"""

import argparse
import csv
import json
from pathlib import Path


def convert(source: Path, target: Path) -> int:
    """Writes the file with a header and commas and returns its rows."""
    rows = 0
    with source.open(encoding="ascii") as lines, target.open("w", newline="", encoding="ascii") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("user_id", "item_id"))
        for line in lines:
            user, item = line.split()
            writer.writerow((user, item))
            rows += 1
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds ml-1m.txt")
    parser.add_argument("output", type=Path, help="made where there is none")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    print(json.dumps({"events": convert(arguments.folder / "ml-1m.txt", arguments.output / "events.csv")}))


if __name__ == "__main__":
    main()
