#!/usr/bin/env python3
"""The forty features of world.py with polars: reads events.codes.parquet of a folder, writes polars.parquet, prints the seconds between.

As a careful user of polars would: cumulative sums once for each kind of owner, as-of joins for the rows, one more for each window, columns
that need one another's tables together, everything lazy and collected at once so that all cores work. Keys of two parts are made one number.
State is that of the engine: users' own exact to the event, everybody's as of the last whole minute.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import polars as pl

from world import CATEGORIES, CLICK, COUNTRIES, DAY, FEATURES, HOUR, IMPRESSION, ITEMS, LIKE

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
SIGNALS = {"impression": "shown", "clicked": "clicked", "liked": "liked"}
KEYS = {
    "user": pl.col("user").cast(pl.Int64),
    "user x item.category": pl.col("user").cast(pl.Int64) * CATEGORIES + pl.col("category"),
    "user x item": pl.col("user").cast(pl.Int64) * ITEMS + pl.col("item"),
    "item": pl.col("item").cast(pl.Int64),
    "item.category": pl.col("category").cast(pl.Int64),
    "global": pl.lit(0, pl.Int64),
    "item x user.country": pl.col("item").cast(pl.Int64) * COUNTRIES + pl.col("country"),
    "item.category x user.country": pl.col("category").cast(pl.Int64) * COUNTRIES + pl.col("country"),
}


def events_of(folder: Path) -> pl.LazyFrame:
    second = pl.col("time") // SECOND_US
    flags = [(pl.col("type") == code).cast(pl.Int32).alias(name) for code, name in ((IMPRESSION, "shown"), (CLICK, "clicked"), (LIKE, "liked"))]
    return pl.scan_parquet(folder / "events.codes.parquet").with_columns(second.alias("second"), (second // 60).alias("minute"), *flags)


def rows_of(events: pl.LazyFrame) -> pl.LazyFrame:
    """Impressions by the time of their request's first, as of which they are computed."""
    asked = pl.col("time").min().over("request")
    rows = events.filter(pl.col("type") == IMPRESSION).with_columns(asked.alias("asked")).sort("asked", "time")
    return rows.with_columns((pl.col("asked") // SECOND_US).alias("second"), (pl.col("asked") // MINUTE_US).alias("minute"))


def own_state(events: pl.LazyFrame, signals: list[str], lasts: list[str]) -> pl.LazyFrame:
    """What a user's own table holds right behind each event."""
    columns = [pl.col(signal).cum_sum().over("key").alias(signal) for signal in signals]
    columns += [pl.when(pl.col(signal) == 1).then(pl.col("second")).forward_fill().over("key").alias(f"last_{signal}") for signal in lasts]
    return events.select("key", "at", *columns)


def shared_state(events: pl.LazyFrame, signals: list[str], lasts: list[str]) -> pl.LazyFrame:
    """What a shared table holds behind each minute."""
    sums = [pl.col(signal).sum() for signal in signals]
    newest = [pl.col("second").filter(pl.col(signal) == 1).max().alias(f"last_{signal}") for signal in lasts]
    by_minute = events.group_by("key", "at").agg(*sums, *newest).sort("at")
    columns = [pl.col(signal).cum_sum().over("key") for signal in signals]
    columns += [pl.col(f"last_{signal}").forward_fill().over("key") for signal in lasts]
    return by_minute.select("key", "at", *columns)


def state_before(rows: pl.LazyFrame, at: pl.Expr, state: pl.LazyFrame) -> pl.LazyFrame:
    """The state of each row's key strictly before `at`, in the order of the rows."""
    asked = rows.select("key", at.alias("at")).set_sorted("at")
    return asked.join_asof(state.set_sorted("at"), on="at", by="key", strategy="backward", allow_exact_matches=False, check_sortedness=False)


def features_of(owner: str, events: pl.LazyFrame, rows: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Frames with the columns that features of one owner are made of, as <owner>|<column>."""
    wanted = [feature for feature in FEATURES if feature[2] == owner]
    own = owner.startswith("user")
    signals = sorted({SIGNALS[signal] for feature in wanted if feature[1] != "recency" for signal in (feature[3], feature[5]) if signal})
    if owner == "global":
        signals = sorted(SIGNALS.values())  # rates are drawn to those of everybody
    lasts = sorted({SIGNALS[feature[3]] for feature in wanted if feature[1] == "recency"})
    windows = sorted({feature[4] for feature in wanted if feature[4]})
    events = events.with_columns(KEYS[owner].alias("key"), pl.col("time" if own else "minute").alias("at"))
    rows = rows.with_columns(KEYS[owner].alias("key"))
    state = (own_state if own else shared_state)(events, signals, lasts)
    frames = [state_before(rows, pl.col("asked" if own else "minute"), state).select(pl.exclude("key", "at").name.prefix(f"{owner}|"))]
    for window in windows:
        inside = sorted({SIGNALS[feature[3]] for feature in wanted if feature[4] == window})
        begin = (pl.col("second") - window + 1) * SECOND_US if own else pl.col("minute") - window // 60
        frames.append(state_before(rows, begin, state.select("key", "at", *inside)).select(pl.col(inside).name.map(lambda name, w=window: f"{owner}|{name}|{w}")))
    return frames


def count(owner: str, signal: str, window: int = 0) -> pl.Expr:
    now = pl.col(f"{owner}|{SIGNALS[signal]}").fill_null(0)
    return now - pl.col(f"{owner}|{SIGNALS[signal]}|{window}").fill_null(0) if window else now


def value(feature: tuple) -> pl.Expr:
    name, kind, owner, signal, window, per, prior = feature
    if kind == "recency":
        return (pl.col("second") - pl.col(f"{owner}|last_{SIGNALS[signal]}")).cast(pl.Float32).fill_null(float("nan")).alias(name)
    if kind == "count":
        return count(owner, signal, window).cast(pl.Float32).alias(name)
    base = (count("global", signal).cast(pl.Float64) + 1.0) / (count("global", per).cast(pl.Float64) + 2.0)
    return ((count(owner, signal).cast(pl.Float64) + prior * base) / (count(owner, per).cast(pl.Float64) + prior)).cast(pl.Float32).alias(name)


def main() -> None:
    folder = Path(sys.argv[1])
    started = time.monotonic()
    events, rows = (frame.lazy() for frame in pl.collect_all([events_of(folder), rows_of(events_of(folder))]))
    frames = [frame for owner in KEYS for frame in features_of(owner, events, rows)]
    collected = pl.collect_all([rows.select("time", "user", "item", "second"), *frames])
    pl.concat(collected, how="horizontal").select("time", "user", "item", *map(value, FEATURES)).write_parquet(folder / "polars.parquet", compression="snappy")
    print(time.monotonic() - started)


if __name__ == "__main__":
    main()
