// Asks the daemon again and again, shows what it says, and says so when it says nothing.

const firstCount = 30;
const furtherCount = 100;
const patience = 10000;

const view = {
  report: null,
  history: new History(),
  /** When the last report came, by the clock that never steps. */
  receivedAt: 0,
  answeredAt: performance.now(),
  delay: 1000,
  failure: null,
  limits: { sessions: firstCount, routes: firstCount, events: firstCount },
  timer: null,
  isAsking: false,
  /** The daemon's time now, as far as the last report tells. */
  now() {
    if (view.report === null) return Date.now();
    const passed = view.isLost ? 0 : performance.now() - view.receivedAt;
    return Date.parse(view.report.time) + passed;
  },
  isLost: false,
};

const lists = {
  sessions: new KeyedList(byId("session-rows"), sessionRow(view)),
  routes: new KeyedList(byId("route-rows"), routeRow),
  events: new KeyedList(byId("event-rows"), eventRow),
  remarks: new KeyedList(byId("remarks"), remark),
  tiles: new KeyedList(byId("tiles"), tile),
  figures: new KeyedList(byId("figure-rows"), figureRow),
};

function remark() {
  const node = make("li");
  return { node, update: ({ text }) => say(node, text) };
}

async function ask() {
  clearTimeout(view.timer);
  if (view.isAsking) return;
  view.isAsking = true;
  const answer = await fetched();
  view.isAsking = false;
  // Nobody there, or no daemon of ours: the time since the last answer says it.
  if (answer !== null) {
    view.answeredAt = performance.now();
    if (answer.isGood) attempt(answer.body);
    else view.failure = answer.body.error ?? { message: "the daemon refuses: " + answer.status };
  }
  showLife();
  const wanted = view.report?.["refresh-milliseconds"] ?? 1000;
  view.delay = document.hidden ? Math.max(wanted, patience) : wanted;
  view.timer = setTimeout(ask, view.delay);
}

/** What the daemon answered; null for nothing that can be read. */
async function fetched() {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patience);
  try {
    const response = await fetch(
      "status.json", { signal: abort.signal, cache: "no-store", credentials: "omit" });
    return { isGood: response.ok, status: response.status, body: await response.json() };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** Shows a report, or says that it cannot: half of one must not pass for all of it. */
function attempt(report) {
  try {
    take(report);
  } catch (error) {
    console.error(error);
    view.failure = {
      message: "This page cannot show what the daemon says", "next-step": "load it again",
    };
  }
}

function take(report) {
  const before = view.report;
  view.report = report;
  view.failure = null;
  view.isLost = false;
  view.receivedAt = performance.now();
  view.history.note(report);
  announce(before, report);
  show();
}

/** Tells those who listen instead of looking what has changed. */
function announce(before, report) {
  if (before === null) return;
  const old = new Map(before.sessions.map((session) => [session.name, session["local-state"]]));
  const changed = report.sessions.filter(
    (session) => old.has(session.name) && old.get(session.name) !== session["local-state"]);
  if (changed.length === 0) return;
  const texts = changed.slice(0, 3).map((session) => session.name + " is " + stateWord(session));
  if (changed.length > 3) texts.push("and " + (changed.length - 3) + " more changed");
  say(byId("announcement"), texts.join(", "));
}

function show() {
  const report = view.report;
  const { kind, text, remarks } = verdict(report);
  mark(document.body, "data-health", kind);
  mark(byId("verdict-shape"), "href", "#shape-" + kind);
  say(byId("headline"), text);
  lists.remarks.show(remarks.map((one, place) => ({ text: one, place })), ({ place }) => place);
  const host = report.host ?? location.host;
  const namespace = report.version.namespace;
  say(byId("node"), namespace === undefined ? host : host + " · " + namespace);
  const summary = report.summary;
  const all = summary["number-of-sessions"];
  const share = summary["number-of-sessions-up"] + "/" + all;
  document.title = share + " up · " + host + " · Gatewatch";
  showIcon(kind);
  showTiles(report);
  showSessions();
  showRoutes(report);
  showLateness(report);
  showEvents(report);
  showFacts(report);
}

function showTiles(report) {
  const { history } = view;
  const recent = history.samples.slice(-120);
  const last = history.last;
  const hops = report.routes.flatMap((route) => route["next-hops"]);
  const complete = report.routes.filter((route) => route.state === "installed").length;
  const rate = (value) => (value === null ? "–" : numberText.format(Math.round(value)));
  const serving = report.summary["number-of-sessions"]
    - report.summary["number-of-sessions-admin-down"];
  const downs = report.sessions.reduce((sum, one) => sum + one["down-count"], 0);
  lists.tiles.show([
    {
      title: "Sessions up", value: last.up + " of " + serving, least: Math.max(1, serving),
      more: counted(downs, "down", "downs") + " so far",
      values: recent.map((sample) => sample.up),
    }, {
      title: "Next hops in routes", more: complete + " of "
        + counted(report.routes.length, "route", "routes") + " complete",
      value: last.hops + " of " + hops.length, least: Math.max(1, hops.length),
      values: recent.map((sample) => sample.hops),
    }, {
      title: "Packets a second", value: rate(last.sentRate) + " sent",
      more: rate(last.receivedRate) + " received", least: 1,
      values: recent.map((sample) => sample.sentRate),
    }, {
      title: "Packets leave late by", value: last.high === null ? "–" : shortSpan(last.high),
      more: "99 of 100 at most, last 10 s", least: 1,
      values: recent.map((sample) => sample.high),
    },
  ], ({ title }) => title);
}

function showMore(name, shown, total, words) {
  const button = byId(name + "-more");
  button.hidden = shown >= total;
  say(button, "Show more: " + numberText.format(shown) + " of " + numberText.format(total) + " "
    + words);
}

function showSessions() {
  const report = view.report;
  if (report === null) return;
  const filter = byId("filter").value.trim();
  const order = byId("order").value;
  const found = matching(report.sessions, filter).slice().sort(orders[order]);
  const shown = found.slice(0, view.limits.sessions);
  lists.sessions.show(shown, (session) => session.name);
  const all = report.sessions.length;
  byId("tools").hidden = all === 0;
  byId("session-rows").closest(".frame").hidden = found.length === 0;
  say(byId("sessions-note"), all === 0
    ? "The daemon has no sessions. Add peers to its configuration, or: gatewatch peer add"
    : filter === "" ? "" : found.length + " of " + counted(all, "session", "sessions")
      + " with “" + filter + "”");
  showMore("sessions", shown.length, found.length, "sessions");
}

function showRoutes(report) {
  const sorted = report.routes.map((route, place) => ({ route, place }));
  sorted.sort((a, b) =>
    (routeRanks[a.route.state] ?? 0) - (routeRanks[b.route.state] ?? 0) || a.place - b.place);
  const shown = sorted.slice(0, view.limits.routes).map(({ route }) => route);
  lists.routes.show(
    shown, (route) => route.prefix + " " + route.table + " " + route.metric);
  byId("route-rows").closest(".frame").hidden = sorted.length === 0;
  say(byId("routes-note"), sorted.length === 0 ? "No routes are configured: sessions only." : "");
  showMore("routes", shown.length, sorted.length, "routes");
}

function showLateness(report) {
  const transmit = report.punctuality?.["transmit-lateness"];
  const detection = report.punctuality?.["detection-overshoot"];
  const route = report["route-changes"]?.duration;
  say(byId("window"), "the last " + age(view.history.window));
  drawTime(byId("chart-time"), view.history);
  drawShares(byId("chart-share"), { transmit, detection, route });
  lists.figures.show([
    { text: "A packet was sent", lateness: transmit },
    { text: "Silence was noticed", lateness: detection },
    { text: "The kernel had the route", lateness: route },
  ], ({ text }) => text);
}

function showEvents(report) {
  const { events } = report.events;
  const newest = events.slice().reverse();
  const shown = newest.slice(0, view.limits.events);
  const run = view.history.run;
  lists.events.show(shown, (event) => run + " " + event.sequence);
  byId("event-rows").closest(".frame").hidden = shown.length === 0;
  const last = report.events["last-sequence"];
  say(byId("events-note"), last > events.length
    ? "The last " + events.length + " of " + numberText.format(last)
      + "; gatewatch events has more." : "");
  showMore("events", shown.length, newest.length, "events");
}

function showFacts(report) {
  const { version, packets, configuration } = report;
  const facts = [
    "gatewatch " + version.version, "process " + version["process-id"],
    "running for " + age(view.now() - Date.parse(version["start-time"])),
    counted(packets["discard-packet-count"], "packet", "packets") + " discarded",
  ];
  if (configuration !== undefined) {
    const since = new Date(configuration.since);
    facts.push("configuration of " + dayText(since) + " " + clockText(since));
    const unsaved = configuration["unsaved-count"];
    if (unsaved > 0) facts.push(counted(unsaved, "peer", "peers") + " changed and not saved");
  }
  facts.push("this page only looks: nothing can be changed here");
  say(byId("facts"), facts.join(" · "));
}

/** Says whether what is shown is of now. */
function showLife() {
  const silence = performance.now() - view.answeredAt;
  const isLost = silence > Math.max(3500, view.delay * 2.5);
  view.isLost = isLost;
  const banner = byId("banner");
  const isWaiting = !isLost && view.failure !== null;
  mark(byId("live"), "data-live", isLost ? "lost" : isWaiting ? "waiting" : "live");
  say(byId("live-word"), isLost ? "No answer" : isWaiting ? "Waiting"
    : view.report === null ? "Connecting" : "Live");
  const old = performance.now() - view.receivedAt;
  say(byId("live-age"), isLost || view.report === null || old < 3000 ? "" : age(old) + " ago");
  document.body.classList.toggle("stale", (isLost || isWaiting) && view.report !== null);
  banner.hidden = !isLost && !isWaiting;
  if (isLost) {
    const shown = view.report === null ? ""
      : " What is shown is of " + clockText(new Date(view.report.time)) + " and may be wrong.";
    say(banner, "The daemon does not answer." + shown);
  } else if (isWaiting) {
    const { message, "next-step": step } = view.failure;
    say(banner, message + (step === undefined ? "" : " — " + step));
  }
  if (view.report === null && (isLost || isWaiting)) {
    say(byId("headline"), isLost ? "Nobody answers" : "The daemon is not ready");
  }
  if (isLost || isWaiting) showIcon("unknown");
}

const iconColors = {
  good: "#15924c", warn: "#c98200", bad: "#d1362b", off: "#7b8794", unknown: "#7b8794",
};
const iconShapes = {
  good: "<circle cx='8' cy='8' r='7' fill='C'/>",
  warn: "<path d='M8 1 15.5 15H.5z' fill='C'/>",
  bad: "<path d='M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z' fill='C'/>",
  off: "<rect x='1' y='1' width='14' height='14' rx='3' fill='C'/>",
  unknown: "<circle cx='8' cy='8' r='6' fill='none' stroke='C' stroke-width='3'/>",
};

function showIcon(kind) {
  const shape = iconShapes[kind].replace("C", iconColors[kind]);
  const text = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>" + shape + "</svg>";
  mark(byId("icon"), "href", "data:image/svg+xml," + encodeURIComponent(text));
}

byId("filter").addEventListener("input", () => {
  view.limits.sessions = firstCount;
  showSessions();
});
byId("order").addEventListener("change", showSessions);
byId("tools").addEventListener("submit", (event) => event.preventDefault());
for (const name of ["sessions", "routes", "events"]) {
  byId(name + "-more").addEventListener("click", () => {
    view.limits[name] += furtherCount;
    show();
  });
}
document.addEventListener("keydown", (event) => {
  const isTyping = /^(?:INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    byId("filter").focus();
  }
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  // A page in the background asks seldom: that is no silence of the daemon's.
  view.answeredAt = Math.max(view.answeredAt, performance.now() - view.delay);
  ask();
});
new ResizeObserver(() => { if (view.report !== null) showLateness(view.report); })
  .observe(byId("chart-time"));
setInterval(showLife, 500);
ask();
