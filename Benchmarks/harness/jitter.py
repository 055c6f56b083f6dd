"""`gatewatch jitter` over a grid of intervals and sessions: a table, JSON and plots."""

import json
import subprocess

import lab
import plots
import subjects
from pathlib import Path

GRID = [(1, 100), (1, 1_000), (1, 10_000), (1, 100_000), (1, 1_000_000), (10, 1_000),
        (100, 10_000), (1_000, 100_000), (10_000, 1_000_000)]
PERCENTILES = ["p50", "p90", "p99", "p99.9", "p99.99", "max"]


def duration_text(microseconds):
    for size, unit in ((1_000_000, "s"), (1_000, "ms")):
        if microseconds % size == 0:
            return f"{microseconds // size}{unit}"
    return f"{microseconds}us"


def measure(arguments):
    results = []
    for sessions, interval in GRID:
        # Long intervals give few samples, so they get more time.
        seconds = arguments.seconds * (4 if interval >= 100_000 else 1)
        text = subprocess.run(
            [subjects.Gatewatch.binary, "jitter", "--json", "--sessions", str(sessions),
             "--interval", duration_text(interval), "--duration", f"{seconds:g}s"],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        report = json.loads(text)
        results.append({"sessions": sessions, "interval_us": interval, **report})
        for verdict in report["verdicts"]:
            print(f"{sessions:6} x {duration_text(interval):6} FIFO {verdict['priority']:2}: "
                  f"worst {verdict['worstLateness']:9.1f} us, promises "
                  f"{verdict.get('detectionTime', 'nothing')} us", flush=True)
    return results


def cell(spans, name):
    return f"{spans[name]:.0f}" if name in spans else "-"


def table(results):
    lines = ["| sessions | interval | timer | priority | cores | wake-ups | "
             + " | ".join(PERCENTILES) + " | work p99 | work max |",
             "|" + "---|" * (len(PERCENTILES) + 8)]
    for result in results:
        for row in result["measurements"]:
            spans = [cell(row["wakeUp"], name) for name in PERCENTILES]
            work = [cell(row.get("work") or {}, name) for name in ("p99", "max")]
            lines.append("| " + " | ".join(
                [str(row["sessions"]), duration_text(result["interval_us"]), row["timer"],
                 f"FIFO {row['priority']}" if row["priority"] else "normal", row["cores"],
                 str(row["wakeUps"]), *spans, *work]) + " |")
    return "\n".join(lines)


def run(arguments):
    results = measure(arguments)
    folder = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    machine = lab.machine()
    (folder / "jitter.json").write_text(
        json.dumps({"machine": machine, "results": results}, indent=1) + "\n")
    (folder / "jitter.md").write_text(
        "# Timers side by side\n\n"
        f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, "
        f"{machine['date']}.\nMicroseconds from a deadline until the thread ran; work is what the "
        "engine did from then until\nits last packet had been sent.\n\n" + table(results) + "\n")
    plots.draw_jitter(results, folder)


def add_commands(commands):
    command = commands.add_parser("jitter", help="the timer sources side by side, over a grid")
    command.add_argument("--seconds", type=float, default=20)
    command.add_argument("--gatewatch", default=None, metavar="PATH")
    command.add_argument("--output", type=Path, required=True)
    command.set_defaults(run=run, json=None)
