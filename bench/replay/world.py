"""A log of impressions with what came of them, drawn by seed, and a project of forty features over it.

Requests come at any time of two weeks, from users of whom some come often, and show five items each, the popular ones more often (Zipf). Some
impressions are clicked within two minutes, some of those liked within another. Every event has a time of its own, in microseconds, so that there is one
order. No user reaches a bound of the engine's state (512 pairs, 256 recent events), which an unbounded join does not have.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy
import pyarrow
import pyarrow.parquet

USERS, ITEMS, CATEGORIES, COUNTRIES = 50_000, 20_000, 50, 8
SHOWN = 5
DAYS = 14
START_US = 20_000 * 86_400 * 1_000_000
IMPRESSION, CLICK, LIKE = 0, 1, 2
TYPES = ["impression", "click", "like"]
HOUR, DAY = 3600, 86_400

# name, kind, of, signal, window in seconds, per, prior
FEATURES = [
    ("user_shown", "count", "user", "impression", 0, "", 0),
    ("user_clicked", "count", "user", "clicked", 0, "", 0),
    ("user_liked", "count", "user", "liked", 0, "", 0),
    ("user_shown_1h", "count", "user", "impression", HOUR, "", 0),
    ("user_clicked_1h", "count", "user", "clicked", HOUR, "", 0),
    ("user_clicked_1d", "count", "user", "clicked", DAY, "", 0),
    ("user_click_rate", "rate", "user", "clicked", 0, "impression", 10),
    ("user_like_rate", "rate", "user", "liked", 0, "clicked", 5),
    ("user_since_click", "recency", "user", "clicked", 0, "", 0),
    ("user_since_shown", "recency", "user", "impression", 0, "", 0),
    ("user_category_shown", "count", "user x item.category", "impression", 0, "", 0),
    ("user_category_clicked", "count", "user x item.category", "clicked", 0, "", 0),
    ("user_category_liked", "count", "user x item.category", "liked", 0, "", 0),
    ("user_category_clicked_1d", "count", "user x item.category", "clicked", DAY, "", 0),
    ("user_category_click_rate", "rate", "user x item.category", "clicked", 0, "impression", 5),
    ("user_category_since_click", "recency", "user x item.category", "clicked", 0, "", 0),
    ("user_item_shown", "count", "user x item", "impression", 0, "", 0),
    ("user_item_clicked", "count", "user x item", "clicked", 0, "", 0),
    ("user_item_since_shown", "recency", "user x item", "impression", 0, "", 0),
    ("item_shown", "count", "item", "impression", 0, "", 0),
    ("item_clicked", "count", "item", "clicked", 0, "", 0),
    ("item_liked", "count", "item", "liked", 0, "", 0),
    ("item_shown_1d", "count", "item", "impression", DAY, "", 0),
    ("item_clicked_1h", "count", "item", "clicked", HOUR, "", 0),
    ("item_clicked_1d", "count", "item", "clicked", DAY, "", 0),
    ("item_click_rate", "rate", "item", "clicked", 0, "impression", 20),
    ("item_like_rate", "rate", "item", "liked", 0, "clicked", 10),
    ("item_since_click", "recency", "item", "clicked", 0, "", 0),
    ("category_shown", "count", "item.category", "impression", 0, "", 0),
    ("category_clicked", "count", "item.category", "clicked", 0, "", 0),
    ("category_clicked_1h", "count", "item.category", "clicked", HOUR, "", 0),
    ("category_clicked_1d", "count", "item.category", "clicked", DAY, "", 0),
    ("category_click_rate", "rate", "item.category", "clicked", 0, "impression", 50),
    ("category_since_click", "recency", "item.category", "clicked", 0, "", 0),
    ("all_clicked", "count", "global", "clicked", 0, "", 0),
    ("all_clicked_1h", "count", "global", "clicked", HOUR, "", 0),
    ("item_country_clicked", "count", "item x user.country", "clicked", 0, "", 0),
    ("item_country_click_rate", "rate", "item x user.country", "clicked", 0, "impression", 20),
    ("category_country_shown", "count", "item.category x user.country", "impression", 0, "", 0),
    ("category_country_click_rate", "rate", "item.category x user.country", "clicked", 0, "impression", 50),
]


def draw_events(impressions: int, seed: int) -> dict[str, numpy.ndarray]:
    """Columns of the log in its order: time, user, item, type and request, as numbers."""
    rng = numpy.random.default_rng(seed)
    requests = impressions // SHOWN
    activity = numpy.minimum(rng.lognormal(0, 1, USERS), 8)
    user = numpy.repeat(rng.choice(USERS, requests, p=activity / activity.sum()), SHOWN)
    popularity = 1 / (10 + numpy.arange(ITEMS))
    item = rng.permutation(ITEMS)[rng.choice(ITEMS, requests * SHOWN, p=popularity / popularity.sum())]
    asked = rng.integers(0, DAYS * DAY * 1_000_000, requests)
    time = START_US + numpy.repeat(asked, SHOWN) + numpy.tile(numpy.arange(SHOWN), requests)
    request = numpy.repeat(numpy.arange(requests), SHOWN)
    clicked = numpy.flatnonzero(rng.random(requests * SHOWN) < rng.beta(1, 9, ITEMS)[item])
    click_time = time[clicked] + rng.integers(2_000_000, 120_000_000, len(clicked))
    liked = numpy.flatnonzero(rng.random(len(clicked)) < 0.15)
    like_time = click_time[liked] + rng.integers(1_000_000, 60_000_000, len(liked))
    columns = {
        "time": numpy.concatenate([time, click_time, like_time]),
        "user": numpy.concatenate([user, user[clicked], user[clicked][liked]]),
        "item": numpy.concatenate([item, item[clicked], item[clicked][liked]]),
        "type": numpy.repeat([IMPRESSION, CLICK, LIKE], [len(time), len(clicked), len(liked)]),
        "request": numpy.concatenate([request, request[clicked], request[clicked][liked]]),
    }
    order = numpy.argsort(columns["time"], kind="stable")
    columns = {name: values[order] for name, values in columns.items()}
    places = numpy.arange(len(order))
    columns["time"] = numpy.maximum.accumulate(columns["time"] - places) + places
    check_bounds(columns)
    return columns


def check_bounds(columns: dict[str, numpy.ndarray]) -> None:
    per_day = columns["user"] * DAYS * 2 + (columns["time"] - START_US) // (DAY * 1_000_000)
    most_a_day = numpy.bincount(per_day).max()
    most_items = numpy.bincount(columns["user"][columns["type"] == IMPRESSION]).max()
    if 2 * most_a_day > 256 or most_items > 512:
        raise SystemExit(f"a user has {most_a_day} events a day and {most_items} impressions: the engine would bound their state")


def named(prefix: str, codes: numpy.ndarray) -> pyarrow.Array:
    names = pyarrow.array([f"{prefix}{code}" for code in range(int(codes.max()) + 1)])
    return pyarrow.DictionaryArray.from_arrays(pyarrow.array(codes.astype(numpy.int32)), names)


def definition(feature: tuple) -> str:
    name, kind, of, signal, window, per, prior = feature
    fields = [f"name: {name}", f"kind: {kind}", f"of: {of}", f"signal: {signal}"]
    fields += [f"window: {window}s"] if window else []
    fields += [f"per: {per}", f"prior: {prior}"] if kind == "rate" else []
    return "  - {" + ", ".join(fields) + "}\n"


def write_project(folder: Path, columns: dict[str, numpy.ndarray], seed: int, program: list[str]) -> None:
    """Writes files and project, and imports them; and events.codes.parquet, the same as numbers, for who wants no texts."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = numpy.random.default_rng(seed + 1)
    category = rng.integers(0, CATEGORIES, ITEMS)
    country = rng.integers(0, COUNTRIES, USERS)
    types = pyarrow.DictionaryArray.from_arrays(pyarrow.array(columns["type"].astype(numpy.int32)), pyarrow.array(TYPES))
    times = pyarrow.array(columns["time"]).cast(pyarrow.timestamp("us", "UTC"))
    events = {"user": named("u", columns["user"]), "item": named("i", columns["item"]), "time": times, "type": types, "request": named("r", columns["request"])}
    pyarrow.parquet.write_table(pyarrow.table(events), folder / "events.parquet")
    pyarrow.parquet.write_table(pyarrow.table({"item": [f"i{item}" for item in range(ITEMS)], "category": named("c", category)}), folder / "items.parquet")
    pyarrow.parquet.write_table(pyarrow.table({"user": [f"u{user}" for user in range(USERS)], "country": named("l", country)}), folder / "users.parquet")
    codes = {"time": columns["time"], "user": columns["user"].astype(numpy.int32), "item": columns["item"].astype(numpy.int32),
             "category": category[columns["item"]].astype(numpy.int32), "country": country[columns["user"]].astype(numpy.int32),
             "type": columns["type"].astype(numpy.int8), "request": columns["request"].astype(numpy.int32)}
    pyarrow.parquet.write_table(pyarrow.table(codes), folder / "events.codes.parquet")
    (folder / "shortlist.yaml").write_text(
        "name: replay\ndata:\n"
        "  events: {path: events.parquet, columns: {user: user, item: item, time: time, type: type, request_id: request}}\n"
        "  items: {path: items.parquet, attributes: {category: category}}\n"
        "  users: {path: users.parquet, attributes: {country: category}}\n"
        "signals:\n  clicked: {type: click}\n  liked: {type: like, weight: 3}\n"
        "features:\n" + "".join(definition(feature) for feature in FEATURES))
    subprocess.run([*program, "import", "--project", str(folder)], check=True, stdout=subprocess.DEVNULL)
