"""SVG plots of results, by matplotlib (Debian: python3-matplotlib)."""

from pathlib import Path

COLORS = {"gatewatch": "#0a6", "bird": "#c60", "frr": "#36c", "floor": "#777"}


def color_of(subject):
    return COLORS.get(subject.partition(":")[0], "#000")


def style_of(subject):
    return "--" if ":" in subject else "-"


TIMER_COLORS = {"engine": "#0a6", "ev_timer": "#c60", "epoll": "#36c", "timerfd": "#777"}


def library():
    """matplotlib's pyplot; `None`, with a word about it, where it is missing."""
    try:
        import matplotlib
    except ImportError:
        print("no plots: matplotlib is missing (apt-get install python3-matplotlib)")
        return None
    matplotlib.use("svg")
    # The same input gives the same file.
    matplotlib.rcParams.update({"svg.hashsalt": "gatewatch", "font.size": 9})
    import matplotlib.pyplot as pyplot
    return pyplot


def draw_jitter(results, folder):
    """For each load of the grid a figure: idle beside busy, FIFO solid, normal dashed."""
    pyplot = library()
    if not pyplot:
        return
    for result in results:
        figure, panels = pyplot.subplots(1, 2, figsize=(9, 4), sharey=True)
        for axes, cores in zip(panels, ("idle", "busy")):
            for row in result["measurements"]:
                if row["cores"] == cores:
                    fractions, values = fractions_of(row["lateness"])
                    axes.plot([1 / (1 - fraction / 100) for fraction in fractions], values,
                              color=TIMER_COLORS[row["timer"]], marker=".",
                              linestyle="-" if row["priority"] else "--",
                              label=row["timer"] + (" FIFO" if row["priority"] else ""))
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.set_xticks([2, 10, 100, 1000, 10_000],
                            ["p50", "p90", "p99", "p99.9", "p99.99"])
            axes.set_title(f"cores {cores}")
            axes.grid(True, alpha=0.3)
        panels[0].set_ylabel("late, µs")
        panels[1].legend(fontsize=7)
        sessions, interval = result["sessions"], result["interval_us"]
        figure.suptitle(f"{sessions} sessions, a deadline every {interval} µs")
        save(pyplot, figure, folder / f"jitter-{sessions}x{interval}us.svg")


def draw(results, rows, folder):
    pyplot = library()
    if not pyplot:
        return
    processor_time(pyplot, rows, folder)
    for sessions, interval in sorted({(run["sessions"], run["interval_us"]) for run in results}):
        chosen = [run for run in results if run["sessions"] == sessions
                  and run["interval_us"] == interval]
        name = f"{sessions}x{interval}us.svg"
        gap_curves(pyplot, [run for run in chosen if run.get("kind") != "detection"],
                   folder / f"gaps-{name}")
        overshoot_curves(pyplot, [run for run in chosen if "overshoot" in run],
                         folder / f"overshoot-{name}")


def save(pyplot, figure, path):
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
    # Trailing blanks of the library's paths are of no use to anyone.
    text = "\n".join(line.rstrip() for line in Path(path).read_text().splitlines())
    Path(path).write_text(text + "\n")


def processor_time(pyplot, rows, folder):
    figure, axes = pyplot.subplots(figsize=(6, 4))
    steady = [row for row in rows if row["kind"] == "steady" and row["interval_us"] == 100_000]
    for subject in sorted({row["subject"] for row in steady}):
        points = sorted((row["sessions"], row["cpu_us_per_packet"]) for row in steady
                        if row["subject"] == subject)
        x = [point[0] for point in points]
        y = [point[1]["median"] for point in points]
        below = [point[1]["median"] - point[1]["least"] for point in points]
        above = [point[1]["most"] - point[1]["median"] for point in points]
        axes.errorbar(x, y, yerr=[below, above], marker="o", capsize=3, label=subject,
                      color=color_of(subject), linestyle=style_of(subject))
    axes.set(xscale="log", yscale="log", xlabel="sessions at 100 ms",
             ylabel="processor time per packet, µs", title="Cost of a packet, sent or received")
    if steady:
        axes.legend()
    axes.grid(True, which="both", alpha=0.3)
    save(pyplot, figure, folder / "cpu-per-packet.svg")


def fractions_of(percentiles):
    pairs = sorted((float(name[1:]), value) for name, value in percentiles.items()
                   if name.startswith("p"))
    return [min(pair[0], 99.999) for pair in pairs], [pair[1] for pair in pairs]


def curves(pyplot, runs, values_of, path, label, title):
    if not runs:
        return
    figure, axes = pyplot.subplots(figsize=(6, 4))
    seen = set()
    for run in runs:
        subject = run["subject"] + (" FIFO" if run["fifo"] else "")
        fractions, values = fractions_of(values_of(run))
        axes.plot([1 / (1 - fraction / 100) for fraction in fractions], values,
                  color=color_of(run["subject"]), linestyle=style_of(run["subject"]),
                  alpha=0.7, label=None if subject in seen else subject)
        seen.add(subject)
    axes.set_xscale("log")
    ticks = [2, 10, 100, 1000, 10_000]
    axes.set_xticks(ticks, ["p50", "p90", "p99", "p99.9", "p99.99"])
    axes.set(ylabel=label, title=title)
    axes.grid(True, alpha=0.3)
    axes.legend()
    return figure, axes


def gap_curves(pyplot, runs, path):
    drawn = curves(pyplot, [run for run in runs if run["gaps"]["count"]],
                   lambda run: run["gaps"]["percent_of_interval"], path,
                   "gap, % of the negotiated interval", f"Gaps between packets, {path.stem[5:]}")
    if drawn:
        drawn[1].axhspan(75, 100, color="#0a6", alpha=0.08)
        save(pyplot, drawn[0], path)


def overshoot_curves(pyplot, runs, path):
    drawn = curves(pyplot, [run for run in runs if run["overshoot"]["count"]],
                   lambda run: run["overshoot"], path,
                   "first Down after the detection time, µs", f"Detection, {path.stem[10:]}")
    if drawn:
        drawn[1].set_yscale("symlog", linthresh=10)
        save(pyplot, drawn[0], path)
