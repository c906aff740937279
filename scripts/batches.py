#!/usr/bin/env python3
"""Shares C++ sources out over batches, each of which compiles as one translation unit that includes
them: no two files of a batch declare the same name in an unnamed namespace.

Usage: batches.py SIZE FILE...      prints a batch a line, its files separated by semicolons
"""

import pathlib
import re
import sys

# Unnamed namespaces and what they declare, as clang-format lays them out.
UNNAMED = re.compile(r"^namespace \{\n(.*?)^\}  // namespace$", re.MULTILINE | re.DOTALL)
DECLARED = re.compile(r"^(?!using |namespace )[\w[][^\n(={;]*?[ *&](\w+)(?: final)? ?(?:[({=;[]|:(?!:))",
                      re.MULTILINE)


def share_out(sources, size, text_of):
    """Batches of at most `size` sources, each source in the first one that it fits into."""
    batches = []
    for source in sources:
        names = set(DECLARED.findall("".join(UNNAMED.findall(text_of(source)))))
        fitting = (b for b in batches if len(b[0]) < size and not b[1] & names)
        batch, taken = next(fitting, ([], set()))
        if not batch:
            batches.append((batch, taken))
        batch.append(source)
        taken |= names
    return [batch for batch, _ in batches]


if __name__ == "__main__":
    for shared in share_out(sys.argv[2:], int(sys.argv[1]),
                            lambda path: pathlib.Path(path).read_text(errors="replace")):
        print(";".join(shared))
