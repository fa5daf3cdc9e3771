"""faiss's side of exact_search: IndexFlatIP, one query at a time, one thread. Arguments and output as ours.cc."""

import json
import sys
import time

import faiss
import numpy as np


def main(data: str, result: str) -> None:
    faiss.omp_set_num_threads(1)
    rows, dimension, queries, k = (int(n) for n in np.fromfile(data, np.uint64, 4))
    values = np.fromfile(data, np.float32, offset=32)
    matrix = values[: rows * dimension].reshape(rows, dimension)
    query = values[rows * dimension :].reshape(queries, dimension)
    index = faiss.IndexFlatIP(dimension)
    index.add(matrix)
    latencies, found = [], np.empty((queries, k), np.uint32)
    for q in range(queries):
        start = time.perf_counter()
        _, rows_found = index.search(query[q : q + 1], k)
        latencies.append(1e3 * (time.perf_counter() - start))
        found[q] = rows_found[0]
    found.tofile(result)
    print(json.dumps(latencies))


main(*sys.argv[1:])
