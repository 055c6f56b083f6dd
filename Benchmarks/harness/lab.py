"""Two network namespaces and one veth: the subject in one, the observer in the other."""

import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
TOOLS = PACKAGE / ".build" / "release"
SUBJECT_MAC, OBSERVER_MAC = "02:00:00:00:0b:01", "02:00:00:00:0b:02"
SUBJECT_CORE, OBSERVER_CORE = 0, 1
INTERFACE = "bfd0"


def address_of(session):
    """10.64.0.1 and the following ones."""
    value = 1 + session
    return f"10.64.{value >> 8}.{value & 255}" if value < 1 << 16 else None


class Lab:
    """A context manager: what it made is gone afterwards, also after a failure."""

    def __init__(self, sessions):
        token = secrets.token_hex(3)
        self.subject, self.observer = f"gwb-{token}-s", f"gwb-{token}-o"
        self.folder = Path(tempfile.mkdtemp(prefix="gwb-"))
        self.folder.chmod(0o755)
        self.sessions = sessions
        self.processes = []

    def __enter__(self):
        # Who ends this process ends it in order: what it made must go.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        # Two measurements at a time would measure each other.
        self.lock = open("/tmp/gwb.lock", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        try:
            self._make()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _make(self):
        for name in (self.subject, self.observer):
            run("ip", "netns", "add", name)
        run("ip", "link", "add", INTERFACE, "netns", self.subject, "address", SUBJECT_MAC,
            "type", "veth", "peer", "name", INTERFACE, "netns", self.observer,
            "address", OBSERVER_MAC)
        for name in (self.subject, self.observer):
            run("ip", "netns", "exec", name, "sysctl", "-qw",
                "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "link", "set", INTERFACE, "up")
        run("ip", "-n", self.subject, "address", "add", "10.0.0.1/8", "dev", INTERFACE)
        # Neighbours are given, for the kernel resolves at most about a thousand by itself.
        entries = "".join(
            f"neighbour replace {address_of(index)} lladdr {OBSERVER_MAC} nud permanent "
            f"dev {INTERFACE}\n" for index in range(self.sessions))
        subprocess.run(["ip", "-n", self.subject, "-batch", "-"], input=entries, text=True,
                       check=True)

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for name in (self.subject, self.observer):
            subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.lock.close()

    def start(self, namespace, arguments, core=None, fifo=0, **options):
        """A process of its own, in a namespace, pinned; its pid is that of the program."""
        command = ["ip", "netns", "exec", namespace] if namespace else []
        if core is not None:
            command += ["taskset", "-c", str(core)]
        if fifo:
            command += ["chrt", "--fifo", str(fifo)]
        process = subprocess.Popen(command + [str(part) for part in arguments], **options)
        self.processes.append(process)
        return process

    def stop(self, process):
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def observe(self, subject, interval_us, on_start=None, **options):
        """Runs the observer to its end: the result, as it prints it."""
        settings = {
            "interface": INTERFACE, "subject-mac": SUBJECT_MAC, "sessions": self.sessions,
            "interval": interval_us, "core": OBSERVER_CORE, "subject-core": SUBJECT_CORE,
        }
        if subject is not None:
            settings["pid"] = subject.pid
        settings.update({name.replace("_", "-"): value for name, value in options.items()})
        arguments = [TOOLS / "observer"]
        for name, value in settings.items():
            if value is False or value is None:
                continue
            arguments += [f"--{name}"] + ([] if value is True else [str(value)])
        process = self.start(self.observer, arguments, stdout=subprocess.PIPE, text=True)
        result = None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "start" and on_start:
                threading.Thread(target=on_start, daemon=True).start()
            elif event["event"] == "progress":
                print(f"    {event['up']}/{event['sessions']} Up, {event['flaps']} flaps",
                      flush=True)
            elif event["event"] == "result":
                result = event
        if process.wait() != 0 or result is None:
            raise RuntimeError("the observer failed")
        return result


def run(*arguments):
    subprocess.run([str(part) for part in arguments], check=True)


def wait_until(condition, seconds, what):
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            raise RuntimeError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def is_listening(namespace, port=3784):
    """Whether a UDP socket is bound to the port, as the namespace's own /proc shows it."""
    text = subprocess.run(["ip", "netns", "exec", namespace, "cat", "/proc/net/udp",
                           "/proc/net/udp6"], capture_output=True, text=True).stdout
    return f":{port:04X} " in text


def machine():
    """What the figures depend on."""
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), "unknown")
    kernel = os.uname()
    return {"processor": model, "cores": os.cpu_count(), "kernel": kernel.release,
            "architecture": kernel.machine, "date": time.strftime("%Y-%m-%d", time.gmtime())}
