internal import ControlProtocol
internal import Daemon
internal import LinuxSystem
internal import NodeCore
internal import TimerJitter

extension Preflight {
    /// Lets an engine wake up for some seconds, with and without priority in turn, and tells of it.
    func measure(withPriority isAllowed: Bool) throws -> [JitterMeasurement] {
        var measurements: [JitterMeasurement] = []
        for second in 1...seconds {
            StandardStreams.printError("measuring lateness: second \(second) of \(seconds) …")
            let priorities: [Int32] = isAllowed ? [0, 50] : [0]
            for priority in priorities {
                let cell = JitterCell(
                    source: .engine, priority: priority, isLoaded: false, interval: 1_000_000,
                    sessionCount: 1, duration: 1_000_000_000 / Int64(priorities.count))
                do throws(SystemError) {
                    measurements.append(try JitterProbe.measure(cell))
                } catch {
                    throw CommandError(
                        "this node's lateness cannot be measured: \(error)",
                        nextStep: "Free what the kernel names, or leave it out with --measure 0s.")
                }
            }
        }
        return measurements
    }

    /// How late it was, and what can be promised.
    func latenessCheck(_ measurements: [JitterMeasurement]) -> DoctorCheck? {
        let parts = [Int32(0), 50].compactMap { priority -> String? in
            guard let lateness = Self.lateness(measurements, priority: priority) else {
                return nil
            }
            let name = priority > 0 ? "with SCHED_FIFO \(priority)" : "without priority"
            return "at most \(lateness.worst / 1_000) µs late \(name)"
        }
        guard !parts.isEmpty else { return nil }
        var check = DoctorCheck("lateness", parts.joined(separator: ", "))
        for priority: Int32 in [0, 50] {
            guard let verdict = JitterVerdict(measurements, priority: priority, multiplier: 3),
                let detection = verdict.detectionMicroseconds
            else { continue }
            check.notes.append(
                "\(priority > 0 ? "with" : "without") priority it can promise a detection time of "
                    + "\(DurationText.exact(microseconds: UInt64(detection))), as far as "
                    + "\(verdict.wakeUpCount) wake-ups show")
        }
        return check
    }

    static func lateness(
        _ measurements: [JitterMeasurement], priority: Int32
    ) -> NodeLateness? {
        let counted = measurements.filter { $0.cell.priority == priority }
        guard let worst = counted.compactMap(\.lateness.maximum).max() else { return nil }
        return NodeLateness(
            worst: worst, priority: priority,
            wakeUpCount: counted.map(\.wakeUp.count).reduce(0, +))
    }

    /// Judges every session that is to be run against every other end that was given.
    func timers(_ measurements: [JitterMeasurement]) -> [DoctorCheck] {
        guard configuration != nil || !theirs.isEmpty || !rows.isEmpty else { return [] }
        let isRealTime = (configuration?.realTime.priority ?? 0) > 0
        let lateness =
            Self.lateness(measurements, priority: isRealTime ? 50 : 0)
            ?? Self.lateness(measurements, priority: 0)
        var check = DoctorCheck("timers", "")
        var judged = 0
        for (ours, other, isOVN) in pairs() {
            judged += 1
            let negotiations = [
                Negotiation(of: ours, for: other ?? ours.mirrored),
                Negotiation(of: other ?? ours.mirrored, for: ours),
            ]
            for negotiation in negotiations where !check.notes.contains(negotiation.text) {
                check.notes.append(negotiation.text)
            }
            let concerns = TimerConcern.all(
                ours: ours, theirs: other, isOVN: isOVN, lateness: lateness)
            check.findings += concerns.map { DoctorFinding($0.explanation) }
        }
        check.summary =
            "\(judged) judged"
            + (lateness == nil ? ", without a measurement of this node" : "")
        return [check]
    }

    /// Our end, the other one where it is known, and whether that is OVN.
    private func pairs() -> [(ours: TimerTriple, theirs: TimerTriple?, isOVN: Bool)] {
        let others = theirs + rows.map { TimerTriple($0) }
        guard let configuration else { return others.map { (.beacon, $0, true) } }
        let hasOVN = configuration.peers.contains { $0.profile == .ovn }
        return Self.distinct(configuration.peers).flatMap { peer in
            let ours = peer.timers
            let source = peer.sourceAddress.map { "\($0)" }
            let fitting = rows.filter { source == nil || $0.destination == source }
            // Where some peers are known to be OVN, its timers are theirs alone.
            let isTheirs = peer.profile == .ovn || !hasOVN
            let known = (isTheirs ? theirs : []) + fitting.map { TimerTriple($0) }
            let isOVN = peer.profile == .ovn || !known.isEmpty
            return known.isEmpty
                ? [(ours, nil, isOVN)]
                : known.map { (ours, $0, isOVN) }
        }
    }

    /// One peer of each kind: thousands are configured alike.
    private static func distinct(
        _ peers: [DaemonConfiguration.Peer]
    ) -> [DaemonConfiguration.Peer] {
        var seen: Set<String> = []
        return peers.filter { peer in
            seen.insert(
                "\(peer.timers.minTx) \(peer.timers.minRx) \(peer.timers.multiplier) "
                    + "\(peer.sourceAddress.map { "\($0)" } ?? "") "
                    + "\(peer.profile.map(\.rawValue) ?? "")"
            ).inserted
        }
    }
}

extension TimerTriple {
    fileprivate func renamed(_ name: String) -> TimerTriple {
        TimerTriple(name: name, minTx: minTx, minRx: minRx, multiplier: multiplier)
    }

    /// An other end that is configured the same.
    fileprivate var mirrored: TimerTriple { renamed("a peer like us") }
}
