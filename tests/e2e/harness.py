"""Starts the real binary on a port that the system chooses, in a folder of its own, and talks to it over HTTP.

SHORTLIST_BINARY names the binary; without it every end-to-end test is skipped.
"""

from __future__ import annotations

import csv
import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

USERS = 40
ITEMS = 60
START_SECONDS = 60
PROJECT = """\
name: e2e
data:
  events: {path: events.csv, columns: {user: user, item: item, time: time, type: type}}
  items: {path: items.csv, attributes: {category: category, title: text}}
signals:
  watched: {type: watch}
retrievers:
  - {name: trending, kind: popularity, half_life: 7d, candidates: 50}
surfaces:
  home: {size: 10}
"""


def write_project(folder: Path) -> None:
    """Forty users and sixty items in two tastes: users of even number watch items of even number."""
    (folder / "shortlist.yaml").write_text(PROJECT)
    with (folder / "items.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["item", "category", "title"])
        rows.writerows([f"i{item}", "even" if item % 2 == 0 else "odd", f"Title {item}"] for item in range(ITEMS))
    start = int(time.time()) - 30 * 86400
    with (folder / "events.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "item", "time", "type"])
        for user in range(USERS):
            for step in range(15):
                item = (user * 7 + step * 2 + user % 2) % ITEMS
                rows.writerow([f"u{user}", f"i{item - item % 2 + user % 2}", start + 3600 * (user + 24 * step), "watch"])


def binary() -> str:
    path = os.environ.get("SHORTLIST_BINARY", "")
    if not path:
        raise unittest.SkipTest("SHORTLIST_BINARY is not set")
    return path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs one command to its end; fails with what it printed where it does not succeed."""
    done = subprocess.run([binary(), *arguments], cwd=folder, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


@dataclass
class Answer:
    status: int
    text: str
    will_close: bool

    @property
    def json(self):
        return json.loads(self.text)


class Client:
    """One connection, opened again after the server closed it. One thread at a time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection: http.client.HTTPConnection | None = None

    def request(self, method: str, path: str, body=None) -> Answer:
        """Raises ConnectionRefusedError where nobody listens any more, and other errors where a request that was sent got no answer."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            self.connection.connect()
        text = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        self.connection.request(method, path, text, headers)
        response = self.connection.getresponse()
        answer = Answer(response.status, response.read().decode(), response.will_close)
        if answer.will_close:
            self.close()
        return answer

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def post(self, path: str, body) -> Answer:
        return self.request("POST", path, body)

    def recommend(self, user: str, **more) -> list[str]:
        answer = self.post("/v1/recommend", {"user": user, **more})
        if answer.status != 200:
            raise AssertionError(answer.text)
        return [item["id"] for item in answer.json["items"]]

    def similar(self, item: str) -> Answer:
        return self.get(f"/v1/similar/{quote(item, safe='')}")

    def metric(self, name: str) -> float:
        """The value of a metric without labels."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.get("/metrics").text, re.MULTILINE)
        if found is None:
            raise AssertionError(f"/metrics has no {name}")
        return float(found.group(1))

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class Server:
    """`shortlist serve` in `folder`, ready for requests."""

    def __init__(self, folder: Path, *options: str) -> None:
        port_file = folder / "port"
        port_file.unlink(missing_ok=True)
        self.log = (folder / "serve.log").open("a+")
        command = [binary(), "serve", "--listen", "127.0.0.1:0", "--port-file", str(port_file), *options]
        self.process = subprocess.Popen(command, cwd=folder, stdout=self.log, stderr=subprocess.STDOUT)
        self._await(port_file.exists)
        self.port = int(port_file.read_text())
        self._await(lambda: self.client().get("/readyz").status == 200)

    def _await(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                raise AssertionError(f"the server did not start:\n{self.log.read()}")
            time.sleep(0.02)

    def client(self) -> Client:
        return Client(self.port)

    def terminate(self) -> int:
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self) -> None:
        self.process.kill()
        self.wait()

    def wait(self) -> int:
        code = self.process.wait(timeout=60)
        self.log.close()
        return code


@dataclass
class Load:
    """Threads that ask without pause, each on its own connection, until told to stop or until nobody listens."""

    port: int
    ask: Callable[[Client, int, int], None]  # client, thread, number of the request within the thread
    threads: int = 4
    answered: int = 0
    lost: list[str] = field(default_factory=list)

    def __enter__(self) -> Load:
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._running = [threading.Thread(target=self._work, args=(thread,)) for thread in range(self.threads)]
        for thread in self._running:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._running:
            thread.join()

    def wait_for(self, answered: int) -> None:
        """Returns once so many requests are answered in all, or none will be any more."""
        while self.answered < answered and any(thread.is_alive() for thread in self._running):
            time.sleep(0.005)

    def _work(self, thread: int) -> None:
        client = Client(self.port)
        number = 0
        while not self._stopping.is_set():
            try:
                self.ask(client, thread, number)
            except ConnectionRefusedError:
                return
            except Exception as error:  # Whatever went wrong, the request got no good answer.
                with self._lock:
                    self.lost.append(repr(error))
                return
            number += 1
            with self._lock:
                self.answered += 1
        client.close()


class ServerTestCase(unittest.TestCase):
    """A project that is imported and trained once for the class, copied by nobody: tests use users and items of their own."""

    @classmethod
    def setUpClass(cls) -> None:
        binary()
        cls._folder = tempfile.TemporaryDirectory(prefix="shortlist-e2e-")
        cls.folder = Path(cls._folder.name)
        cls.addClassCleanup(cls._folder.cleanup)
        write_project(cls.folder)
        run(cls.folder, "import")
        run(cls.folder, "train")

    def start(self, *options: str) -> Server:
        server = Server(self.folder, *options)
        self.addCleanup(self._end, server)
        return server

    @staticmethod
    def _end(server: Server) -> None:
        if server.process.poll() is None:
            server.kill()
