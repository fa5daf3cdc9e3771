"""Imports from s3:// addresses: a real client against moto's S3 server."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

PROJECT = """\
name: s3
data:
  events: {path: "s3://clicks/logs/part-*.csv", columns: {user: user, item: item, time: time, type: type}}
  items: {path: "s3://clicks/items.ndjson", attributes: {title: text}}
signals:
  watched: {type: watch}
"""


def moto_server() -> str:
    path = Path(sys.executable).parent / "moto_server"
    if not path.exists():
        raise unittest.SkipTest(f"there is no moto_server beside {sys.executable}: install the group dev")
    return str(path)


def binary() -> str:
    path = os.environ.get("SHORTLIST_BINARY", "")
    if not path:
        raise unittest.SkipTest("SHORTLIST_BINARY is not set")
    return path


class S3Import(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.binary = binary()
        cls.server = subprocess.Popen([moto_server(), "-H", "127.0.0.1", "-p", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.stop)
        cls.port = cls.read_port()
        threading.Thread(target=cls.server.stderr.read, daemon=True).start()  # so that the server never waits for a reader of its log

    @classmethod
    def stop(cls) -> None:
        cls.server.terminate()
        cls.server.wait(timeout=30)
        cls.server.stderr.close()

    @classmethod
    def read_port(cls) -> int:
        """The port that the server prints once it listens."""
        for line in cls.server.stderr:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                return int(found.group(1))
        raise AssertionError("moto_server ended without naming its port")

    def put(self, path: str, body: str = "") -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        # Moto does not check signatures, but takes requests only from somebody.
        connection.request("PUT", path, body, {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20240101/us-east-1/s3/aws4_request"})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        self.assertEqual(response.status, 200, text)

    def run_import(self, folder: Path) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return subprocess.run([self.binary, "import", "--json"], cwd=folder, env=environment, capture_output=True, text=True, timeout=120)

    def test_reads_every_key_that_matches_and_ends_cleanly(self) -> None:
        self.put("/clicks")
        self.put("/clicks/logs/part-0.csv", "user,item,time,type\na,x,1650000000,watch\n")
        self.put("/clicks/logs/part-1.csv", "user,item,time,type\nb,y,1650000001,watch\n")
        self.put("/clicks/logs/other.csv", "not,these\n")
        self.put("/clicks/items.ndjson", '{"id": "x", "title": "First"}\n{"id": "y", "title": "Second"}\n')
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "shortlist.yaml").write_text(PROJECT)
            done = self.run_import(folder)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            report = json.loads(done.stdout)
            self.assertEqual(report["events_kept"], 2)
            self.assertEqual(report["items"], 2)
            self.assertEqual(report["unknown_items"], 0)
            self.assertNotIn("FinalizeS3", done.stderr)

    def test_a_bucket_that_is_not_there_is_one_error(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "shortlist.yaml").write_text(PROJECT.replace("clicks", "nowhere"))
            done = self.run_import(folder)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("s3://nowhere", done.stdout + done.stderr)
            self.assertFalse((folder / "log" / "CURRENT").exists())


if __name__ == "__main__":
    unittest.main()
