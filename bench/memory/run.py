#!/usr/bin/env python3
"""How much memory a server takes that knows a million users with twenty events each and a million items, and how soon it is ready again.

The log is drawn: each user has as many events, at times spread evenly over thirty days; items are drawn by a power law (a share of
rank^-0.8, as in shops), every item has a category and a creator, half of the events are views and the rest watches or likes. The project is imported
and trained (trending, and 64 factors after one pass: their size counts here, not their worth), and derives its features itself. Then a server starts, folds
the log with all users in memory, answers requests, ends with a snapshot, and starts again with a bound on users' memory. Prints one JSON object:
seconds until it was ready, both times, and what is resident once it has answered requests of 2,000 users.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import numpy
import pyarrow
import pyarrow.parquet

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from served import Served  # noqa: E402

PROJECT = """\
name: memory
data:
  events: {path: events.parquet, columns: {user: user, item: item, time: {column: time, unit: seconds}, type: type}}
  items: {path: items.parquet, attributes: {category: category, creator: category}}
signals:
  watched: {type: watch}
  liked: {type: like, weight: 2}
retrievers:
  - {name: trending, kind: popularity, half_life: 7d, candidates: 200}
  - {name: taste, kind: ials, embedding_size: 64, epochs: 1, candidates: 300}
surfaces:
  home: {size: 20}
"""
BEGIN = 1_700_000_000
SPAN_SECONDS = 30 * 86400
EXPONENT = 0.8
CATEGORIES = 50
CREATORS = 20_000


def texts(prefix: str, count: int) -> pyarrow.Array:
    return pyarrow.array([f"{prefix}{number}" for number in range(count)])


def write_files(folder: Path, arguments: argparse.Namespace) -> None:
    rng = numpy.random.default_rng(arguments.seed)
    count = arguments.users * arguments.events
    share = numpy.arange(1, arguments.items + 1, dtype=numpy.float64) ** -EXPONENT
    rank = numpy.searchsorted(numpy.cumsum(share) / share.sum(), rng.random(count)).clip(max=arguments.items - 1)
    item = rng.permutation(arguments.items)[rank]
    user = numpy.repeat(numpy.arange(arguments.users), arguments.events)
    seconds = BEGIN + rng.integers(0, SPAN_SECONDS, count)
    kind = rng.choice(3, count, p=[0.5, 0.4, 0.1])

    def dictionary(codes: numpy.ndarray, names: pyarrow.Array) -> pyarrow.Array:
        return pyarrow.DictionaryArray.from_arrays(pyarrow.array(codes.astype(numpy.int32)), names).cast(pyarrow.string())

    pyarrow.parquet.write_table(pyarrow.table({
        "user": dictionary(user, texts("u", arguments.users)), "item": dictionary(item, texts("i", arguments.items)),
        "time": pyarrow.array(seconds), "type": dictionary(kind, pyarrow.array(["view", "watch", "like"]))}), folder / "events.parquet")
    pyarrow.parquet.write_table(pyarrow.table({
        "item": texts("i", arguments.items), "category": dictionary(rng.integers(0, CATEGORIES, arguments.items), texts("category", CATEGORIES)),
        "creator": dictionary(rng.integers(0, CREATORS, arguments.items), texts("creator", CREATORS))}), folder / "items.parquet")
    (folder / "shortlist.yaml").write_text(PROJECT)


def ask(server: Served, arguments: argparse.Namespace) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    step = max(1, arguments.users // 2000)
    for user in range(0, arguments.users, step):
        connection.request("POST", "/v1/recommend", json.dumps({"user": f"u{user}"}), {"Content-Type": "application/json"})
        response = connection.getresponse()
        body = response.read()
        if response.status != 200 or len(json.loads(body)["items"]) != 20:
            raise RuntimeError(f"/v1/recommend answered {response.status}: {body[:200]!r}")


def serve_once(command: list[str], folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    with Served(command, arguments.cores, folder) as server:
        ready = server.metric("shortlist_ready_seconds")
        at_start = server.resident_bytes()
        ask(server, arguments)
        return {"ready_seconds": ready, "resident_at_start": at_start, "resident": server.resident_bytes(),
                "restored": server.metric("shortlist_restored_records"), "users_on_disk": server.metric("shortlist_users_on_disk"),
                "user_state_bytes": server.metric("shortlist_user_state_bytes"), "shared_state_bytes": server.metric("shortlist_shared_state_bytes")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where the project is made; used again where it is there")
    parser.add_argument("--shortlist", default="./shortlist")
    parser.add_argument("--options", default="--user-bytes 200000000", help="of the second start")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=20, help="of each user")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--cores", default=",".join(map(str, sorted(os.sched_getaffinity(0)))))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    project = ["--project", str(arguments.folder)]
    program = shlex.split(arguments.shortlist)
    if not (arguments.folder / "bundles" / "current").exists():
        write_files(arguments.folder, arguments)
        for verb in (["import"], ["train", "--no-evaluate"]):
            started = time.monotonic()
            subprocess.run([*program, *verb, *project], check=True, stdout=sys.stderr)
            print(f"{verb[0]}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    # The first start folds the whole history: with most users on disk nearly every event would read one and write one.
    first = serve_once([*program, "serve", *project, "--user-bytes", "0"], arguments.folder, arguments)
    again = serve_once([*program, "serve", *project, *shlex.split(arguments.options)], arguments.folder, arguments)
    if again["restored"] == 0:
        raise RuntimeError("the second start used no snapshot")
    print(json.dumps({"users": arguments.users, "items": arguments.items, "events": arguments.users * arguments.events, "first": first, "again": again}))


if __name__ == "__main__":
    main()
