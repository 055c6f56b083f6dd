extension MetricsText {
    /// Adds the metrics that Kube-OVN's supervisor of OpenBFDD had, under its names, so that
    /// alerts on them go on working. What it had to repair from outside does not happen here: those
    /// stay 0.
    mutating func addKubeOVN(_ status: StatusReport, _ now: Timestamp) {
        let sessions = status.sessions
        let prefix = "kube_ovn_bfdd_"
        func pair(_ session: SessionStatus) -> [(String, String)] {
            [("local", session.sourceAddress ?? ""), ("remote", session.destinationAddress)]
        }
        add(
            prefix + "expected_sessions", .gauge, "Sessions that are configured.", sessions.count)
        add(
            prefix + "up_sessions", .gauge, "Sessions that are up.",
            sessions.count { $0.running.localState == .up })
        add(
            prefix + "session_zero_seconds", .gauge,
            "For how long no session has been up; 0 while one is, or none is configured.",
            [([], Self.seconds(microseconds: Self.timeWithoutSession(sessions, now)))])
        let attempts = [("action", "none"), ("result", "error")]
        add(
            prefix + "recovery_attempts_total", .counter,
            "Repairs of sessions from outside; none is needed.", [(attempts, "0")])
        add(
            prefix + "recovery_phase", .gauge, "1 for the phase that the session is in.",
            sessions.flatMap { session in
                ["Up", "Grace", "Backoff", "CircuitOpen"].map { phase in
                    let current = session.running.localState == .up ? "Up" : "Grace"
                    return (pair(session) + [("phase", phase)], phase == current ? "1" : "0")
                }
            })
        add(
            prefix + "circuit_open", .gauge, "Whether repairs were given up; never.",
            sessions.map { (pair($0), "0") })
        add(
            prefix + "child_restarts_total", .counter, "Restarts of a child; there is none.", 0)
        add(
            prefix + "child_circuit_open", .gauge,
            "Whether restarts of a child were given up; there is none.", 0)
    }

    /// Since the last session left Up, or since the first was made.
    private static func timeWithoutSession(
        _ sessions: [SessionStatus], _ now: Timestamp
    ) -> Int64 {
        guard !sessions.isEmpty, !sessions.contains(where: { $0.running.localState == .up })
        else { return 0 }
        let lastDown = sessions.compactMap(\.statistics.lastDownTime).max()
        let firstMade = sessions.map(\.statistics.createTime).min()
        guard let since = lastDown ?? firstMade else { return 0 }
        return max(0, now.microseconds - since.microseconds)
    }
}
