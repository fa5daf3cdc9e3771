"""A server under measurement: started on some cores, awaited, ended."""

from __future__ import annotations

import re
import shlex
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path

START_SECONDS = 600


class Served:
    """`command` with options for its port behind it, pinned to `cores` (as taskset takes them). Ends with the `with` block."""

    def __init__(self, command: list[str], cores: str, folder: Path, *options: str) -> None:
        port_file = folder / "port"
        listening = ["--listen", "127.0.0.1:0", "--port-file", str(port_file), *options]
        port_file.unlink(missing_ok=True)  # of one that was killed
        self.exit_code: int | None = None
        self.process = subprocess.Popen(["taskset", "-c", cores, *command, *listening], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if port_file.exists():
                self.port = int(port_file.read_text())
                if self.get("/readyz")[0] == 200:
                    return
            time.sleep(0.05)
        self.process.kill()
        raise RuntimeError(f"the server did not become ready: {shlex.join(command)}")

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.exit_code = self.process.wait(timeout=60)

    def get(self, path: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def metric(self, name: str) -> float:
        return float(re.search(rf"^{re.escape(name)} (\S+)$", self.get("/metrics")[1], re.MULTILINE)[1])

    def resident_bytes(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024
