"""Measures BFD daemons from outside, as root: `python3 Benchmarks/harness --help`."""

import argparse
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import allocations  # noqa: E402
import counts  # noqa: E402
import jitter  # noqa: E402
import lab  # noqa: E402
import library  # noqa: E402
import matrix  # noqa: E402
import routes  # noqa: E402
import scenarios  # noqa: E402
import subjects  # noqa: E402


def add_common(command, sessions, interval, seconds, subject="gatewatch"):
    command.add_argument("subjects", nargs="*", default=[subject],
                         help="gatewatch, embedded (:managed), bird, frr, floor (:send=packet,slack=5)")
    command.add_argument("--sessions", type=int, default=sessions)
    command.add_argument("--interval", type=int, default=interval, metavar="US")
    command.add_argument("--multiplier", type=int, default=3)
    command.add_argument("--seconds", type=float, default=seconds)
    command.add_argument("--repeats", type=int, default=1)
    command.add_argument("--fifo", type=int, default=0, metavar="PRIORITY")
    command.add_argument("--gatewatch", default=None, metavar="PATH",
                         help="the daemon's binary (.build/release/gatewatch)")
    command.add_argument("--json", type=Path, help="write the results here, too")


def observer_settings(arguments):
    """`--observer junk=1000 silence-all` as the observer's own options."""
    settings = {}
    for text in arguments.observer:
        name, _, value = text.partition("=")
        settings[name] = value if value else True
    return settings


def observe(arguments):
    results = []
    for repeat in range(arguments.repeats):
        for name in arguments.subjects:
            result = matrix.measure(name, arguments, **observer_settings(arguments))
            print(matrix.one_line(result), flush=True)
            results.append(result)
    if arguments.repeats > 1 and len(arguments.subjects) > 1:
        for line in matrix.ratios(results, arguments.subjects):
            print(line)
    return results


def parser():
    root = argparse.ArgumentParser(prog="harness", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True)
    one = commands.add_parser("observe", help="one load, one line a run")
    add_common(one, 1, 10000, 10)
    one.add_argument("--observer", nargs="*", default=[], metavar="NAME=VALUE",
                     help="options of the observer: silences=100 together=10 junk=50000 …")
    one.add_argument("--hogs", type=int, default=0, help="busy processes on every core")
    one.add_argument("--syscalls", action="store_true", help="count system calls (perf)")
    one.set_defaults(run=observe)
    matrix.add_commands(commands, add_common)
    scenarios.add_commands(commands, add_common)
    allocations.add_commands(commands, add_common)
    counts.add_commands(commands)
    jitter.add_commands(commands)
    library.add_commands(commands)
    routes.add_commands(commands)
    return root


def main():
    arguments = parser().parse_args()
    path = arguments.gatewatch or lab.PACKAGE.parent / ".build" / "release" / "gatewatch"
    subjects.Gatewatch.binary = str(path)
    results = arguments.run(arguments)
    if arguments.json and results is not None:
        arguments.json.write_text(json.dumps(
            {"machine": lab.machine(), "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
