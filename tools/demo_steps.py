"""Steps 2 to 5 of `make demo`: build, make a world and learn from it, serve, ask.

What the steps say goes to build/demo.log, in which tools/demo has begun. A step that fails shows the end of that log, and the demo
ends with 1. KEEP=1 leaves the server up. The sizes below were chosen so that a second run takes less than a minute on two cores.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
LOG = BUILD / "demo.log"
PROJECT = Path("build/demo-project")
PROGRAM = "./shortlist"
WORLD = ["--users", "4000", "--items", "12000", "--interactions", "300000"]
STEPS = 5
START_SECONDS = 60
BUILD_SECONDS_COLD, BUILD_SECONDS_WARM, LEARN_SECONDS, ASK_SECONDS = 480, 3, 30, 3
LOG_LINES_SHOWN = 20
ITEMS_SHOWN = 5
KNOWN_USER, NEW_USER = "u17", "somebody-new"
Answer = dict[str, Any]


class StepFailed(Exception):
    """A step did not end well; the log says why."""


@dataclass
class Step:
    """One numbered line, which on a terminal also shows the time left."""

    number: int
    title: str
    seconds: float  # expected, of this step
    seconds_after: float  # expected, of the steps after it

    def __post_init__(self) -> None:
        self.started = time.monotonic()
        self.drawn_at = 0.0
        print(f"{self.number}/{STEPS}  {self.title} (about {in_words(self.seconds + self.seconds_after)} left)", flush=True)

    def show_left(self, share: float) -> None:
        """Draws the time left, at most once a second; `share` of this step is done, 0 where that is not known."""
        now = time.monotonic()
        if not sys.stdout.isatty() or now - self.drawn_at < 1:
            return
        self.drawn_at = now
        spent = now - self.started
        left = spent * (1 - share) / share if share > 0.02 else max(self.seconds - spent, 1)
        print(f"\r     about {in_words(left + self.seconds_after)} left   ", end="", flush=True)

    def done(self) -> None:
        start = "\r" if sys.stdout.isatty() else ""
        print(f"{start}     done in {time.monotonic() - self.started:.0f} s          ".rstrip(), flush=True)


def in_words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def share_built() -> float:
    """What the last [done/all] of the build says."""
    found = re.findall(r"^\[(\d+)/(\d+)\]", LOG.read_text(errors="replace"), re.MULTILINE)
    return int(found[-1][0]) / int(found[-1][1]) if found else 0


def run_logged(step: Step, command: list[str]) -> str:
    """Runs a command to its end and returns its standard output, which also goes to the log."""
    with LOG.open("a") as log, (BUILD / "demo-output.txt").open("w+") as output:
        log.write(f"$ {' '.join(command)}\n")
        log.flush()
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=log)
        try:
            while process.poll() is None:
                step.show_left(share_built() if step.number == 2 else 0)
                time.sleep(0.1)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        output.seek(0)
        text = output.read()
        log.write(text)
    if process.returncode != 0:
        raise StepFailed(f"step {step.number} failed: {' '.join(command)} ended with {process.returncode}")
    step.done()
    return text


def build_programs() -> None:
    cold = not (BUILD / "release/apps/cli/shortlist").exists()
    seconds = BUILD_SECONDS_COLD if cold else BUILD_SECONDS_WARM
    step = Step(2, "build the programs", seconds, LEARN_SECONDS + ASK_SECONDS)
    # Through a shell that sends the compiler's lines to the log while they come, so that the share built is known.
    run_logged(step, ["sh", "-c", f"tools/build release programs >>{LOG.relative_to(ROOT)} 2>&1"])


def learn() -> Answer:
    step = Step(3, f"generate a world of short videos, import it, train, evaluate, in {PROJECT}", LEARN_SECONDS, ASK_SECONDS)
    return json.loads(run_logged(step, [PROGRAM, "demo", "--folder", str(PROJECT), *WORLD, "--json"]))


def start_server() -> tuple[subprocess.Popen[bytes], str]:
    """The server's process and address, once it listens."""
    step = Step(4, "start the server", 1, ASK_SECONDS - 1)
    begin = LOG.stat().st_size
    with LOG.open("a") as log:
        command = [PROGRAM, "serve", "--project", str(PROJECT), "--listen", "127.0.0.1:0"]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    while process.poll() is None and time.monotonic() - step.started < START_SECONDS:
        with LOG.open(errors="replace") as log:
            log.seek(begin)
            if found := re.search(r"^listening on (http://\S+)$", log.read(), re.MULTILINE):
                step.done()
                return process, found[1]
        time.sleep(0.05)
    stop(process)
    raise StepFailed("step 4 failed: the server did not start")


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait()


def ask(address: str, path: str, body: Answer | None = None) -> Answer:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)
    except OSError as error:
        raise StepFailed(f"step 5 failed: {path} was not answered: {error}") from error


def described(feature: Answer) -> str:
    """`age item uploaded at 6.7 h`: the name in words, and times, which features count in seconds, in hours or days."""
    value = feature["value"]
    text = "none" if value is None else f"{value:.3g}"
    if value is not None and feature["name"].startswith(("age_", "recency_")):
        text = f"{value / 3600:.1f} h" if value < 2 * 86400 else f"{value / 86400:.0f} days"
    name = re.sub(r"(user|item)x(user|item)\.", r"\1 x ", feature["name"]).replace("_", " ")
    return f"{name} {feature['category'] or text} ({feature['contribution']:+.2f})"


def reason(item: Answer) -> str:
    """`taste #3, trending #10; most by age item uploaded at 6.7 h (+0.59), rate user x creator watched per impression 0.22 (+0.57)`"""
    proposed = ", ".join(f"{part['retriever']} #{part['rank']}" for part in item.get("reasons", []))
    moved = [feature for feature in item.get("features", []) if feature["contribution"]][:2]
    return "; most by ".join(part for part in (proposed, ", ".join(described(feature) for feature in moved)) if part)


def print_list(question: str, answer: Answer) -> None:
    print(f"\n  {question}")
    for place, item in enumerate(answer["items"], 1):
        print(f"    {place}. {item['title'] or item['id']:44} {item['score']:7.3f}")
        if why := reason(item):
            print(f"       {why}")
    for part in answer["degraded"]:
        print(f"    left out: {part}")


def print_quality(report: Answer) -> None:
    print("\n  How good the lists are, on the last day, which no model here had seen (NDCG@10 over the whole catalogue, 95 % interval):")
    for row in report["metrics"]:
        if row["metric"] == "ndcg@10":
            print(f"    {row['stage']:12} {row['mean']:.4f}   {row['low']:.4f} to {row['high']:.4f}")
    print("  random and popularity are there to compare with; oracle knows the world's true probabilities and is out of reach.")


def ask_three(address: str) -> None:
    step = Step(5, "ask three questions over HTTP", ASK_SECONDS - 1, 0)
    known = ask(address, "/v1/recommend", {"user": KNOWN_USER, "k": ITEMS_SHOWN, "explain": True})
    newcomer = ask(address, "/v1/recommend", {"user": NEW_USER, "k": ITEMS_SHOWN, "explain": True})
    if not known["items"]:
        raise StepFailed(f"step 5 failed: the list for {KNOWN_USER} is empty")
    first = known["items"][0]
    similar = ask(address, f"/v1/similar/{quote(first['id'], safe='')}?k={ITEMS_SHOWN}")
    step.done()
    print("\n  Each item with its score, who proposed it at which place, and the two features that moved its score most. Where the project asks")
    print("  for diversity, an item may stand above one of a higher score.")
    print_list(f"For {KNOWN_USER}, whose history is known:", known)
    print_list("For somebody new:", newcomer)
    print_list(f"Like \"{first['title'] or first['id']}\":", similar)


def print_next(address: str, kept: int | None) -> None:
    """`kept` is the process id of the server where it was left up."""
    if kept is None:
        address = "http://127.0.0.1:8080"
        print(f"\n  The server is stopped; KEEP=1 make demo leaves it up, {PROGRAM} serve --project {PROJECT} starts it again. Then try:")
    else:
        print(f"\n  The server is up at {address}; stop it with: kill {kept}. Try:")
    print(f"    curl {address}/v1/recommend -H 'Content-Type: application/json' -d '{{\"user\": \"u42\", \"k\": 3}}'")
    print("  Next, your own data, in a folder of its own: shortlist init --events YOUR.csv (docs/tutorial.md)")


def main() -> int:
    process = None
    keep = os.environ.get("KEEP") == "1"
    well = False
    try:
        build_programs()
        report = learn()
        process, address = start_server()
        ask_three(address)
        print_quality(report)
        print_next(address, process.pid if keep else None)
        well = True
    except StepFailed as failure:
        print(f"demo: {failure}; the end of {LOG.relative_to(ROOT)}:", file=sys.stderr)
        print("\n".join(LOG.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: stopped", file=sys.stderr)
        return 130
    finally:
        if process is not None and not (keep and well):
            stop(process)
    return 0


if __name__ == "__main__":
    sys.exit(main())
