// What a report means: kinds of states, what comes first, the sentence at the top.

const stateKinds = { up: "good", init: "warn", down: "bad", adminDown: "off" };
const stateWords = { up: "Up", init: "Init", down: "Down", adminDown: "AdminDown" };
const stateRanks = { down: 0, init: 1, adminDown: 2, up: 3 };

const routeKinds = {
  installed: "good", partial: "warn", withdrawn: "bad", blackhole: "bad", conflict: "bad",
  error: "bad",
};
const routeWords = {
  installed: "Complete", partial: "In part", withdrawn: "Withdrawn", blackhole: "Blackhole",
  conflict: "Conflict", error: "Refused",
};
const routeRanks = { conflict: 0, error: 1, withdrawn: 2, blackhole: 3, partial: 4, installed: 5 };

const natural = new Intl.Collator("en", { numeric: true }).compare;
const orders = {
  problems: (a, b) =>
    (stateRanks[a["local-state"]] ?? 0) - (stateRanks[b["local-state"]] ?? 0)
    || natural(a.name, b.name),
  name: (a, b) => natural(a.name, b.name),
  latest: (a, b) => Date.parse(b.since) - Date.parse(a.since) || natural(a.name, b.name),
};

/** What of a session a filter looks at. */
function searchText(session) {
  return [
    session.name, session["dest-addr"], session.interface ?? "",
    stateWords[session["local-state"]] ?? "", session["last-cause"] ?? "", ...session.routes,
  ].join("\n").toLowerCase();
}

/** The sessions that hold every word of a filter. */
function matching(sessions, filter) {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return sessions;
  return sessions.filter((session) => {
    const text = searchText(session);
    return words.every((word) => text.includes(word));
  });
}

function stateWord(session) {
  const word = stateWords[session["local-state"]] ?? session["local-state"];
  const isPeerOff = session["local-state"] === "down" && session["remote-state"] === "adminDown";
  return isPeerOff ? "Down, peer off" : word;
}

/** The cause without the state before it, which stands beside it anyway. */
function causeText(session) {
  const cause = session["last-cause"] ?? "";
  const state = cause.match(/^(?:Up|Down|Init|AdminDown): /);
  return state ? cause.slice(state[0].length) : cause;
}

function routeName(route) {
  const table = route.table === 254 ? "" : " table " + route.table;
  return route.prefix + table + (route.metric === 0 ? "" : " metric " + route.metric);
}

/** The health of the whole, its sentence, and what is to be said beside it. */
function verdict(report) {
  const remarks = [];
  const summary = report.summary;
  const all = summary["number-of-sessions"];
  const up = summary["number-of-sessions-up"];
  const off = summary["number-of-sessions-admin-down"];
  const serving = all - off;
  let kind = up === serving ? "good" : up === 0 ? "bad" : "warn";
  let text = up === serving ? "All " + counted(all, "session is", "sessions are") + " up"
    : numberText.format(up) + " of " + counted(serving, "session is", "sessions are") + " up";
  if (all === 1 && up === 1) text = "The session is up";
  if (serving > 0 && up === 0) {
    text = serving === 1 ? "The session is not up"
      : "None of " + numberText.format(serving) + " sessions is up";
  }
  if (off > 0 && serving > 0) {
    remarks.push(
      counted(off, "session is", "sessions are") + " administratively down and not counted");
  }
  if (serving === 0) {
    kind = "off";
    text = all === 0 ? "No sessions yet" : "All sessions are administratively down";
    if (all === 0) remarks.push("Peers come from the configuration, or start sessions themselves.");
  }
  if (report.drained) {
    kind = "off";
    text = "Drained: out of service at an operator’s wish";
  }
  const raise = (other) => { if (kind !== "bad") kind = other; };
  for (const session of problems(report.sessions).slice(0, 3)) {
    remarks.push(session.name + " is " + stateWord(session).toLowerCase() + ": "
      + (causeText(session) || "no cause known"));
  }
  const namespace = report.namespace;
  if (namespace?.code) {
    raise("bad");
    remarks.push("Namespace: " + namespace.cause + " [" + namespace.code + "]");
  }
  const broken = report.routes.filter((route) => routeKinds[route.state] !== "good");
  broken.sort((a, b) => routeRanks[a.state] - routeRanks[b.state]);
  const isMeant = (route) => (report.drained || serving === 0)
    && ["partial", "withdrawn", "blackhole"].includes(route.state);
  for (const route of broken) if (!isMeant(route)) raise(routeKinds[route.state] ?? "bad");
  remarks.push(...broken.slice(0, 3).map(routeRemark));
  const configuration = report.configuration;
  if (configuration?.["error-count"] > 0) {
    raise("warn");
    remarks.push("The configuration file was refused: " + counted(
      configuration["error-count"], "mistake", "mistakes") + "; what ran before goes on");
  }
  if (configuration?.["needs-restart"]?.length > 0) {
    remarks.push("Only a restart takes over: " + configuration["needs-restart"].join(", "));
  }
  return { kind, text, remarks };
}

function problems(sessions) {
  return sessions.filter((session) => ["down", "init"].includes(session["local-state"]))
    .sort(orders.problems);
}

function routeRemark(route) {
  const name = routeName(route);
  const hops = route["next-hops"];
  const there = hops.filter((hop) => hop.installed).length;
  switch (route.state) {
    case "partial":
      return name + " goes on with " + there + " of "
        + counted(hops.length, "next hop", "next hops");
    case "withdrawn": return name + " is withdrawn: no next hop is left";
    case "blackhole": return name + " is a blackhole: no next hop is left";
    default: return name + ": " + (route.error ?? routeWords[route.state] ?? route.state);
  }
}
