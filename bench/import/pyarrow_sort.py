"""The contender `pyarrow`: reads a Parquet file of events and sorts it by time, one thread."""

import time

import pyarrow as pa
import pyarrow.parquet as pq


def read_and_sort(path):
    """The table in order of time."""
    return pq.read_table(path, use_threads=False).sort_by("time_ms")


def measure(path, rounds):
    """Seconds of each round."""
    pa.set_cpu_count(1)
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        read_and_sort(path)
        seconds.append(time.perf_counter() - start)
    return seconds
