"""Moving in from other engines, and out again: a Gorse dump, Metarank's events, and `export`.

The dump is written by hand, field by field, as protobuf's wire format lays it out; no Gorse is here. In both worlds forty users like items
of their own parity out of sixty, ten each.
"""

from __future__ import annotations

import json
import struct
import tempfile
import unittest
from pathlib import Path

from harness import ITEMS, USERS, binary, run, write_project

START = 1_690_000_000


def varint(number: int) -> bytes:
    out = b""
    while number >= 128:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def text(field: int, value: str | bytes) -> bytes:
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def stamp(field: int, seconds: int) -> bytes:
    return text(field, varint(1 << 3) + varint(seconds))


def framed(message: bytes) -> bytes:
    return struct.pack("<q", len(message)) + message


def likes() -> list[tuple[str, str, int]]:
    """User, item, second: in order of time."""
    return [(f"u{user}", f"i{(2 * step + 6 * user + user % 2) % ITEMS}", START + 86400 * step + user) for step in range(10) for user in range(USERS)]


def gorse_dump(with_values: bool) -> bytes:
    """Users with labels, items with labels, categories and a time, and a like of value 4.5 for each pair; then what the server adds."""
    users = [text(1, f"u{user}") + text(2, json.dumps({"age": 20 + user % 7})) for user in range(USERS)]
    items = [
        text(2, f"i{item}") + text(4, "even" if item % 2 == 0 else "odd") + stamp(5, START - item) + text(6, json.dumps({"price": item / 4, "vec": [0.5, item]}))
        for item in range(ITEMS)
    ]
    value = varint(5 << 3 | 1) + struct.pack("<d", 4.5)
    feedback = [
        text(2, "like") + text(3, user) + text(4, item) + (value + stamp(6, second) if with_values else stamp(5, second)) for user, item, second in likes()
    ]
    dump = b""
    for tag, messages in ((-1, users), (-2, items), (-3, feedback)):
        dump += struct.pack("<q", tag) + b"".join(framed(message) for message in messages)
    return dump + struct.pack("<q", 0) + b'{"Users":40}'


def metarank_events() -> str:
    """Each item and user, then for each like a ranking of the item behind another one, and a click on it."""
    events = [
        {"event": "item", "id": f"m{item}", "timestamp": str(START * 1000), "item": f"i{item}",
         "fields": [{"name": "genre", "value": "even" if item % 2 == 0 else "odd"}, {"name": "price", "value": item / 4}]}
        for item in range(ITEMS)
    ]
    events += [{"event": "user", "id": f"n{user}", "timestamp": str(START * 1000), "user": f"u{user}", "fields": [{"name": "age", "value": 20 + user}]}
               for user in range(USERS)]
    for number, (user, item, second) in enumerate(likes()):
        other = f"i{(int(item[1:]) + 1) % ITEMS}"
        events.append({"event": "ranking", "id": f"r{number}", "timestamp": str(second * 1000), "user": user, "session": "s",
                       "fields": [{"name": "source", "value": "search" if number % 3 else "home"}], "items": [{"id": other}, {"id": item}]})
        events.append({"event": "interaction", "id": f"c{number}", "ranking": f"r{number}", "timestamp": str(second * 1000 + 500), "user": user,
                       "type": "click", "item": item})
    return "".join(json.dumps(event) + "\n" for event in events)


class MovingTest(unittest.TestCase):
    def setUp(self) -> None:
        binary()
        folder = tempfile.TemporaryDirectory(prefix="shortlist-moving-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def asked(self, *arguments: str) -> dict:
        return json.loads(run(self.folder, *arguments, "--json").stdout)

    def check_serves(self) -> None:
        """A model that has seen the likes recommends what has the user's parity."""
        run(self.folder, "train")
        items = self.asked("recommend", "--user", "u3")["items"]
        odd = sum(int(item["id"][1:]) % 2 for item in items)
        self.assertGreater(odd, len(items) // 2, items)

    def test_a_gorse_dump_is_a_project_in_two_commands(self) -> None:
        for with_values in (False, True):
            with self.subTest(with_values=with_values):
                (self.folder / "dump.bin").write_bytes(gorse_dump(with_values))
                guessed = {guess["what"]: guess["choice"] for guess in self.asked("init", "--from", "gorse", "dump.bin", "--force")["guesses"]}
                self.assertEqual(guessed["items: attribute vec"], "vector")
                self.assertEqual(guessed["items: attribute price"], "number")
                self.assertEqual(guessed["items: attribute categories"], "categories")
                self.assertEqual(guessed["users: attribute age"], "number")
                self.assertEqual(guessed.get("events: value"), "value" if with_values else None)
                report = self.asked("import")
                self.assertEqual((report["events_kept"], report["items"], report["users"]), (len(likes()), ITEMS, USERS))
                self.assertEqual((report["rows_quarantined"], report["unknown_items"]), (0, 0))
                self.assertEqual(report["first_time"], START * 1_000_000)
        self.check_serves()

    def test_metaranks_events_are_a_project_in_two_commands(self) -> None:
        (self.folder / "events.jsonl").write_text(metarank_events())
        self.asked("init", "--from", "metarank", "events.jsonl")
        text = (self.folder / "shortlist.yaml").read_text()
        for line in ("event_id: id", "request_id: request_id", "position: position", "format: metarank", "context: [source]"):
            self.assertIn(line, text)
        report = self.asked("import")
        self.assertEqual(report["events_kept"], 3 * len(likes()), "two impressions and a click each")
        self.assertEqual((report["items"], report["users"], report["rows_quarantined"]), (ITEMS, USERS, 0))
        self.check_serves()

    def test_a_truncated_dump_is_refused_and_the_log_stays(self) -> None:
        whole = gorse_dump(False)
        (self.folder / "dump.bin").write_bytes(whole)
        run(self.folder, "init", "--from", "gorse", "dump.bin")
        run(self.folder, "import")
        before = sorted(path.name for path in (self.folder / "log").iterdir())
        (self.folder / "dump.bin").write_bytes(whole[: len(whole) // 2])
        with self.assertRaisesRegex(AssertionError, r"dump\.bin: the dump is cut off at byte \d+: a message of \d+ bytes has \d+ of them"):
            run(self.folder, "import")
        self.assertEqual(sorted(path.name for path in (self.folder / "log").iterdir()), before)

    def test_export_import_export_gives_equal_bytes(self) -> None:
        write_project(self.folder)
        run(self.folder, "import")
        for form in ("parquet", "ndjson"):
            first, second = self.folder / f"{form}-1", self.folder / f"{form}-2"
            counts = self.asked("export", str(first), "--format", form)
            self.assertEqual((counts["events"], counts["items"], counts["users"]), (USERS * 15, ITEMS, USERS))
            run(first, "import")
            run(first, "export", "--out", str(second), "--format", form)
            names = sorted(path.name for path in second.iterdir())
            self.assertEqual(names, sorted([f"events.{form}", f"items.{form}", f"users.{form}", "shortlist.yaml"]))
            for name in names:
                self.assertEqual((first / name).read_bytes(), (second / name).read_bytes(), name)
            with self.assertRaisesRegex(AssertionError, "is there already"):
                run(self.folder, "export", "--out", str(first))


if __name__ == "__main__":
    unittest.main()
