// Drawings, made anew from the numbers each time: a few dozen nodes.

const plot = { left: 66, right: 12, top: 10, bottom: 24, height: 190 };
const smallest = 4000;

/** Maps a logarithmic range to pixels; what is below counts as the least. */
function logScale(least, most, from, to) {
  const size = Math.log(most / least);
  return (value) => from + (to - from) * Math.log(Math.max(value, least) / least) / size;
}

/** Powers of ten within a range. */
function decades(least, most) {
  const found = [];
  for (let value = 1; value <= most * 1.001; value *= 10) if (value >= least) found.push(value);
  return found;
}

function linePath(points) {
  let text = "";
  let isBroken = true;
  for (const [x, y] of points) {
    if (y === null) {
      isBroken = true;
      continue;
    }
    text += (isBroken ? "M" : "L") + x.toFixed(1) + " " + y.toFixed(1);
    isBroken = false;
  }
  return text;
}

function label(x, y, anchor, text) {
  return make("text", { x, y, "text-anchor": anchor, class: "tick" }, text);
}

function canvas(container, description) {
  const width = Math.max(260, container.clientWidth);
  const svg = make("svg", {
    class: "plot", width, height: plot.height, viewBox: "0 0 " + width + " " + plot.height,
    role: "img", "aria-label": description,
  });
  return { svg, width, x0: plot.left, x1: width - plot.right, y0: plot.height - plot.bottom };
}

function nothing(container, text) {
  const isShown = container.firstElementChild?.className === "nothing";
  if (isShown) say(container.firstElementChild, text);
  else container.replaceChildren(make("p", { class: "nothing" }, text));
}

/** One sample a pixel at most, the highest of those that share one. */
function thinned(samples, x) {
  const columns = new Map();
  for (const sample of samples) {
    const column = Math.round(x(sample.time));
    const other = columns.get(column);
    if (other === undefined || (sample.high ?? 0) >= (other.high ?? 0)) columns.set(column, sample);
  }
  return [...columns.values()];
}

/** Lateness over time: how late the latest of a hundred were, and half of them. */
function drawTime(container, history) {
  const span = history.window;
  const samples = history.samples.filter((sample) => sample.time > history.last.time - span);
  const known = samples.filter((sample) => sample.high !== null);
  if (known.length < 2) return nothing(container, "Collecting: a curve needs some packets.");
  const last = known.at(-1);
  const { svg, x0, x1, y0 } = canvas(
    container, "Curve of lateness. Now 99 of 100 packets leave at most " + shortSpan(last.high)
      + " late, half of them at most " + shortSpan(last.median) + ".");
  const most = 10 ** Math.ceil(Math.log10(Math.max(1e6, ...known.map((sample) => sample.high))));
  const y = logScale(smallest, most, y0, plot.top);
  const end = history.last.time;
  const x = (time) => x1 - (end - time) / span * (x1 - x0);
  for (const value of decades(smallest, most)) {
    svg.append(
      make("line", { class: "grid", x1: x0, x2: x1, y1: y(value), y2: y(value) }),
      label(x0 - 8, y(value) + 4, "end", shortSpan(value)));
  }
  const parts = span % 20000 === 0 ? 4 : 3;
  for (let part = 0; part <= parts; part += 1) {
    const ago = span * (parts - part) / parts;
    const anchor = part === parts ? "end" : part === 0 ? "start" : "middle";
    svg.append(label(x(end - ago), y0 + 18, anchor, part === parts ? "now" : "−" + age(ago)));
  }
  const drawn = thinned(samples, x);
  const points = (name) => drawn.map(
    (sample) => [x(sample.time), sample[name] === null ? null : y(sample[name])]);
  svg.append(
    make("path", { class: "line line-high", d: linePath(points("high")) }),
    make("path", { class: "line line-mid", d: linePath(points("median")) }),
    make("circle", { class: "dot line-high", cx: x(last.time), cy: y(last.high), r: 3 }));
  container.replaceChildren(svg);
}

const shareNames = {
  transmit: "packets sent", detection: "silence noticed", route: "routes changed",
};

/** What share was later than so much, of up to three kinds. */
function drawShares(container, kinds) {
  const curves = Object.entries(kinds)
    .filter(([, lateness]) => lateness !== undefined)
    .map(([name, lateness]) => [name, sharesLater(lateness), lateness])
    .filter(([, points]) => points.length > 0);
  if (curves.length === 0) return nothing(container, "Nothing has been measured yet.");
  const texts = curves.map(([name, , lateness]) =>
    shareNames[name] + ": 99 of 100 at most " + shortSpan(lateness.p99) + " late");
  const { svg, x0, x1, y0 } = canvas(container, "Curves of lateness. " + texts.join("; ") + ".");
  const farthest = Math.max(1e6, ...curves.map(([, points]) => points.at(-1)[0]));
  const most = 10 ** Math.ceil(Math.log10(farthest));
  const rarest = Math.min(...curves.map(([, points]) => points.at(-1)[1]));
  const least = 10 ** Math.max(-7, Math.min(-2, Math.floor(Math.log10(rarest))));
  const x = logScale(smallest, most, x0, x1);
  const y = logScale(least, 1, y0, plot.top);
  for (let share = 1, place = 0; share >= least * 0.99; share /= 10, place += 1) {
    svg.append(make("line", { class: "grid", x1: x0, x2: x1, y1: y(share), y2: y(share) }));
    if (place % (least < 1e-4 ? 2 : 1) === 0) {
      svg.append(label(x0 - 8, y(share) + 4, "end", shareText(share)));
    }
  }
  for (const value of decades(smallest, most)) {
    const anchor = value === most ? "end" : "middle";
    svg.append(
      make("line", { class: "grid", x1: x(value), x2: x(value), y1: plot.top, y2: y0 }),
      label(x(value), y0 + 18, anchor, shortSpan(value)));
  }
  for (const [name, points] of curves) {
    const drawn = points.map(([span, share]) => [x(span), y(share)]);
    const start = [[x(smallest), y(1)]];
    svg.append(
      make("path", { class: "line line-" + name, d: linePath([...start, ...drawn]) }),
      make("circle", {
        class: "dot line-" + name, cx: drawn.at(-1)[0], cy: drawn.at(-1)[1], r: 3.5,
      }));
  }
  container.replaceChildren(svg);
}

function shareText(share) {
  const percent = share * 100;
  return (percent >= 1 ? Math.round(percent) : percent.toFixed(Math.round(-Math.log10(percent))))
    + " %";
}

/** A line without axes beside a number that says the rest. */
function spark(values, least) {
  const width = 120;
  const height = 30;
  const known = values.filter((value) => value !== null);
  const most = Math.max(least, ...known) || 1;
  const step = width / Math.max(1, values.length - 1);
  const points = values.map((value, place) => [
    place * step, value === null ? null : height - 2 - (height - 4) * value / most,
  ]);
  return make(
    "svg", {
      class: "spark", viewBox: "0 0 " + width + " " + height, preserveAspectRatio: "none",
      "aria-hidden": "true",
    }, make("path", { class: "line", d: linePath(points) }));
}

/** When a session was in which state: high while Up, low while not. */
function drawStrip(svg, changes, end, span, start) {
  const width = 96;
  const from = Math.max(start, end - span);
  const x = (time) => Math.round(Math.max(0, (time - (end - span)) / span * width));
  const key = changes.length + " " + changes.at(-1)[1] + " " + span + " " + x(from) + " "
    + changes.slice(-6).map(([time]) => x(time)).join(" ");
  if (svg.dataset.key === key) return;
  svg.dataset.key = key;
  const boxes = changes.map(([time, state], place) => {
    const left = x(time);
    const right = place + 1 < changes.length ? x(changes[place + 1][0]) : width;
    const height = state === "up" ? 16 : state === "init" ? 9 : 5;
    return make("rect", {
      x: left, y: 16 - height, width: Math.max(right - left, 1), height,
      class: "in-" + (stateKinds[state] ?? "unknown"),
    });
  });
  svg.replaceChildren(
    make("line", { class: "grid", x1: 0, x2: width, y1: 15.5, y2: 15.5 }), ...boxes);
}
