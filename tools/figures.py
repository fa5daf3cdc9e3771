"""Writes measured figures into documents: `python tools/figures.py` after `make bars`.

Between `<!-- figure NAME -->` and `<!-- /figure -->` stands the figure of bench/results/NAME.json. tests/tidy fails where a
document shows another.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIGURE = re.compile(r"(<!-- figure (\w+) -->)(.*?)(<!-- /figure -->)", re.DOTALL)


def shown(record: dict) -> str:
    """`4.83 s`, `0.172`, `1,234`: four significant digits, thousands apart."""
    value = record["measured"]
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{text} {record['unit']}".strip()


def filled(document: str, records: dict[str, dict]) -> str:
    """The document with every figure that has a record brought up to date; one without a record reads `not measured`."""

    def figure(found: re.Match) -> str:
        text = shown(records[found[2]]) if found[2] in records else "not measured"
        return f"{found[1]}{text}{found[4]}"

    return FIGURE.sub(figure, document)


def main() -> None:
    records = {path.stem: json.loads(path.read_text()) for path in (ROOT / "bench" / "results").glob("*.json")}
    listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    for path in (ROOT / name for name in listing.stdout.splitlines()):
        text = path.read_text()
        if (fresh := filled(text, records)) != text:
            path.write_text(fresh)
            print(f"figures: {path.relative_to(ROOT)} brought up to date")


if __name__ == "__main__":
    sys.exit(main())
