"""Allocations of the whole daemon in steady state, thread by thread."""

import os
import struct
import time
from pathlib import Path

import lab
import subjects

COUNTER = lab.TOOLS / "liballocations.so"


def by_thread(path, pid):
    """Allocations so far of each thread that is alive, by its name."""
    words = struct.iter_unpack("=QQ", path.read_bytes())
    found = {}
    for thread, count in words:
        name = Path(f"/proc/{pid}/task/{thread}/comm")
        if thread and name.exists():
            found[f"{name.read_text().strip()}/{thread}"] = count
    return found


def preloaded(subject, path):
    """The subject with the counter in it, and nothing else that is started."""
    launch = subject.launch

    def launch_counted(*arguments):
        os.environ.update(LD_PRELOAD=str(COUNTER), GATEWATCH_ALLOCATIONS=str(path))
        try:
            return launch(*arguments)
        finally:
            del os.environ["LD_PRELOAD"], os.environ["GATEWATCH_ALLOCATIONS"]

    subject.launch = launch_counted
    return subject


def measure(name, arguments):
    with lab.Lab(arguments.sessions) as place:
        path = place.folder / "allocations"
        process = preloaded(subjects.subject(name), path).start(
            place, arguments.interval, arguments.multiplier, arguments.fifo)
        marks = []

        def watch():
            # All are Up for some time when this begins; over before the observer falls silent.
            time.sleep(0.5)
            marks.append(by_thread(path, process.pid))
            time.sleep(arguments.seconds - 1.5)
            marks.append(by_thread(path, process.pid))

        result = place.observe(process, arguments.interval, watch,
                               multiplier=arguments.multiplier, seconds=arguments.seconds)
        place.stop(process)
    if len(marks) < 2 or not marks[0]:
        raise SystemExit("the allocations could not be counted")
    packets = result["sent"] + result["received"]
    return {"subject": name, "sessions": arguments.sessions, "interval_us": arguments.interval,
            "packets": packets, "flaps": result["flaps"],
            "allocations": {thread: count - marks[0].get(thread, 0)
                            for thread, count in marks[1].items()}}


def run(arguments):
    results = []
    for name in arguments.subjects:
        result = measure(name, arguments)
        print(f"{name}: {result['sessions']} sessions, about {result['packets']} packets, "
              f"{result['flaps']} flaps", flush=True)
        for thread, count in sorted(result["allocations"].items()):
            print(f"    {thread:28} {count} allocations")
        results.append(result)
    engines = [count for result in results for thread, count in result["allocations"].items()
               if thread.startswith("gw-engine")]
    if not engines or any(engines):
        raise SystemExit("the engine thread allocates in steady state")
    return results


def add_commands(commands, add_common):
    command = commands.add_parser("allocations", help="of the daemon's threads, while Up")
    add_common(command, 100, 10000, 8)
    command.set_defaults(run=run)
