internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// What people say to a beacon, and what its peers notice of it.
    @Suite struct OpenBFDDTests {
        private static let socket = "@gatewatch-beacon-957"

        @Test func `A beacon connects, holds, mutes and lets go as it is told`() async throws {
            try await withLab { lab in
                let network = try OneGateway(
                    in: lab, timers: PeerTimers(intervalMilliseconds: 100, multiplier: 5))
                try await network.bird.start()
                let part = try KubeOVNPart(in: lab, network.node)
                #expect(try part.result("bfdd-beacon", "--listen=0.0.0.0").status == 0)
                try part.control("session", "new", "set", "mintx", "100", "ms")
                try part.control("session", "new", "set", "minrx", "100", "ms")
                let pair = ["local", "10.9.1.10", "remote", "10.9.1.1"]
                let opened = try part.result(["bfdd-control", "connect"] + pair)
                #expect(
                    opened.output
                        == "Opened connection from local 10.9.1.10 to remote 10.9.1.1\n")
                try await part.waitForAll("Up", of: 1)
                #expect(try part.control("status").contains("local=10.9.1.10 (a) "))

                // Told Down, it is Init at once: it hears us.
                func seen(up isUp: Bool) async throws {
                    try await eventually("BIRD sees the session Up: \(isUp)", within: 60) {
                        let state = try network.bird.view(of: "10.9.1.10")?.state
                        return state.map { ($0 == "up") == isUp } ?? false
                    }
                }
                for hold in ["down", "admin"] {
                    try part.control("session", "1", "state", hold)
                    try await part.waitForAll(hold == "down" ? "Down" : "AdminDown", of: 1)
                    try await seen(up: false)
                    #expect(try part.control("status").contains(" <Forced>"))
                    try part.control("session", "1", "state", "up")
                    try await part.waitForAll("Up", of: 1)
                }
                try await seen(up: true)
                try part.control("session", "1", "suspend")
                try await seen(up: false)
                try part.control("session", "1", "resume")
                try await seen(up: true)

                // Other timers, without a flap.
                try part.control("session", "all", "set", "mintx", "200", "ms")
                try await eventually("the new interval is in use", within: 60) {
                    try part.control("status", "1", "level", "3")
                        .contains("CurrentTxInterval=200,000 us")
                }
                try await part.waitForAll("Up", of: 1)
            }
        }

        @Test func `The status that a command ends with tells whether it was obeyed`()
            async throws
        {
            try await withLab { lab in
                let node = try lab.namespace("node")
                let part = try KubeOVNPart(in: lab, node)
                // Nobody has the address: said at once, and not in the background.
                let nowhere = try part.result("bfdd-beacon", "--control=10.99.0.1:957")
                #expect(nowhere.status == 1 && nowhere.errors.contains("10.99.0.1:957"))
                #expect(try part.result("bfdd-beacon", "--fork").status == 1)
                #expect(try part.result("bfdd-beacon", "--version").status == 0)
                #expect(try part.beacons().isEmpty)

                let places = ["--control=127.0.0.1:957", "--control=[::1]:1957"]
                #expect(try part.result(["bfdd-beacon"] + places).status == 0)
                let second = try part.result("bfdd-beacon", "--nofork", "--tee")
                #expect(second.status == 1 && second.errors.contains("runs already"))
                for (words, status) in [
                    (["status"], 0), (["--altport", "status"], 1),
                    (["--control=[::1]:1957", "status"], 0),
                    (["status", "local", "10.9.0.1", "remote", "10.9.0.2"], 0),
                    (["session", "local", "10.9.0.1", "remote", "10.9.0.2", "reset"], 1),
                    (["session", "all", "reset"], 0), (["allow", "tor-a"], 1), (["launch"], 1),
                    (["version"], 0), (["--altitude"], 1), ([], 1),
                    ([String(repeating: "a", count: 2_000)], 1),
                ] as [([String], Int32)] {
                    let result = try part.result(["bfdd-control"] + words)
                    #expect(result.status == status, "\(words): \(result)")
                }
                #expect(try part.control("stop") == "stopping\n")
            }
        }

        @Test func `With no descriptor left nobody is admitted for a while, and then all are`()
            async throws
        {
            try await withLab { lab in
                let part = try KubeOVNPart(in: lab, try lab.namespace("node"))
                #expect(try part.result("bfdd-beacon", "--listen=0.0.0.0").status == 0)
                let beacon = try #require(try part.beacons().first)
                let numbers = try FileManager.default
                    .contentsOfDirectory(atPath: "/proc/\(beacon)/fd").compactMap { Int($0) }
                let free = (0...).first { !numbers.contains($0) } ?? 0
                try Command.run(["prlimit", "--pid", "\(beacon)", "--nofile=\(free):"])
                #expect(try part.result("bfdd-control", "status").status == 1)
                try Command.run(["prlimit", "--pid", "\(beacon)", "--nofile=1024:"])
                try await eventually("it answers again") {
                    try part.result("bfdd-control", "status").status == 0
                }
                let events = try part.result("gatewatch", "events", "--socket", Self.socket)
                #expect(events.output.contains("nobody can be admitted: "))
            }
        }

        @Test func `One router may be in between, and no more`() async throws {
            try await withLab { lab in
                let network = try RoutedPair(in: lab)
                let part = try KubeOVNPart(in: lab, network.near)
                #expect(try part.result("bfdd-beacon", "--listen=10.9.1.10").status == 0)
                try part.control("allow", "10.9.2.1")
                // Down, 5 x 1 s, My Discriminator 1; the router takes one from its TTL.
                let packet = "20400518" + "00000001" + "00000000" + "000f4240000f424000000000"
                let probe = try BuiltProduct.path(of: "LabProbe")
                let tooFar = try lab.start(
                    "far", [probe, "say", "10.9.1.10", "3784", "254", packet], in: network.far)
                try await eventually("packets are discarded for their TTL", within: 60) {
                    let status = try part.result(
                        "gatewatch", "status", "--json", "--socket", Self.socket)
                    return status.output.contains("\"ttl_")
                }
                #expect(try part.sessions().map(\.state) == ["Down"])
                try await tooFar.kill9()
                _ = try lab.start(
                    "near", [probe, "say", "10.9.1.10", "3784", "255", packet], in: network.far)
                try await part.waitForAll("Init", of: 1)
            }
        }
    }
}
