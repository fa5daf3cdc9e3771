#!/usr/bin/env python3
"""Turns the Gowalla files of LightGCN and NGCF into one check-in a row.

    tools/datasets/gowalla.py FOLDER OUTPUT     # FOLDER holds train.txt and test.txt

A line there is a user and then their items: `0 17 21 9`. Writes OUTPUT/train.csv and OUTPUT/test.csv with the columns
user_id,item_id, in the order of the files. A user without items gives no row. Standard library only.
"""

import argparse
import csv
import json
from pathlib import Path


def convert(source: Path, target: Path) -> int:
    """Writes one file in long form and returns its rows."""
    rows = 0
    with source.open(encoding="ascii") as lines, target.open("w", newline="", encoding="ascii") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("user_id", "item_id"))
        for line in lines:
            user, *items = line.split() or [""]
            writer.writerows((user, item) for item in items)
            rows += len(items)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds train.txt and test.txt")
    parser.add_argument("output", type=Path, help="made where there is none")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    rows = {part: convert(arguments.folder / f"{part}.txt", arguments.output / f"{part}.csv") for part in ("train", "test")}
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
