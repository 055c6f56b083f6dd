internal import TestSupport
internal import Testing

extension Interop {
    /// What programs around the daemon know of a path, told to it by command.
    @Suite struct SignalTests {
        private struct Pair {
            let daemon: GatewatchDaemon
            let frr: FrrPeer

            init(in lab: Lab) async throws {
                let node = try lab.namespace("node")
                let far = try lab.namespace("frr")
                try lab.link(
                    LinkEnd(node, "uplink", "10.9.1.10/24"), LinkEnd(far, "down", "10.9.1.1/24"))
                frr = try FrrPeer(
                    in: lab, far,
                    links: [PeerLink(local: "10.9.1.1", remote: "10.9.1.10", interface: "down")],
                    timers: PeerTimers(intervalMilliseconds: 50))
                daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(node.name)
                        stop-hold: 1s
                        peers:
                          - name: gw
                            dest-addr: 10.9.1.1
                            desired-min-tx-interval: 50ms
                            required-min-rx-interval: 50ms
                            local-multiplier: 15
                        """)
                try await frr.start()
                try await daemon.start()
                try await daemon.waitForAll("up")
                try await frr.waitForAll("up")
            }

            func signal(_ word: String) throws -> String {
                try daemon.command("peer", "signal", "gw", word)
            }

            func waitUntilHeard(_ state: String, _ diagnostic: String) async throws {
                try await eventually("FRR is \(state) and has heard \(diagnostic)") {
                    let view = try frr.view().first
                    return view?.state == state && view?.remoteDiagnostic == diagnostic
                }
            }
        }

        @Test func `5880-6.8.16-02: a path reported down is AdminDown for FRR, and back again`()
            async throws
        {
            try await withLab { lab in
                let pair = try await Pair(in: lab)
                #expect(
                    try pair.signal("path-down")
                        == "Peer gw was told path-down: "
                        + "the path was reported down from outside BFD.\n")
                try await pair.waitUntilHeard("down", "path down")
                let session = try pair.daemon.session("gw")
                #expect(session.running.localState == "adminDown")
                #expect(session.running.localDiagnostic == "path-down")
                #expect(session.lastCause?.contains("reported down") == true)
                _ = try pair.signal("clear")
                try await pair.daemon.waitForAll("up")
                try await pair.frr.waitForAll("up")
            }
        }

        @Test(arguments: [
            ("concatenated-path-down", "concatenated path down"),
            ("reverse-concatenated-path-down", "reverse concatenated path down"),
        ])
        func `5880-6.8.17-01: FRR hears of a path beyond, and both stay Up`(
            _ signal: String, _ heard: String
        ) async throws {
            try await withLab { lab in
                let pair = try await Pair(in: lab)
                _ = try pair.signal(signal)
                try await pair.waitUntilHeard("up", heard)
                let session = try pair.daemon.session("gw")
                #expect(session.running.localDiagnostic == signal)
                #expect(session.lastCause?.hasPrefix(signal) == true)
                _ = try pair.signal("concatenated-path-up")
                try await pair.waitUntilHeard("up", "ok")
                #expect(try pair.daemon.session("gw").statistics.downCount == 0)
            }
        }

        @Test func `5880-6.8.15-01: a reset of the forwarding plane, and being held down`()
            async throws
        {
            try await withLab { lab in
                let pair = try await Pair(in: lab)
                _ = try pair.signal("verify")
                #expect(try pair.daemon.session("gw").running.localState == "up")
                _ = try pair.signal("hold")
                _ = try pair.signal("forwarding-plane-reset")
                try await pair.waitUntilHeard("down", "forwarding plane reset")
                try await Task.sleep(for: .seconds(2))
                let session = try pair.daemon.session("gw")
                #expect(session.running.localState == "down")
                // Nobody is up to be told of a path beyond.
                let refusal = try #require(throws: (any Error).self) {
                    _ = try pair.signal("concatenated-path-down")
                }
                #expect("\(refusal)".contains("not up"))
                _ = try pair.signal("release")
                try await pair.daemon.waitForAll("up")
                let causes = try pair.daemon.events().compactMap(\.cause)
                #expect(causes.contains { $0.hasPrefix("forwarding-plane-reset: ") })
            }
        }

        @Test func `A session that is reset begins anew, and one that is disabled cannot`()
            async throws
        {
            try await withLab { lab in
                let pair = try await Pair(in: lab)
                #expect(try pair.daemon.command("peer", "reset", "gw").contains("begun anew"))
                try await eventually("it was down and is up again") {
                    let changes = try pair.daemon.events().compactMap(\.cause)
                    let reset = changes.firstIndex { $0 == "its session ends, or begins anew" }
                    return reset.map { changes[$0...].contains("both ends hear each other") }
                        ?? false
                }
                try await pair.daemon.waitForAll("up")
                let causes = try pair.daemon.events().compactMap(\.cause)
                #expect(causes.contains("reset: begun anew by an operator"))
                #expect(try pair.daemon.session("gw").statistics.downCount == 0)
                try pair.daemon.command("peer", "disable", "gw")
                let refusal = try #require(throws: (any Error).self) {
                    _ = try pair.daemon.command("peer", "reset", "gw")
                }
                #expect("\(refusal)".contains("gatewatch peer enable gw"))
            }
        }

        @Test func `A signal to nobody says where the names are`() async throws {
            try await withLab { lab in
                let pair = try await Pair(in: lab)
                let refusal = try #require(throws: (any Error).self) {
                    _ = try pair.daemon.command("peer", "signal", "nobody", "path-down")
                }
                #expect("\(refusal)".contains("gatewatch status"))
                let json = try pair.daemon.command("peer", "signal", "gw", "verify", "--json")
                #expect(json.contains("\"signal\"") && json.contains("verify"))
            }
        }
    }
}
