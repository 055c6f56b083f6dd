internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Peers that an operator changes while the daemon runs.
    @Suite struct PeerEditTests {
        @Test func `A peer added at run time comes up, survives a reload, and can be saved`()
            async throws
        {
            try await withLab { lab in
                let crowd = try ManyGateways(in: lab, count: 4)
                let daemon = crowd.daemon
                daemon.configuration = daemon.configuration.replacing(
                    "  - {name: gw-4, dest-addr: 10.9.1.4}", with: "")
                try await crowd.peers.start()
                try await daemon.start()
                #expect(try daemon.command("peer", "add", "gw-4", "10.9.1.4").contains("Not saved"))
                try daemon.command("peer", "set", "gw-3", "local-multiplier=9")
                try daemon.command("peer", "disable", "gw-2")
                try await eventually("the new one is up, with the file's defaults") {
                    let session = try daemon.session("gw-4")
                    return session.running.localState == "up"
                        && session.running.detectionTime == 750_000
                }
                let unsaved = try #require(try daemon.status().configuration).unsaved
                #expect(unsaved.map(\.name) == ["gw-4", "gw-3"])
                #expect(try daemon.command("status").contains("* gw-4 added: dest-addr: 10.9.1.4"))

                try daemon.rewrite("stop-hold: 1s", to: "stop-hold: 2s")
                try await eventually("the file is followed") {
                    try daemon.command("events").contains("stop-hold 1 s -> 2 s")
                }
                #expect(try daemon.session("gw-4").running.localState == "up")
                #expect(try daemon.session("gw-2").running.localState == "adminDown")
                try daemon.command("peer", "set", "gw-4", "role=passive", "--save")
                try daemon.command("peer", "set", "gw-3", "--save")
                let text = try String(contentsOf: daemon.file, encoding: .utf8)
                #expect(text.contains("  - {name: gw-4, dest-addr: 10.9.1.4, role: passive}"))
                #expect(text.contains("  - {name: gw-3, local-multiplier: 9, dest-addr: 10.9.1.3}"))
                #expect(try daemon.status().configuration?.unsaved.isEmpty == true)
                #expect(try daemon.command("reload").contains("nothing has changed"))
                for name in ["gw-1", "gw-3", "gw-4"] {
                    #expect(try daemon.session(name).statistics.downCount == 0)
                }
                try daemon.command("peer", "remove", "gw-4", "--save")
                #expect(try !String(contentsOf: daemon.file, encoding: .utf8).contains("gw-4"))
                try await eventually("the peer is told") {
                    try crowd.peers.session("node-4").running.localState == "down"
                }
                // Nobody disabled it, and it did not fail.
                try await eventually("its end is told") {
                    let events = try daemon.events().filter { $0.peer == "gw-4" }
                    return events.contains { $0.cause == "its session ends, or begins anew" }
                }
            }
        }

        @Test func `Mistakes are refused with a reason, and --discard makes all as the file says`()
            async throws
        {
            try await withLab { lab in
                let crowd = try ManyGateways(in: lab, count: 3)
                try await crowd.start()
                let daemon = crowd.daemon
                for (arguments, words) in [
                    (["add", "gw-1", "10.9.1.9"], "is named \"gw-1\" already"),
                    (["add", "gw-9", "10.9.1.1"], "a second session with 10.9.1.1"),
                    (["add", "gw-9", "nowhere"], "dest-addr"),
                    (["set", "gw-9", "role=passive"], "no peer is named \"gw-9\""),
                    (["set", "gw-1", "local-multiplier=256"], "local-multiplier"),
                    (["set", "gw-1", "name=first"], "keeps its name"),
                    (["remove", "gw-9"], "no peer is named \"gw-9\""),
                    (["remove", "gw-1", "--save"], "would have errors"),
                ] {
                    let result = try Command.result(
                        [BuiltProduct.path(of: "gatewatch"), "peer"] + arguments
                            + ["--socket", daemon.socket])
                    #expect(result.status == 1, "\(arguments)")
                    #expect(result.errors.contains(words), "\(arguments): \(result.output)")
                }
                #expect(try daemon.status().configuration?.unsaved.isEmpty == true)
                #expect(try daemon.hasNeverBeenDown())
                try daemon.command("peer", "remove", "gw-3")
                try daemon.command("peer", "set", "gw-2", "local-multiplier=9")
                #expect(try daemon.command("reload").contains("nothing has changed"))
                try daemon.command("peer", "remove", "gw-1")
                try await eventually("it left its route for that, and not for a failure") {
                    try daemon.events().contains {
                        $0.cause == "next-hop-removed (gw-1): session ended"
                    }
                }
                let discarded = try daemon.command("reload", "--discard")
                #expect(discarded.contains("+ gw-3"))
                #expect(discarded.contains("~ gw-2: local-multiplier 9 -> 15"))
                #expect(try daemon.status().configuration?.unsaved.isEmpty == true)
                try await daemon.waitForAll("up")
                #expect(try daemon.status().sessions.count == 3)
            }
        }

        @Test func `Without a file peers are changed all the same, and nothing is saved`()
            async throws
        {
            try await withLab { lab in
                let crowd = try ManyGateways(in: lab, count: 2)
                try await crowd.peers.start()
                let daemon = try GatewatchDaemon(
                    in: lab,
                    options: [
                        "--namespace", crowd.node.name, "--peer", "10.9.1.1", "--interval", "50ms",
                    ])
                try await daemon.start()
                try daemon.command("peer", "add", "other", "10.9.1.2")
                try await daemon.waitForAll("up")
                #expect(try daemon.session("other").running.detectionTime == 750_000)
                #expect(try daemon.result("reload").errors.contains("without a file"))
                let saved = try daemon.result("peer", "remove", "other", "--save")
                #expect(saved.status == 1 && saved.errors.contains("without a file"))
                daemon.signal(SIGHUP)
                try daemon.command("peer", "remove", "other")
                #expect(try daemon.status().sessions.map(\.name) == ["10.9.1.1"])
            }
        }
    }
}
