"""What is measured: each is started with N sessions at an interval and stopped again."""

import os
import subprocess
import time

from lab import (INTERFACE, OBSERVER_MAC, PACKAGE, SUBJECT_CORE, TOOLS, address_of, is_listening,
                 run, wait_until)

ADDRESS = "10.0.0.1"


def milliseconds(interval_us):
    if interval_us % 1000:
        raise ValueError("this daemon takes whole milliseconds")
    return interval_us // 1000


class Subject:
    """`name` with options, as in `gatewatch:fifo`."""

    def __init__(self, name, options):
        self.name, self.options = name, options

    def start(self, lab, interval_us, multiplier, fifo=0):
        process = self.launch(lab, interval_us, multiplier, fifo)
        wait_until(lambda: process.poll() is not None or is_listening(lab.subject), 60,
                   f"{self.name} listens")
        if process.poll() is not None:
            raise RuntimeError(f"{self.name} ended by itself: {process.returncode}")
        self.settle(lab)
        return process

    def settle(self, lab):
        """Sessions are made after the socket: give them time by their number."""
        time.sleep(0.5 + lab.sessions / 4000)


class Gatewatch(Subject):
    binary = "gatewatch"

    def text(self, lab, interval_us, multiplier, fifo):
        settings = dict(option.split("=", 1) for option in self.options if "=" in option)
        if fifo:
            settings["priority"] = fifo
        realtime = ", ".join(f"{key}: {value}" for key, value in settings.items())
        peers = "".join(f"  - {{dest-addr: {address_of(index)}}}\n"
                        for index in range(lab.sessions))
        return (f"defaults: {{desired-min-tx-interval: {interval_us}us, "
                f"required-min-rx-interval: {interval_us}us, local-multiplier: {multiplier}}}\n"
                f"control: {{socket: {lab.folder}/control.sock}}\n"
                f"state-directory: {lab.folder}/state\n"
                f"log: {{level: error}}\n"
                + (f"realtime: {{{realtime}}}\n" if realtime else "")
                + "peers:\n" + peers)

    def launch(self, lab, interval_us, multiplier, fifo):
        path = lab.folder / "gatewatch.yaml"
        path.write_text(self.text(lab, interval_us, multiplier, fifo))
        return lab.start(lab.subject, [self.binary, "run", path], core=SUBJECT_CORE,
                         stdin=subprocess.DEVNULL, stderr=(lab.folder / "gatewatch.log").open("w"))


class Embedded(Subject):
    """The C example with the library of `make library`; `embedded:managed` for its threads."""

    root = PACKAGE.parent
    library = root / ".build" / "library"

    def launch(self, lab, interval_us, multiplier, fifo):
        if interval_us != 100_000 or multiplier != 3:
            raise ValueError("the example keeps sessions at 100 ms x 3")
        unknown = set(self.options) - {"managed"}
        if unknown:
            raise SystemExit(f"embedded knows no {', '.join(unknown)}")
        program = lab.folder / "agent"
        run("cc", "-O2", f"-I{self.root}/Sources/CGatewatch/include", "-o", program,
            self.root / "deploy/library/examples/libev-agent/agent.c",
            f"-L{self.library}", "-lgatewatch", "-lev")
        peers = [address_of(index) for index in range(lab.sessions)]
        return lab.start(lab.subject, [program] + ["-m"] * bool(self.options) + peers,
                         core=SUBJECT_CORE, fifo=fifo, stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL,
                         env=dict(os.environ, LD_LIBRARY_PATH=str(self.library)))


class Bird(Subject):
    def launch(self, lab, interval_us, multiplier, fifo):
        neighbors = "".join(
            f'  neighbor {address_of(index)} dev "{INTERFACE}" local {ADDRESS};\n'
            for index in range(lab.sessions))
        path = lab.folder / "bird.conf"
        path.write_text(
            f'log "{lab.folder}/bird.log" all;\n'  # Else it falls back to a slow console.
            f"router id {ADDRESS};\nprotocol device {{}}\nprotocol bfd {{\n"
            f'  interface "*" {{ min rx interval {interval_us} us; '
            f"min tx interval {interval_us} us; idle tx interval 1 s; "
            f"multiplier {multiplier}; }};\n{neighbors}}}\n")
        return lab.start(lab.subject, ["/usr/sbin/bird", "-f", "-c", path, "-s",
                                       lab.folder / "bird.ctl"], core=SUBJECT_CORE, fifo=fifo,
                         stderr=subprocess.DEVNULL)


class Frr(Subject):
    def launch(self, lab, interval_us, multiplier, fifo):
        run("chown", "frr:frr", lab.folder)
        peers = "".join(
            f" peer {address_of(index)}\n  receive-interval {milliseconds(interval_us)}\n"
            f"  transmit-interval {milliseconds(interval_us)}\n"
            f"  detect-multiplier {multiplier}\n exit\n" for index in range(lab.sessions))
        path = lab.folder / "bfdd.conf"
        path.write_text(f"bfd\n{peers}exit\n")
        os.chmod(path, 0o644)
        return lab.start(
            lab.subject,
            ["/usr/lib/frr/bfdd", "-u", "frr", "-g", "frr", "-P", "0", "--vty_socket",
             lab.folder, "-f", path, "-i", lab.folder / "bfdd.pid", "--bfdctl",
             lab.folder / "bfdd.ctl", "-z", lab.folder / "no-zebra"],
            core=SUBJECT_CORE, fifo=fifo, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)


class Floor(Subject):
    """The bare loop. Options as its own: `floor:send=packet,slack=5,tick=1000`."""

    def launch(self, lab, interval_us, multiplier, fifo):
        arguments = [TOOLS / "floor", "--sessions", lab.sessions, "--interval", interval_us,
                     "--multiplier", multiplier, "--interface", INTERFACE, "--peer-mac",
                     OBSERVER_MAC, "--core", SUBJECT_CORE, "--priority", fifo]
        for option in self.options:
            name, _, value = option.partition("=")
            arguments += [f"--{name}", value]
        return lab.start(lab.subject, arguments)

    def settle(self, lab):
        time.sleep(0.1)


KINDS = {"gatewatch": Gatewatch, "embedded": Embedded, "bird": Bird, "frr": Frr, "floor": Floor}


def subject(text):
    """`floor:send=raw,slack=5` names the bare loop with two options."""
    kind, _, options = text.partition(":")
    if kind not in KINDS:
        raise SystemExit(f"no such subject: {kind}; there are {', '.join(KINDS)}")
    return KINDS[kind](text, [option for option in options.split(",") if option])
