"""From the end of the detection time to the next hop's leaving the kernel, and back again."""

import contextlib
import os
import subprocess
from pathlib import Path

import lab
import subjects

COMPATIBILITY = "net.ipv4.nexthop_compat_mode"
KINDS = ["out", "out_after_down", "back"]


def prefixes(count):
    if count == 1:
        return ["0.0.0.0/0"]
    return [f"{20 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.0/24"
            for number in range(count)]


class Gatewatch(subjects.Gatewatch):
    """With routes over all its peers; `multipath` is its way on kernels without next-hop objects."""

    def text(self, place, interval_us, multiplier, fifo):
        hops = ", ".join(f'{{peer: "{lab.address_of(index)}"}}' for index in range(place.sessions))
        routes = "".join(f"  - {{prefix: {prefix}, metric: 50, next-hops: *hops}}\n"
                         for prefix in prefixes(self.prefixes)[1:])
        return (super().text(place, interval_us, multiplier, fifo)
                + f"namespace: {place.subject}\n"
                + f"next-hop-objects: {'false' if self.multipath else 'true'}\n"
                + f"routes:\n  - {{prefix: {prefixes(self.prefixes)[0]}, metric: 50, "
                + f"next-hops: &hops [{hops}]}}\n" + routes)


class Bird(subjects.Bird):
    """Static routes that follow BFD, as its manual has them."""

    def launch(self, place, interval_us, multiplier, fifo):
        process = None
        path = place.folder / "routes.conf"
        hops = " ".join(f"via {lab.address_of(index)} bfd" for index in range(place.sessions))
        routes = "".join(f"  route {prefix} {hops};\n" for prefix in prefixes(self.prefixes))
        path.write_text(
            f'log "{place.folder}/bird.log" all;\nrouter id {subjects.ADDRESS};\n'
            "protocol device {}\n"
            f'protocol bfd {{\n  interface "*" {{ min rx interval {interval_us} us; '
            f"min tx interval {interval_us} us; idle tx interval 1 s; "
            f"multiplier {multiplier}; }};\n}}\n"
            "protocol kernel { ipv4 { import none; export all; }; }\n"
            f"protocol static {{\n  ipv4;\n{routes}}}\n")
        process = place.start(
            place.subject, ["/usr/sbin/bird", "-f", "-c", path, "-s", place.folder / "bird.ctl"],
            core=lab.SUBJECT_CORE, fifo=fifo, stderr=subprocess.DEVNULL)
        return process


SUBJECTS = {"gatewatch": Gatewatch, "bird": Bird}


def subject(name, arguments):
    kind, _, options = name.partition(":")
    if kind not in SUBJECTS:
        raise SystemExit(f"no such subject with routes: {kind}; there are {', '.join(SUBJECTS)}")
    made = SUBJECTS[kind](name, [option for option in options.split(",") if option])
    made.prefixes, made.multipath = arguments.prefixes, arguments.multipath
    return made


@contextlib.contextmanager
def undisturbed_grace_periods():
    """Keeps the kernel's thread for expedited grace periods of RCU off the observer's core.

    It has no real-time priority, and whoever changes a next-hop group waits for it: next to an
    observer that looks without a pause it would wait as long as that looks, whatever the subject.
    """
    pids = [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/comm")
            if path.read_text().startswith("rcu_exp_")]
    before = {pid: os.sched_getaffinity(pid) for pid in pids}
    try:
        for pid in pids:
            os.sched_setaffinity(pid, {lab.SUBJECT_CORE})
        yield
    finally:
        for pid, cores in before.items():
            os.sched_setaffinity(pid, cores)


@contextlib.contextmanager
def profiled(process, path):
    """`perf record` of the whole subject while it is measured."""
    recorder = path and subprocess.Popen(
        ["perf", "record", "-q", "-g", "-o", str(path), "-p", str(process.pid)])
    try:
        yield
    finally:
        if recorder:
            recorder.terminate()
            recorder.wait()


def measure(name, hops, arguments):
    with lab.Lab(hops) as place:
        process = subject(name, arguments).start(
            place, arguments.interval, arguments.multiplier, arguments.fifo)
        if arguments.compatibility:
            lab.run("ip", "netns", "exec", place.subject, "sysctl", "-qw", f"{COMPATIBILITY}=1")
        with profiled(process, arguments.profile), undisturbed_grace_periods():
            result = place.observe(
                process, arguments.interval, multiplier=arguments.multiplier,
                seconds=arguments.seconds, silences=arguments.count, rest=arguments.rest,
                routes=f"/run/netns/{place.subject}")
        if process.poll() is not None:
            raise SystemExit(f"{name} ended by itself: {process.returncode}")
        place.stop(process)
    result.update(subject=name, fifo=arguments.fifo, hops=hops, prefixes=arguments.prefixes,
                  multipath=arguments.multipath, compatibility=arguments.compatibility)
    return result


def one_line(result):
    texts = [f"{kind} n {result[kind]['count']} p50 {result[kind]['p50']} "
             f"p99 {result[kind]['p99']} max {result[kind]['p100']}" for kind in KINDS]
    form = " multipath" if result["multipath"] else ""
    form += " compat" if result["compatibility"] else ""
    return (f"{result['subject']} FIFO {result['fifo']}{form} {result['hops']} hops, "
            f"{result['prefixes']} prefixes, us: " + "; ".join(texts)
            + f"; overshoot p50 {result['overshoot']['p50']} p99 {result['overshoot']['p99']}"
            + f"; flaps {result['flaps']} missed {result['routes_missed']} "
            f"lost {result['routes_lost']} unseen {result['routes_unseen']} "
            f"(blink {result['routes_longest_blink_us']})")


def run(arguments):
    results = []
    for _ in range(arguments.repeats):
        for hops in arguments.hops:
            for name in arguments.subjects:
                result = measure(name, hops, arguments)
                print(one_line(result), flush=True)
                results.append(result)
    return results


def add_commands(commands):
    command = commands.add_parser(
        "routes", help="detection to the next hop's leaving the kernel, and back")
    command.add_argument("subjects", nargs="*", default=["gatewatch"], help="gatewatch, bird")
    command.add_argument("--hops", type=int, nargs="*", default=[2, 8, 64])
    command.add_argument("--prefixes", type=int, default=1)
    command.add_argument("--count", type=int, default=200, help="next hops that leave and return")
    command.add_argument("--interval", type=int, default=10_000, metavar="US")
    command.add_argument("--multiplier", type=int, default=3)
    command.add_argument("--rest", type=int, default=50, metavar="MS",
                         help="shortest time Up before a next hop leaves again")
    command.add_argument("--seconds", type=float, default=60, help="at the longest")
    command.add_argument("--repeats", type=int, default=1)
    command.add_argument("--fifo", type=int, default=50, metavar="PRIORITY")
    command.add_argument("--multipath", action="store_true", help="next-hop-objects: false")
    command.add_argument("--compatibility", action="store_true",
                         help=f"{COMPATIBILITY} is set to 1 once the subject runs")
    command.add_argument("--profile", type=Path, help="perf record of the subject goes here")
    command.add_argument("--gatewatch", default=None, metavar="PATH")
    command.add_argument("--json", type=Path, help="write the results here, too")
    command.set_defaults(run=run)
