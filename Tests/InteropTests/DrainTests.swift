internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// A node that leaves service in good order, for a while or for good.
    @Suite struct DrainTests {
        @Test func `A drain takes routes first, then tells the peers, and is taken back`()
            async throws
        {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                // What AdminDown means for routes is another matter.
                let daemon = try network.daemon(onAdminDown: "keep")
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                try daemon.command("peer", "disable", "frr6")
                let capture = try await Capture(
                    in: lab, network.node, interfaces: ["uplink-a", "uplink-b"])

                let drained = try daemon.command("drain")
                #expect(drained.contains("Drained: 3 peers moved after"))
                try await network.waitForNextHops([], seenBy: observer)
                try await network.bird.waitForAll("down")
                try await network.frr.waitForAll("down")
                #expect(
                    try network.frr.view().allSatisfy {
                        $0.remoteDiagnostic == "administratively down"
                    })
                #expect(try daemon.status().isDrained == true)
                #expect(try daemon.command("drain").contains("was drained already"))
                #expect(try daemon.result("peer", "enable", "bird").errors.contains("is drained"))
                // A reload brings nothing back, and new peers stay out of service.
                try daemon.rewrite("stop-hold: 1s", to: "stop-hold: 2s\nlog: {level: debug}")
                try await daemon.waitForApplied(2)
                #expect(
                    try daemon.status().sessions.allSatisfy {
                        $0.running.localState == "adminDown"
                    })
                try await capture.stop()
                let gone = try #require(
                    observer.memberships(of: "0.0.0.0/0", metric: TwoGateways.metric).last)
                let told = try capture.packets().filter {
                    TwoGateways.nodeAddresses.contains($0.source) && $0.state == 0
                }
                let first = try #require(told.map(\.time).min())
                // `ip monitor` stamps what it reads, which is a little later than it happened.
                #expect(gone.time - first < 500_000_000)

                #expect(try daemon.command("undrain").contains("in service again"))
                try await eventually("all are back but the one that was disabled") {
                    try ["bird", "bird6", "frr"].allSatisfy {
                        try daemon.session($0).running.localState == "up"
                    } && daemon.session("frr6").running.localState == "adminDown"
                }
                try await eventually("the routes are back") {
                    try network.shownNextHops("-4") == Set(TwoGateways.gateways)
                }
                try daemon.command("peer", "enable", "frr6")
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
            }
        }

        @Test func `A node that is killed while it is drained stays drained`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                try await network.startPeers()
                let daemon = try network.daemon(onAdminDown: "keep")
                try await daemon.start()
                try await daemon.waitForAll("up")
                try daemon.command("peer", "disable", "frr6")
                try daemon.command("drain")
                try await network.bird.waitForAll("down")

                try await daemon.kill9()
                try await daemon.start()
                #expect(daemon.output.contains("still drained"))
                #expect(try daemon.status().isDrained == true)
                let sessions = try daemon.status().sessions
                #expect(sessions.allSatisfy { $0.running.localState == "adminDown" })
                #expect(try daemon.routes().routes.allSatisfy { $0.state == "withdrawn" })
                #expect(try network.shownNextHops("-4") == [])

                try daemon.command("undrain")
                try await eventually("all are back but the one that was disabled") {
                    try ["bird", "bird6", "frr"].allSatisfy {
                        try daemon.session($0).running.localState == "up"
                    } && daemon.session("frr6").running.localState == "adminDown"
                }
                try await daemon.kill9()
                try await daemon.start()
                #expect(try daemon.status().isDrained == false)

                // An orderly stop is an operator's word, and another version's file says nothing.
                try daemon.command("drain")
                try await daemon.terminate()
                let mark = daemon.stateDirectory.appending(path: "drained.json")
                #expect(!FileManager.default.fileExists(atPath: mark.path))
                try "{\"version\": 7, \"boot\": \"\", \"disabled\": []}".write(
                    to: mark, atomically: true, encoding: .utf8)
                try await daemon.start()
                #expect(daemon.output.contains("drained.json is of version 7"))
                #expect(try daemon.status().isDrained == false)
            }
        }

        @Test func `A drain waits for the detection time of who says nothing`() async throws {
            try await withLab { lab in
                let crowd = try ManyGateways(in: lab, count: 2)
                try await crowd.start()
                // Nobody hears us any more, nor we them; both still take each other for Up.
                crowd.peers.signal(SIGSTOP)
                let drained = try crowd.daemon.command("drain", "--json")
                #expect(drained.contains("\"number-of-peers-moved\" : 2"))
                crowd.peers.signal(SIGCONT)
                try await eventually("they have heard it afterwards") {
                    try crowd.peers.status().sessions.allSatisfy {
                        $0.running.localState == "down"
                    }
                }
            }
        }

        @Test func `A drain that takes too long says for whom, and stays in force`() async throws {
            try await withLab { lab in
                let crowd = try ManyGateways(in: lab, count: 2)
                crowd.daemon.configuration = crowd.daemon.configuration.replacing(
                    "gw-2, dest-addr: 10.9.1.2", with: "gw-2, dest-addr: 10.9.1.2, profile: ovn")
                try await crowd.start()
                let result = try crowd.daemon.result("drain", "--timeout", "2500ms")
                #expect(result.status == 1)
                #expect(result.errors.contains("1 of 2 peers have moved, not gw-2 (down, at most"))
                #expect(try crowd.daemon.status().isDrained == true)
                #expect(try crowd.daemon.routes().routes.map(\.state) == ["withdrawn"])
                // Who was told then has had the time that a stop would give.
                let report = try crowd.daemon.command("drain")
                #expect(report.contains("was drained already"))
                #expect(try await crowd.daemon.terminate() == 0)
            }
        }

        @Test func `The first SIGTERM takes its time, the second one none`() async throws {
            try await withLab { lab in
                let crowd = try ManyGateways(in: lab, count: 2)
                crowd.daemon.configuration = crowd.daemon.configuration.replacing(
                    "stop-hold: 1s", with: "stop-hold: 60s")
                try await crowd.start()
                let observer = try await RouteObserver(in: lab, crowd.node)
                crowd.daemon.signal(SIGTERM)
                try await eventually("peers are told, routes are gone") {
                    let isTold = try crowd.peers.status().sessions.allSatisfy {
                        $0.running.localState == "down"
                            && $0.running.remoteDiagnostic == "admin-down"
                    }
                    return isTold && observer.changes().contains(where: \.isDeletion)
                }
                for arguments in [["reload"], ["drain"], ["peer", "remove", "gw-1"]] {
                    let result = try Command.result(
                        [BuiltProduct.path(of: "gatewatch")] + arguments
                            + ["--socket", crowd.daemon.socket])
                    #expect(result.status == 1 && result.errors.contains("is stopping"))
                }
                let start = Date()
                #expect(try await crowd.daemon.terminate() == 0)
                #expect(Date().timeIntervalSince(start) < 5)
            }
        }
    }
}
