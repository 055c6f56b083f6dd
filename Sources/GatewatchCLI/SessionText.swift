internal import ControlProtocol

/// Sessions as people read them.
enum SessionText {
    /// All sessions in a table, and the counts.
    static func table(_ report: StatusReport, now: Timestamp) -> String {
        var table = TextTable([
            .flexible("PEER", minimumWidth: 12), .flexible("ADDRESS", minimumWidth: 15),
            .fixed("STATE"), .fixed("SINCE"), .fixed("TX"), .fixed("RX"), .fixed("DETECTION"),
            .flexible("ROUTES", minimumWidth: 9), .flexible("LAST CAUSE", minimumWidth: 12),
        ])
        for session in report.sessions {
            let running = session.running
            table.add([
                session.name, address(session), state(session), since(session, now),
                DurationText.exact(running.negotiatedTxInterval),
                DurationText.exact(running.negotiatedRxInterval),
                detectionTime(running.detectionTimeMicroseconds),
                session.routes.isEmpty ? "-" : session.routes.joined(separator: " "),
                session.lastCause ?? "-",
            ])
        }
        let summary = report.summary
        let counts =
            "\(summary.sessionCount) sessions: \(summary.upCount) up, \(summary.downCount) down, "
            + "\(summary.administrativelyDownCount) administratively down"
        let punctuality = report.punctuality.map { "\n" + PunctualityText.lines($0) } ?? ""
        let place = ([report.namespace.flatMap(finding)] + concerns(report))
            .compactMap(\.self).map { "\n\n" + $0 }.joined()
        let strays =
            punctuality + (report.discards.isEmpty ? "" : "\n\n" + strayText(report.discards))
            + place
        return report.sessions.isEmpty ? counts + strays : "\(table.text)\n\n\(counts)\(strays)"
    }

    /// What an operator should know of the daemon as a whole.
    private static func concerns(_ report: StatusReport) -> [String?] {
        guard let configuration = report.configuration else { return [] }
        var texts: [String?] = []
        if report.isDrained == true {
            texts.append("the node is drained: take it back into service with gatewatch undrain")
        }
        if !configuration.errors.isEmpty {
            let first = configuration.errors.prefix(3).joined(separator: "\n")
            texts.append(
                "configuration: the file as it is now was refused, what ran goes on\n\(first)")
        }
        if !configuration.needsRestart.isEmpty {
            let keys = configuration.needsRestart.joined(separator: ", ")
            texts.append("configuration: needs a restart for \(keys)")
        }
        let unsaved = ReloadText.unsaved("changed at run time, not saved", configuration.unsaved)
        if !unsaved.isEmpty { texts.append(unsaved.joined(separator: "\n")) }
        return texts
    }

    /// What is wrong with the namespace, as `namespace show` says it; nil when nothing is.
    private static func finding(_ namespace: NamespaceStatus) -> String? {
        namespace.code.map { code in
            "namespace: \(namespace.cause ?? "") [\(code)]\n\(namespace.nextStep ?? "")"
        }
    }

    /// Everything about one session.
    static func full(_ session: SessionStatus, now: Timestamp) -> String {
        let running = session.running
        var lines = [
            ("peer", session.name),
            ("address", address(session)),
            ("our address", session.sourceAddress ?? "chosen by the kernel"),
            ("path", path(session)),
            ("role", session.role.rawValue),
            ("state", "\(state(session)), for \(since(session, now))"),
            ("last cause", session.lastCause ?? "-"),
            ("remote state", running.remoteState.rawValue),
            ("diagnostic", "\(running.localDiagnostic) here, \(running.remoteDiagnostic) there"),
            ("routes", session.routes.isEmpty ? "-" : session.routes.joined(separator: " ")),
            ("detection time", detection(session)),
            ("we send every", DurationText.exact(running.negotiatedTxInterval)),
            ("we expect every", DurationText.exact(running.negotiatedRxInterval)),
            ("configured", configured(session)),
            ("detection mode", running.detectionMode.rawValue),
            (
                "discriminators",
                "\(session.localDiscriminator) here, \(session.remoteDiscriminator) there"
            ),
            ("UDP ports", "\(session.sourcePort) to \(session.destinationPort)"),
        ]
        lines += statistics(session.statistics)
        lines += session.punctuality.map { PunctualityText.entries($0) } ?? []
        lines += session.warnings.map { ("warning", $0) }
        let width = lines.map(\.0.count).max() ?? 0
        var text = lines.map { "\($0.0.padded(to: width))  \($0.1)" }.joined(separator: "\n")
        if !session.discards.isEmpty { text += "\n\n" + discardText(session.discards) }
        if let causes = session.causes { text += "\n\n" + ExplanationText.causes(causes) }
        return text
    }

    private static func statistics(_ statistics: SessionStatistics) -> [(String, String)] {
        [
            ("last up", statistics.lastUpTime?.description ?? "never"),
            ("last down", statistics.lastDownTime?.description ?? "never"),
            (
                "went down",
                "\(statistics.downCount) times, and \(statistics.administrativelyDownCount) times "
                    + "administratively, since \(statistics.createTime)"
            ),
            (
                "packets",
                "\(statistics.receivedPacketCount) received, \(statistics.sentPacketCount) sent, "
                    + "\(statistics.invalidPacketCount) invalid, "
                    + "\(statistics.failedPacketCount) not sent"
            ),
        ]
    }

    private static func address(_ session: SessionStatus) -> String {
        session.interface.map { "\(session.destinationAddress)%\($0)" }
            ?? session.destinationAddress
    }

    /// The state, with who took the session down.
    private static func state(_ session: SessionStatus) -> String {
        switch session.running.localState {
        case .adminDown: "adminDown"
        case .down: session.running.remoteState == .adminDown ? "down (peer off)" : "down"
        case .initializing: "init"
        case .up: "up"
        }
    }

    private static func since(_ session: SessionStatus, _ now: Timestamp) -> String {
        let statistics = session.statistics
        let last = [statistics.lastUpTime, statistics.lastDownTime].compactMap(\.self).max()
        let age = now.microseconds - (last ?? statistics.createTime).microseconds
        return DurationText.age(seconds: max(0, age / 1_000_000))
    }

    private static func path(_ session: SessionStatus) -> String {
        let path =
            switch session.pathType {
            case .singleHop where session.isUnaffiliatedEcho ?? false:
                "one hop, unaffiliated Echo: the peer only forwards our packets"
            case .singleHop: "one hop"
            case .multihop: "several hops, TTL at least \(session.receiveTTL ?? 1)"
            }
        return path + (session.pduSize.map { ", packets of \($0) octets" } ?? "")
    }

    private static func detectionTime(_ microseconds: UInt64) -> String {
        microseconds == 0 ? "-" : DurationText.exact(microseconds: microseconds)
    }

    /// The detection time as the sum it is (RFC 5880 §6.8.4).
    private static func detection(_ session: SessionStatus) -> String {
        let running = session.running
        guard running.detectionTimeMicroseconds > 0 else { return "- (the peer is not heard)" }
        return
            "\(session.remoteMultiplier) x \(DurationText.exact(running.negotiatedRxInterval)) = "
            + detectionTime(running.detectionTimeMicroseconds)
    }

    private static func configured(_ session: SessionStatus) -> String {
        "send every \(DurationText.exact(session.desiredMinTxInterval)), expect every "
            + "\(DurationText.exact(session.requiredMinRxInterval)), multiplier "
            + "\(session.localMultiplier)" + (session.isDemandEnabled ? ", Demand mode" : "")
            + (session.congestionLevel > 0 ? congestion(session.congestionLevel) : "")
    }

    private static func congestion(_ level: UInt8) -> String {
        "; intervals doubled \(level == 1 ? "once" : "\(level) times") because of congestion"
    }

    private static func strayText(_ discards: [String: UInt64]) -> String {
        "Packets of no session:\n" + discardLines(discards)
    }

    private static func discardText(_ discards: [String: UInt64]) -> String {
        "Packets discarded:\n" + discardLines(discards)
    }

    private static func discardLines(_ discards: [String: UInt64]) -> String {
        let width = discards.values.map { String($0).count }.max() ?? 0
        return discards.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
            .map { name, count in
                let number = String(repeating: " ", count: width - String(count).count) + "\(count)"
                let meaning = DiscardName(rawValue: name)?.meaning
                return "  \(number)  \(name)" + (meaning.map { ": \($0)" } ?? "")
            }.joined(separator: "\n")
    }
}
