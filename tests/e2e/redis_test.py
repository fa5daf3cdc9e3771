"""Servers that share users through a Redis: what one was told, the next request to another sees; without Redis, each serves on."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from harness import Client, Server, ServerTestCase, run


class Redis:
    """A redis-server on a socket in a folder of its own, which keeps what it was told over a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "socket"
        self.start()

    def start(self) -> None:
        command = ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder), "--save", "",
                   "--appendonly", "yes", "--appendfsync", "always"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while subprocess.run(["redis-cli", "-s", str(self.socket), "ping"], capture_output=True, check=False).stdout != b"PONG\n":
            if time.monotonic() > deadline:
                raise AssertionError("redis-server does not answer")
            time.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def watch(event_id: str, user: str, item: str) -> dict:
    return {"event_id": event_id, "user": user, "item": item, "type": "watch"}


class RedisTest(ServerTestCase):
    """Two projects of one bundle, and so two logs."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls._second = tempfile.TemporaryDirectory(prefix="shortlist-e2e-second-")
        cls.addClassCleanup(cls._second.cleanup)
        cls.second = Path(cls._second.name) / "project"
        shutil.copytree(cls.folder, cls.second)

    def setUp(self) -> None:
        place = tempfile.TemporaryDirectory(prefix="shortlist-redis-")
        self.addCleanup(place.cleanup)
        self.redis = Redis(Path(place.name))
        self.addCleanup(self.redis.kill)

    def start_in(self, folder: Path) -> Server:
        server = Server(folder, "--redis-address", str(self.redis.socket), "--redis-prefix", "e2e")
        self.addCleanup(self._end, server)
        return server

    def test_two_servers_on_one_redis_an_event_posted_to_one_is_seen_by_the_next_request_to_the_other(self) -> None:
        clients = [self.start_in(folder).client() for folder in (self.folder, self.second)]
        for number in range(40):
            told, asked = clients[number % 2], clients[(number + 1) % 2]
            user = ("u1", "somebody-new")[number // 20]
            item = asked.recommend(user)[0]
            self.assertEqual(told.post("/v1/events", watch(f"{user}-{number}", user, item)).status, 200)
            for client in (asked, told):
                self.assertNotIn(item, client.recommend(user))

    def test_events_posted_to_both_at_once_are_all_in_what_they_share(self) -> None:
        servers = [self.start_in(folder) for folder in (self.folder, self.second)]
        items = [f"i{item}" for item in range(40)]

        def post(which: int) -> None:
            client = Client(servers[which].port)
            for number in range(which, len(items), 2):
                client.post("/v1/events", watch(f"at-once-{number}", "u-at-once", items[number]))

        threads = [threading.Thread(target=post, args=(which,)) for which in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lists = [server.client().recommend("u-at-once", k=60) for server in servers]
        self.assertEqual(lists[0], lists[1])
        self.assertEqual(set(lists[0]) & set(items), set())

    def test_without_redis_each_serves_from_memory_says_so_and_shares_when_it_is_back(self) -> None:
        one, two = (self.start_in(folder).client() for folder in (self.folder, self.second))
        item = one.recommend("u5")[0]
        self.redis.kill()
        answer = one.post("/v1/events", watch("alone", "u5", item))
        self.assertEqual(answer.status, 200, answer.text)
        slate = one.post("/v1/recommend", {"user": "u5"}).json
        self.assertNotIn(item, [entry["id"] for entry in slate["items"]])
        self.assertIn("redis", " ".join(slate["degraded"]))
        self.assertEqual(one.metric("shortlist_unshared_events"), 1)
        self.redis.start()
        deadline = time.monotonic() + 30
        while one.metric("shortlist_unshared_events") > 0 or item in two.recommend("u5"):
            self.assertLess(time.monotonic(), deadline, "what was told alone was not shared")
            time.sleep(0.05)
        self.assertEqual(one.post("/v1/recommend", {"user": "u5"}).json["degraded"], [])

    def test_a_redis_that_hangs_costs_its_timeout_and_no_answer(self) -> None:
        client = self.start_in(self.folder).client()
        client.recommend("u7")
        self.redis.process.send_signal(signal.SIGSTOP)
        started = time.monotonic()
        for _ in range(200):
            self.assertEqual(len(client.recommend("u7")), 10)
        self.assertLess(time.monotonic() - started, 10)
        self.redis.process.send_signal(signal.SIGCONT)

    def test_a_forgotten_user_is_gone_from_redis_too(self) -> None:
        one, two = (self.start_in(folder).client() for folder in (self.folder, self.second))
        one.post("/v1/events", watch("forget-me", "u-shared-and-forgotten", "i3"))
        self.assertNotIn("i3", two.recommend("u-shared-and-forgotten", k=60))
        keys = self.command("keys", "*u-shared-and-forgotten*")
        self.assertEqual(len(keys.split()), 1, keys)
        self.assertEqual(one.request("DELETE", "/v1/users/u-shared-and-forgotten").status, 200)
        self.assertEqual(self.command("keys", "*u-shared-and-forgotten*").split(), [])

    def test_verify_leaves_out_what_other_logs_are_part_of_and_finds_the_rest_equal(self) -> None:
        servers = [self.start_in(folder) for folder in (self.folder, self.second)]
        clients = [server.client() for server in servers]
        for number in range(30):
            user = f"u{number % 6}"
            item = clients[0].recommend(user)[0]
            clients[number % 2].post("/v1/events", watch(f"verified-{number}", user, item))
        for server in servers:
            self.assertEqual(server.terminate(), 0)
        run(self.folder, "verify", "--all")

    def command(self, *words: str) -> str:
        return subprocess.run(["redis-cli", "-s", str(self.redis.socket), *words], capture_output=True, check=True, text=True).stdout
