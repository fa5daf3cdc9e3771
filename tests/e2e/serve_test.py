"""The server from outside: what it promises about events, restarts, reloads and its end."""

from __future__ import annotations

import json
import threading
import time

from harness import Client, Load, ServerTestCase, run

ACKNOWLEDGED_BEFORE_KILL = 300


def watch(event_id: str, user: str, item: str) -> dict:
    return {"event_id": event_id, "user": user, "item": item, "type": "watch"}


def ask_for_list(client: Client, thread: int, number: int) -> None:
    answer = client.post("/v1/recommend", {"user": f"u{(thread + number) % 40}"})
    if answer.status != 200 or len(answer.json["items"]) == 0:
        raise AssertionError(answer.text)


class ServeTest(ServerTestCase):
    def test_read_your_writes_the_users_next_request_sees_what_was_written(self) -> None:
        client = self.start().client()
        for user in ("u1", "somebody-new"):
            first = client.recommend(user)[0]
            answer = client.post("/v1/events", watch(f"read-your-writes-{user}", user, first))
            self.assertEqual(answer.status, 200, answer.text)
            self.assertNotIn(first, client.recommend(user))

    def test_idempotence_an_event_counts_once_however_often_it_is_posted(self) -> None:
        client = self.start().client()
        before = client.metric("shortlist_events")
        event = watch("once", "u2", "i5")
        statuses = [client.post("/v1/events", event).json["results"][0]["status"] for _ in range(3)]
        self.assertEqual(statuses, ["stored", "duplicate", "duplicate"])
        self.assertEqual(client.metric("shortlist_events"), before + 1)

    def test_idempotence_holds_across_a_restart_and_within_a_batch(self) -> None:
        server = self.start()
        event = watch("once-more", "u6", "i8")
        answer = server.client().post("/v1/events", {"events": [event, event]})
        self.assertEqual([result["status"] for result in answer.json["results"]], ["stored", "duplicate"])
        before = server.client().metric("shortlist_events")
        server.kill()
        client = self.start().client()
        self.assertEqual(client.metric("shortlist_events"), before)
        self.assertEqual(client.post("/v1/events", event).json["results"][0]["status"], "duplicate")
        self.assertEqual(client.metric("shortlist_events"), before)

    def test_late_events_count_where_they_arrive_and_a_replay_gives_the_same_state(self) -> None:
        server = self.start()
        client = server.client()
        now = int(time.time())
        for number, late in enumerate([0, 60, 3600, 86400, 20 * 86400]):
            item = client.recommend("somebody-late")[0]
            event = watch(f"late-{number}", "somebody-late", item) | {"time": (now - late) * 1_000_000}
            answer = client.post("/v1/events", event)
            self.assertEqual(answer.json["results"][0]["status"], "stored", answer.text)
            self.assertNotIn(item, client.recommend("somebody-late"))
        self.assertEqual(server.terminate(), 0)
        report = json.loads(run(self.folder, "verify", "--all", "--json").stdout)
        self.assertTrue(report["equal"], report)

    def test_clock_skew_an_event_of_the_future_is_refused_and_moves_nothing(self) -> None:
        server = self.start()
        client = server.client()
        before = client.recommend("u9")
        events = client.metric("shortlist_events")
        now = int(time.time())
        for ahead in (360, 3600, 10 * 365 * 86400):
            event = watch(f"ahead-{ahead}", "u9", before[0]) | {"time": (now + ahead) * 1_000_000}
            answer = client.post("/v1/events", {"events": [event, event]})
            result = answer.json["results"][0]
            self.assertEqual(result["status"], "rejected", answer.text)
            self.assertEqual(result["error"]["field"], "time", result)
        self.assertEqual(client.metric("shortlist_events"), events)
        self.assertEqual(client.recommend("u9"), before)
        # Clocks may differ by less than data.max_clock_skew.
        answer = client.post("/v1/events", watch("slightly-ahead", "u9", before[0]) | {"time": (now + 120) * 1_000_000})
        self.assertEqual(answer.json["results"][0]["status"], "stored", answer.text)
        self.assertNotIn(before[0], client.recommend("u9"))
        self.assertEqual(server.terminate(), 0)
        self.assertTrue(json.loads(run(self.folder, "verify", "--all", "--json").stdout)["equal"])

    def test_one_bad_event_does_not_stop_the_rest(self) -> None:
        client = self.start().client()
        batch = {"events": [watch("batch-1", "u3", "i1"), {"user": "u3"}, watch("batch-2", "u3", "i3")]}
        answer = client.post("/v1/events", batch)
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual([result["status"] for result in answer.json["results"]], ["stored", "rejected", "stored"])

    def test_a_new_item_can_be_added_ranked_and_asked_about(self) -> None:
        client = self.start().client()
        item = "new/item with space"
        added = client.post("/v1/items", {"id": item, "attributes": {"category": "even", "title": "New"}})
        self.assertEqual(added.status, 200, added.text)
        ranked = client.post("/v1/rank", {"user": "u1", "items": ["i2", item]})
        self.assertEqual({entry["id"] for entry in ranked.json["items"]}, {"i2", item})
        self.assertEqual(client.similar(item).status, 200)

    def test_explanations_name_the_retriever(self) -> None:
        client = self.start().client()
        answer = client.post("/v1/recommend", {"user": "u1", "explain": True})
        self.assertEqual(answer.status, 200, answer.text)
        for item in answer.json["items"]:
            self.assertEqual([reason["retriever"] for reason in item["reasons"]], ["trending"])

    def test_an_unknown_field_is_422_and_names_the_field(self) -> None:
        answer = self.start().client().post("/v1/recommend", {"usr": "u1"})
        self.assertEqual(answer.status, 422)
        self.assertEqual(answer.json["error"]["field"], "usr")
        self.assertIn('did you mean "user"?', answer.json["error"]["message"])

    def test_every_acknowledged_event_is_there_once_after_kill_9(self) -> None:
        server = self.start()
        before = server.client().metric("shortlist_events")
        lock = threading.Lock()
        sent: list[dict] = []
        acknowledged: set[str] = set()

        def post_event(client: Client, thread: int, number: int) -> None:
            event = watch(f"kill-{thread}-{number}", f"kill-user-{thread}", f"i{number % 60}")
            with lock:
                sent.append(event)
            answer = client.post("/v1/events", event)
            if answer.status != 200:
                raise AssertionError(answer.text)
            with lock:
                acknowledged.add(event["event_id"])

        with Load(server.port, post_event) as load:
            load.wait_for(ACKNOWLEDGED_BEFORE_KILL)
            server.kill()
        self.assertGreaterEqual(len(acknowledged), ACKNOWLEDGED_BEFORE_KILL, load.lost)

        client = self.start().client()
        survived = client.metric("shortlist_events") - before
        self.assertGreaterEqual(survived, len(acknowledged))
        self.assertLessEqual(survived, len(sent))
        for event in sent:
            status = client.post("/v1/events", event).json["results"][0]["status"]
            if event["event_id"] in acknowledged:
                self.assertEqual(status, "duplicate", event)
        # All that were ever sent are now there; had one been stored twice, there would be more.
        self.assertEqual(client.metric("shortlist_events") - before, len(sent))

    def test_sigterm_loses_no_request(self) -> None:
        server = self.start("--linger", "10s")
        with Load(server.port, ask_for_list) as load:
            load.wait_for(200)
            code = server.terminate()
        self.assertEqual(load.lost, [])
        self.assertEqual(code, 0)

    def test_training_and_reloading_under_load_lose_no_request(self) -> None:
        server = self.start()
        bundles: set[str] = set()

        def ask(client: Client, thread: int, number: int) -> None:
            answer = client.post("/v1/recommend", {"user": f"u{(thread + number) % 40}"})
            if answer.status != 200:
                raise AssertionError(answer.text)
            bundles.add(answer.json["bundle"])

        with Load(server.port, ask, threads=2) as load:
            load.wait_for(50)
            run(self.folder, "train")
            reloaded = server.client().post("/v1/admin/reload", {})
            self.assertEqual(reloaded.status, 200, reloaded.text)
            load.wait_for(load.answered + 50)
        self.assertEqual(load.lost, [])
        self.assertEqual(bundles, {reloaded.json["previous"], reloaded.json["bundle"]})
        self.assertNotEqual(reloaded.json["previous"], reloaded.json["bundle"])
