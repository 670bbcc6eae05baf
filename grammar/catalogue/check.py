#!/usr/bin/env python3
"""Compares the catalogue with nginx itself.

    check.py NGINX_SOURCE_DIR NGINX_ORG_XML_DIR

The first is a checkout of nginx, the second the `xml` folder of a checkout of nginx.org. Every entry of every
ngx_command_t table must be in the catalogue with the same contexts and numbers of arguments, and the other way
round; every directive that nginx.org documents must be there with the contexts that it gives. The same holds
for the names of variables. Differences are printed, and the exit status is 1.
"""

import re
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path

OWN = ("core", "http", "stream", "mail")
ALL = (*OWN, "commercial", "third-party")

# Words of nginx.org for contexts, by folder of the documentation.
WORDS = {
    "http": {
        "if in location": "if-location",
        "if in server": "if-server",
        "limit_except": "limit-except",
    },
    "stream": {"server": "stream-server", "upstream": "stream-upstream"},
    "mail": {"server": "mail-server"},
}

FLAGS = {
    "core": {"NGX_MAIN_CONF": "main", "NGX_EVENT_CONF": "events"},
    "http": {
        "NGX_MAIN_CONF": "main",
        "NGX_HTTP_MAIN_CONF": "http",
        "NGX_HTTP_SRV_CONF": "server",
        "NGX_HTTP_LOC_CONF": "location",
        "NGX_HTTP_SIF_CONF": "if-server",
        "NGX_HTTP_LIF_CONF": "if-location",
        "NGX_HTTP_LMT_CONF": "limit-except",
        "NGX_HTTP_UPS_CONF": "upstream",
    },
    "stream": {
        "NGX_MAIN_CONF": "main",
        "NGX_STREAM_MAIN_CONF": "stream",
        "NGX_STREAM_SRV_CONF": "stream-server",
        "NGX_STREAM_UPS_CONF": "stream-upstream",
    },
    "mail": {
        "NGX_MAIN_CONF": "main",
        "NGX_MAIL_MAIN_CONF": "mail",
        "NGX_MAIL_SRV_CONF": "mail-server",
    },
}

ENTRY = re.compile(r'\{\s*ngx_string\(\s*"([^"]+)"\s*\)\s*,\s*([A-Z0-9_|\s]+?)\s*,\s*\w+\s*,')
COMMANDS = re.compile(r"ngx_command_t\s+\w+\s*\[\]\s*=\s*\{(.*?)ngx_null_command", re.S)
VARIABLES = re.compile(r"ngx_(http|stream)_variable_t\s+\w+\s*\[\]\s*=\s*\{(.*?)\n\};", re.S)
VARIABLE = re.compile(r'\{\s*ngx_string\(\s*"([^"]+)"\s*\)(.*?)\}', re.S)


def read_catalogue(folder, files, columns):
    """The rows of some files, without comments."""
    for file in files:
        for number, line in enumerate((folder / f"{file}.txt").read_text().splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            row = line.split()
            if len(row) != columns:
                sys.exit(f"{file}.txt:{number}: {len(row)} columns instead of {columns}")
            yield file, row


def parse_version(text):
    """1.29.7 as a tuple."""
    return tuple(int(part) for part in text.split("."))


def exists_in(version, versions):
    """Whether this version has a definition whose column of versions is this."""
    since, until = (parse_version(text) if text else None for text in versions.split("-"))
    return (since is None or version >= since) and (until is None or version < until)


def source_version(source):
    """The version that the checkout calls itself."""
    header = (source / "src" / "core" / "nginx.h").read_text()
    return parse_version(re.search(r'NGINX_VERSION\s+"([\d.]+)"', header)[1])


def group_of(path):
    """The group of a source file: the folder of its module type."""
    return next((part for part in path.parts if part in OWN[1:]), "core")


def arguments_of(flags):
    """What the catalogue calls these flags; the order of the tests is that of nginx."""
    if "NGX_CONF_ANY" in flags:
        return "0+"
    if "NGX_CONF_FLAG" in flags:
        return "flag"
    if "NGX_CONF_1MORE" in flags:
        return "1+"
    if "NGX_CONF_2MORE" in flags:
        return "2+"
    counts = {0} if "NGX_CONF_NOARGS" in flags else set()
    for flag in flags:
        if match := re.fullmatch(r"NGX_CONF_TAKE(\d+)", flag):
            counts |= {int(digit) for digit in match[1]}
    return ",".join(str(count) for count in sorted(counts))


def read_source(source):
    """Directives as {(group, name, arguments): contexts}, and the names of variables by group."""
    directives, variables = defaultdict(set), set()
    for path in sorted((source / "src").rglob("*.c")):
        text = path.read_text(errors="replace")
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        text = re.sub(r"^#if 0$.*?^#endif$", "", text, flags=re.S | re.M)
        text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
        group = group_of(path.relative_to(source))
        for table in COMMANDS.findall(text):
            entries = ENTRY.findall(table)
            if len(entries) != table.count("ngx_string("):
                sys.exit(f"{path}: a command table is not understood")
            for name, flags in entries:
                flags = set(re.sub(r"\s", "", flags).split("|"))
                found = {word for flag, word in FLAGS[group].items() if flag in flags}
                if "NGX_ANY_CONF" in flags:
                    found = {"any"}
                directives[group, name, arguments_of(flags)] |= found
        for protocol, table in VARIABLES.findall(text):
            for name, rest in VARIABLE.findall(table):
                variables.add((protocol, name + ("*" if "VAR_PREFIX" in rest else "")))
        # Some modules register theirs one by one.
        for match in re.finditer(r"ngx_str_t\s+ngx_(http)_\w+\s*=\s*ngx_string\(\"(\w+)\"\)", text):
            if f"add_variable(cf, &{match[0].split()[1]}" in text:
                variables.add((match[1], match[2]))
    return directives, variables


def read_documentation(xml):
    """Directives as (folder, module, name, contexts)."""
    docs = xml / "en" / "docs"
    for path in sorted(docs.rglob("ngx_*.xml")):
        if path.stem.endswith("_head"):  # a part of another page
            continue
        text = re.sub(r"<!DOCTYPE.*?(\[.*?\])?>", "", path.read_text(), count=1, flags=re.S)
        text = re.sub(r"&(?!(?:amp|lt|gt|quot|apos|#\w+);)\w+;", "", text)
        folder = path.parent.name if path.parent != docs else "core"
        module = path.stem.removeprefix("ngx_").removesuffix("_module")
        for directive in ET.fromstring(text).iter("directive"):
            words = (" ".join("".join(c.itertext()).split()) for c in directive.findall("context"))
            yield folder, module, directive.get("name"), set(words)


def compare_source(folder, source):
    """The differences between the catalogue and the source."""
    version = source_version(source)
    theirs, their_variables = read_source(source)
    ours = defaultdict(set)
    for file, row in read_catalogue(folder, OWN, 10):
        if exists_in(version, row[8]):
            ours[file, row[0], row[2]] |= set(row[1].split(","))
    for key in sorted(theirs.keys() | ours.keys()):
        if theirs.get(key) != ours.get(key):
            where = [" ".join(sorted(side.get(key, ()))) or "nothing" for side in (theirs, ours)]
            yield f"{key[0]}: {key[1]} ({key[2]}): nginx has {where[0]}, the catalogue {where[1]}"

    our_variables = {
        (row[1], row[0])
        for _, row in read_catalogue(folder, ("variables",), 6)
        if row[3] not in ("commercial", "third-party") and exists_in(version, row[4])
    }
    for protocol, name in sorted(their_variables - our_variables):
        yield f"{protocol}: ${name} is missing"
    for protocol, name in sorted(our_variables - their_variables):
        yield f"{protocol}: ${name} is unknown to nginx"


def compare_documentation(folder, xml):
    """What nginx.org documents and the catalogue lacks."""
    ours = defaultdict(set)
    for _, row in read_catalogue(folder, ALL, 10):
        ours[row[0]] |= set(row[1].split(","))
    for where, module, name, words in read_documentation(xml):
        if name not in ours:
            yield f"{module}: {name} is documented and missing"
            continue
        names = WORDS.get(where, {})
        contexts = {names.get(word, word.replace("_", "-")) for word in words}
        if "if" in contexts:  # both kinds of it
            contexts = contexts - {"if"} | {"if-server", "if-location"}
        if (missing := contexts - ours[name]) and ours[name] != {"any"}:
            yield f"{module}: {name} is documented for {' '.join(sorted(missing))}"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = Path(__file__).resolve().parent
    differences = [
        *compare_source(folder, Path(sys.argv[1])),
        *compare_documentation(folder, Path(sys.argv[2])),
    ]
    print(*differences, sep="\n", end="\n" if differences else "")
    rows = sum(1 for _ in read_catalogue(folder, ALL, 10))
    print(f"{rows} definitions checked, {len(differences)} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
