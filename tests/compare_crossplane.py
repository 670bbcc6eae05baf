#!/usr/bin/env python3
"""Compares the payload of `wslint parse` with that of crossplane.

    compare_crossplane.py [--includes] WSLINT_BINARY PATH...

A PATH is a configuration file, or a folder of which every file is read. Of each file that
crossplane reads without an error, names, arguments, lines, blocks and comments are compared, all
the way down; with --includes also the files that it includes and their numbers.

Prints how many files are equal and why the others differ. Exit status 1: some differ for a reason
that is not among EXPLAINED and REFUSED below. Needs `pip install crossplane`; written for 0.5.8.
"""

import argparse
import collections
import copy
import json
import os
import subprocess
import sys

import crossplane

# What `crossplane.parse` and `wslint parse` are asked for. Which directive may stand where, with
# how many arguments, is no question of the tree.
CROSSPLANE = {"comments": True, "check_ctx": False, "check_args": False}
WSLINT = ["parse", "--include-comments"]


def statements(parsed):
    """Every statement of a file, each before those inside it."""
    stack = list(reversed(parsed))
    while stack:
        statement = stack.pop()
        yield statement
        stack.extend(reversed(statement.get("block", ())))


# Where crossplane reads other words than nginx's ngx_conf_read_token, wslint follows nginx. Each
# function here takes what one such difference is about out of a file's statements.


def drop_unended_comment(config):
    """crossplane drops a comment at the end of a file that has no newline there"""
    with open(config["file"], "rb") as file:
        text = file.read()
    last = config["parsed"][-1] if config["parsed"] else {"line": None, "directive": None}
    if last["directive"] == "#" and last["line"] == text.count(b"\n") + 1:
        config["parsed"].pop()


def drop_last_backslash(config):
    """crossplane drops the backslash at the end of a comment"""
    for statement in statements(config["parsed"]):
        comment = statement.get("comment", "")
        if (len(comment) - len(comment.rstrip("\\"))) % 2:
            statement["comment"] = comment[:-1]


def split_at_blanks(config):
    """crossplane takes the blank behind `${name}`, and the next word, for more of the same word"""
    for statement in statements(config["parsed"]):
        words = [statement["directive"], *statement["args"]]
        if any("${" in word for word in words):
            statement["args"] = " ".join(words).split()


def end_lines_with_lf(config):
    """crossplane reads CRLF as LF, in quotes and Lua code too"""
    for statement in statements(config["parsed"]):
        statement["args"] = [arg.replace("\r\n", "\n") for arg in statement["args"]]


EXPLAINED = [drop_unended_comment, drop_last_backslash, split_at_blanks, end_lines_with_lf]


# Why wslint may find syntax errors in a file that crossplane has none in. The trees are not
# compared then: wslint's is a guess at what was meant.


def refused_with_arguments(path, _parsed):
    """crossplane refuses it too when it counts arguments"""
    return crossplane.parse(path, single=True, check_ctx=False)["status"] != "ok"


def is_template(_path, parsed):
    """it is a template: `{` or `<%` stands where a directive should start, and nginx refuses it"""
    return any(statement["directive"] in ("{", "<%") for statement in statements(parsed))


def has_block_in_map(_path, parsed):
    """a block stands inside a `map`, and nginx refuses it"""
    maps = (statement for statement in statements(parsed) if statement["directive"] == "map")
    return any("block" in entry for entries in maps for entry in entries.get("block", ()))


REFUSED = [refused_with_arguments, is_template, has_block_in_map]


# Why the two may read other files with --includes.


def has_absolute_include(_path, parsed):
    """an include is absolute: wslint looks for /etc/nginx in the configuration's own folder"""
    includes = (statement for statement in statements(parsed) if "includes" in statement)
    return any(os.path.isabs(arg) for include in includes for arg in include["args"])


def is_fragment(_path, parsed):
    """it is a part of a configuration: wslint looks for includes in the folders around it too"""
    return not any(statement["directive"] in ("http", "events", "stream") for statement in parsed)


ELSEWHERE = [has_absolute_include, is_fragment]


def first_difference(ours, theirs, place="config"):
    """Where two values first differ, and what stands there."""
    while type(ours) is type(theirs) and isinstance(ours, (dict, list)):
        keys = list(ours) if isinstance(ours, dict) else range(max(len(ours), len(theirs)))
        if isinstance(ours, dict) and keys != list(theirs):
            break
        key = next(key for key in keys if differ(item(ours, key), item(theirs, key)))
        place, ours, theirs = f"{place}[{key!r}]", item(ours, key), item(theirs, key)
    return f"{place}\n  wslint:     {shown(ours)}\n  crossplane: {shown(theirs)}"


def item(value, key):
    """One item of a list or dict; `None` behind the end of a list."""
    return None if isinstance(value, list) and key >= len(value) else value[key]


def shown(value):
    """A value in so much text that it can be recognised."""
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def differ(ours, theirs):
    """Whether two values differ, in the order of their fields too."""
    return json.dumps(ours) != json.dumps(theirs)


def run_wslint(binary, path, single):
    """The payload of wslint, and what it said when there is none."""
    command = [binary, *WSLINT, *(["--no-includes"] if single else []), path]
    run = subprocess.run(command, capture_output=True, check=False)
    if not run.stdout:
        return None, f"wslint wrote nothing: {run.stderr.decode(errors='replace')}"
    return json.loads(run.stdout), None


def with_plain_paths(payload):
    """The payload with one spelling of each file's name."""
    for config in payload["config"]:
        config["file"] = os.path.normpath(config["file"])
    return payload


def explained_by(ours, theirs):
    """The differences of EXPLAINED that are all there is, if so."""
    for functions in [*([one] for one in EXPLAINED), EXPLAINED]:
        left = copy.deepcopy([ours, theirs])
        for config in (config for payload in left for config in payload["config"]):
            for function in functions:
                function(config)
        if not differ(*left):
            return functions
    return None


def compare(binary, path, single):
    """The outcome for one file, whether it is as it should be, and the first difference."""
    theirs = crossplane.parse(path, single=single, **CROSSPLANE)
    if theirs["status"] != "ok":
        return "not compared: crossplane cannot read it", True, None
    ours, trouble = run_wslint(binary, path, single)
    if not ours:
        return "not explained", False, trouble
    parsed = [statement for config in theirs["config"] for statement in config["parsed"]]
    if ours["status"] == "ok":
        with_plain_paths(ours)
        with_plain_paths(theirs)
        if not differ(ours, theirs):
            return "equal", True, None
        difference = first_difference(ours["config"], theirs["config"])
        functions = explained_by(ours, theirs)
        if functions:
            reason = functions[0].__doc__ if len(functions) == 1 else "several of these reasons"
            return f"different: {reason}", True, difference
        reasons = []
    else:
        difference = f"only wslint finds an error: {ours['errors'][0]}"
        reasons = REFUSED
    for reason in [*reasons, *([] if single else ELSEWHERE)]:
        if reason(path, parsed):
            return f"not compared: {reason.__doc__}", True, None
    return "not explained", False, difference


def files(paths):
    """The files that are meant, in a fixed order."""
    for path in map(os.path.normpath, paths):
        if not os.path.isdir(path):
            yield path
        for folder, folders, names in os.walk(path):
            folders.sort()
            yield from (os.path.normpath(os.path.join(folder, name)) for name in sorted(names))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--includes", action="store_true", help="follow includes")
    parser.add_argument("binary", metavar="WSLINT_BINARY")
    parser.add_argument("paths", metavar="PATH", nargs="+")
    arguments = parser.parse_args()
    counts = collections.Counter()
    all_well = True
    for path in files(arguments.paths):
        outcome, is_well, difference = compare(
            arguments.binary, path, single=not arguments.includes
        )
        counts[outcome] += 1
        all_well &= is_well
        if difference:
            print(f"{path}: {outcome}\n  {difference}")
    for outcome, count in sorted(counts.items()):
        print(f"{count:6} {outcome}")
    return 0 if all_well else 1


if __name__ == "__main__":
    sys.exit(main())
