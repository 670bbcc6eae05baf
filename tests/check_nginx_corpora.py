#!/usr/bin/env python3
"""Runs wslint on the configurations that nginx's own people write.

    git clone https://github.com/nginx/nginx-tests
    git clone https://github.com/nginx/nginx.org
    tests/check_nginx_corpora.py tests WSLINT_BINARY nginx-tests
    tests/check_nginx_corpora.py documentation WSLINT_BINARY nginx.org

`tests` takes the configurations out of the test suite: each `.t` file writes its own from texts in
Perl. `documentation` takes the listings of nginx.org, of which many are parts of a configuration.
What a listing leaves out, with a line of three dots, stands in a file that cannot be opened.

Prints how many configurations there are and how many findings, by rule. Exit status 1: wslint
says of one that nginx refuses it or that a handshake fails, and EXPLAINED below does not say why;
or it has anything to say, be it advice, of those about WebSockets, which are in IN_ORDER.
`--show` prints every finding, `--keep FOLDER` leaves the configurations there. Python's standard
library is all that it needs.
"""

import argparse
import collections
import concurrent.futures
import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile

# What is in the repositories is for the newest nginx.
NGINX_VERSION = "1.31.5"

# Findings that are right: the test or page, the rule, a part of the message, and why it is so.
CUT = "the page shows a part only"
CHOICE = "the page lists directives to choose from"
STAND_IN = "a word stands for a port"
SLIP = "nginx refuses what the page shows"
GONE = "the page is about a module that is gone"
EXPLAINED = [
    ("worker_shutdown_timeout_proxy_upgrade/", "upgrade-value-wrong", '"foo"',
     "the test upgrades to another protocol than WebSocket"),
    ("http/ngx_http_headers_module/", "directive-duplicate", '"expires"', CHOICE),
    ("http/ngx_http_uwsgi_module/", "directive-duplicate", '"uwsgi_pass"', CHOICE),
    ("http/ngx_http_proxy_module/", "upstream-bad-port", '"upstream:port', STAND_IN),
    ("http/ngx_http_status_module/", "unknown-directive", "it went with 1.13.10", GONE),
    ("http/ngx_http_upstream_conf_module/", "unknown-directive", "it went with 1.13.10", GONE),
    ("http/ngx_http_proxy_module/", "invalid-value", "invalid URL prefix", SLIP),
    ("mail/ngx_mail_ssl_module/", "server-incomplete", '"listen"', CUT),
    ("", "events-missing", '"events"', CUT),
    ("stream/ngx_stream_core_module/", "server-incomplete", '"listen"', CUT),
    ("http/ngx_http_core_module/", "listen-duplicate", "0.0.0.0:8000", CHOICE),
    ("mail/ngx_mail_core_module/", "listen-duplicate", "0.0.0.0:110", CHOICE),
    ("stream/ngx_stream_core_module/", "listen-duplicate", "0.0.0.0:12345", CHOICE),
    ("http/ngx_http_log_module/", "log-format-duplicate", '"combined"',
     "the page shows what nginx defines by itself"),
    ("stream/ngx_stream_upstream_module/", "balancer-parameter-conflict", '"backup"', SLIP),
    ("stream/ngx_stream_upstream_module/", "resolve-needs-zone", '"backend"', SLIP),
]

# What nginx's own people write about WebSockets: nothing at all is to be said of it.
IN_ORDER = {
    "tests": ["proxy_connection_headers/", "proxy_upgrade/", "proxy_websocket/",
              "ssl_proxy_upgrade/"],
    "documentation": ["http/websocket/"],
}

# What the tests' library puts in place of placeholders that stand for whole directives.
NO_DIRECTIVES = re.compile(r"%%TEST_GLOBALS(_\w+)?%%")
FOLDER = "%%TESTDIR%%"
PORT = re.compile(r"%%PORT_(\d+)(_UDP)?%%")

# `write_file_expand('nginx.conf', <<'EOF')`, or a text that is written later.
HEREDOC = re.compile(
    r"""(?:write_file(?:_expand)?\(\s*(?P<name>'[^']*'|"[^"$]*"|[^,()]*)\s*,\s*)?"""
    r"""<<\s*(?P<quote>['"]?)(?P<end>[A-Z_]+)(?P=quote)[^\n]*\n""")

# `write_file('map.conf', 'text')`
SHORT_FILE = re.compile(r"""write_file\(\s*'([\w.-]+\.conf)'\s*,\s*'([^']*)'\s*\)""")


def configurations_of_tests(checkout, folder):
    """Writes the configurations of every test into a folder of its own; gives the main files."""
    found = []
    for test in sorted(checkout.glob("*.t")):
        text = test.read_text(errors="replace")
        mains = 0
        for match in HEREDOC.finditer(text):
            body, end, _ = text[match.end():].partition(f"\n{match['end']}\n")
            name = (match["name"] or "").strip("'\"")
            is_main = re.search(r"^\s*events\s*\{", body, re.M) is not None
            if not end or not (is_main or name.endswith(".conf")):
                continue
            # In a text without quotes, or with double ones, Perl replaces its own variables.
            if match["quote"] != "'" and re.search(r"(?<!\\)[$@]\w", body):
                continue
            if is_main:
                mains += 1
            place = folder / test.stem / (str(mains) if is_main else "1")
            path = place / ("nginx.conf" if is_main else name)
            body = NO_DIRECTIVES.sub("", body).replace(FOLDER, str(place))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(PORT.sub(r"\1", body) + "\n")
            if is_main:
                found.append(path)
        for name, body in SHORT_FILE.findall(text) if mains else []:
            (folder / test.stem / "1" / name).write_text(body + "\n")
    return found


EXAMPLE = re.compile(r"<(example|programlisting)>(.*?)</\1>", re.S)
# A line of three dots: something is left out. What it is, cannot be opened.
DOTS = re.compile(r"^([ \t]*)\.\.\.[ \t]*$", re.M)
LEFT_OUT = "/left-out"
MARKUP = re.compile(r"<[^>]*>")

# Pages whose listings are C, command lines and the like.
ABOUT_OTHER_TEXT = {"development_guide", "nginx_dtrace_pid_provider", "switches", "sys_errlist"}

# What listings of other languages, of shells and of grammars have, and nginx's have not.
NOT_NGINX = re.compile(
    r"""\A\s*[\[{]"""  # JSON
    r"""|^\s*"[^"]*"\s*:|=>|\bfunction\b|^\s*(import|export|var|let|const|if \(global)\b|^\s*/[/*]|^try \{"""
    r"""|^for \(|^\s*(package \w+;|sub \w+|__END__)|\bngx_\w+\(|^expr |^\s*<\?|^\s*\#(include|define)\b"""
    r"""|^[$%>]\s|^\s*(curl|cd|make|sudo|apt|yum|gcc|patch|echo|kill|\./configure)\s"""
    r"""|^\w+\.(conf|js):$|^\s*\[ """, re.M)


def listings_of_documentation(checkout, folder):
    """Writes every listing that is nginx's into a file of its own."""
    found = []
    for page in sorted((checkout / "xml/en/docs").rglob("*.xml")):
        if page.stem in ABOUT_OTHER_TEXT:
            continue
        text = page.read_text(errors="replace")
        for number, match in enumerate(EXAMPLE.finditer(text), 1):
            body = match[2].replace("<![CDATA[", "").replace("]]>", "")
            body = html.unescape(MARKUP.sub("", body))
            body = DOTS.sub(rf"\1include {LEFT_OUT};", body)
            if not is_nginx(body):
                continue
            # Of a listing that is cut off, the rest is of no matter.
            body += "}\n" * (body.count("{") - body.count("}"))
            path = folder / page.relative_to(checkout / "xml/en/docs").with_suffix("") / f"{number}.conf"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body)
            found.append(path)
    return found


def is_nginx(listing):
    """Whether a listing is a configuration, whole or in part, and nothing is left out of it."""
    if "..." in listing or NOT_NGINX.search(listing):
        return False
    return re.search(r"^\s*[a-z_]+(\s[^;{}]*)?[;{]", listing, re.M) is not None


def check(wslint, path):
    command = [wslint, "--format", "json", "--severity", "info", "--exit-zero",
               "--nginx-version", NGINX_VERSION, str(path)]
    result = subprocess.run(command, capture_output=True, check=False)
    if result.returncode != 0:
        return [{"rule": "(wslint)", "effect": "not-loaded", "severity": "error",
                 "message": result.stderr.decode(errors="replace").strip(), "line": 0}]
    findings = json.loads(result.stdout)["diagnostics"]
    return [{**finding, "line": finding["span"]["start"]["line"]} for finding in findings
            if f'"{LEFT_OUT}"' not in finding["message"]]


def explanation(name, finding):
    for file, rule, words, reason in EXPLAINED:
        if name.startswith(file) and finding["rule"] == rule and words in finding["message"]:
            return reason
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["tests", "documentation"])
    parser.add_argument("wslint", type=pathlib.Path)
    parser.add_argument("checkout", type=pathlib.Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    take = {"tests": configurations_of_tests, "documentation": listings_of_documentation}
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.keep or pathlib.Path(temporary)).resolve()
        paths = take[options.what](options.checkout, folder)
        if not paths:  # A wrong folder, or one that has changed much.
            sys.exit(f"there is no configuration in {options.checkout}")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            reports = list(pool.map(lambda path: check(options.wslint.resolve(), path), paths))
    rules, explained, open_ones = collections.Counter(), collections.Counter(), []
    for path, findings in zip(paths, reports):
        name = str(path.relative_to(folder))
        for finding in findings:
            rules[finding["severity"], finding["rule"]] += 1
            shown = f"{name}:{finding['line']}: {finding['severity']}[{finding['rule']}] {finding['message']}"
            if options.show:
                print(shown)
            if name.startswith(tuple(IN_ORDER[options.what])):
                open_ones.append(shown)
                continue
            is_grave = finding["effect"] in ("not-loaded", "handshake-fails")
            if not is_grave or finding["severity"] != "error":
                continue
            reason = explanation(name, finding)
            if reason:
                explained[reason] += 1
            else:
                open_ones.append(shown)
    for name in IN_ORDER[options.what]:
        if not any(str(path.relative_to(folder)).startswith(name) for path in paths):
            open_ones.append(f"{name}: there is no configuration of it")
    print(f"{len(paths)} configurations, {sum(1 for findings in reports if findings)} with findings")
    for (severity, rule), count in sorted(rules.items()):
        print(f"{count:>6}  {severity}[{rule}]")
    for reason, count in explained.items():
        print(f"{count:>6}  explained: {reason}")
    if open_ones:
        print(f"{len(open_ones)} findings are not explained:", *open_ones, sep="\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
