"""Installs what is missing of the dependency groups named on the command line.

The list is tools/dependencies.toml. Debian packages need root; wheels go into the virtual environment build/env.
A stamp per group holds a digest of the group's list and of the package versions found, so that a second run costs one
dpkg-query. Without root, or on another system, the one line that the user must run is printed, and nothing is changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shlex
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / "build" / "env"
CONTAINER_LINE = (
    'docker run --rm -it -v "$PWD":/shortlist -w /shortlist debian:bookworm '
    "sh -c 'apt-get update && apt-get install -y git make ca-certificates && make demo'"
)
Group = dict[str, list]


def fail(message: str) -> None:
    sys.exit(f"setup: {message}")


def installed_versions(packages: list[str]) -> dict[str, str]:
    """Maps each installed package to its version."""
    form = "${Package} ${db:Status-Status} ${Version}\n"
    answer = subprocess.run(["dpkg-query", "-W", "-f", form, *packages], capture_output=True, text=True, check=False).stdout
    rows = (line.split(" ") for line in answer.splitlines())
    return {name: version for name, status, version in rows if status == "installed"}


def split_requirement(line: str) -> tuple[str, str | None]:
    """Splits `name >= version` into its two parts; the version may be absent."""
    name, _, version = line.partition(" >= ")
    return name, version or None


def missing_packages(lines: list[str]) -> list[str]:
    """Names of the packages that are absent or too old."""
    wanted = dict(split_requirement(line) for line in lines)
    found = installed_versions(list(wanted)) if wanted else {}

    def too_old(name: str) -> bool:
        least = wanted[name]
        return least is not None and subprocess.run(["dpkg", "--compare-versions", found[name], "ge", least], check=False).returncode != 0

    return [name for name in wanted if name not in found or too_old(name)]


def install_packages(names: list[str]) -> None:
    if os.geteuid() != 0:
        fail("packages are missing; run: sudo apt-get install -y --no-install-recommends " + " ".join(names))
    print(f"setup: installing {len(names)} Debian packages", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
    log = ROOT / "build" / "setup-apt.log"
    with log.open("w") as out:
        command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *names]
        code = subprocess.run(command, check=False, env=environment, stdout=out, stderr=subprocess.STDOUT).returncode
    if code != 0:
        fail("apt-get failed:\n" + "".join(log.read_text().splitlines(keepends=True)[-15:]))


def requirement(line: str) -> str:
    """Turns `name==1.0 sha256:abc` into a line of a pip requirements file."""
    name, digest = line.split(" ")
    return f"{name} --hash={digest}"


def pip(command: str, lines: list[str], *options: str) -> None:
    """Runs pip on pinned packages; it checks each file against its hash."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write("\n".join(requirement(line) for line in lines) + "\n")
        requirements.flush()
        python = str(ENVIRONMENT / "bin" / "python")
        fixed = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "-r", requirements.name]
        answer = subprocess.run([python, "-m", "pip", command, *fixed, *options], check=False, capture_output=True, text=True)
    if answer.returncode != 0:
        fail(f"pip {command} failed:\n{answer.stdout[-2000:]}{answer.stderr[-2000:]}")


def install_wheels(lines: list[str]) -> None:
    if not lines:
        return
    print(f"setup: installing {len(lines)} wheels", flush=True)
    if not (ENVIRONMENT / "bin" / "python").exists():
        subprocess.run(["/usr/bin/python3", "-m", "venv", str(ENVIRONMENT)], check=True)
    pip("install", lines, "--only-binary", ":all:")


def unpack_source(source: dict[str, str]) -> None:
    """Unpacks one folder of a source package into the environment."""
    target = ENVIRONMENT / source["into"]
    if (target / source["unpack"]).is_dir():
        return
    with tempfile.TemporaryDirectory() as folder:
        name = source["package"].split("==")[0]
        pip("download", [source["package"]], "--no-binary", name, "--dest", folder)
        archive_path = next(Path(folder).glob("*.tar.gz"))
        with tarfile.open(archive_path) as archive:
            for member in archive.getmembers():
                parts = Path(member.name).parts[1:]  # without the folder named after the release
                if member.isfile() and parts[:1] == (source["unpack"],) and ".." not in parts:
                    path = target.joinpath(*parts)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.extractfile(member).read())


def digest(group: Group) -> str:
    """Changes when the group's list changes, or a package of it is installed, upgraded or removed."""
    names = [split_requirement(line)[0] for line in group.get("debian", [])]
    found = installed_versions(names) if names else {}
    return hashlib.sha256(repr((group, sorted(found.items()))).encode()).hexdigest()


def set_up(name: str, group: Group) -> None:
    stamp = ENVIRONMENT / f"group-{name}.stamp"
    if stamp.exists() and stamp.read_text() == digest(group):
        return
    missing = missing_packages(group.get("debian", []))
    if missing:
        install_packages(missing)
    install_wheels(group.get("wheels", []))
    for source in group.get("sources", []):
        unpack_source(source)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest(group))


def check_system(suite: str, machine: str) -> None:
    release = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    if release.get("VERSION_CODENAME") != suite or platform.machine() != machine:
        fail(f"this is not Debian {suite} on {machine}; run: {CONTAINER_LINE}")


def main(names: list[str]) -> None:
    listing = tomllib.loads((ROOT / "tools" / "dependencies.toml").read_text())
    groups = {name: value for name, value in listing.items() if isinstance(value, dict)}
    unknown = [name for name in names if name not in groups]
    if unknown or not names:
        fail(f"usage: tools/setup GROUP...; groups are {', '.join(groups)}; got {shlex.join(names) or 'none'}")
    check_system(listing["suite"], listing["machine"])
    (ROOT / "build").mkdir(exist_ok=True)
    with (ROOT / "build" / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in names:
            set_up(name, groups[name])


if __name__ == "__main__":
    main(sys.argv[1:])
