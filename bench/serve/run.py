#!/usr/bin/env python3
"""Requests per second and latency of a server on one core, asked by wrk on another.

Finds saturation, the most that a growing number of connections gets answered; then asks at 80 % of it for a given time, and prints one
JSON object: requests_per_second, p50_ms, p99_ms, max_ms, errors, memory_start, memory_end (bytes), memory_growth (their ratio), and
what was found on the way.
wrk sends as fast as it is answered, so the 80 % come from pauses: enough connections, each idle between two requests for a random time
whose mean is adjusted until the rate is right.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from served import Served  # noqa: E402

SCRIPT = Path(__file__).with_name("recommend.lua")
CONNECTIONS_TRIED = (1, 2, 4, 8, 16, 32, 64)
TRY_SECONDS = 3
MEAN_CYCLE_MS = 20  # Pauses are whole milliseconds: a cycle of many of them can be tuned.
CONNECTIONS_MAX = 900
TUNING_ROUNDS = 4


def progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass
class Workload:
    port: int
    core: int
    users: int
    prefix: str
    k: int

    def run(self, connections: int, seconds: float, pause_ms: float = 0) -> dict:
        """One run of wrk; `rate` is added to what its script prints."""
        command = ["taskset", "-c", str(self.core), "wrk", "-t", "1", "-c", str(connections), "-d", f"{math.ceil(seconds)}s", "--timeout", "10s",
                   "-s", str(SCRIPT), f"http://127.0.0.1:{self.port}", "--", str(self.users), self.prefix, str(self.k), str(pause_ms)]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found = re.search(r"^RESULT (.*)$", printed, re.MULTILINE)
        if found is None:
            raise RuntimeError(f"wrk printed no result:\n{printed}")
        result = json.loads(found.group(1))
        return result | {"rate": result["requests"] / result["seconds"]}


def find_saturation(workload: Workload) -> dict:
    """The run with the highest rate; stops once more connections bring no more."""
    best: dict = {"rate": 0.0}
    for connections in CONNECTIONS_TRIED:
        tried = workload.run(connections, TRY_SECONDS) | {"connections": connections}
        progress(f"{connections} connections: {tried['rate']:.0f} requests/s, p99 {tried['p99_us'] / 1000:.2f} ms")
        if tried["rate"] > best["rate"]:
            best = tried
        elif tried["rate"] < 0.95 * best["rate"]:
            break
    return best


def tune_pause(workload: Workload, rate: float) -> tuple[int, float]:
    """Connections and mean pause that give `rate`, within about 2 %."""
    connections = min(CONNECTIONS_MAX, max(1, round(rate * MEAN_CYCLE_MS / 1000)))
    pause_ms = connections / rate * 1000
    for _ in range(TUNING_ROUNDS):
        tried = workload.run(connections, TRY_SECONDS, pause_ms)
        progress(f"pause {pause_ms:.2f} ms: {tried['rate']:.0f} of {rate:.0f} requests/s")
        if abs(tried["rate"] / rate - 1) < 0.02:
            break
        # A cycle is the pause and all the rest; only the pause is ours to change.
        pause_ms = max(0.1, pause_ms + connections * 1000 * (1 / rate - 1 / tried["rate"]))
    return connections, pause_ms


def measure(arguments: argparse.Namespace) -> dict:
    with tempfile.TemporaryDirectory(prefix="shortlist-bench-") as folder:
        with Served(shlex.split(arguments.server), str(arguments.server_core), Path(folder), "--threads", "1") as server:
            workload = Workload(server.port, arguments.load_core, arguments.users, arguments.prefix, arguments.k)
            best = find_saturation(workload)
            connections, pause_ms = tune_pause(workload, arguments.fraction * best["rate"])
            memory_start = server.resident_bytes()
            result = workload.run(connections, arguments.seconds, pause_ms)
            memory_end = server.resident_bytes()
    return {
        "saturation_requests_per_second": round(best["rate"], 1),
        "saturation_connections": best["connections"],
        "requests_per_second": round(result["rate"], 1),
        "share_of_saturation": round(result["rate"] / best["rate"], 3),
        "connections": connections,
        "seconds": round(result["seconds"], 1),
        "p50_ms": result["p50_us"] / 1000,
        "p99_ms": result["p99_us"] / 1000,
        "max_ms": result["max_us"] / 1000,
        "errors": result["errors"] + best["errors"],
        "memory_start": memory_start,
        "memory_end": memory_end,
        "memory_growth": round(memory_end / memory_start, 4),
        "exit_code": server.exit_code,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default_server = f"{os.environ.get('SHORTLIST_BINARY', 'shortlist')} serve"
    parser.add_argument("--server", default=default_server, help="command that serves the project in the current folder (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=30, help="length of the run at --fraction of saturation")
    parser.add_argument("--fraction", type=float, default=0.8)
    parser.add_argument("--users", type=int, default=10_000, help="users are PREFIX0 to PREFIX(USERS-1)")
    parser.add_argument("--prefix", default="u")
    parser.add_argument("--k", type=int, default=20)
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--load-core", type=int, default=1)
    result = measure(parser.parse_args())
    print(json.dumps(result, indent=2))
    return 0 if result["errors"] == 0 and result["exit_code"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
