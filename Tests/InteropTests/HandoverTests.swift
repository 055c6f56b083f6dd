internal import Foundation
internal import LinuxSystem
internal import TestSupport
internal import Testing

extension Interop {
    /// A new process goes on where the one before stopped.
    @Suite struct HandoverTests {
        @Test func `Ten processes after each other: no peer and no route notices`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                let before = try daemon.status().sessions
                let changes = observer.changes().count
                let events = try daemon.events().filter { $0.type == "session" }.count

                for _ in 0..<10 {
                    #expect(try await daemon.handOver() == 0)
                    try await Task.sleep(for: .milliseconds(Int.random(in: 50...400)))
                }
                let after = try daemon.status().sessions
                #expect(after.map(\.name) == before.map(\.name))
                #expect(after.map(\.localDiscriminator) == before.map(\.localDiscriminator))
                #expect(after.map(\.sourcePort) == before.map(\.sourcePort))
                #expect(after.allSatisfy { $0.statistics.downCount == 0 })
                #expect(after.allSatisfy { $0.running.localState == "up" })
                #expect(observer.changes().count == changes)
                #expect(try network.frr.view().allSatisfy { $0.remoteDiagnostic == "ok" })
                // What was known is known still.
                let told = try daemon.events()
                #expect(told.filter { $0.type == "session" }.count == events)
                #expect(
                    told.filter { $0.cause?.contains("took 4 sessions over") == true }.count == 10)
                #expect(after.map(\.lastCause) == before.map(\.lastCause))

                // And it works: a gateway that dies leaves the route.
                _ = try await network.frr.kill9()
                try await network.waitForNextHops([.bird], seenBy: observer)
                #expect(try await daemon.terminate() == 0)
            }
        }

        @Test func `What was changed at run time goes along, and what the file says by now`()
            async throws
        {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.bird.waitForAll("up")
                _ = try daemon.command("peer", "set", "bird", "local-multiplier=7")
                _ = try daemon.command("peer", "disable", "frr6")
                daemon.configuration = daemon.configuration.replacing(
                    "local-multiplier: 3", with: "local-multiplier: 5")

                try await daemon.handOver()
                let status = try daemon.status()
                #expect(try daemon.command("status", "bird").contains("multiplier 7"))
                #expect(try daemon.command("status", "frr").contains("multiplier 5"))
                let disabled = try #require(status.sessions.first { $0.name == "frr6" })
                #expect(disabled.running.localState == "adminDown")
                #expect(
                    status.sessions.filter { $0.name != "frr6" }
                        .allSatisfy { $0.statistics.downCount == 0 })
            }
        }

        @Test func `Whoever cannot go on leaves the running one as it was`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let elsewhere = try lab.namespace("elsewhere")
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon()
                let nobody = try await daemon.failToHandOver()
                #expect(nobody.status == 1 && nobody.output.contains("no daemon hands over"))
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                let changes = observer.changes().count

                let right = daemon.configuration
                daemon.configuration = right.replacing(network.node.name, with: elsewhere.name)
                let refused = try await daemon.failToHandOver()
                #expect(refused.status == 1)
                #expect(refused.output.contains("is in another network namespace"))
                daemon.configuration = right

                try await Task.sleep(for: .milliseconds(300))
                #expect(try daemon.status().sessions.allSatisfy { $0.statistics.downCount == 0 })
                #expect(observer.changes().count == changes)
                #expect(try await daemon.handOver() == 0)
                #expect(observer.changes().count == changes)
            }
        }

        @Test func `Asked in words of another version it leaves, and the routes stay`() async throws
        {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                let changes = observer.changes().count

                let door = daemon.stateDirectory.appending(path: "handover.sock").path
                let stream = try UnixStream.connected(to: door)
                _ = try stream.write(Array("GWHO and something newer".utf8)[...])
                #expect(try stream.waitForInput(milliseconds: 5_000))
                var answer: [UInt8] = []
                _ = try stream.read(appendingTo: &answer, limit: 64)
                #expect(answer == Array("V".utf8))
                _ = try stream.write(Array("L".utf8)[...])
                try await eventually("the daemon has left") { !daemon.isRunning }
                try await daemon.start()
                try await network.bird.waitForAll("up")
                #expect(observer.changes().count == changes)
            }
        }
    }
}
