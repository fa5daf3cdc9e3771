#!/usr/bin/env python3
"""Events a second that a server stores, each synced before it is acknowledged; client and server share all cores.

Batches of 100 first, then single events from 64 connections. Prints one JSON object: for each the events stored a second (as /metrics counts
them, so what was refused does not count), p50 and p99; and what the disk itself can sync: writes of 4 KiB, each followed by fdatasync.
`single_share` is the rate of single events by 8,000, or by what that disk allows with group commit where that is less: 0.7 x syncs a second x
connections.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from served import Served  # noqa: E402

SCRIPT = Path(__file__).with_name("events.lua")
SINGLE_RATE = 8000
SINGLE_CONNECTIONS = 64
BATCH = 100
BATCH_CONNECTIONS = 16
SYNC_SECONDS = 2


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


def ingest(server: Served, arguments: argparse.Namespace, size: int, connections: int, word: str) -> dict:
    before = server.metric("shortlist_events")
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{arguments.seconds}s", "--timeout", "30s", "-s", str(SCRIPT),
               f"http://127.0.0.1:{server.port}", "--", str(size), str(arguments.users), str(arguments.items), arguments.user_prefix,
               arguments.item_prefix, word]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result = json.loads(re.search(r"^RESULT (.*)$", printed, re.MULTILINE)[1])
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
        memory = server.resident_bytes()
    rates.append(syncs_per_second(project))
    syncs = min(rates)
    wanted = min(SINGLE_RATE, 0.7 * syncs * SINGLE_CONNECTIONS)
    return {"batches": batches, "single": single, "syncs_per_second": [round(rate) for rate in rates],
            "single_share": round(single["events_per_second"] / wanted, 3), "memory": memory, "exit_code": server.exit_code}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default=f"{os.environ.get('SHORTLIST_BINARY', './shortlist')} serve", help="(default: %(default)s)")
    parser.add_argument("--project", required=True, help="folder of a trained project, which the events stay in")
    parser.add_argument("--seconds", type=int, default=10, help="of each of the two runs")
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--user-prefix", default="u")
    parser.add_argument("--item-prefix", default="v")
    result = measure(parser.parse_args())
    print(json.dumps(result, indent=2))
    return 0 if result["batches"]["errors"] + result["single"]["errors"] == 0 and result["exit_code"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
