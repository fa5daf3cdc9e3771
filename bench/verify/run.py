#!/usr/bin/env python3
"""How many bits of a million served feature vectors differ from what the log gives.

A server logs the features of every list while two clients ask for lists (wrk) and two write: events whose times run from some minutes ago to some
minutes ahead, so that ticks come often and are missed often, and new states of items. When enough vectors are logged the server ends, and
`shortlist verify` derives each of them from the log again. Prints one JSON object: what verify compared, the differences, and how long both took.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from served import Served  # noqa: E402

SCRIPT = Path(__file__).resolve().parent.parent / "serve" / "recommend.lua"
SLICE_SECONDS = 10
SLICES_MAX = 30
BATCH = 20
PAUSE_SECONDS = 0.02
BEHIND_SECONDS = 240
AHEAD_SECONDS = 270  # less than data.max_clock_skew


class Writer(threading.Thread):
    """Posts batches of events, and sometimes an item, until told to stop."""

    def __init__(self, port: int, arguments: argparse.Namespace, seed: int) -> None:
        super().__init__()
        self.port = port
        self.arguments = arguments
        self.rng = random.Random(seed)
        self.word = f"verify{time.time_ns()}-{seed}"
        self.stopping = threading.Event()
        self.sent = 0
        self.errors = 0

    def event(self) -> dict:
        self.sent += 1
        return {"event_id": f"{self.word}-{self.sent}", "user": f"{self.arguments.user_prefix}{self.rng.randrange(self.arguments.users)}",
                "item": f"{self.arguments.item_prefix}{self.rng.randrange(self.arguments.items)}", "type": self.rng.choice(["impression", "watch", "like"]),
                "value": 0.75, "time": int((time.time() + self.rng.uniform(-BEHIND_SECONDS, AHEAD_SECONDS)) * 1e6)}

    def item(self) -> dict:
        return {"id": f"{self.arguments.item_prefix}{self.rng.randrange(self.arguments.items)}", "attributes": {"duration_ms": self.rng.uniform(5e3, 6e4), "language": self.rng.choice(["en", "de"])}}

    def run(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.stopping.is_set():
            path, body = ("/v1/items", self.item()) if self.rng.random() < 0.1 else ("/v1/events", {"events": [self.event() for _ in range(BATCH)]})
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            response = connection.getresponse()
            response.read()
            self.errors += response.status != 200
            time.sleep(PAUSE_SECONDS)
        connection.close()


def ask(port: int, arguments: argparse.Namespace) -> None:
    command = ["wrk", "-t", "1", "-c", "4", "-d", f"{SLICE_SECONDS}s", "--timeout", "30s", "-s", str(SCRIPT), f"http://127.0.0.1:{port}", "--",
               str(arguments.users), arguments.user_prefix, str(arguments.k), "0"]
    subprocess.run(command, capture_output=True, text=True, check=True)


def serve(arguments: argparse.Namespace) -> dict:
    cores = ",".join(str(core) for core in sorted(os.sched_getaffinity(0)))
    command = [*shlex.split(arguments.binary), "serve", "--project", arguments.project, "--impressions-features", "1"]
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="shortlist-bench-") as folder, Served(command, cores, Path(folder)) as server:
        writers = [Writer(server.port, arguments, seed) for seed in (1, 2)]
        for writer in writers:
            writer.start()
        slices = 0
        # A few lists are shorter than asked for: a little more than enough.
        while server.metric("shortlist_impressions_logged_total") * arguments.k < arguments.vectors * 1.02 and slices < SLICES_MAX:
            ask(server.port, arguments)
            slices += 1
        for writer in writers:
            writer.stopping.set()
        for writer in writers:
            writer.join()
        dropped = server.metric("shortlist_impressions_dropped_total")
    return {"events": sum(writer.sent for writer in writers), "errors": sum(writer.errors for writer in writers), "dropped": int(dropped),
            "serve_seconds": round(time.monotonic() - start, 1), "exit_code": server.exit_code}


def verify(arguments: argparse.Namespace) -> dict:
    done = subprocess.run([*shlex.split(arguments.binary), "verify", "--project", arguments.project, "--json"], capture_output=True, text=True)
    report = json.loads(done.stdout)
    if "error" in report:
        sys.exit(report["error"]["message"])
    lists = report["lists"]
    return {name: lists[name] for name in ("lists", "compared", "vectors", "values", "different")} | {
        "state_equal": report["restored_digest"] == report["folded_digest"], "verify_seconds": round(report["seconds"], 1), "differences": lists["differences"]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.environ.get("SHORTLIST_BINARY", "./shortlist"), help="(default: %(default)s)")
    parser.add_argument("--project", required=True, help="folder of a trained project, which the events and lists stay in")
    parser.add_argument("--vectors", type=int, default=1_000_000)
    parser.add_argument("--k", type=int, default=40)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--user-prefix", default="u")
    parser.add_argument("--item-prefix", default="v")
    arguments = parser.parse_args()
    result = serve(arguments)
    result |= verify(arguments)
    print(json.dumps(result, indent=2))
    whole = result["vectors"] >= arguments.vectors and result["errors"] == 0 and result["exit_code"] == 0
    return 0 if whole and result["state_equal"] and result["different"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
