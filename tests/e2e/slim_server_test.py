"""shortlist-server carries no training library."""

from __future__ import annotations

import subprocess
import unittest
from pathlib import Path

from harness import binary

TRAINING_LIBRARIES = ("lightgbm", "xgboost", "torch")


def needed_libraries(program: Path) -> list[str]:
    """What the dynamic section of `program` asks the loader for."""
    section = subprocess.run(["readelf", "--dynamic", "--wide", str(program)], capture_output=True, text=True, check=True).stdout
    return [line.split("[")[1].rstrip("]") for line in section.splitlines() if "(NEEDED)" in line]


def training_libraries(program: Path) -> list[str]:
    return [library for library in needed_libraries(program) if any(name in library for name in TRAINING_LIBRARIES)]


class SlimServerTest(unittest.TestCase):
    def test_the_slim_server_needs_no_training_library(self) -> None:
        server = Path(binary()).parent.parent / "server" / "shortlist-server"
        self.assertTrue(any("boost_json" in library for library in needed_libraries(server)))
        self.assertEqual(training_libraries(server), [])

    def test_the_whole_program_needs_one_so_the_reading_can_tell(self) -> None:
        self.assertNotEqual(training_libraries(Path(binary())), [])
