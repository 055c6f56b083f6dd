internal import BFDCore

extension MetricsText {
    /// A family with a sample for each session that has a value.
    private struct SessionFamily {
        let name: String
        let kind: Kind
        let help: String
        let value: (SessionStatus) -> String?

        init(
            _ name: String, _ kind: Kind, _ help: String,
            _ value: @escaping (SessionStatus) -> String?
        ) {
            self.name = "gatewatch_session_" + name
            self.kind = kind
            self.help = help
            self.value = value
        }
    }

    /// Adds what is known of each session.
    mutating func add(_ sessions: [SessionStatus]) {
        for family in Self.states + Self.counts {
            add(
                family.name, family.kind, family.help,
                sessions.compactMap { session in
                    family.value(session).map { ([("peer", session.name)], $0) }
                })
        }
        add(
            "gatewatch_session_packets_discarded_total", .counter,
            "Packets of the session that were discarded, by reason; only reasons that occurred.",
            sessions.flatMap { session in
                session.discards.sorted { $0.key < $1.key }.map { reason, count in
                    ([("peer", session.name), ("reason", reason)], "\(count)")
                }
            })
    }

    private static var states: [SessionFamily] {
        [
            SessionFamily("up", .gauge, "Whether the session is up.") {
                $0.running.localState == .up ? "1" : "0"
            },
            SessionFamily(
                "state", .gauge, "Local state: 0 AdminDown, 1 Down, 2 Init, 3 Up (RFC 5880)."
            ) {
                $0.running.localState.number
            },
            SessionFamily(
                "remote_state", .gauge, "The peer's state: 0 AdminDown, 1 Down, 2 Init, 3 Up."
            ) {
                $0.running.remoteState.number
            },
            SessionFamily(
                "local_diagnostic", .gauge, "Why the session last went down (RFC 5880 §4.1)."
            ) {
                "\($0.running.localDiagnostic.wireValue)"
            },
            SessionFamily("last_up_timestamp_seconds", .gauge, "When the session last came up.") {
                $0.statistics.lastUpTime?.secondsText
            },
            SessionFamily("last_down_timestamp_seconds", .gauge, "When the session last left up.") {
                $0.statistics.lastDownTime?.secondsText
            },
            SessionFamily(
                "detection_time_seconds", .gauge, "How long silence may last; 0 until heard."
            ) {
                let span = $0.running.detectionTimeMicroseconds
                return MetricsText.seconds(microseconds: Int64(span))
            },
            SessionFamily("transmit_interval_seconds", .gauge, "How often packets are sent.") {
                let interval = $0.running.negotiatedTxInterval
                return MetricsText.seconds(microseconds: Int64(interval.count))
            },
        ]
    }

    private static var counts: [SessionFamily] {
        [
            SessionFamily("downs_total", .counter, "How often the session left up for down.") {
                "\($0.statistics.downCount)"
            },
            SessionFamily("admin_downs_total", .counter, "How often the session was taken down.") {
                "\($0.statistics.administrativelyDownCount)"
            },
            SessionFamily("packets_received_total", .counter, "Packets accepted.") {
                "\($0.statistics.receivedPacketCount)"
            },
            SessionFamily("packets_sent_total", .counter, "Packets sent.") {
                "\($0.statistics.sentPacketCount)"
            },
            SessionFamily("packets_failed_total", .counter, "Packets that the kernel did not take.")
            {
                "\($0.statistics.failedPacketCount)"
            },
        ]
    }
}

extension SessionStateName {
    /// Its number on the wire.
    fileprivate var number: String {
        switch self {
        case .adminDown: "0"
        case .down: "1"
        case .initializing: "2"
        case .up: "3"
        }
    }
}

extension Timestamp {
    /// As Unix time.
    fileprivate var secondsText: String { MetricsText.seconds(microseconds: microseconds) }
}
