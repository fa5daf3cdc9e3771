"""Files that nothing builds or includes, and options that nothing reads."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from source_tree import SourceTree, includes, is_test, stem

FIELD = re.compile(r"\bv\.(?:required_)?field\(\s*\"(\w+)\",\s*([\w.]+)")


def included_by(tree: SourceTree) -> dict[str, set[str]]:
    """Maps each included path to the files that include it."""
    users: dict[str, set[str]] = {}
    for path in tree.cpp():
        for _, target, _ in includes(tree.texts[path]):
            users.setdefault(target, set()).add(path)
    return users


def check_files(tree: SourceTree) -> list[str]:
    """A source is named by a CMakeLists.txt above it, a header is included by a file other than its own source
    and test, and a tool is named by the Makefile, a document or another file."""
    complaints = []
    listed = {path: tree.texts[path] for path in tree.texts if path.endswith("CMakeLists.txt")}
    users_of = included_by(tree)
    for path in tree.cpp():
        if path.endswith(".cc"):
            above = [str(parent / "CMakeLists.txt") for parent in PurePosixPath(path).parents]
            if not any(PurePosixPath(path).name in listed.get(name, "") for name in above):
                complaints.append(f"{path}: no CMakeLists.txt builds it")
        elif path.endswith(".inc"):  # included through a macro that holds its path
            if not any(path in text for text in tree.texts.values()):
                complaints.append(f"{path}: nothing names it")
        elif all(stem(user) == stem(path) for user in users_of.get(path, set())):
            complaints.append(f"{path}: nothing but its own source and test includes it")
    for path in tree.texts:
        if path.startswith("tools/") and path.count("/") == 1:
            name = PurePosixPath(path).name.removesuffix(".py")
            if not any(re.search(rf"\b{re.escape(name)}\b", text) for other, text in tree.texts.items() if other != path):
                complaints.append(f"{path}: nothing mentions it")
    return complaints


def described_fields(text: str) -> list[tuple[str, str]]:
    """(name, member) of each field that a describe() shows."""
    return FIELD.findall(text)


def check_options(tree: SourceTree) -> list[str]:
    """What a describe() offers is read somewhere: through an object, or by the config's own source."""
    only_in_tests = {path for path, users in included_by(tree).items() if all(is_test(user) for user in users)}
    sources = {path: re.sub(r"^\s*///.*$", "", tree.texts[path], flags=re.MULTILINE) for path in tree.cpp() if not is_test(path) and path not in only_in_tests}
    complaints = []
    for path, text in sources.items():
        for name, member in described_fields(text):
            last = member.split(".")[-1]
            through_object = re.compile(rf"(?:\.|->|::){last}\b")
            own = [other for other in sources if stem(other) == stem(path) and other.endswith(".cc")]
            read = any(through_object.search(FIELD.sub("", other)) for other in sources.values())
            if not read and not any(re.search(rf"\b{last}\b", sources[other]) for other in own):
                complaints.append(f"{path}: option '{name}' is described, and nothing reads {member}")
    return complaints
