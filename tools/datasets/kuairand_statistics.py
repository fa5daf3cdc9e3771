#!/usr/bin/env python3
"""Measures the statistics of the KuaiRand-Pure slice that the defaults of the shorts world are fixed from.

    tools/datasets/kuairand_statistics.py FOLDER      # the folder that holds log_val.csv, log_test.csv, ...

The standard policy's exposures of 14 days (2022-04-25 to 05-08), 7,583 videos, licence CC BY-SA 4.0. Prints one JSON
document; nothing of the data is copied. docs/decisions/0002-shorts-world.md holds the figures beside the generated ones.
Standard library only, so that it runs on any machine with Python.
"""
import bisect
import collections
import csv
import datetime
import json
import math
import pathlib
import sys

SESSION_GAP_MS = 30 * 60 * 1000
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def zipf_slope(counts, low=0.001, high=0.1):
    """Minus the slope of log(count) on log(rank), by least squares over the ranks from `low` to `high` of those counted."""
    ordered = sorted((count for count in counts if count > 0), reverse=True)
    first, last = max(1, math.ceil(low * len(ordered))), max(2, math.floor(high * len(ordered)))
    points = [(math.log(rank), math.log(ordered[rank - 1])) for rank in range(first, last + 1)]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    return -sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def quantiles(values):
    """The values at QUANTILES, each the element at rank floor(q * n)."""
    ordered = sorted(values)
    return {str(q): ordered[min(len(ordered) - 1, int(q * len(ordered)))] for q in QUANTILES}


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def pair_deviation(groups):
    """Square root of the mean product of two different residuals of one group: the spread of what a group has in common."""
    products = pairs = 0.0
    for residuals in groups.values():
        total = sum(residuals)
        products += total * total - sum(r * r for r in residuals)
        pairs += len(residuals) * (len(residuals) - 1)
    covariance = products / pairs if pairs else 0.0
    return math.copysign(math.sqrt(abs(covariance)), covariance)


def read_exposures(folder):
    rows = []
    for name in ("log_val.csv", "log_test.csv"):
        with open(folder / name, newline="", encoding="utf-8") as file:
            rows.extend({key: int(value) for key, value in row.items()} for row in csv.DictReader(file))
    return sorted(rows, key=lambda row: (row["time_ms"], row["user_id"], row["video_id"]))


def read_videos(folder):
    with open(folder / "video_features_basic_pure.csv", newline="", encoding="utf-8") as file:
        return {int(row["video_id"]): row for row in csv.DictReader(file)}


def outcome_statistics(rows):
    fractions = [row["play_time_ms"] / row["duration_ms"] for row in rows if row["duration_ms"] > 0]
    played = [fraction for fraction in fractions if fraction > 0]
    return {
        "click_rate": mean(row["is_click"] for row in rows),
        "long_view_rate": mean(row["long_view"] for row in rows),
        "like_rate": mean(row["is_like"] for row in rows),
        "like_rate_of_watched_half": mean(r["is_like"] for r in rows if r["duration_ms"] and r["play_time_ms"] >= 0.5 * r["duration_ms"]),
        "played_rate": len(played) / len(fractions),
        "watched_half_rate": mean(fraction >= 0.5 for fraction in fractions),
        "watched_whole_rate": mean(fraction >= 1.0 for fraction in fractions),
        "watched_under_tenth_of_played": mean(fraction < 0.1 for fraction in played),
        "watch_fraction_quantiles": quantiles(fractions),
        "watch_fraction_of_played_quantiles": quantiles(played),
        "duration_s_quantiles": quantiles(row["duration_ms"] / 1000 for row in rows),
    }


def activity_statistics(rows):
    by_user, by_item, by_user_day = collections.Counter(), collections.Counter(), collections.Counter()
    hours = collections.Counter()
    for row in rows:
        by_user[row["user_id"]] += 1
        by_item[row["video_id"]] += 1
        by_user_day[row["user_id"], row["date"]] += 1
        hours[row["hourmin"] // 100] += 1
    last, sessions = {}, 0
    for row in rows:
        sessions += row["time_ms"] - last.get(row["user_id"], -SESSION_GAP_MS * 2) > SESSION_GAP_MS
        last[row["user_id"]] = row["time_ms"]
    share = [hours[hour] / len(rows) for hour in range(24)]
    pairs = collections.Counter((row["user_id"], row["video_id"]) for row in rows)
    return {
        "exposures": len(rows), "users": len(by_user), "videos": len(by_item), "days": len({row["date"] for row in rows}),
        "activity_slope": zipf_slope(by_user.values()), "popularity_slope": zipf_slope(by_item.values()),
        "exposures_per_user_quantiles": quantiles(by_user.values()), "exposures_per_user": len(rows) / len(by_user),
        "exposures_per_active_user_day": len(rows) / len(by_user_day), "active_days_per_user": len(by_user_day) / len(by_user),
        "exposures_per_session": len(rows) / sessions,
        "hour_share": [round(value, 4) for value in share], "hour_share_max_over_mean": 24 * max(share), "hour_share_min_over_mean": 24 * min(share),
        "repeated_exposure_rate": sum(count - 1 for count in pairs.values()) / len(rows),
        "top_hundredth_item_share": sum(sorted(by_item.values(), reverse=True)[: len(by_item) // 100]) / len(rows),
    }


def lift(groups_by_user, totals):
    """How much likelier two exposures of one user share a group than two exposures at random."""
    same = pairs = 0
    for counter in groups_by_user.values():
        count = sum(counter.values())
        same += sum(value * (value - 1) for value in counter.values())
        pairs += count * (count - 1)
    whole = sum(totals.values())
    return (same / pairs) / sum((value / whole) ** 2 for value in totals.values())


def content_statistics(rows, videos):
    tags = {video: row["tag"].split(",")[0] for video, row in videos.items()}
    authors = {video: row["author_id"] for video, row in videos.items()}
    result = {"tags": len(set(tags.values())), "authors": len(set(authors.values())),
              "tag_slope": zipf_slope(collections.Counter(tags.values()).values(), 0.0, 1.0)}
    for name, group in (("tag", tags), ("author", authors)):
        totals, by_user = collections.Counter(), collections.defaultdict(collections.Counter)
        for row in rows:
            key = group.get(row["video_id"], "")
            totals[key] += 1
            by_user[row["user_id"]][key] += 1
        result[f"exposure_lift_same_{name}"] = lift(by_user, totals)
    return result


def watched_half(row):
    """The world's outcome: at least half of the video was played."""
    return int(row["play_time_ms"] >= 0.5 * row["duration_ms"])


def effect_statistics(rows, videos):
    """Spread of watching to half by item, user, user x tag, user x author, user x session, as deviations of a rate."""
    average = mean(watched_half(row) for row in rows)
    by_item = collections.defaultdict(list)
    for row in rows:
        by_item[row["video_id"]].append(watched_half(row))
    # An item's rate is drawn to the mean by 20 exposures' worth.
    rates = {item: (sum(values) + 20 * average) / (len(values) + 20) for item, values in by_item.items()}
    groups = {name: collections.defaultdict(list) for name in ("item", "user", "user_tag", "user_author", "user_session")}
    last, session = {}, collections.Counter()
    for row in rows:
        user, item, value = row["user_id"], row["video_id"], watched_half(row)
        session[user] += row["time_ms"] - last.get(user, -SESSION_GAP_MS * 2) > SESSION_GAP_MS
        last[user] = row["time_ms"]
        video = videos.get(item, {"tag": "", "author_id": ""})
        groups["item"][item].append(value - average)
        groups["user"][user].append(value - rates[item])
        groups["user_tag"][user, video["tag"].split(",")[0]].append(value - rates[item])
        groups["user_author"][user, video["author_id"]].append(value - rates[item])
        groups["user_session"][user, session[user]].append(value - rates[item])
    return {f"watched_half_deviation_{name}": pair_deviation(group) for name, group in groups.items()}


def age_statistics(rows, videos):
    ages, views = [], collections.defaultdict(list)
    edges = (1, 3, 7, 14, 30, 60)
    for row in rows:
        text = videos.get(row["video_id"], {}).get("upload_dt", "")
        if not text:
            continue
        day = datetime.date.fromtimestamp(0) + datetime.timedelta(milliseconds=row["time_ms"] + 8 * 3600 * 1000)
        age = (day - datetime.date.fromisoformat(text)).days
        ages.append(age)
        views[bisect.bisect_right(edges, age)].append(row["long_view"])
    return {"age_days_quantiles": quantiles(ages), "age_edges_days": edges,
            "long_view_rate_by_age": {bucket: [len(v), round(mean(v), 4)] for bucket, v in sorted(views.items())}}


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: kuairand_statistics.py FOLDER")
    folder = pathlib.Path(sys.argv[1])
    rows, videos = read_exposures(folder), read_videos(folder)
    report = activity_statistics(rows) | outcome_statistics(rows) | content_statistics(rows, videos)
    report |= effect_statistics(rows, videos) | age_statistics(rows, videos)
    report["duration_s_quantiles_catalogue"] = quantiles(float(v["video_duration"]) / 1000 for v in videos.values() if v["video_duration"])
    json.dump(report, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
