// Rows of the tables. Each is made once and then kept up to date.

function cell(name, ...children) {
  return make("td", { role: "cell", "data-label": name }, ...children);
}

/** Texts as marks of their own, a few of them. */
function sayTags(node, texts, most) {
  const shown = texts.slice(0, most);
  if (texts.length > most) shown.push("+" + (texts.length - most));
  const key = shown.join("\n");
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  node.replaceChildren(...shown.map((text) => make("span", { class: "tag" }, text)));
}

function sessionRow(context) {
  return () => {
    const state = pill();
    const name = make("span", { class: "name" });
    const address = make("span", { class: "address" });
    const since = make("time");
    const strip = make("svg", {
      class: "strip", viewBox: "0 0 96 16", preserveAspectRatio: "none", "aria-hidden": "true",
    });
    const timers = make("span");
    const detection = make("span");
    const sum = make("span", { class: "muted sum" });
    const downs = cell("Downs");
    downs.className = "number";
    const routes = cell("Routes");
    const cause = cell("Last cause");
    cause.className = "cause";
    const peer = make("th", { role: "rowheader", scope: "row" }, name, address);
    const node = make(
      "tr", { role: "row" }, cell("State", state.node), peer, cell("For", since),
      cell("Since opened", strip), cell("Sends · expects", timers),
      cell("Detection", detection, sum), downs, routes, cause);
    const update = (session) => {
      const kind = stateKinds[session["local-state"]] ?? "unknown";
      state.set(kind, stateWord(session));
      mark(node, "data-kind", kind);
      say(name, session.name);
      const place = session.interface === undefined ? "" : " " + session.interface;
      say(address, session.name === session["dest-addr"] ? place : session["dest-addr"] + place);
      const start = new Date(session.since);
      say(since, age(context.now() - start.getTime()));
      mark(since, "datetime", session.since);
      mark(since, "title", start.toLocaleString());
      const changes = context.history.states.get(session.name);
      if (changes !== undefined) {
        drawStrip(
          strip, changes, context.history.last.time, context.history.window,
          context.history.samples[0].time);
      }
      say(timers, exactSpan(session["negotiated-tx-interval"]) + " · "
        + exactSpan(session["negotiated-rx-interval"]));
      say(detection, exactSpan(session["detection-time"]));
      say(sum, sumText(session));
      say(downs, numberText.format(session["down-count"]));
      downs.classList.toggle("zero", session["down-count"] === 0);
      sayTags(routes, session.routes, 3);
      say(cause, causeText(session));
    };
    return { node, update };
  };
}

/** The detection time as the product that it is, where it is one. */
function sumText(session) {
  const isEcho = session["detection-mode"].endsWith("with-echo");
  const multiplier = session["remote-multiplier"];
  const interval = session["negotiated-rx-interval"];
  if (isEcho) return "Echo";
  if (multiplier === 0 || session["detection-time"] !== multiplier * interval) return "";
  return multiplier + " × " + exactSpan(interval);
}

function routeRow() {
  const state = pill();
  const prefix = make("span", { class: "name" });
  const place = make("span", { class: "address" });
  const hops = make("ul", { class: "hops" });
  const error = make("p", { class: "error" });
  const list = new KeyedList(hops, hopItem);
  const node = make(
    "tr", { role: "row" }, cell("State", state.node),
    make("th", { role: "rowheader", scope: "row" }, prefix, place),
    cell("Next hops", hops, error));
  const update = (route) => {
    state.set(routeKinds[route.state] ?? "unknown", routeWords[route.state] ?? route.state);
    mark(node, "data-kind", routeKinds[route.state] ?? "unknown");
    say(prefix, route.prefix);
    const table = route.table === 254 ? "table main" : "table " + route.table;
    say(place, table + ", metric " + route.metric);
    list.show(
      route["next-hops"].map((hop, number) => ({ hop, number })),
      ({ hop, number }) => number + " " + hop.peer);
    const lost = (route.rules ?? []).filter((rule) => !rule.installed);
    const texts = lost.map(
      (rule) => "Rule " + rule.priority + " is missing: " + (rule.error ?? ""));
    say(error, [route.error ?? "", ...texts].filter((text) => text !== "").join(" "));
    error.hidden = error.textContent === "";
  };
  return { node, update };
}

function hopItem() {
  const state = pill();
  const peer = make("span", { class: "name" });
  const via = make("span", { class: "address" });
  const reason = make("span", { class: "muted reason" });
  const node = make("li", {}, state.node, peer, via, reason);
  const update = ({ hop }) => {
    const kind = hop.wanted === hop.installed ? (hop.wanted ? "good" : "off") : "warn";
    state.set(kind, hop.installed ? (hop.wanted ? "In" : "Leaving") : "Out");
    say(peer, hop.peer);
    const link = hop.interface === undefined ? "" : " on " + hop.interface;
    say(via, "via " + hop.via + link + (hop.weight === 1 ? "" : " weight " + hop.weight));
    const held = hop["held-until"];
    const until = held === undefined ? "" : ", until " + clockText(new Date(held));
    say(reason, hop.reason === undefined ? "" : hop.reason + until);
  };
  return { node, update };
}

function eventRow(event) {
  const date = new Date(event.time);
  const fraction = event.time.slice(19, 23);
  const time = make(
    "time", { datetime: event.time, title: date.toLocaleString() },
    make("span", { class: "muted day" }, dayText(date) + " "), clockText(date),
    make("span", { class: "muted" }, fraction));
  const about = event.type === "route" ? event.prefix ?? event.peer : event.peer;
  // A route is told with its table and metric.
  const [name, ...rest] = (about ?? "daemon").split(" table ");
  const kind = rest.length > 0 ? "table " + rest.join(" ") : about === undefined ? "" : event.type;
  const change = make("span", { class: "change" });
  for (const state of [event["old-state"], event["new-state"]]) {
    if (state === undefined) continue;
    if (change.childNodes.length > 0) change.append(make("span", { class: "arrow" }, "→"));
    const one = pill();
    one.set(stateKinds[state] ?? routeKinds[state] ?? "unknown",
      stateWords[state] ?? routeWords[state] ?? state);
    change.append(one.node);
  }
  const node = make(
    "tr", { role: "row" }, cell("Time", time),
    make("th", { role: "rowheader", scope: "row" },
      make("span", { class: "name" }, name), make("span", { class: "kind" }, kind)),
    cell("Change", change), cell("Cause", event.cause));
  node.lastElementChild.className = "cause";
  return { node, update: () => {} };
}

function figureRow() {
  const name = make("th", { scope: "row" });
  const cells = [0, 1, 2, 3].map(() => make("td", { class: "number" }));
  const update = ({ text, lateness }) => {
    say(name, text);
    const isEmpty = lateness === undefined || lateness.count === 0;
    const spans = isEmpty ? ["–", "–", "–"]
      : [lateness.p50, lateness.p99, lateness.maximum].map(shortSpan);
    [numberText.format(lateness?.count ?? 0), ...spans].forEach((value, place) =>
      say(cells[place], value));
  };
  return { node: make("tr", {}, name, ...cells), update };
}

function tile() {
  const title = make("p", { class: "title" });
  const value = make("p", { class: "value" });
  const more = make("p", { class: "muted" });
  const drawing = make("div", { class: "drawing" });
  const update = (item) => {
    say(title, item.title);
    say(value, item.value);
    say(more, item.more);
    drawing.replaceChildren(...(item.values === undefined ? [] : [spark(item.values, item.least)]));
  };
  return { node: make("div", { class: "tile" }, title, value, more, drawing), update };
}
