#!/usr/bin/env python3
"""Times whole processes: `wslint` beside `nginx -t` on the same generated configurations.

    cargo build --release && cargo build --release --example generate_config
    benches/compare_with_nginx.py [--runs N]

The commands take turns, so that whatever else the machine does is shared; the best of the runs
counts. Nothing here passes or fails: it prints figures.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WSLINT = ROOT / "target/release/wslint"
GENERATE = ROOT / "target/release/examples/generate_config"


def run(command):
    """Seconds and peak memory in bytes of one process."""
    null = os.open(os.devnull, os.O_RDWR)
    start = time.perf_counter()
    child = subprocess.Popen(command, stdin=null, stdout=null, stderr=null)
    _, _, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = 0
    os.close(null)
    return seconds, usage.ru_maxrss * 1024


def best(commands, runs):
    """The best seconds and the largest memory of each command, all taking turns."""
    results = {name: (float("inf"), 0) for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            seconds, memory = run(command)
            results[name] = (min(results[name][0], seconds), max(results[name][1], memory))
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    for program in (WSLINT, GENERATE):
        if not program.exists():
            sys.exit(f"{program} is not built; see the top of this script")
    print(f"{'servers':>8} {'shape':>9} {'bytes':>10}  {'nginx -t':>18}  {'wslint':>18}  ratio  memory/size")
    with tempfile.TemporaryDirectory() as folder:
        for shape in ("one-file", "included"):
            for servers in (1, 1000, 10000):
                place = pathlib.Path(folder) / f"{shape}-{servers}"
                subprocess.run([GENERATE, str(servers), shape, place], check=True)
                config = place / "nginx.conf"
                size = sum(path.stat().st_size for path in place.rglob("*.conf"))
                log = place / "error.log"
                results = best(
                    {
                        "nginx": ["nginx", "-t", "-q", "-e", log, "-c", config, "-g", f"pid {place}/pid;"],
                        "wslint": [WSLINT, config],
                    },
                    options.runs,
                )
                shown = {
                    name: f"{1000 * seconds:8.1f} ms {memory / 1e6:5.0f} MB"
                    for name, (seconds, memory) in results.items()
                }
                ratio = results["nginx"][0] / results["wslint"][0]
                print(
                    f"{servers:8} {shape:>9} {size:10}  {shown['nginx']:>18}  {shown['wslint']:>18}"
                    f"  {ratio:5.1f}  {results['wslint'][1] / size:6.1f}"
                )
        small = pathlib.Path(folder) / "one-file-1/nginx.conf"
        results = best({"cat": ["cat", small], "wslint": [WSLINT, small]}, 100)
        cat, wslint = results["cat"][0], results["wslint"][0]
        print(f"start-up: cat {1000 * cat:.2f} ms, wslint {1000 * wslint:.2f} ms, {wslint / cat:.2f} times")


if __name__ == "__main__":
    main()
