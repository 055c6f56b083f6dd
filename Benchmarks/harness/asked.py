"""Resident memory of the daemon with all servers on: before anybody asks, after it, a while later."""

import subprocess
import time
from pathlib import Path

import clients
import lab
import subjects

PORT = 9470
CONTROL = (b"/v1/sessions", b"/v1/routes")
METRICS = ("metrics", "", "status.json", "healthz")
# A little longer than nobody must have asked for code to be given back.
REST = 7


class Served(subjects.Gatewatch):
    """With the control socket, metrics and the status page."""

    def text(self, *arguments):
        return (super().text(*arguments)
                + f'metrics: {{listen: "127.0.0.1:{PORT}", page: true}}\n')


def resident(pid):
    """All of it, and what of that is the files' own, in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines)
    return {name: int(values[key].split()[0]) for name, key in
            (("all", "VmRSS"), ("file", "RssFile"), ("locked", "VmLck"))}


def asked(name, arguments):
    """Resident memory before anybody asks the servers, after 20 rounds, and when it is quiet."""
    kind, _, options = name.partition(":")
    if kind != "gatewatch":
        raise SystemExit("only gatewatch has these servers")
    figures = {}
    with lab.Lab(arguments.sessions) as place:
        subject = Served(kind, [option for option in options.split(",") if option])
        process = subject.start(place, arguments.interval, arguments.multiplier, arguments.fifo)

        def note(when):
            figures[when] = resident(process.pid)
            print(f"    {when}: " + ", ".join(f"{key} {value} KiB" for key, value in
                                              figures[when].items()), flush=True)

        def rounds():
            time.sleep(3)
            note("before")
            for when in ("asked", "asked again"):
                for _ in range(20):
                    for question in CONTROL:
                        clients.ask(place.folder / "control.sock", question)
                    urls = [f"http://127.0.0.1:{PORT}/{page}" for page in METRICS]
                    subprocess.run(
                        ["ip", "netns", "exec", place.subject, "curl", "--silent", "--fail", *urls],
                        check=True, stdout=subprocess.DEVNULL)
                note(when)
                time.sleep(REST)
                note("quiet after that" if when == "asked" else "quiet again")

        result = place.observe(process, arguments.interval, rounds,
                               multiplier=arguments.multiplier, seconds=arguments.seconds)
        place.stop(process)
    if "quiet again" not in figures:
        raise RuntimeError("the servers could not be asked")
    result.update(subject=name, fifo=arguments.fifo, resident_kib=figures)
    return result
