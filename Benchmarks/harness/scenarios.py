"""What must never happen, provoked: each prints what the observer saw."""

import os
import select
import signal
import subprocess
import time

import asked
import clients
import lab
import matrix
import subjects


def run_each(arguments, scenario):
    results = []
    for _ in range(arguments.repeats):
        for name in arguments.subjects:
            result = scenario(name, arguments)
            result["kind"] = arguments.command
            print(matrix.one_line(result), flush=True)
            print(f"    flaps {result['flaps']} {result['flap_diagnostics'] or ''}", flush=True)
            results.append(result)
    return results


def stop(name, arguments):
    """Stops the subject ten times for five detection times, with peers that go on talking."""
    detection = arguments.interval * arguments.multiplier / 1e6
    pause, count = 5 * detection, 10
    with lab.Lab(arguments.sessions) as place:
        process = subjects.subject(name).start(place, arguments.interval, arguments.multiplier,
                                               arguments.fifo)

        def interrupt():
            time.sleep(1)
            for _ in range(count):
                process.send_signal(signal.SIGSTOP)
                time.sleep(pause)
                process.send_signal(signal.SIGCONT)
                time.sleep(1)

        result = place.observe(process, arguments.interval, interrupt,
                               multiplier=arguments.multiplier,
                               seconds=2 + count * (pause + 1))
        place.stop(process)
    result.update(subject=name, fifo=arguments.fifo)
    return result


class WithRoutes(subjects.Gatewatch):
    """With a route over eight of its peers, at most."""

    def text(self, place, interval_us, multiplier, fifo):
        hops = ", ".join(f'{{peer: "{lab.address_of(index)}"}}'
                         for index in range(min(place.sessions, 8)))
        return (super().text(place, interval_us, multiplier, fifo)
                + f"namespace: {place.subject}\n"
                + f"routes: [{{prefix: 0.0.0.0/0, metric: 50, next-hops: [{hops}]}}]\n")


def handover(name, arguments):
    """The daemon is replaced by a new process again and again."""
    if name.partition(":")[0] != "gatewatch":
        raise SystemExit("only gatewatch hands over")
    kind, _, options = name.partition(":")
    times, processes, changes = [], [], []
    with lab.Lab(arguments.sessions) as place:
        subject = WithRoutes(kind, [option for option in options.split(",") if option])
        processes.append(subject.start(place, arguments.interval, arguments.multiplier,
                                       arguments.fifo))
        path = place.folder / "gatewatch.yaml"
        monitor = place.start(place.subject, ["ip", "monitor", "route", "nexthop"],
                              stdout=subprocess.PIPE)

        def heard():
            text = b""
            while select.select([monitor.stdout], [], [], 0)[0]:
                text += os.read(monitor.stdout.fileno(), 1 << 16)
            return text.decode().splitlines()

        def replace():
            time.sleep(1)
            # What the start has installed is none, and what the end of all peers withdraws.
            heard()
            for _ in range(arguments.count):
                began = time.monotonic()
                processes.append(place.start(
                    place.subject, [subject.binary, "handover", path], core=lab.SUBJECT_CORE,
                    fifo=arguments.fifo, stderr=(place.folder / "handover.log").open("a")))
                if processes[-2].wait(20) != 0:
                    return
                times.append(time.monotonic() - began)
                time.sleep(arguments.pause)
            changes.extend(heard())

        seconds = 3 + arguments.count * (arguments.pause + 0.6)
        result = place.observe(processes[0], arguments.interval, replace,
                               multiplier=arguments.multiplier, seconds=seconds)
        monitor.terminate()
        place.stop(processes[-1])
    result.update(subject=name, fifo=arguments.fifo, handovers=len(times),
                  route_changes=len(changes))
    taken = sorted(times) or [0]
    print(f"    {len(times)} of {arguments.count} handovers, {len(changes)} route changes, "
          f"longest gap {result['gaps']['longest_us'] / 1000:.1f} ms of {arguments.interval / 1000:.0f} ms; "
          f"from the start of a process to the end of the one before: median "
          f"{taken[len(taken) // 2] * 1000:.0f} ms, at most {taken[-1] * 1000:.0f} ms")
    return result


def killed(name, arguments):
    """The daemon is killed and started again, within the detection time of its peers."""
    if name.partition(":")[0] != "gatewatch":
        raise SystemExit("only gatewatch goes on after kill -9")
    kind, _, options = name.partition(":")
    processes, ready = [], []
    with lab.Lab(arguments.sessions) as place:
        subject = WithRoutes(kind, [option for option in options.split(",") if option])
        processes.append(subject.start(place, arguments.interval, arguments.multiplier,
                                       arguments.fifo))

        def kill():
            time.sleep(2)
            for _ in range(arguments.count):
                processes[-1].kill()
                processes[-1].wait()
                time.sleep(arguments.outage / 1000)
                began = time.monotonic()
                processes.append(subject.launch(place, arguments.interval, arguments.multiplier,
                                                arguments.fifo))
                while not lab.is_listening(place.subject):
                    if time.monotonic() - began > 20:
                        return
                ready.append(time.monotonic() - began)
                time.sleep(arguments.pause)

        seconds = 4 + arguments.count * (arguments.pause + arguments.outage / 1000 + 0.5)
        result = place.observe(processes[0], arguments.interval, kill,
                               multiplier=arguments.multiplier, seconds=seconds)
        place.stop(processes[-1])
    detection = arguments.interval * arguments.multiplier / 1000
    longest = result["gaps"]["longest_us"] / 1000
    result.update(subject=name, fifo=arguments.fifo, kills=len(ready))
    taken = sorted(ready) or [0]
    print(f"    {len(ready)} of {arguments.count} kills, {arguments.outage:.0f} ms without a process "
          f"each; longest gap {longest:.1f} ms, the peers wait {detection:.0f} ms: "
          f"{'none' if longest < detection and not result['flaps'] else 'SOME'} would have seen it; "
          f"from the start of a process to its socket: median {taken[len(taken) // 2] * 1000:.0f} ms, "
          f"at most {taken[-1] * 1000:.0f} ms")
    return result


def hogged(name, arguments):
    """Two busy processes, one a core."""
    arguments.hogs = 1
    return matrix.measure(name, arguments)


def junk(name, arguments):
    """A flood of packets that no session may be moved by."""
    return matrix.measure(name, arguments, junk=arguments.rate)


class Quota:
    """A control group of 5 ms in each 100 ms, of either version."""

    def __init__(self, percent):
        self.percent = percent

    def __enter__(self):
        run = str(time.monotonic_ns())
        for root, isUnified in (("/sys/fs/cgroup/cpu", False), ("/sys/fs/cgroup", True)):
            self.path = f"{root}/gwb-{run}"
            try:
                lab.run("mkdir", self.path)
                self.write(isUnified)
                return self
            except (OSError, subprocess.CalledProcessError) as error:
                last = error
                subprocess.run(["rmdir", self.path], stderr=subprocess.DEVNULL)
        raise SystemExit(f"no control group with a quota here: {last}")

    def write(self, isUnified):
        quota = self.percent * 1000
        if isUnified:
            self.set("cpu.max", f"{quota} 100000")
        else:
            self.set("cpu.cfs_period_us", "100000")
            self.set("cpu.cfs_quota_us", str(quota))

    def set(self, name, value):
        with open(f"{self.path}/{name}", "w") as file:
            file.write(value)

    def throttled(self):
        with open(f"{self.path}/cpu.stat") as file:
            return dict(line.split() for line in file)

    def __exit__(self, *_):
        for _ in range(50):
            if subprocess.run(["rmdir", self.path], stderr=subprocess.DEVNULL).returncode == 0:
                return
            time.sleep(0.1)


def quota(name, arguments):
    """100 sessions under 5 ms of processor time in each 100 ms, as a limit of 50m gives it."""
    with Quota(arguments.percent) as group:
        with lab.Lab(arguments.sessions) as place:
            process = subjects.subject(name).start(place, arguments.interval,
                                                   arguments.multiplier, arguments.fifo)
            # Into the group once it runs: it is life under a quota that is measured.
            group.set("cgroup.procs", str(process.pid))
            result = place.observe(process, arguments.interval, multiplier=arguments.multiplier,
                                   seconds=arguments.seconds)
            result["throttled"] = group.throttled()
            place.stop(process)
    result.update(subject=name, fifo=arguments.fifo)
    print(f"    {result['throttled']}")
    return result


def capacity(name, arguments):
    """The most sessions without a flap: doubled until it breaks, then by bisection."""
    holds, breaks, best = 0, None, None
    trial = arguments.sessions
    while breaks is None or breaks - holds > max(100, holds // 20):
        result = attempt(name, arguments, trial)
        if result is not None:
            holds, best = trial, result
        else:
            breaks = trial
        trial = (holds + breaks) // 2 if breaks else min(2 * holds, arguments.most)
        if holds == arguments.most:
            break
    print(f"{name}: {holds} sessions at {arguments.interval} us x {arguments.multiplier}")
    if best is None:
        raise SystemExit("nothing holds")
    return best


def attempt(name, arguments, sessions):
    """The result where so many sessions hold, else None."""
    arguments.sessions = sessions
    try:
        result = matrix.measure(name, arguments, up_timeout=60)
    except RuntimeError as error:
        print(f"    {sessions}: {error}", flush=True)
        return None
    isHeld = result["up"] == sessions and result["flaps"] == 0
    print(f"    {sessions}: {'holds' if isHeld else 'breaks'}, {result['up']} Up, "
          f"{result['flaps']} flaps, {result['cpu']['percent']:.0f} %, observer late p99 "
          f"{result['observer_late']['p99']} us", flush=True)
    return result if isHeld else None


def hold(name, arguments):
    """Many sessions for long."""
    return matrix.measure(name, arguments)


def resident(name, arguments):
    """Resident memory for each session, over the daemon with one."""
    many = arguments.sessions
    arguments.sessions = 1
    least = matrix.measure(name, arguments)
    arguments.sessions = many
    result = matrix.measure(name, arguments)
    each = (result["rss_kib"] - least["rss_kib"]) / (many - 1)
    result["rss_kib_per_session"] = round(each, 3)
    print(f"{name}: {least['rss_kib']} KiB with 1, {result['rss_kib']} KiB with {many}: "
          f"{each:.3f} KiB a session")
    return result


def add_commands(commands, add_common):
    def add(name, scenario, sessions, interval, seconds):
        command = commands.add_parser(name, help=scenario.__doc__.split("\n")[0])
        add_common(command, sessions, interval, seconds)
        command.set_defaults(run=lambda arguments: run_each(arguments, scenario))
        return command

    add("stop", stop, 100, 50_000, 0)
    add("hogs", hogged, 1, 10_000, 60)
    add("junk", junk, 100, 50_000, 30).add_argument("--rate", type=int, default=200_000)
    add("quota", quota, 100, 100_000, 600).add_argument("--percent", type=int, default=5)
    again = add("handover", handover, 1000, 50_000, 0)
    again.add_argument("--count", type=int, default=100)
    again.add_argument("--pause", type=float, default=0.3)
    dead = add("killed", killed, 100, 300_000, 0)
    dead.add_argument("--count", type=int, default=20)
    dead.add_argument("--pause", type=float, default=3)
    dead.add_argument("--outage", type=float, default=100, metavar="MS")
    add("clients", clients.clients, 100, 50_000, 60)
    add("asked", asked.asked, 100, 50_000, 30)
    add("captured", clients.captured, 1000, 50_000, 20)
    add("capacity", capacity, 1000, 50_000, 120).add_argument("--most", type=int, default=10_000)
    add("hold", hold, 10_000, 100_000, 600)
    add("rss", resident, 10_000, 100_000, 2)
