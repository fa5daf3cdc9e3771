"""implicit's side of ials: its conjugate-gradient solver, one thread. Arguments and output as ours.cc.

The engine minimises, over pairs (u, i) with p = x_u . y_i,
    sum observed (1 - p)^2 + a sum all p^2 + r (|X|^2 + |Y|^2)
and implicit, with confidence c for observed pairs,
    sum observed c (1 - p)^2 + sum unobserved p^2 + r' (|X|^2 + |Y|^2).
With c = 1 + 1 / a, s = c / (c - 1) and r' = r s / a the second at (sqrt(s) X, sqrt(s) Y) is a constant factor times the first
at (X, Y), plus a constant. So both solve one problem, and implicit's loss is reported in the engine's terms.
"""

import json
import sys
import time

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix


def loss(matrix: csr_matrix, users: np.ndarray, items: np.ndarray, a: float, r: float) -> float:
    observed = 0.0
    for begin in range(0, matrix.shape[0], 4096):
        rows = matrix[begin : begin + 4096].tocoo()
        p = np.einsum("nd,nd->n", users[begin + rows.row], items[rows.col], dtype=np.float64)
        observed += float(np.sum((1 - p) ** 2))
    grams = [np.asarray(v, np.float64).T @ np.asarray(v, np.float64) for v in (users, items)]
    lengths = sum(float(np.trace(g)) for g in grams)
    return (observed + a * float(np.sum(grams[0] * grams[1])) + r * lengths) / matrix.nnz


def main(data: str, epochs: str, dimension: str, unobserved_weight: str, regularization: str, *want_loss: str) -> None:
    a, r = float(unobserved_weight), float(regularization)
    c = 1 + 1 / a
    s = c / (c - 1)
    users, items, pairs = (int(n) for n in np.fromfile(data, np.uint64, 3))
    offsets = np.fromfile(data, np.uint64, users + 1, offset=24).astype(np.int64)
    indices = np.fromfile(data, np.uint32, pairs, offset=24 + 8 * (users + 1)).astype(np.int32)
    matrix = csr_matrix((np.full(pairs, c, np.float32), indices, offsets), (users, items))
    model = AlternatingLeastSquares(
        factors=int(dimension), regularization=r * s / a, alpha=1.0, iterations=int(epochs), use_cg=True, num_threads=1, random_state=1
    )
    start = time.perf_counter()
    model.fit(matrix, show_progress=False)
    seconds = (time.perf_counter() - start) / int(epochs)
    found = loss(matrix, model.user_factors / np.sqrt(s), model.item_factors / np.sqrt(s), a, r) if want_loss else 0.0
    print(json.dumps({"seconds": seconds, "loss": found}))


main(*sys.argv[1:])
