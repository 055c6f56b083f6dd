internal import BFDCore
internal import BFDDriver
internal import Gatewatch
internal import Synchronization
internal import TestSupport
internal import Testing

/// What happened, in short.
private final class Told: Sendable {
    private let words = Mutex<[String]>([])

    var all: [String] { words.withLock { $0 } }

    func note(_ event: Event) {
        words.withLock { words in
            switch event {
            case .session(_, let change): words.append(change.to == .adminDown ? "off" : "on")
            case .removed: words.append("removed")
            case .lost(let count): words.append("lost \(count)")
            default: break
            }
        }
    }
}

extension Interop {
    @Suite struct EventStreamTests {
        /// An agent whose one peer is nowhere.
        private static func agent(in lab: Lab) throws -> Gatewatch {
            let node = try lab.namespace("node")
            let gatewatch = try Gatewatch(
                GatewatchConfiguration(
                    namespacePath: node.path, realTime: RealTimeSettings(locksMemory: false),
                    seed: UInt64.random(in: .min ... .max)))
            try gatewatch.add(
                PeerConfiguration(
                    name: "peer",
                    session: SessionConfiguration(
                        path: Path(destination: IPAddress(ipv4: 0x0a09_0002)))))
            return gatewatch
        }

        private static func toggle(_ gatewatch: Gatewatch, times: Int) throws {
            for turn in 0..<times {
                try gatewatch.setAdministrativelyDown(turn % 2 == 0, peer: "peer")
            }
        }

        @Test func `events come one by one to a handler, until the end`() async throws {
            try await withLab { lab in
                let gatewatch = try Self.agent(in: lab)
                let told = Told()
                try gatewatch.deliverEvents { told.note($0) }
                try Self.toggle(gatewatch, times: 5)
                try await eventually("all is told") { told.all.count == 5 }
                #expect(told.all == ["off", "on", "off", "on", "off"])
                let later = Told()
                try gatewatch.deliverEvents { later.note($0) }
                try Self.toggle(gatewatch, times: 2)
                try gatewatch.removePeer(named: "peer")
                try await eventually("the end is told") { later.all.last == "removed" }
                gatewatch.close()
                #expect(told.all.count == 5)
            }
        }

        @Test func `events come as a sequence that ends`() async throws {
            try await withLab { lab in
                let gatewatch = try Self.agent(in: lab)
                let told = Told()
                let events = try gatewatch.eventStream()
                try Self.toggle(gatewatch, times: 3)
                try gatewatch.removePeer(named: "peer")
                for await event in events {
                    told.note(event)
                    if told.all.last == "removed" { gatewatch.stop() }
                }
                #expect(told.all.prefix(3) == ["off", "on", "off"])
                gatewatch.close()
            }
        }

        @Test(.timeLimit(.minutes(2)))
        func `a slow reader learns how much it has missed, though nothing comes after it`()
            async throws
        {
            try await withLab { lab in
                let gatewatch = try Self.agent(in: lab)
                var events = try gatewatch.eventStream(keeping: 2).makeAsyncIterator()
                try Self.toggle(gatewatch, times: 101)
                try await eventually("the engine has done it all") {
                    try gatewatch.sessions().peers.first?.snapshot.session.state == .adminDown
                }
                let told = Told()
                while !told.all.contains(where: { $0.hasPrefix("lost") }) {
                    guard let event = await events.next() else { break }
                    told.note(event)
                }
                #expect(told.all.contains { $0.hasPrefix("lost") })
                gatewatch.close()
            }
        }
    }
}
