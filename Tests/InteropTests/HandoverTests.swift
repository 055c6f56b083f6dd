internal import BFDDriver
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
                // Who is dead is not waited for, whatever its detection time would be.
                #expect(daemon.output.contains("AdminDown for 1000 ms"))
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
                    "local-multiplier: 15", with: "local-multiplier: 12")

                try await daemon.handOver()
                let status = try daemon.status()
                #expect(try daemon.command("status", "bird").contains("multiplier 7"))
                #expect(try daemon.command("status", "frr").contains("multiplier 12"))
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

        @Test func `A successor that is ready too late gets no answer but no, and all goes on`()
            async throws
        {
            try await withLab { lab in
                let network = try TwoGateways(
                    in: lab, timers: PeerTimers(intervalMilliseconds: 50, multiplier: 100))
                try await network.startPeers()
                let daemon = try network.daemon(multiplier: 100)
                try await daemon.start()
                try await network.bird.waitForAll("up")
                try await network.frr.waitForAll("up")

                let successor = try Successor(of: daemon)
                #expect(try successor.takeState() > 3)
                // Longer than the running one stands still.
                try await Task.sleep(for: .seconds(3))
                try? successor.say("Y")
                #expect(try successor.hear() == "R")
                #expect(try successor.hear() == "")
                let status = try daemon.status()
                #expect(status.sessions.allSatisfy { $0.statistics.downCount == 0 })
                #expect(try daemon.events().contains { $0.cause?.contains("going on") == true })
                #expect(try await daemon.handOver() == 0)
                #expect(try daemon.status().sessions.allSatisfy { $0.statistics.downCount == 0 })
            }
        }

        @Test func `A successor that dies while sessions stand still is not waited for`()
            async throws
        {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.bird.waitForAll("up")
                do {
                    let successor = try Successor(of: daemon)
                    #expect(try successor.takeState() > 3)
                }
                try await eventually("it goes on") {
                    try daemon.events().contains { $0.cause?.contains("going on") == true }
                }
                #expect(try await daemon.handOver() == 0)
                #expect(try daemon.status().sessions.allSatisfy { $0.statistics.downCount == 0 })
            }
        }

        @Test func `What changes between the terms and the standstill is not lost`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let daemon = try network.daemon()
                try await daemon.start()
                let early = try Successor(of: daemon)
                _ = try daemon.command("peer", "set", "bird", "local-multiplier=7")
                try early.say("G")
                #expect(try early.hear() == "R")

                let late = try Successor(of: daemon)
                _ = try daemon.command("drain")
                try late.say("G")
                #expect(try late.hear() == "R")
                #expect(try await daemon.failToHandOver().status == 1)
                _ = try daemon.command("undrain")
                #expect(try await daemon.handOver() == 0)
                #expect(try daemon.command("status", "bird").contains("multiplier 7"))
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

/// One who asks for sessions, word by word.
private final class Successor {
    private let stream: UnixStream

    /// Is told that it may follow.
    init(of daemon: GatewatchDaemon) throws {
        stream = try UnixStream.connected(
            to: daemon.stateDirectory.appending(path: "handover.sock").path)
        _ = try stream.write(EngineHandover.greeting[...])
        guard try hear() == "S" else { throw LabError("the daemon does not hand over") }
        for descriptor in try stream.takeDescriptors(1, milliseconds: 20_000) {
            _ = OwnedDescriptor(owning: descriptor)
        }
    }

    func say(_ word: String) throws {
        _ = try stream.write(Array(word.utf8)[...])
    }

    /// The next word; nothing at the end.
    func hear() throws -> String {
        var octets: [UInt8] = []
        guard try stream.waitForInput(milliseconds: 20_000) else {
            throw LabError("the daemon says nothing")
        }
        _ = try stream.read(appendingTo: &octets, limit: 1)
        return String(decoding: octets, as: UTF8.self)
    }

    /// Has the daemon stand still; the number of descriptors that it passes.
    func takeState() throws -> Int {
        try say("G")
        let fixed = try stream.takeDescriptors(3, milliseconds: 20_000)
        _ = OwnedDescriptor(owning: fixed[2])
        _ = OwnedDescriptor(owning: fixed[0])
        let text = try MemoryFile(owning: OwnedDescriptor(owning: fixed[1])).read()
        let count = Int(String(decoding: text, as: UTF8.self)) ?? 0
        for descriptor in try stream.takeDescriptors(count, milliseconds: 20_000) {
            _ = OwnedDescriptor(owning: descriptor)
        }
        return count
    }
}
