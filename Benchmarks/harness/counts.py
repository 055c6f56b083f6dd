"""Allocations and instructions of the engine, held against Thresholds/engine.json."""

import json
import subprocess
import tempfile
from pathlib import Path

import lab

LIMITS = lab.PACKAGE / "Thresholds" / "engine.json"
REPETITIONS = 10_000
# What another compiler or another processor's choice of library functions may add.
SLACK = 1.05


def count(name, binary, tool=()):
    done = subprocess.run([*tool, binary, name, str(REPETITIONS)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"engine-counts {name}: {done.stderr or done.stdout}")
    return done


def allocations(name, binary):
    return json.loads(count(name, binary).stdout)["allocations"]


def instructions(name, binary):
    """Per operation, inside the marks only; the same figure every time."""
    done = count(name, binary, ("valgrind", "--tool=callgrind", "--collect-atstart=no",
                                "--callgrind-out-file=/dev/null"))
    collected = [line.split()[-1] for line in done.stderr.splitlines() if "Collected :" in line]
    return int(collected[0]) / REPETITIONS


def measure(binary):
    with tempfile.TemporaryDirectory(prefix="gwb-") as folder:
        # Debian's valgrind cannot read what the compiler writes for debuggers.
        stripped = Path(folder) / "engine-counts"
        lab.run("strip", "-o", stripped, binary)
        listing = subprocess.run([binary], capture_output=True, text=True).stdout
        names = [line.strip() for line in listing.splitlines()[1:]]
        return {name: {"allocations": allocations(name, binary),
                       "instructions": round(instructions(name, stripped))} for name in names}


def verdict(found, limit):
    if limit is None:
        return "no threshold: run with --update"
    if found["allocations"] > limit["allocations"]:
        return "ALLOCATES"
    if found["instructions"] > limit["instructions"] * SLACK:
        return "MORE INSTRUCTIONS"
    if found["instructions"] * SLACK < limit["instructions"]:
        return "fewer instructions: lower the threshold with --update"
    return ""


def check(arguments):
    results = measure(lab.TOOLS / "engine-counts")
    if arguments.update:
        LIMITS.write_text(json.dumps(results, indent=1) + "\n")
    limits = json.loads(LIMITS.read_text()) if LIMITS.exists() else {}
    bad = 0
    print(f"{'operation':16} {'allocations':>11} {'at most':>8} {'instructions':>13} "
          f"{'at most':>8}")
    for name, found in results.items():
        limit = limits.get(name)
        word = verdict(found, limit)
        bad += word.isupper() or limit is None
        most = limit or {"allocations": "-", "instructions": "-"}
        print(f"{name:16} {found['allocations']:11} {most['allocations']:>8} "
              f"{found['instructions']:13} {most['instructions']:>8}  {word}".rstrip())
    print(f"each {REPETITIONS} times; {SLACK:.0%} of the instructions are let pass")
    if bad:
        raise SystemExit(f"{bad} of {len(results)} operations exceed their thresholds")


def add_commands(commands):
    command = commands.add_parser("counts", help="allocations and instructions of the engine")
    command.add_argument("--update", action="store_true", help="make what is found the threshold")
    command.set_defaults(run=check, gatewatch=None, json=None)
