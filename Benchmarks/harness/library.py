"""What libgatewatch costs before it does anything: its size, and how long a handle takes to open."""

import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import lab

LIBRARY = lab.PACKAGE.parent / ".build" / "library" / "libgatewatch.so.0"
MODES = {"managed": 0, "driven": 1}

# In a process of its own: the first handle finds nothing ready. ctypes adds about a microsecond.
PROGRAM = """
import ctypes, sys, time
path, mode, count, capacity = sys.argv[1], *map(int, sys.argv[2:])
begin = time.perf_counter_ns()
library = ctypes.CDLL(path)
loaded = time.perf_counter_ns() - begin
# struct gatewatch_config begins with size, mode and session_capacity.
config = (ctypes.c_uint32 * 64)()
assert library.gatewatch_config_defaults(config, ctypes.c_size_t(256)) == 0
config[1], config[2] = mode, capacity
handle = ctypes.c_void_p()
times = []
for _ in range(count):
    begin = time.perf_counter_ns()
    result = library.gatewatch_open(config, ctypes.byref(handle))
    times.append(time.perf_counter_ns() - begin)
    assert result == 0, result
    library.gatewatch_close(handle)
print(loaded, *times)
"""


def sizes():
    """Octets of the library as it is built and as `make install` installs it."""
    with tempfile.TemporaryDirectory() as folder:
        stripped = Path(folder) / "stripped"
        shutil.copy(LIBRARY, stripped)
        lab.run("strip", stripped)
        return LIBRARY.stat().st_size, stripped.stat().st_size


def opening(place, mode, capacity, runs, count):
    """Microseconds: to load the library, to open the first handle, and to open another."""
    loads, firsts, others = [], [], []
    for _ in range(runs):
        text = subprocess.run(
            ["ip", "netns", "exec", place.subject, "taskset", "-c", str(lab.SUBJECT_CORE),
             sys.executable, "-c", PROGRAM, str(LIBRARY), str(MODES[mode]), str(count),
             str(capacity)], check=True, capture_output=True, text=True).stdout
        loaded, first, *rest = (int(word) / 1000 for word in text.split())
        loads.append(loaded)
        firsts.append(first)
        others += rest
    return {"mode": mode, "capacity": capacity, "load_us": spread(loads),
            "first_open_us": spread(firsts), "open_us": spread(others)}


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values),
            "count": len(values)}


def shown(figure):
    return f"{figure['median']:.0f} us ({figure['least']:.0f}–{figure['most']:.0f})"


def measure(arguments):
    built, stripped = sizes()
    print(f"libgatewatch.so.0: {stripped / 1e6:.2f} MB stripped, {built / 1e6:.2f} MB as built")
    results = [{"kind": "library", "built": built, "stripped": stripped}]
    with lab.Lab(1) as place:
        for mode in MODES:
            for capacity in (64, 1000):
                row = opening(place, mode, capacity, arguments.runs, 20)
                results.append(row)
                print(f"{mode}, room for {capacity}: loaded in {shown(row['load_us'])}, first "
                      f"handle in {shown(row['first_open_us'])}, another in "
                      f"{shown(row['open_us'])}", flush=True)
    return results


def add_commands(commands):
    command = commands.add_parser("library", help="size of the library, time to open a handle")
    command.add_argument("--runs", type=int, default=10, help="processes of each kind")
    command.add_argument("--json", type=Path)
    command.set_defaults(run=measure, gatewatch=None)
