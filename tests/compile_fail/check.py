#!/usr/bin/env python3
"""Checks that a piece of code fails to compile, and for the stated reason alone.

Usage: check.py COMPILE_DATABASE [--verdict VERDICT] CASE.cpp

A case is one file:

    // expect: <regular expression>
    #include ...
    #ifdef TENANTRY_MUST_FAIL
    the mistake
    #else
    its good twin
    #endif

Both halves are compiled (syntax only) with the project's compiler and flags, as the compile
database has them. Verdicts:

    good          the twin compiles, the mistake doesn't, and every error the compiler reports
                  about the mistake matches the expression
    no_reason     the first line states no expression
    bad_twin      the twin doesn't compile: the case proves nothing
    compiles      the mistake compiles
    wrong_reason  the mistake fails with some error that doesn't match

Exit code: 0 if the verdict is `good`, or the one asked for with --verdict.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys


def compile_command(database, source):
    """The project's command for `source`, without launcher and output."""
    for entry in json.loads(database.read_text()):
        if pathlib.Path(entry["file"]).resolve() == source:
            break
    else:
        sys.exit(f"{source} is not in {database}: configure the build again")
    words = shlex.split(entry["command"])
    start = next(i for i, word in enumerate(words) if re.search(r"(g\+\+|clang\+\+)[-\d.]*$", word))
    command, rest = [], iter(words[start:])
    for word in rest:
        if word == "-o":
            next(rest)
        elif word != "-c":
            command.append(word)
    return [*command, "-fsyntax-only", "-fdiagnostics-color=never"], entry["directory"]


def run(command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C"})


def judge(database, source):
    """Returns (verdict, explanation)."""
    first_line = source.read_text().split("\n", 1)[0]
    stated = re.fullmatch(r"// expect: (.+)", first_line)
    if not stated:
        return "no_reason", "the first line must be: // expect: <regular expression>"
    reason = re.compile(stated[1])
    command, folder = compile_command(database, source)

    twin = run(command, folder)
    if twin.returncode != 0:
        return "bad_twin", twin.stderr
    mistake = run([*command, "-DTENANTRY_MUST_FAIL"], folder)
    if mistake.returncode == 0:
        return "compiles", "the mistake compiles"
    errors = [line for line in mistake.stderr.splitlines() if re.search(r"\b(fatal )?error: ", line)]
    strange = [line for line in errors if not reason.search(line)]
    if strange or not errors:
        return "wrong_reason", f"expected: {stated[1]}\n" + ("\n".join(strange) or mistake.stderr)
    return "good", "\n".join(errors)


def main():
    arguments = sys.argv[1:]
    wanted = "good"
    if "--verdict" in arguments:
        at = arguments.index("--verdict")
        wanted = arguments[at + 1]
        del arguments[at:at + 2]
    if len(arguments) != 2:
        sys.exit(__doc__)
    verdict, explanation = judge(*[pathlib.Path(word).resolve() for word in arguments])
    print(f"verdict: {verdict}\n{explanation}")
    return 0 if verdict == wanted else 1


if __name__ == "__main__":
    sys.exit(main())
