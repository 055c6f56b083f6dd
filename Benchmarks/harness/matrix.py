"""Subjects beside each other: sessions and intervals, interleaved repeats, medians and spreads."""

import contextlib
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import lab
import plots
import subjects

# Sessions, interval in microseconds, what falls silent and how many of it at a time.
LOADS = [
    (1, 10_000), (100, 100_000), (1000, 100_000), (2000, 100_000), (5000, 100_000),
    (10_000, 100_000),
]


@contextlib.contextmanager
def hogs(count):
    """Busy processes of ordinary priority, `count` on each core."""
    processes = [
        subprocess.Popen(["taskset", "-c", str(core), sys.executable, "-c", "while True: pass"])
        for core in (lab.SUBJECT_CORE, lab.OBSERVER_CORE) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def count_calls(pid, seconds, results):
    """System calls of all threads, by perf, while the observer counts packets."""
    command = ["perf", "stat", "-x,", "-e", "raw_syscalls:sys_enter", "-p", str(pid), "--",
               "sleep", str(seconds)]
    found = subprocess.run(command, capture_output=True, text=True)
    for line in found.stderr.splitlines():
        if "raw_syscalls" in line:
            results["syscalls_per_second"] = float(line.split(",")[0]) / seconds


def measure(name, arguments, **observer):
    """One run: a new lab, the subject, the observer; the result with what it was."""
    observer.setdefault("seconds", arguments.seconds)
    calls = {}
    with lab.Lab(arguments.sessions) as place, hogs(getattr(arguments, "hogs", 0)):
        subject = subjects.subject(name)
        process = subject.start(place, arguments.interval, arguments.multiplier, arguments.fifo)
        on_start = None
        if getattr(arguments, "syscalls", False):
            seconds = max(1, int(arguments.seconds) - 2)
            on_start = lambda: count_calls(process.pid, seconds, calls)  # noqa: E731
        result = place.observe(process, arguments.interval, on_start,
                               multiplier=arguments.multiplier, **observer)
        result.update(subject=name, fifo=arguments.fifo)
        if process.poll() is not None:
            result["died"] = process.returncode
        if "syscalls_per_second" in calls:
            packets = (result["sent"] + result["received"]) / result["seconds"]
            result["syscalls_per_packet"] = round(calls["syscalls_per_second"] / packets, 3)
        if result["received"]:
            place.stop(process)
        return result


def one_line(result):
    gaps, cpu = result["gaps"], result["cpu"]
    count = max(gaps["count"], 1)
    text = (f"{result['subject']:<22} {result['sessions']:>5} x {result['interval_us']:>6} us  "
            f"up {result['up']:>5} after {result['all_up_seconds']:.3f} s  "
            f"flaps {result['flaps']}  cpu {cpu['us_per_packet']:.2f} us/packet "
            f"({cpu['percent']:.1f} %, slices {cpu['slices_per_packet']:.2f})  "
            f"rss {result['rss_kib']} KiB  "
            f"over {gaps['over_50us'] / count:.3%} under {gaps['under'] / count:.3%} "
            f"longest {gaps['longest_us'] / 1000:.2f} ms ks {gaps['ks']:.3f}")
    if "overshoot" in result:
        over = result["overshoot"]
        text += (f"  overshoot n {over['count']} p50 {over['p50']} p99 {over['p99']} "
                 f"max {over['p100']} us missed {result['missed']}")
    if "syscalls_per_packet" in result:
        text += f"  syscalls/packet {result['syscalls_per_packet']}"
    late = result["observer_late"]
    text += f"  [observer late p99 {late['p99']} us, drops {result['ring_drops']}]"
    return text


def figures_of(result):
    """The figures of the tables, by name."""
    gaps = result["gaps"]
    count = max(gaps["count"], 1)
    figures = {
        "cpu_us_per_packet": result["cpu"]["us_per_packet"],
        "cpu_percent": result["cpu"]["percent"],
        "all_up_seconds": result["all_up_seconds"],
        "up": result["up"], "flaps": result["flaps"], "rss_kib": result["rss_kib"],
        "over_percent": 100 * gaps["over"] / count,
        "over_50us_percent": 100 * gaps["over_50us"] / count,
        "under_percent": 100 * gaps["under"] / count, "ks": gaps["ks"],
    }
    if "overshoot" in result:
        figures["overshoot_p50_us"] = result["overshoot"]["p50"]
        figures["overshoot_p99_us"] = result["overshoot"]["p99"]
    if "syscalls_per_packet" in result:
        figures["syscalls_per_packet"] = result["syscalls_per_packet"]
    return figures


def medians(results):
    """Per subject and load: each figure as median, least and most."""
    groups = {}
    for result in results:
        key = (result["subject"], result["fifo"], result["sessions"], result["interval_us"],
               result.get("kind", "steady"))
        groups.setdefault(key, []).append(figures_of(result))
    rows = []
    for (subject, fifo, sessions, interval, kind), runs in groups.items():
        row = {"subject": subject, "fifo": fifo, "sessions": sessions, "interval_us": interval,
               "kind": kind, "runs": len(runs)}
        for name in runs[0]:
            values = [run[name] for run in runs if name in run]
            row[name] = {"median": statistics.median(values), "least": min(values),
                         "most": max(values)}
        rows.append(row)
    return rows


def ratios(results, names):
    """Processor time a packet of each subject against that of the first, run by run."""
    times = {name: [result["cpu"]["us_per_packet"] for result in results
                    if result["subject"] == name] for name in names}
    first = times[names[0]]
    lines = []
    for name in names[1:]:
        # What ran one after the other ran on the same machine, in the same mood.
        pairs = [own / other for own, other in zip(times[name], first)]
        lines.append(
            f"{name} / {names[0]}: processor time a packet {statistics.median(pairs):.3f} "
            f"({min(pairs):.3f}–{max(pairs):.3f}) in {len(pairs)} pairs; medians "
            f"{statistics.median(times[name]):.2f} and {statistics.median(first):.2f} us")
    return lines


def shown(figure):
    number = "{:.3g}".format
    if figure["least"] == figure["most"]:
        return number(figure["median"])
    return f"{number(figure['median'])} ({number(figure['least'])}–{number(figure['most'])})"


def markdown(rows, names):
    lines = ["| load | subject | " + " | ".join(names) + " |",
             "|---|---|" + "---|" * len(names)]
    for row in sorted(rows, key=lambda row: (row["kind"], row["sessions"], -row["interval_us"],
                                             row["subject"])):
        load = f"{row['sessions']} × {row['interval_us'] / 1000:g} ms"
        name = row["subject"] + (" FIFO" if row["fifo"] else "")
        cells = [shown(row[name]) if name in row else "–" for name in names]
        lines.append(f"| {load} | {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


STEADY = ["cpu_us_per_packet", "cpu_percent", "over_50us_percent", "under_percent", "ks",
          "flaps", "all_up_seconds", "rss_kib"]
SILENT = ["overshoot_p50_us", "overshoot_p99_us", "flaps"]


def run_matrix(arguments):
    loads = [tuple(int(part) for part in text.split("x")) for text in arguments.loads]
    results = []
    for repeat in range(arguments.repeats):
        for sessions, interval in loads or LOADS:
            for name in arguments.subjects:
                arguments.sessions, arguments.interval = sessions, interval
                # The bare loop knows no detection.
                detects = arguments.detection and not name.startswith("floor")
                for kind in ("steady", "detection") if detects else ("steady",):
                    result = attempt(name, arguments, kind)
                    if result:
                        results.append(result)
                        print(f"[{repeat + 1}/{arguments.repeats}] {one_line(result)}",
                              flush=True)
    write(results, arguments.output)
    return results


def attempt(name, arguments, kind):
    observer = {"up_timeout": 40}
    if kind == "detection":
        observer.update(silences=arguments.detection, seconds=max(60, arguments.seconds),
                        together=max(1, arguments.sessions // 10))
    try:
        result = measure(name, arguments, **observer)
    except (RuntimeError, ValueError) as error:
        print(f"{name}, {arguments.sessions} sessions: {error}", flush=True)
        return None
    result["kind"] = kind
    return result


def write(results, folder):
    """`results.json`, `results.md` and the plots."""
    rows = medians(results)
    steady = [row for row in rows if row["kind"] == "steady"]
    silent = [row for row in rows if row["kind"] == "detection"]
    text = markdown(steady, STEADY)
    if silent:
        text += "\n\nDetection overshoot:\n\n" + markdown(silent, SILENT)
    print(text)
    if folder is None:
        return
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    host = lab.machine()
    host["time"] = time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime())
    document = {"machine": host, "medians": rows, "results": results}
    (folder / "results.json").write_text(compact(document))
    heading = ", ".join(f"{key} {value}" for key, value in host.items())
    (folder / "results.md").write_text(f"# Results\n\n{heading}\n\n{text}\n")
    plots.draw(results, rows, folder)


def compact(document):
    """JSON with a line for each result, so that a change of one is a change of one line."""
    parts = []
    for key, value in document.items():
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(item) for item in value)
            parts.append(f"{json.dumps(key)}: [\n{lines}\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{" + ",\n".join(parts) + "}\n"


def redraw(arguments):
    document = json.loads((arguments.folder / "results.json").read_text())
    plots.draw(document["results"], document["medians"], arguments.folder)


def add_commands(commands, add_common):
    matrix = commands.add_parser("matrix", help="subjects x loads, tables and plots")
    add_common(matrix, 0, 0, 10)
    matrix.add_argument("--loads", nargs="*", default=[], metavar="SESSIONSxUS")
    matrix.add_argument("--detection", type=int, default=0, metavar="N",
                        help="a second run of each, in which N sessions fall silent")
    matrix.add_argument("--output", help="folder for results.json, results.md and plots")
    matrix.set_defaults(run=run_matrix)
    plot = commands.add_parser("plot", help="draw the plots of a folder of results again")
    plot.add_argument("folder", type=Path)
    plot.set_defaults(run=redraw, gatewatch=None, json=None)
