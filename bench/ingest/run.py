#!/usr/bin/env python3
"""Events a second that a server stores, each synced before it is acknowledged; client and server share all cores.

Batches of 100 first, then single events from 64 connections, then lists that are asked for, in turns while nothing else happens and while 20,000 events a
second are stored. Prints one JSON object: for each the events stored a second (as /metrics counts
them, so what was refused does not count), p50 and p99; and what the disk itself can sync: writes of 4 KiB, each followed by fdatasync.
`recommend.p99_ratio` is the p99 of lists while events are stored by that of before, medians of three turns each; it is null where fewer events were stored.
`single_share` is the rate of single events by 8,000, or by what that disk allows with group commit where that is less: 0.7 x syncs a second x
connections.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from served import Served  # noqa: E402

SCRIPT = Path(__file__).with_name("events.lua")
RECOMMEND_SCRIPT = Path(__file__).parent.parent / "serve" / "recommend.lua"
SINGLE_RATE = 8000
SINGLE_CONNECTIONS = 64
BATCH = 100
BATCH_CONNECTIONS = 16
SYNC_SECONDS = 2
STEADY_RATE = 20_000
STEADY_PAUSE_MS = 65  # of each of BATCH_CONNECTIONS, less than the 80 that would do if an answer took no time
RECOMMEND_CONNECTIONS = 4
RECOMMEND_PAUSE_MS = 20
TURNS = 3


def syncs_per_second(folder: Path) -> float:
    path = folder / "syncs"
    block = b"x" * 4096
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    start = time.monotonic()
    count = 0
    while time.monotonic() < start + SYNC_SECONDS:
        os.write(descriptor, block)
        os.fdatasync(descriptor)
        count += 1
    seconds = time.monotonic() - start
    os.close(descriptor)
    path.unlink()
    return count / seconds


def start_wrk(server: Served, arguments: argparse.Namespace, script: Path, connections: int, *script_arguments: object) -> subprocess.Popen:
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{arguments.seconds}s", "--timeout", "30s", "-s", str(script),
               f"http://127.0.0.1:{server.port}", "--", *map(str, script_arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def result_of(wrk: subprocess.Popen) -> dict:
    printed = wrk.communicate()[0]
    if wrk.returncode != 0:
        raise RuntimeError(f"wrk ended with {wrk.returncode}:\n{printed}")
    return json.loads(re.search(r"^RESULT (.*)$", printed, re.MULTILINE)[1])


def start_events(server: Served, arguments: argparse.Namespace, size: int, connections: int, word: str, pause_ms: int = 0) -> subprocess.Popen:
    return start_wrk(server, arguments, SCRIPT, connections, size, arguments.users, arguments.items, arguments.user_prefix, arguments.item_prefix,
                     word, pause_ms)


def recommend_p99_ms(server: Served, arguments: argparse.Namespace) -> float:
    result = result_of(start_wrk(server, arguments, RECOMMEND_SCRIPT, RECOMMEND_CONNECTIONS, arguments.users, arguments.user_prefix, 20,
                                 RECOMMEND_PAUSE_MS))
    if result["errors"] > 0:
        raise RuntimeError(f"{result['errors']} lists were refused")
    return result["p99_us"] / 1000


def recommend_beside_events(server: Served, arguments: argparse.Namespace, word: str) -> dict:
    idle, busy, rates = [], [], []
    for turn in range(TURNS):
        idle.append(recommend_p99_ms(server, arguments))
        before = server.metric("shortlist_events")
        events = start_events(server, arguments, BATCH, BATCH_CONNECTIONS, f"{word}{turn}", STEADY_PAUSE_MS)
        busy.append(recommend_p99_ms(server, arguments))
        rates.append((server.metric("shortlist_events") - before) / result_of(events)["seconds"])
    ratio = statistics.median(busy) / statistics.median(idle) if min(rates) >= STEADY_RATE else None
    return {"idle_p99_ms": idle, "p99_ms": busy, "events_per_second": [round(rate) for rate in rates], "p99_ratio": ratio and round(ratio, 3)}


def ingest(server: Served, arguments: argparse.Namespace, size: int, connections: int, word: str) -> dict:
    before = server.metric("shortlist_events")
    result = result_of(start_events(server, arguments, size, connections, word))
    stored = server.metric("shortlist_events") - before
    return {"events_per_second": round(stored / result["seconds"]), "p50_ms": result["p50_us"] / 1000, "p99_ms": result["p99_us"] / 1000,
            "errors": result["errors"]}


def measure(arguments: argparse.Namespace) -> dict:
    project = Path(arguments.project)
    word = f"bench{time.time_ns()}"
    rates = [syncs_per_second(project)]
    cores = ",".join(str(core) for core in sorted(os.sched_getaffinity(0)))
    command = [*shlex.split(arguments.server), "--project", str(project)]
    with tempfile.TemporaryDirectory(prefix="shortlist-bench-") as folder, Served(command, cores, Path(folder)) as server:
        batches = ingest(server, arguments, BATCH, BATCH_CONNECTIONS, word + "b")
        single = ingest(server, arguments, 1, SINGLE_CONNECTIONS, word + "s")
        recommend = recommend_beside_events(server, arguments, word + "r")
        memory = server.resident_bytes()
    rates.append(syncs_per_second(project))
    syncs = min(rates)
    wanted = min(SINGLE_RATE, 0.7 * syncs * SINGLE_CONNECTIONS)
    return {"batches": batches, "single": single, "recommend": recommend, "syncs_per_second": [round(rate) for rate in rates],
            "single_share": round(single["events_per_second"] / wanted, 3), "memory": memory, "exit_code": server.exit_code}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=f"{os.environ.get('SHORTLIST_BINARY', './shortlist')} serve", help="(default: %(default)s)")
    parser.add_argument("--project", required=True, help="folder of a trained project, which the events stay in")
    parser.add_argument("--seconds", type=int, default=10, help="of each run")
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--user-prefix", default="u")
    parser.add_argument("--item-prefix", default="v")
    result = measure(parser.parse_args())
    print(json.dumps(result, indent=2))
    return 0 if result["batches"]["errors"] + result["single"]["errors"] == 0 and result["exit_code"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
