"""Sizes of files and functions."""

from __future__ import annotations

import ast
import re

from source_tree import SourceTree

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60
REASON = re.compile(r"(?i)longer than \d+ lines|over \d+ lines|long because|one file because")
RAW_STRING = re.compile(r'R"(\w*)\(.*?\)\1"', re.DOTALL)
BLANK = "\0\n"
NOT_A_FUNCTION = re.compile(r"\s*(namespace|class|struct|enum|union|if|else|for|while|switch|do|try|extern|#)\b")


def check_file_length(tree: SourceTree) -> list[str]:
    """At most 600 lines, unless one of the first five says why."""
    complaints = []
    for path in [*tree.cpp(), *tree.python()]:
        lines = tree.texts[path].splitlines()
        if len(lines) > MAX_FILE_LINES and not REASON.search("\n".join(lines[:5])):
            complaints.append(f"{path}: {len(lines)} lines, at most {MAX_FILE_LINES}: split it, or say at the top why it is one file")
    return complaints


def without_raw_strings(text: str) -> str:
    """Blanks the lines inside raw string literals: they are data, not code."""
    return RAW_STRING.sub(lambda found: BLANK * found[0].count("\n") if "\n" in found[0] else found[0], text)


def cpp_functions(text: str) -> list[tuple[int, int]]:
    """Line number and length of each function, read from the layout that clang-format gives: a body ends where a brace
    stands as far left as the line that opened it."""
    lines = without_raw_strings(text).splitlines()
    functions = []
    for start, line in enumerate(lines):
        opening = re.match(r"( {0,8})(: )?\S.*\)[^;{}()]*\{$", line)
        if not opening or NOT_A_FUNCTION.match(line) or "[" in line.split("(")[0].replace("[[", ""):
            continue
        indent = opening[1][4:] if opening[2] else opening[1]  # initialisers of a constructor stand 4 columns in
        end = next((at for at in range(start + 1, len(lines)) if re.match(rf"{indent}\}}", lines[at])), start)
        functions.append((start + 1, sum(row != BLANK.strip("\n") for row in lines[start : end + 1])))
    return functions


def check_function_length(tree: SourceTree) -> list[str]:
    """At most 60 lines."""
    sizes = [(path, *function) for path in tree.cpp() for function in cpp_functions(tree.texts[path])]
    for path in tree.python():
        for node in ast.walk(ast.parse(tree.texts[path])):
            if isinstance(node, ast.FunctionDef):
                sizes.append((path, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1))
    return [
        f"{path}:{line}: a function of {length} lines, at most {MAX_FUNCTION_LINES}" for path, line, length in sizes if length > MAX_FUNCTION_LINES
    ]
