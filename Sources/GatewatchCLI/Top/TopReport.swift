internal import ControlProtocol

/// A frame for programs.
struct TopReport: Encodable {
    /// Packets a second.
    struct Rate: Encodable {
        var sent: Double
        var received: Double
        var discarded: Double
        var notSent: Double

        init(_ rate: TopRate) {
            let rounded = { (value: Double) in (value * 10).rounded() / 10 }
            sent = rounded(rate.sent)
            received = rounded(rate.received)
            discarded = rounded(rate.discarded)
            notSent = rounded(rate.failed)
        }

        private enum CodingKeys: String, CodingKey {
            case sent, received, discarded
            case notSent = "not-sent"
        }
    }

    /// A session in few words.
    struct Session: Encodable {
        var name: String
        var address: String
        var state: SessionStateName
        var lastChange: Timestamp
        var lastCause: String?
        var packets: Rate?

        private enum CodingKeys: String, CodingKey {
            case name
            case address = "dest-addr"
            case state = "local-state"
            case lastChange = "last-change-time"
            case lastCause = "last-cause"
            case packets = "packets-per-second"
        }
    }

    /// A route in few words.
    struct Route: Encodable {
        var prefix: String
        var table: UInt32
        var state: RouteStateName
        var installedCount: Int
        var nextHopCount: Int

        private enum CodingKeys: String, CodingKey {
            case prefix, table, state
            case installedCount = "next-hops-installed"
            case nextHopCount = "next-hops"
        }
    }

    var time: Timestamp
    /// What rates are of; 0 in the first frame.
    var seconds: Double
    var summary: SessionSummary
    var packets: Rate
    /// Of the packets sent since the last frame; since the start in the first one.
    var lateness: TopLateness?
    var sessions: [Session]
    var routes: [Route]
    /// Those since the last frame.
    var events: [EventRecord]
    /// Why the daemon did not answer; then the rest is of the last time.
    var trouble: String?

    init(
        _ sample: TopSample, _ change: TopChange, _ sessions: [SessionStatus],
        events: [EventRecord], trouble: String?
    ) {
        time = sample.time
        seconds = (change.span * 1_000).rounded() / 1_000
        summary = sample.status.summary
        packets = Rate(change.total)
        lateness = change.lateness
        self.sessions = sessions.map { session in
            Session(
                name: session.name, address: session.destinationAddress,
                state: session.running.localState, lastChange: session.lastChange,
                lastCause: session.lastCause, packets: change.rates[session.name].map { Rate($0) })
        }
        routes = sample.routes.map { route in
            Route(
                prefix: route.prefix, table: route.table, state: route.state,
                installedCount: route.nextHops.count(where: \.isInstalled),
                nextHopCount: route.nextHops.count)
        }
        self.events = events
        self.trouble = trouble
    }

    private enum CodingKeys: String, CodingKey {
        case time, seconds, summary
        case packets = "packets-per-second"
        case lateness = "transmit-lateness"
        case sessions, routes, events
        case trouble = "no-answer"
    }
}
