"""A broker of Kafka as a process of its own, and what a shop would send to it."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import time
from pathlib import Path

from harness import ITEMS, USERS, binary

BROKER = "tests/e2e/kafka_broker"
DAY_US = 86_400_000_000
MINUTE_US = 60_000_000


class Broker:
    """librdkafka's mock cluster in a process (tests/e2e/kafka_broker.cc), which outlives the servers that it serves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = Path(binary()).parents[2] / BROKER
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def topic(self, name: str, partitions: int) -> None:
        self._command(f"topic {name} {partitions}")

    def produce(self, topic: str, partition: int, messages: list[bytes]) -> None:
        path = self.folder / f"{topic}-{partition}.messages"
        path.write_bytes(b"".join(struct.pack("<I", len(message)) + message for message in messages))
        self._command(f"produce {topic} {partition} {path}")

    def produce_documents(self, topic: str, partition: int, documents: list[dict]) -> None:
        self.produce(topic, partition, [json.dumps(document).encode() for document in documents])

    def consume(self, topic: str, partitions: int) -> list[tuple[int, str, bytes]]:
        """All messages of a topic: partition, key and value."""
        path = self.folder / f"{topic}.consumed"
        self._command(f"consume {topic} {partitions} {path}")
        messages, rest = [], path.read_bytes()
        while rest:
            partition, key, value = struct.unpack_from("<III", rest)
            messages.append((partition, rest[12:12 + key].decode(), rest[12 + key:12 + key + value]))
            rest = rest[12 + key + value:]
        return messages

    def down(self) -> None:
        self._command("down")

    def up(self) -> None:
        self._command("up")

    def _command(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer != "ok":
            raise AssertionError(f"{line}: {answer}")


def encoded(message: str, text: str) -> bytes:
    """A message of docs/formats/shortlist.proto as protoc writes it."""
    formats = Path(__file__).resolve().parents[2] / "docs" / "formats"
    command = ["protoc", f"--encode=shortlist.v1.{message}", f"-I{formats}", "shortlist.proto"]
    return subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout


def watches(events: int, partitions: int, seed: int, name: str = "k") -> list[list[dict]]:
    """Events by partition, in which a user's are all in one. The partitions' clocks run side by side over four hours that ended a day ago; one event
    in eight is late by up to three minutes. The last of each partition is an hour behind all others, so that every minute with events ends."""
    rng = random.Random(seed)
    end = (int(time.time() * 1e6) - 2 * DAY_US) // MINUTE_US * MINUTE_US
    begin = end - 240 * MINUTE_US
    lists: list[list[dict]] = [[] for _ in range(partitions)]
    for number in range(events - partitions):
        partition = number % partitions
        user = partition + partitions * rng.randrange(USERS // partitions)
        now = begin + (end - begin) * number // events
        late = rng.randrange(3 * MINUTE_US) if rng.random() < 1 / 8 else 0
        lists[partition].append({"event_id": f"{name}-{number}", "user": f"u{user}", "item": f"i{rng.randrange(ITEMS)}", "type": "watch", "time": now - late})
    for partition, documents in enumerate(lists):
        documents.append({"event_id": f"{name}-last-{partition}", "user": f"u{partition}", "item": "i0", "type": "watch", "time": end + 60 * MINUTE_US})
    return lists
