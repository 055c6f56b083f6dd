// What the page remembers since it was opened: numbers from one report to the next, and when each
// session was in which state.

const sampleLimit = 3600;
/** Over how much time a quantile is taken, in milliseconds: few packets alone say little. */
const quantileSpan = 10000;

class History {
  constructor() {
    this.samples = [];
    this.states = new Map();
    this.run = null;
  }

  /** Notes a report; what another process counted is not compared with. */
  note(report) {
    const time = Date.parse(report.time);
    const run = report.version["process-id"] + " " + report.version["start-time"];
    const isSameRun = run === this.run;
    this.run = run;
    const last = this.samples.at(-1);
    if (isSameRun && last !== undefined && time <= last.time) {
      if (time === last.time) return false;
      // The node's clock was set back: what is remembered lies in the future now.
      this.samples = [];
      this.states.clear();
      this.run = null;
      return this.note(report);
    }
    const lateness = report.punctuality?.["transmit-lateness"]?.buckets ?? [];
    const sample = {
      time, up: report.summary["number-of-sessions-up"],
      hops: report.routes.flatMap((route) => route["next-hops"])
        .filter((hop) => hop.installed).length,
      received: report.packets["receive-packet-count"], sent: report.packets["send-packet-count"],
      buckets: lateness.map((bucket) => bucket.count),
      bounds: lateness.map((bucket) => bucket["upper-bound"] ?? null),
      isFirst: !isSameRun || last === undefined,
    };
    this.samples.push(sample);
    if (this.samples.length > sampleLimit) this.samples.shift();
    this.rate(sample, last);
    this.noteStates(report.sessions, time);
    return true;
  }

  /** Packets a second, and lateness, since the sample before. */
  rate(sample, last) {
    sample.receivedRate = sample.sentRate = sample.median = sample.high = null;
    if (sample.isFirst) return;
    const seconds = (sample.time - last.time) / 1e3;
    const difference = (one, other) => (one >= other ? one - other : null);
    const perSecond = (count) => (count === null ? null : count / seconds);
    sample.receivedRate = perSecond(difference(sample.received, last.received));
    sample.sentRate = perSecond(difference(sample.sent, last.sent));
    let base = last;
    for (let place = this.samples.length - 2; place >= 0; place -= 1) {
      const other = this.samples[place];
      base = other;
      if (other.isFirst || sample.time - other.time >= quantileSpan) break;
    }
    const counts = sample.buckets.map((count, place) => count - (base.buckets[place] ?? 0));
    if (counts.some((count) => count < 0)) return;
    sample.median = quantile(sample.bounds, counts, 0.5);
    sample.high = quantile(sample.bounds, counts, 0.99);
  }

  /** Of each session only its changes: [time, state]. */
  noteStates(sessions, time) {
    const names = new Set();
    for (const session of sessions) {
      names.add(session.name);
      const state = session["local-state"];
      let changes = this.states.get(session.name);
      if (changes === undefined) this.states.set(session.name, changes = []);
      if (changes.at(-1)?.[1] !== state) changes.push([time, state]);
      if (changes.length > 200) changes.shift();
    }
    for (const name of this.states.keys()) if (!names.has(name)) this.states.delete(name);
  }

  get last() { return this.samples.at(-1); }

  /** How much time charts show, in milliseconds: what has passed, in round steps. */
  get window() {
    const passed = this.samples.length > 0 ? this.last.time - this.samples[0].time : 0;
    return [15, 30, 60, 120, 300, 600, 1200, 1800].map((seconds) => seconds * 1e3)
      .find((span) => passed <= span) ?? 3600e3;
  }
}

/** What a share of them was at most, within its class by proportion; null for none. */
function quantile(bounds, counts, share) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let passed = 0;
  for (let place = 0; place < counts.length; place += 1) {
    if (counts[place] === 0 || passed + counts[place] < share * total) {
      passed += counts[place];
      continue;
    }
    const lower = place > 0 ? bounds[place - 1] : 0;
    const upper = bounds[place] ?? lower * 2;
    return lower + (upper - lower) * (share * total - passed) / counts[place];
  }
  return bounds.at(-2) ?? null;
}

/** Points of how many were later: [nanoseconds, share], the largest last. */
function sharesLater(lateness) {
  const total = lateness.buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  if (total === 0) return [];
  const points = [];
  let later = total;
  for (const bucket of lateness.buckets) {
    later -= bucket.count;
    const bound = bucket["upper-bound"];
    if (bound === undefined || bound === null || later <= 0) break;
    points.push([bound, later / total]);
  }
  points.push([lateness.maximum, 1 / total]);
  return points;
}
