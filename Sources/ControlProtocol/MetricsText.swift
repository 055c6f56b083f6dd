/// The metrics of a daemon as Prometheus reads them (text format 0.0.4).
///
/// Names end in their unit, spans are seconds, labels are few: a session is known by its peer.
public struct MetricsText {
    /// What kind of metric a family is.
    enum Kind: String {
        /// Only grows.
        case counter
        /// Goes up and down.
        case gauge
        /// Classes, a sum and a count.
        case histogram
    }

    private(set) var text = ""

    /// All metrics of a daemon.
    ///
    /// `usesKubeOVNNames` adds those that Kube-OVN's supervisor of OpenBFDD had.
    public static func text(
        _ version: VersionReport, _ status: StatusReport, _ routes: RoutesReport, now: Timestamp,
        usesKubeOVNNames: Bool = false
    ) -> String {
        var metrics = MetricsText()
        metrics.add(version)
        metrics.add(status)
        metrics.add(status.sessions)
        metrics.add(routes)
        if usesKubeOVNNames { metrics.addKubeOVN(status, now) }
        return metrics.text
    }

    /// Adds a family with its samples; nothing when there is none.
    mutating func add(
        _ name: String, _ kind: Kind, _ help: String,
        _ samples: [(labels: [(String, String)], value: String)]
    ) {
        guard !samples.isEmpty else { return }
        begin(name, kind, help)
        for sample in samples { line(name, sample.labels, sample.value) }
    }

    /// Adds a family of one sample without labels.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: some Numeric) {
        add(name, kind, help, [([], "\(value)")])
    }

    /// Adds a histogram of spans of nanoseconds, as seconds.
    mutating func add(_ name: String, _ help: String, _ lateness: LatenessStatus) {
        begin(name, .histogram, help)
        var total: UInt64 = 0
        for bucket in lateness.buckets {
            total += bucket.count
            let bound = bucket.upperBound.map { Self.seconds(nanoseconds: $0) } ?? "+Inf"
            line("\(name)_bucket", [("le", bound)], "\(total)")
        }
        line("\(name)_sum", [], Self.seconds(nanoseconds: lateness.sum))
        line("\(name)_count", [], "\(total)")
    }

    private mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
    }

    static func seconds(nanoseconds: Int64) -> String { "\(Double(nanoseconds) / 1e9)" }

    static func seconds(microseconds: Int64) -> String { "\(Double(microseconds) / 1e6)" }
}

extension MetricsText {
    private mutating func add(_ version: VersionReport) {
        add(
            "gatewatch_build_info", .gauge, "The version that runs; always 1.",
            [([("version", version.version)], "1")])
        add(
            "gatewatch_start_time_seconds", .gauge, "When the daemon started, as Unix time.",
            [([], Self.seconds(microseconds: version.startTime.microseconds))])
    }

    private mutating func add(_ status: StatusReport) {
        let counts = Dictionary(grouping: status.sessions, by: \.running.localState)
        add(
            "gatewatch_sessions", .gauge, "Sessions by local state.",
            SessionStateName.allCases.map {
                ([("state", $0.rawValue)], "\(counts[$0]?.count ?? 0)")
            })
        add(
            "gatewatch_packets_discarded_total", .counter,
            "Packets that were discarded before a session was found, by reason.",
            DiscardName.allCases.map {
                ([("reason", $0.rawValue)], "\(status.discards[$0.rawValue] ?? 0)")
            })
        if let punctuality = status.punctuality {
            add(
                "gatewatch_receive_queue_drops_total", .counter,
                "Packets that found no room in the receive buffers.",
                punctuality.receiveDropCount ?? 0)
            add(
                "gatewatch_transmit_lateness_seconds", "How late periodic packets left.",
                punctuality.transmitLateness)
            add(
                "gatewatch_detection_overshoot_seconds",
                "How long after the detection time silence was declared a failure.",
                punctuality.detectionOvershoot)
        }
        addOperation(status)
        addSurroundings(status)
    }

    private mutating func addSurroundings(_ status: StatusReport) {
        if let namespace = status.namespace {
            add(
                "gatewatch_namespace_healthy", .gauge,
                "Whether the namespace is as it should be; code says what is wrong.",
                [([("code", namespace.code ?? "")], namespace.code == nil ? "1" : "0")])
        }
        if let links = status.linkGuard {
            add(
                "gatewatch_link_guard_refusals_total", .counter,
                "Changes of links that were refused, by change and reason.",
                links.refusals.map {
                    ([("change", $0.change), ("reason", $0.reason)], "\($0.count)")
                })
        }
        if let clients = status.clients {
            add(
                "gatewatch_clients", .gauge, "Clients of the control socket and of this port.",
                clients.count)
            add(
                "gatewatch_clients_ended_total", .counter,
                "Connections that were ended before the client did, by reason.",
                ClientEnd.allCases.map {
                    ([("reason", $0.rawValue)], "\(clients.ended[$0.rawValue] ?? 0)")
                })
        }
    }
}
