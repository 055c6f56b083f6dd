"""Clients that mean no good, at the control socket and the status page: what the peers notice."""

import json
import multiprocessing
import os
import random
import socket
import statistics
import subprocess
import time
from pathlib import Path

import lab
import subjects

IDLE = 1000


def connected(path, text=b""):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # With a timeout a full queue would be an error at once.
    client.connect(str(path))
    client.settimeout(2)
    if text:
        client.sendall(text)
    return client


def ask(path, question):
    """The body of an answer, and how long it took."""
    began = time.monotonic()
    client = connected(path, b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % question)
    client.settimeout(30)
    answer = b""
    while part := client.recv(1 << 16):
        answer += part
    client.close()
    return answer.partition(b"\r\n\r\n")[2], time.monotonic() - began


def torment(path, seconds):
    """Idle ones, half requests, slow readers, garbage and disconnects, all the time."""
    os.sched_setaffinity(0, {lab.OBSERVER_CORE})
    end = time.monotonic() + seconds
    crowd, counts = [], {"idle": 0, "half": 0, "slow": 0, "garbage": 0, "gone": 0}

    def attempt(kind, text, keeps):
        try:
            client = connected(path, text)
        except OSError:
            return
        counts[kind] += 1
        crowd.append(client) if keeps else client.close()

    def fill():
        while len(crowd) < IDLE and time.monotonic() < end:
            attempt("idle", b"", True)

    fill()
    events = b"GET /v1/events?follow=true HTTP/1.1\r\nHost: x\r\n\r\n"
    document = b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 100
    while time.monotonic() < end:
        attempt("half", b"GET /v1/sess", True)
        attempt("half", b"PATCH /v1/sessions/x HTTP/1.1\r\nContent-Length: 20\r\n\r\n{", True)
        attempt("slow", document, True)
        attempt("garbage", random.randbytes(1 << 16), False)
        attempt("gone", events, False)
        # The oldest have had their time; the others come in their place.
        for client in crowd[:max(0, len(crowd) - IDLE)]:
            client.close()
        del crowd[:max(0, len(crowd) - IDLE)]
        time.sleep(0.02)
    print(f"    clients that came: {counts}", flush=True)


def lateness(path):
    body, _ = ask(path, b"/v1/sessions")
    found = json.loads(body)["punctuality"]["transmit-lateness"]
    return [(bucket.get("upper-bound"), bucket["count"]) for bucket in found["buckets"]]


def quantile(before, after, part):
    """The class's upper bound in microseconds, of what came between two looks."""
    counts = [(bound, count - earlier) for (bound, count), (_, earlier) in zip(after, before)]
    left = part * sum(count for _, count in counts)
    for bound, count in counts:
        left -= count
        if left <= 0:
            return bound / 1000 if bound is not None else float("inf")
    return float("inf")


def clients(name, arguments):
    """Hostile clients for one half of the time: transmit lateness of both, times of status."""
    if name.partition(":")[0] != "gatewatch":
        raise SystemExit("only gatewatch has these clients")
    kind, _, options = name.partition(":")
    looks, times = [], []
    half = arguments.seconds / 2
    with lab.Lab(arguments.sessions) as place:
        subject = subjects.Gatewatch(kind, [option for option in options.split(",") if option])
        process = subject.start(place, arguments.interval, arguments.multiplier, arguments.fifo)
        path = place.folder / "control.sock"

        def watch():
            time.sleep(1)
            for isHostile in (False, True, False):
                tormentor = None
                if isHostile:
                    tormentor = multiprocessing.Process(target=torment, args=(path, half))
                    tormentor.start()
                looks.append(lateness(path))
                until = time.monotonic() + half * (1 if isHostile else 0.5)
                while time.monotonic() < until:
                    took = ask(path, b"/v1/sessions")[1]
                    if isHostile:
                        times.append(took)
                    time.sleep(0.25)
                looks.append(lateness(path))
                if tormentor:
                    tormentor.join()

        result = place.observe(process, arguments.interval, watch,
                               multiplier=arguments.multiplier, seconds=2 * half + 6)
        place.stop(process)
    if len(looks) < 6 or not times:
        raise RuntimeError("the looks at the lateness could not be taken")
    phases = {}
    for index, phase in enumerate(("quiet", "hostile", "quiet again")):
        phases[phase] = {str(part): quantile(looks[2 * index], looks[2 * index + 1], part)
                         for part in (0.5, 0.99, 0.999)}
        print(f"    {phase}: lateness of transmission at most " + ", ".join(
            f"p{100 * float(part):g} {value:g} us" for part, value in phases[phase].items()))
    print(f"    status beside them: median {1000 * statistics.median(times):.1f} ms, "
          f"at most {1000 * max(times):.1f} ms of {len(times)}")
    result.update(subject=name, fifo=arguments.fifo, lateness=phases,
                  status_ms=[round(1000 * took, 2) for took in times])
    return result


def processor_time(pid):
    """Seconds so far of each thread, by its name without number."""
    times = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        times[name] = times.get(name, 0) + int((task / "schedstat").read_text().split()[0]) / 1e9
    return times


def captured(name, arguments):
    """A capture of all packets for one half of the time: what it costs the engine and the rest."""
    phases, told = [], []
    half = arguments.seconds / 2
    with lab.Lab(arguments.sessions) as place:
        subject = subjects.subject(name)
        process = subject.start(place, arguments.interval, arguments.multiplier, arguments.fifo)

        def watch():
            time.sleep(2)
            for isCaptured in (False, True, False):
                if isCaptured:
                    capture = place.start(
                        place.observer,
                        [subject.binary, "capture", "-w", "/dev/null", "--duration",
                         f"{half + 1:g}s", "--socket", place.folder / "control.sock"],
                        core=lab.OBSERVER_CORE, stderr=subprocess.PIPE, text=True)
                    time.sleep(0.5)
                before, began = processor_time(process.pid), time.monotonic()
                time.sleep(half * (1 if isCaptured else 0.5))
                took, after = time.monotonic() - began, processor_time(process.pid)
                phases.append({thread: 100 * (after[thread] - before.get(thread, 0)) / took
                               for thread in after})
                if isCaptured:
                    told.append(capture.communicate()[1].strip())

        result = place.observe(process, arguments.interval, watch,
                               multiplier=arguments.multiplier, seconds=2 * half + 7)
        place.stop(process)
    if len(phases) < 3:
        raise RuntimeError("the capture did not end in time")
    for phase, threads in zip(("without", "with", "without again"), phases):
        print(f"    {phase} a capture, of a core: " + ", ".join(
            f"{thread} {percent:.1f} %" for thread, percent in sorted(threads.items())
            if percent >= 0.05))
    print(f"    {told[0]}")
    result.update(subject=name, fifo=arguments.fifo, phases=phases)
    return result
