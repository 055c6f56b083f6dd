internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// A namespace that is not there yet, loses its name, or is another one under the same name.
    @Suite struct NamespaceMoveTests {
        @Test func `The start waits for a namespace, says once for what, and goes on`() async throws
        {
            try await withLab { lab in
                let moving = try MovingNode(in: lab)
                try moving.delete()
                try moving.daemon.begin()
                try await eventually("it waits") {
                    moving.daemon.output.contains("waiting up to 60 s")
                }
                try await Task.sleep(for: .seconds(2))
                let log = moving.daemon.output
                #expect(log.split(separator: "\n").count == 1, "\(log)")
                let refusal = try moving.daemon.result("status")
                let shown = try Command.result([
                    BuiltProduct.path(of: "gatewatch"), "namespace", "show", moving.node.name,
                    "--interface", "near",
                ])
                // One voice: log, control socket and `namespace show` say the same.
                let cause = shown.errors.split(separator: "\n")[0].dropFirst("Error: ".count)
                #expect(cause.hasSuffix("[namespace-A]"))
                for text in [log, refusal.errors] { #expect(text.contains(cause), "\(text)") }
                #expect(refusal.status == 1)

                try moving.add()
                try moving.wire()
                try await moving.daemon.waitUntilReady()
                try await moving.bird.start()
                try await moving.waitUntilUp()
                #expect(try moving.daemon.status().namespace?.inode == moving.inode)
                #expect(!moving.daemon.output.contains("still waiting"))
            }
        }

        @Test func `A wait ends with its time, or with a signal`() async throws {
            try await withLab { lab in
                let moving = try MovingNode(in: lab)
                try moving.delete()
                try moving.daemon.begin()
                try await eventually("it waits") { moving.daemon.output.contains("waiting") }
                #expect(try await moving.daemon.terminate() == 0)
                moving.daemon.configuration += "namespace-timeout: 1s\n"
                let (status, output) = try await moving.daemon.startAndFail()
                #expect(status == 1)
                #expect(output.components(separatedBy: "[namespace-A]").count == 3, "\(output)")
            }
        }

        @Test func `Deleted and made again: the sessions move there and are the same`()
            async throws
        {
            try await withLab { lab in
                let moving = try MovingNode(in: lab)
                let daemon = moving.daemon
                try moving.wire()
                try await moving.bird.start()
                try await daemon.start()
                try daemon.command("peer", "disable", "off")
                try await moving.waitUntilUp()
                let (before, old) = (try daemon.status().sessions, try moving.inode)

                try moving.delete()
                try moving.add()
                try await moving.waitForEvent("sessions and routes moved from net:[\(old)]")
                // Nobody else held it, so the old cable is gone and this name is free.
                try await eventually("the old cable is gone") {
                    try !moving.bird.namespace.run("ip", "link").contains("far")
                }
                try moving.wire()
                try await moving.waitUntilUp()

                let after = try daemon.status()
                let new = try moving.inode
                #expect(after.namespace?.inode == new && old != new)
                #expect(after.namespace?.code == nil)
                #expect(
                    after.sessions.map(\.localDiscriminator) == before.map(\.localDiscriminator))
                #expect(
                    after.sessions.filter { $0.name != "off" }.map(\.sourcePort)
                        == before.filter { $0.name != "off" }.map(\.sourcePort))
                #expect(
                    after.sessions.first { $0.name == "off" }?.running.localState == "adminDown")
                #expect(after.sessions.map(\.statistics.downCount).max() == 1)
                #expect(daemon.output.contains("is another namespace now"))
                #expect(try await daemon.terminate() == 0)
                #expect(try moving.ourRoutes() == "")
            }
        }

        @Test func `5880-6.7.3-11: moved within the detection time, a session stays Up`()
            async throws
        {
            try await withLab { lab in
                let moving = try MovingNode(in: lab)
                let secret = lab.folder.appending(path: "right.key")
                try "s3cret".write(to: secret, atomically: true, encoding: .utf8)
                try Command.run(["chmod", "600", secret.path])
                let settings = """
                    desired-min-tx-interval: 1s
                      required-min-rx-interval: 1s
                      local-multiplier: 8
                      authentication:
                        type: meticulous-keyed-sha1
                        keys: [{id: 7, secret-file: \(secret.path)}]
                    """
                let ends = try [
                    (moving.node, "10.9.1.1"), (moving.bird.namespace, "10.9.1.10"),
                ].map { namespace, peer in
                    try GatewatchDaemon(
                        in: lab,
                        configuration: """
                            namespace: \(namespace.name)
                            stop-hold: 0s
                            defaults:
                              \(settings)
                            peers: [{name: peer, dest-addr: \(peer)}]
                            """)
                }
                try moving.wire()
                for end in ends { try await end.start() }
                for end in ends { try await end.waitForAll("up") }
                let before = try ends[0].session("peer")
                try moving.delete()
                try moving.add()
                try await eventually("the old cable is gone") {
                    try !moving.bird.namespace.run("ip", "link").contains("far")
                }
                try moving.wire()
                // Longer than silence would be borne.
                try await Task.sleep(for: .seconds(10))
                for end in ends {
                    let session = try end.session("peer")
                    #expect(session.running.localState == "up")
                    #expect(session.statistics.downCount == 0)
                    #expect(session.discards?["auth_seq_window"] == nil)
                }
                let after = try ends[0].session("peer")
                #expect(after.localDiscriminator == before.localDiscriminator)
                #expect(after.sourcePort == before.sourcePort)
            }
        }

        @Test func `Routes are withdrawn from an old namespace that somebody else holds`()
            async throws
        {
            try await withLab { lab in
                let moving = try MovingNode(in: lab)
                try moving.wire()
                try await moving.bird.start()
                try await moving.daemon.start()
                try await moving.waitUntilUp()
                let guest = try lab.start("guest", ["sleep", "600"], in: moving.node)
                try await eventually("the guest lives there") {
                    try Command.run(["ip", "netns", "pids", moving.node.name])
                        .contains("\(guest.identifier)")
                }
                let old = "/proc/\(guest.identifier)/ns/net"
                #expect(try moving.ourRoutes(through: old) != "")
                try moving.delete()
                try moving.add()
                try await moving.waitForEvent("sessions and routes moved")
                #expect(try moving.ourRoutes(through: old) == "")
                try await moving.bird.waitForAll("down")
            }
        }

        @Test func `Without its name a namespace is lived in, and may be adopted`() async throws {
            try await withLab { lab in
                let moving = try MovingNode(in: lab)
                let daemon = moving.daemon
                try moving.wire()
                try await moving.bird.start()
                try await daemon.start()
                try await moving.waitUntilUp()
                let inode = try moving.inode

                try moving.delete()
                try await moving.waitForEvent("sessions and routes stay in net:[\(inode)]")
                let place = try #require(try daemon.status().namespace)
                #expect(place.code == "namespace-C" && place.inode == inode)
                let told = try daemon.doctor().checks.flatMap(\.findings)
                #expect(told.contains { $0.code == place.code && $0.cause == place.cause })
                let gatewatch = try BuiltProduct.path(of: "gatewatch")
                let shown = try Command.result([
                    gatewatch, "namespace", "show", moving.node.name, "--interface", "near",
                ])
                #expect(shown.errors.contains(try #require(place.cause)), "\(shown.errors)")
                #expect(shown.errors.contains(try #require(place.nextStep)))
                try Command.run([
                    gatewatch, "namespace", "adopt", moving.node.name, "--interface", "near",
                ])
                try await moving.waitForEvent("leads to net:[\(inode)] again")
                #expect(try moving.inode == inode)
                let after = try daemon.status()
                #expect(after.namespace?.code == nil)
                #expect(after.sessions.allSatisfy { $0.statistics.downCount == 0 })
            }
        }

        @Test(arguments: [1, 2])
        func `Mounted anew without a change of the directory, it is followed as well`(
            threads: Int
        ) async throws {
            try await withLab { lab in
                let moving = try MovingNode(in: lab)
                moving.daemon.configuration += "realtime: {threads: \(threads)}\n"
                let other = try lab.namespace("other")
                try moving.wire()
                try await moving.bird.start()
                try await moving.daemon.start()
                try await moving.waitUntilUp()
                try Command.run(["umount", "--lazy", moving.node.path])
                try Command.run(["mount", "--bind", other.path, moving.node.path])
                try await moving.waitForEvent("sessions and routes moved")
                #expect(try moving.daemon.status().namespace?.inode == moving.inode)
            }
        }

        @Test func `A namespace where another program has the port is not moved to`() async throws {
            try await withLab { lab in
                let moving = try MovingNode(in: lab)
                let other = try lab.namespace("other")
                try moving.wire()
                try await moving.bird.start()
                try await moving.daemon.start()
                try await moving.waitUntilUp()
                let holder = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(other.name)
                        peers: [{dest-addr: 10.9.1.1}]
                        """)
                try await holder.start()
                try Command.run(["umount", "--lazy", moving.node.path])
                try Command.run(["mount", "--bind", other.path, moving.node.path])
                try await moving.waitForEvent("cannot be moved to: another program receives BFD")
                let status = try moving.daemon.status()
                #expect(status.sessions.allSatisfy { $0.statistics.downCount == 0 })
                try await holder.kill9()
                try await moving.waitForEvent("sessions and routes moved")
            }
        }
    }
}
