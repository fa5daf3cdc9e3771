#!/usr/bin/env python3
"""Exact search: the engine's 4-bit scan with fp32 re-rank against faiss's IndexFlatIP, one thread, one query at a time.

Generates a workload, half of it clustered, runs both sides alternately, compares the rows they find, and prints one JSON
object: ratio (faiss / ours, of medians over all rounds), ours_ms, faiss_ms, recall (of faiss's rows among ours), and the
spread of the rounds' medians. Exits 1 when recall is below 0.999: then there is nothing to compare.
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

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def generate(path: Path, rows: int, dimension: int, queries: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((rows, dimension), np.float32)
    centres = rng.standard_normal((200, dimension), np.float32)
    half = rows // 2
    matrix[:half] = centres[rng.integers(0, 200, half)] + 0.4 * matrix[:half]
    query = matrix[rng.integers(0, rows, queries)] + rng.standard_normal((queries, dimension), np.float32)
    with path.open("wb") as out:
        np.array([rows, dimension, queries, k], np.uint64).tofile(out)
        matrix.tofile(out)
        query.tofile(out)


def run_side(command: list[str]) -> list[float]:
    done = subprocess.run(command, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def recall(ours: Path, theirs: Path, k: int) -> float:
    a = np.fromfile(ours, np.uint32).reshape(-1, k)
    b = np.fromfile(theirs, np.uint32).reshape(-1, k)
    return float(np.mean([len(np.intersect1d(x, y)) / k for x, y in zip(a, b, strict=True)]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.environ.get("BENCH_BUILD", "build/release"), help="build folder with bench/bench_exact_search")
    parser.add_argument("--python", default=os.environ.get("BENCH_PYTHON", "build/env/bin/python"), help="interpreter that has faiss")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--dimension", type=int, default=64)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--k", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data, ours, theirs = Path(folder) / "data", Path(folder) / "ours", Path(folder) / "faiss"
        generate(data, args.rows, args.dimension, args.queries, args.k, args.seed)
        sides = {
            "ours": [str(ROOT / args.build / "bench" / "bench_exact_search"), str(data), str(ours)],
            "faiss": [str(ROOT / args.python), str(HERE / "faiss_flat.py"), str(data), str(theirs)],
        }
        medians: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(args.rounds):
            for name, command in sides.items():
                medians[name].append(statistics.median(run_side(command)))
        found = recall(ours, theirs, args.k)
    ours_ms, faiss_ms = statistics.median(medians["ours"]), statistics.median(medians["faiss"])
    print(json.dumps({
        "ratio": round(faiss_ms / ours_ms, 3), "ours_ms": round(ours_ms, 4), "faiss_ms": round(faiss_ms, 4), "recall": round(found, 6),
        "ours_spread_ms": [round(min(medians["ours"]), 4), round(max(medians["ours"]), 4)],
        "faiss_spread_ms": [round(min(medians["faiss"]), 4), round(max(medians["faiss"]), 4)],
        "rows": args.rows, "dimension": args.dimension, "k": args.k, "queries": args.queries, "rounds": args.rounds, "seed": args.seed,
    }))
    return 0 if found >= 0.999 else 1


if __name__ == "__main__":
    sys.exit(main())
