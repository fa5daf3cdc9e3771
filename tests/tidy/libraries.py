"""Third-party libraries stay in their rooms: which files may include which."""

from __future__ import annotations

import re
from dataclasses import dataclass

from module_list import module_of, read_modules
from source_tree import SourceTree, includes, is_test


@dataclass(frozen=True)
class Room:
    """Where a library may be included: paths matching `where`, in at most `files` files; None does not count them."""

    library: str
    header: str
    where: str
    files: int | None = 2


SOURCE = r"[^/]+\.cc"
TESTS = r".*(_test|_fuzz)\.cc|.*testing_internal\.h|tests/.*"
ROOMS = [
    Room("Arrow", r"arrow/|parquet/", r"engine/data/arrow/.*(\.cc|_internal\.h)", None),
    Room("RocksDB", r"rocksdb/", rf"engine/(data|store)/{SOURCE}", 3),
    Room("hiredis", r"hiredis/", rf"engine/store/{SOURCE}"),
    Room("Protobuf", r"google/protobuf/|shortlist\.pb\.h", rf"apps/server/{SOURCE}"),
    Room("librdkafka", r"librdkafka/", rf"engine/kafka/{SOURCE}|tests/e2e/kafka_(broker|clients_test)\.cc", 5),
    Room("Beast and Asio", r"boost/(beast|asio)", rf"apps/server/{SOURCE}"),
    Room("CLI11", r"CLI/", rf"apps/cli/{SOURCE}"),
    Room("spdlog", r"spdlog/|fmt/", rf"apps/(cli|server)/{SOURCE}"),
    Room("yaml-cpp", r"yaml-cpp/", rf"engine/project/{SOURCE}"),
    Room("LightGBM", r"LightGBM/", rf"engine/training/({SOURCE}|.*testing_internal\.h)"),
    Room("OpenSSL", r"openssl/", rf"(engine/data|apps/server)/{SOURCE}"),
    Room("xxHash", r"xxhash\.h", rf"engine/data/{SOURCE}"),
    Room("prometheus-cpp", r"prometheus/", rf"apps/server/{SOURCE}"),
    Room("library versions", r"boost/version\.hpp", r"apps/cli/doctor_verb\.cc"),
    Room("Boost.JSON", r"boost/json", r"(engine|apps)/.*|tests/.*", None),
    Room("GoogleTest", r"gtest/|gmock/", TESTS, None),
    Room("Google Benchmark", r"benchmark/", r".*_bench\.cc|bench/.*", None),
    Room("sanitizer interfaces", r"sanitizer/", r"tests/sanitizers/.*|.*_fuzz\.cc", None),
]
TARGETS = {"Boost.JSON": "Boost::json"}
"""Libraries of many rooms: a module that includes one names it in cmake/modules.cmake."""
SYSTEM = re.compile(
    r"[a-z_0-9]+$"  # the C++ standard library has no suffix
    r"|(sys|netinet|arpa|linux|net)/\w+\.h$"
    r"|(unistd|fcntl|fnmatch|signal|dirent|poll|netdb|pthread|sched|spawn|dlfcn|elf|link|termios|immintrin|cpuid|x86intrin|cxxabi|execinfo|malloc|stdlib|time)\.h$"
)


def room_of(header: str) -> Room | None:
    return next((room for room in ROOMS if re.match(room.header, header)), None)


def check_rooms(tree: SourceTree) -> list[str]:
    """Every include in angle brackets is the system's, or stands in its library's room."""
    modules = read_modules(tree)
    complaints: list[str] = []
    visitors: dict[Room, set[str]] = {room: set() for room in ROOMS}
    for path in tree.cpp():
        here = module_of(path, modules)
        for line, header, quoted in includes(tree.texts[path]):
            room = room_of(header)
            if quoted or (room is None and SYSTEM.match(header)):
                continue
            if room is None:
                complaints.append(f"{path}:{line}: <{header}> is of no known library; tests/tidy/libraries.py lists them")
            elif not re.fullmatch(room.where, path):
                complaints.append(f"{path}:{line}: {room.library} may not be included here, only in {room.where}")
            elif here and not is_test(path) and room.library in TARGETS and TARGETS[room.library] not in here.uses:
                complaints.append(f"{path}:{line}: module {here.name} includes {room.library} but does not name {TARGETS[room.library]}")
            else:
                visitors[room].add(path)
    for room, paths in visitors.items():
        if room.files is not None and len(paths) > room.files:
            complaints.append(f"{room.library} is included by {len(paths)} files, at most {room.files} may: {', '.join(sorted(paths))}")
    return complaints
