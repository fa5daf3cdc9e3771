#!/usr/bin/env python3
"""iALS training: the engine's exact solver against implicit's conjugate gradients, one thread, the same problem.

Generates users with a few favourite groups of items each, runs both sides alternately, and prints one JSON object: ratio
(implicit / ours, of median seconds an epoch, set-up included on both sides), the spread of the rounds, and the loss each side
reaches after `--epochs` epochs, in the same terms (implicit_cg.py says how). Exits 1 when ours is the worse by over 1 %.
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
GROUPS = 64


def generate(path: Path, users: int, items: int, pairs: int, seed: int) -> int:
    """Writes about `pairs` distinct pairs: Zipf popularity, log-normal activity, four picks of five from favourite groups."""
    rng = np.random.default_rng(seed)
    activity = rng.lognormal(0.0, 1.0, users)
    drawn = int(pairs * 1.35)  # duplicates fall out
    user = rng.choice(users, drawn, p=activity / activity.sum())
    popularity = 1.0 / np.arange(20, items + 20) ** 0.9
    item = rng.choice(items, drawn, p=popularity / popularity.sum())
    favourites = rng.integers(0, GROUPS, (users, 3))
    group = favourites[user, rng.integers(0, 3, drawn)]
    inside = rng.random(drawn) < 0.8
    item = np.where(inside, np.minimum(item // GROUPS * GROUPS + group, items - 1), item)
    keys = rng.permutation(np.unique(user * np.int64(items) + item))[:pairs]
    keys.sort()
    offsets = np.searchsorted(keys, np.arange(users + 1, dtype=np.int64) * items)
    with path.open("wb") as out:
        np.array([users, items, len(keys)], np.uint64).tofile(out)
        offsets.astype(np.uint64).tofile(out)
        (keys % items).astype(np.uint32).tofile(out)
    return len(keys)


def run_side(command: list[str]) -> dict[str, float]:
    done = subprocess.run(command, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.environ.get("BENCH_BUILD", "build/release"), help="build folder with bench/bench_ials")
    parser.add_argument("--python", default=os.environ.get("BENCH_PYTHON", "build/env/bin/python"), help="interpreter that has implicit")
    parser.add_argument("--users", type=int, default=137_000)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--pairs", type=int, default=8_000_000)
    parser.add_argument("--dimension", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        pairs = generate(data, args.users, args.items, args.pairs, args.seed)
        options = [str(data), str(args.epochs), str(args.dimension), "0.1", "1.0"]
        sides = {
            "ours": [str(ROOT / args.build / "bench" / "bench_ials"), *options],
            "implicit": [str(ROOT / args.python), str(HERE / "implicit_cg.py"), *options],
        }
        losses = {name: run_side([*command, "loss"])["loss"] for name, command in sides.items()}
        seconds: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(args.rounds):
            for name, command in sides.items():
                seconds[name].append(run_side(command)["seconds"])
    ours, theirs = statistics.median(seconds["ours"]), statistics.median(seconds["implicit"])
    print(json.dumps({
        "ratio": round(theirs / ours, 3), "ours_s": round(ours, 3), "implicit_s": round(theirs, 3),
        "ours_spread_s": [round(min(seconds["ours"]), 3), round(max(seconds["ours"]), 3)],
        "implicit_spread_s": [round(min(seconds["implicit"]), 3), round(max(seconds["implicit"]), 3)],
        "ours_loss": round(losses["ours"], 6), "implicit_loss": round(losses["implicit"], 6),
        "users": args.users, "items": args.items, "pairs": pairs, "dimension": args.dimension, "epochs": args.epochs,
        "rounds": args.rounds, "seed": args.seed,
    }))
    return 0 if losses["ours"] <= 1.01 * losses["implicit"] else 1


if __name__ == "__main__":
    sys.exit(main())
