"""Events out of Kafka: every one once, whatever dies, and a state that does not hang on which partition was faster.

SHORTLIST_KAFKA_EVENTS sets how many events go through the broker, SHORTLIST_KAFKA_KILLS how often the server is killed meanwhile.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from harness import Client, Server, ServerTestCase, run
from kafka_stream import Broker, encoded, watches

EVENTS = int(os.environ.get("SHORTLIST_KAFKA_EVENTS", "20000"))
PARTITIONS = 8  # of which the broker keeps about 4 MB each
KILLS = int(os.environ.get("SHORTLIST_KAFKA_KILLS", "2"))
WAIT_SECONDS = 120
# Sessions end soon after a kill, but later than the 3 s that the broker gives a new group to gather; snapshots and segments are made often.
SECTION = """\
serve:
  snapshot_records: 3000
  segment_records: 2000
  kafka:
    brokers: {brokers}
    group: {group}
    events: clicks
    items: {items}
    format: {form}
    wait: {wait}
    held: {held}
    options: {{session.timeout.ms: '3500', heartbeat.interval.ms: '300'}}
"""


def wait_until(condition: Callable[[], bool], what: str, seconds: float = WAIT_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


class KafkaTest(ServerTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="shortlist-kafka-")
        self.addCleanup(folder.cleanup)
        self.scratch = Path(folder.name)
        self.broker = Broker(self.scratch)
        self.addCleanup(self.broker.close)
        self.broker.topic("clicks", PARTITIONS)
        self.broker.topic("videos", 1)

    def project(self, name: str, group: str = "", wait: str = "1s", items: str = "[]", form: str = "json") -> Path:
        """A copy of the trained project that consumes; in a group of its own where none is named."""
        folder = self.scratch / name
        shutil.copytree(self.folder, folder)
        with (folder / "shortlist.yaml").open("a") as file:
            file.write(SECTION.format(brokers=self.broker.address, group=group or name, wait=wait, items=items, form=form, held=EVENTS // 20))
        return folder

    def serve(self, folder: Path) -> Server:
        server = Server(folder)
        self.addCleanup(self._end, server)
        return server

    def consumed(self, folder: Path, events: float) -> str:
        """Serves until so many events are in the log and nothing waits; returns the digest of its state."""
        server = self.serve(folder)
        client = server.client()
        wait_until(lambda: client.metric("shortlist_events") >= events and client.metric("shortlist_kafka_held_events") == 0, "all events stored")
        self.assertEqual(client.metric("shortlist_kafka_skipped_offsets"), 0)
        return self.digest_at_end(server, folder)

    def digest_at_end(self, server: Server, folder: Path) -> str:
        self.assertEqual(server.terminate(), 0)
        verified = json.loads(run(folder, "verify", "--json").stdout)
        self.assertTrue(verified["equal"], verified)
        return verified["folded_digest"]

    def test_no_kill_loses_or_doubles_an_event_and_the_state_is_that_of_a_fresh_reader_of_the_topic(self) -> None:
        lists = watches(EVENTS, PARTITIONS, seed=1)
        killed = self.project("killed", wait="10m")  # nothing here may hang on how long a partition is waited for
        rng = random.Random(2)
        server = self.serve(killed)
        before = server.client().metric("shortlist_events")
        sent = 0
        for part in range(KILLS + 1):
            for partition, documents in enumerate(lists):
                share = len(documents) * part // (KILLS + 1), len(documents) * (part + 1) // (KILLS + 1)
                self.broker.produce_documents("clicks", partition, documents[share[0] : share[1]])
                sent += share[1] - share[0]
            if part == KILLS:
                break
            client = server.client()
            some = before + sent - rng.randrange(EVENTS // 40, EVENTS // 8)
            wait_until(lambda client=client, some=some: client.metric("shortlist_events") >= some, f"{some} events stored")
            server.kill()
            server = self.serve(killed)
        client = server.client()
        wait_until(lambda: client.metric("shortlist_events") >= before + EVENTS and client.metric("shortlist_kafka_held_events") == 0, "all events stored")
        self.assertEqual(client.metric("shortlist_events"), before + EVENTS)
        self.assertEqual(client.metric("shortlist_kafka_skipped_offsets"), 0)
        digest = self.digest_at_end(server, killed)
        self.assertEqual(digest, self.consumed(self.project("fresh", wait="10m"), before + EVENTS))

    def test_a_message_that_cannot_be_used_goes_to_quarantine_and_stops_nothing(self) -> None:
        folder = self.project("poison", items="videos")
        self.broker.produce_documents("videos", 0, [{"id": "i3", "attributes": {"title": "Renamed"}}])
        good = {"user": "u1", "item": "i1", "type": "watch", "time": int(time.time() * 1e6)}
        messages = [b"{", b"", b"\xff\xfe", json.dumps({**good, "usr": "u1"}).encode(), json.dumps({**good, "time": 9_000_000_000_000_000}).encode(),
                    json.dumps({"events": [{**good, "event_id": "in-a-list"}, {"user": "u1"}]}).encode(), json.dumps({**good, "event_id": "good"}).encode()]
        self.broker.produce("clicks", 0, messages)
        server = self.serve(folder)
        client = server.client()
        wait_until(lambda: client.metric("shortlist_kafka_stored_records") == 3, "two events and an item stored")
        self.assertEqual(client.metric("shortlist_kafka_messages"), len(messages) + 1)
        self.assertEqual(client.post("/v1/rank", {"user": "u1", "items": ["i3"]}).json["items"][0]["title"], "Renamed")
        self.assertEqual(client.metric("shortlist_kafka_quarantined"), 6)
        self.assertEqual(server.terminate(), 0)
        lines = [json.loads(line) for line in (folder / "quarantine" / "kafka.ndjson").read_text().splitlines()]
        self.assertEqual([line["offset"] for line in lines], [0, 1, 2, 3, 4, 5])
        self.assertEqual({(line["topic"], line["partition"]) for line in lines}, {("clicks", 0)})
        self.assertIn('did you mean "user"?', lines[3]["reason"])
        self.assertIn("time: must lie from 1970", lines[4]["reason"])
        self.assertEqual(lines[5]["field"], "item")

    def test_messages_that_another_program_encoded_in_protobuf_are_stored(self) -> None:
        folder = self.project("binary", items="videos", form="protobuf")
        now = int(time.time() * 1e6)
        self.broker.produce("videos", 0, [encoded("Entity", 'id:"i4" attributes{key:"title" value{text:"Renamed"}}')])
        watched = [f"i{item}" for item in range(0, 60, 2)]
        self.broker.produce("clicks", 0, [encoded("Event", f'user:"u0" item:"{item}" type:"watch" time:{now}') for item in watched] + [b"\x07"])
        client = self.serve(folder).client()
        wait_until(lambda: client.metric("shortlist_kafka_stored_records") == len(watched) + 1, "all stored")
        self.assertEqual(client.metric("shortlist_kafka_quarantined"), 1)
        self.assertFalse(set(client.recommend("u0", k=60)) & set(watched))
        self.assertEqual(client.post("/v1/rank", {"user": "u1", "items": ["i4"]}).json["items"][0]["title"], "Renamed")

    def test_every_list_that_was_logged_is_in_the_topic_of_lists_with_its_user_as_key(self) -> None:
        self.broker.topic("shown", PARTITIONS)
        folder = self.project("lists")
        with (folder / "shortlist.yaml").open("a") as file:
            file.write("    lists: shown\n")
        server = self.serve(folder)
        client = server.client()
        served = {}
        for number in range(200):
            answer = client.post("/v1/recommend", {"user": f"u{number % 40}"}).json
            self.assertTrue(answer["logged"])
            served[answer["request_id"]] = (f"u{number % 40}", [item["id"] for item in answer["items"]])
        wait_until(lambda: client.metric("shortlist_kafka_lists_delivered_total") == len(served), "all lists delivered")
        self.assertEqual(client.metric("shortlist_kafka_lists_lost_total"), 0)
        self.assertEqual(server.terminate(), 0)
        messages = self.broker.consume("shown", PARTITIONS)
        self.assertEqual({key: len({partition for partition, other, _ in messages if other == key}) for _, key, _ in messages},
                         {f"u{user}": 1 for user in range(40)})
        shown = {}
        for _, key, value in messages:
            document = json.loads(value)
            self.assertEqual(document["user"], key)
            shown[document["request_id"]] = (key, [item["id"] for item in document["items"]])
        self.assertEqual(shown, served)

    def test_without_its_broker_it_serves_on_and_catches_up_when_it_is_back(self) -> None:
        folder = self.project("outage")
        lists = watches(200, PARTITIONS, seed=5)
        half = 100 // PARTITIONS
        for partition, documents in enumerate(lists):
            self.broker.produce_documents("clicks", partition, documents[:half])
        server = self.serve(folder)
        client = server.client()
        wait_until(lambda: client.metric("shortlist_kafka_messages") == half * PARTITIONS, "the first half")
        self.assertEqual(client.get("/readyz").json["degraded"], [])
        self.broker.down()
        wait_until(lambda: client.get("/readyz").json["degraded"] != [], "the outage noticed")
        self.assertEqual(client.get("/readyz").status, 200)
        self.assertEqual(client.metric("shortlist_kafka_connected"), 0)
        self.assertEqual(len(client.recommend("u1")), 10)
        self.broker.up()
        for partition, documents in enumerate(lists):
            self.broker.produce_documents("clicks", partition, documents[half:])
        wait_until(lambda: client.metric("shortlist_kafka_messages") == 200, "the second half")
        wait_until(lambda: client.metric("shortlist_kafka_held_events") == 0, "nothing waits")
        self.assertEqual(client.get("/readyz").json["degraded"], [])
        self.assertEqual(client.metric("shortlist_kafka_stored_records"), 200)
        self.assertEqual(server.terminate(), 0)

    def test_two_servers_share_the_partitions_and_each_log_holds_an_event_once(self) -> None:
        events = 800
        lists = watches(events, PARTITIONS, seed=7)
        one, other = self.project("one", "pair"), self.project("other", "pair")
        first = self.serve(one)
        before = first.client().metric("shortlist_events")
        for partition, documents in enumerate(lists):
            self.broker.produce_documents("clicks", partition, documents[:50])
        wait_until(lambda: first.client().metric("shortlist_events") > before + 300, "half of the first half stored")
        second = self.serve(other)
        servers = [first, second]
        wait_until(lambda: [server.client().metric("shortlist_kafka_partitions") for server in servers] == [PARTITIONS / 2, PARTITIONS / 2], "half of the partitions each")
        for partition, documents in enumerate(lists):
            self.broker.produce_documents("clicks", partition, documents[50:])

        def stored_by_each() -> list[float]:
            return [server.client().metric("shortlist_events") - before for server in servers]

        wait_until(lambda: sum(stored_by_each()) >= events and stored_by_each()[1] >= events / 2, "all events stored by one or the other")
        wait_until(lambda: sum(server.client().metric("shortlist_kafka_lag_messages") for server in servers) == 0, "nothing waits")
        stored = stored_by_each()
        # Whoever is given a partition reads it from where its own log stands: of the second's, all is there, and nothing of the others.
        self.assertEqual(stored[1], events / 2)
        first.kill()
        client = second.client()
        wait_until(lambda: client.metric("shortlist_kafka_partitions") == PARTITIONS, "the partitions of the one that died")
        wait_until(lambda: client.metric("shortlist_events") == before + events, "all events stored")
        wait_until(lambda: client.metric("shortlist_kafka_lag_messages") == 0, "nothing waits")
        self.assertEqual(client.metric("shortlist_events"), before + events)
        unseen = {f"u{user}": set(client.recommend(f"u{user}", k=60)) for user in range(40)}
        self.digest_at_end(second, other)
        # What users did is exact. What all did together counts at the ticks at which it arrived here.
        fresh = self.project("fresh")
        self.consumed(fresh, before + events)
        client = self.serve(fresh).client()
        self.assertEqual(unseen, {user: set(client.recommend(user, k=60)) for user in unseen})
        self.assertTrue(any(0 < len(items) < 60 for items in unseen.values()))
