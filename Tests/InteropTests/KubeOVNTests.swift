internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Kube-OVN, played by a script that knows nothing of us, gets what it expects of OpenBFDD.
    @Suite struct KubeOVNTests {
        private static let socket = "@gatewatch-beacon-957"
        private static let refused =
            "Error connecting to beacon on 127.0.0.1:957: Connection refused\n"

        @Test func `The loop of kube-ovn-cni has its beacon in ovnext, and has it again`()
            async throws
        {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                try await network.bird.start()
                let part = try KubeOVNPart(in: lab, network.node)
                let absent = try part.result("bfdd-control", "status")
                #expect(absent.status == 1 && absent.errors == Self.refused)
                #expect(absent.output == "")

                let pass = { try part.play("node", "10.9.1.10", "10.9.1.1", "10.9.1.2") }
                #expect(try pass() == "started\n")
                #expect(try part.control("status") == "There are 0 sessions:\n")
                #expect(try pass() == "allowed 10.9.1.1\nallowed 10.9.1.2\nchecked\n")
                #expect(try pass() == "checked\n")
                try await eventually("the session is Up", within: 60) {
                    try part.sessions().map(\.state) == ["Up", "Down"]
                        && network.bird.view(of: "10.9.1.10")?.state == "up"
                }
                let before = try part.sessions()
                #expect(before.map(\.local) == ["10.9.1.10", "10.9.1.10"])
                #expect(before.map(\.remote) == ["10.9.1.1", "10.9.1.2"])
                let discriminators = try part.localDiscriminators()

                // The loop starts it again each time that anything is not as it should be.
                #expect(try part.result("sh", "-c", "bfdd-beacon --listen=0.0.0.0").status == 0)
                #expect(try part.sessions() == before)
                let running = try part.beacons()
                #expect(running.count == 1)

                for process in running { kill(process, SIGKILL) }
                try await eventually("nobody answers") {
                    try part.result("bfdd-control", "status").errors == Self.refused
                }
                #expect(try pass() == "started\n")
                // It has forgotten neither whom to speak to nor who it is.
                #expect(try pass() == "checked\n")
                try await eventually("the session is Up again", within: 60) {
                    try part.sessions().map(\.state) == ["Up", "Down"]
                }
                #expect(try part.localDiscriminators() == discriminators)

                #expect(try part.control("stop") == "stopping\n")
                try await eventually("nobody answers") {
                    try part.result("bfdd-control", "status").errors == Self.refused
                        && part.beacons().isEmpty
                }
            }
        }

        @Test func `The supervisor of a gateway pod has its sessions, through everything`()
            async throws
        {
            try await withLab { lab in
                let network = try OneGateway(
                    in: lab, timers: PeerTimers(intervalMilliseconds: 100, multiplier: 5))
                try await network.bird.start()
                let pod = try GatewayPod(in: lab, network.node, rights: .ofTheFile)
                defer { pod.remove() }
                var part = try KubeOVNPart(in: lab, network.node, executable: pod.executable)
                part.environment += [
                    "POD_IPS=10.9.1.10,fd09:1:0::10", "BFD_PEER_IPS=10.9.1.1,fd09:1::1",
                    "BFD_MIN_TX=100", "BFD_MIN_RX=100", "BFD_MULTI=5", "TICK=0.3", "GRACE=2",
                ]
                let supervisor = try lab.start(
                    "supervisor",
                    pod.wrapper(writing: part.folder.path)
                        + part.line([
                            KubeOVNPart.python, part.folder.appending(path: "part.py").path,
                            "supervise",
                        ]))
                defer { part.killBeacons() }
                let watch = SupervisorWatch(supervisor)
                try await watch.waitForAll("up", 2)
                try await network.bird.waitForAll("up", within: 60)

                _ = try await network.bird.kill9()
                try await watch.waitForAll("down", 0)
                try await network.bird.start()
                try await watch.waitForAll("up again", 2)

                // Nobody but the supervisor brings it back, after three failures.
                let first = try #require(try part.beacons().first)
                #expect(
                    try String(contentsOfFile: "/proc/\(first)/status", encoding: .utf8)
                        .contains("Uid:\t65534\t65534\t65534\t65534"))
                let discriminators = try part.localDiscriminators()
                kill(first, SIGKILL)
                try await watch.waitFor("another beacon") { $0.started != nil }
                try await watch.waitForAll("up with another beacon", 2)
                #expect(try part.localDiscriminators() == discriminators)

                try part.play("reset", "10.9.1.10", "10.9.1.1")
                try part.play("reset", "fd09:1::10", "fd09:1::1")
                try await watch.waitForAll("up after the reset", 2)

                // As the end-to-end tests do.
                for peer in ["10.9.1.1", "fd09:1::1"] { try part.control("block", peer) }
                try part.control("session", "all", "kill")
                try await watch.waitFor("the peers told anew") { $0.step == "ReplayConfiguration" }
                try await watch.waitForAll("up after the replay", 2)

                supervisor.signal(SIGTERM)
                #expect(try await supervisor.waitForEnd(within: 60) == 0)
                #expect(watch.lines().compactMap(\.stopped).last == "clean")
                #expect(try part.beacons().isEmpty)
            }
        }

        @Test(arguments: ["ms", ""])
        func `The scripts of pods without a supervisor work, those without a unit too`(
            _ unit: String
        ) async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                try await network.bird.start()
                var part = try KubeOVNPart(in: lab, network.node)
                part.environment += [
                    "POD_IPS=10.9.1.10", "BFD_PEER_IPS=10.9.1.1", "BFD_MIN_TX=200",
                    "BFD_MIN_RX=300", "BFD_MULTI=4", "UNIT=\(unit)", "ROUNDS=2", "PAUSE=0.2",
                    "GATEWATCH_METRICS=127.0.0.1:9470",
                ]
                let start = try lab.start(
                    "start", part.line(["bash", part.folder.appending(path: "start.sh").path]),
                    in: network.node)
                // It keeps what the shell was given, and has to end before anybody waits for that.
                defer { part.killBeacons() }
                try await eventually("the beacon answers", within: 60) {
                    try part.result("bfdd-control", "status").status == 0
                }
                #expect(try part.script("health").status == 1)
                let told = try part.script("prestart")
                #expect(told.status == 0, "\(told.errors)")
                #expect(told.output.contains("Attempting to set mintx to 200,000 us.\n"))
                #expect(told.output.contains("Attempting to set minrx to 300,000 us.\n"))
                try await part.waitForAll("Up", of: 1)
                #expect(try part.script("health").status == 0)
                #expect(try part.script("sidecar", "10.9.1.1", "10.9.1.10").output == "")

                // Allowed anew by the probe itself.
                try part.control("block", "10.9.1.1")
                try part.control("session", "all", "kill")
                #expect(try part.control("status") == "There are 0 sessions:\n")
                #expect(try part.script("health").status == 1)
                try await part.waitForAll("Up", of: 1)
                #expect(start.output.contains("bfdd-control allow 10.9.1.1"), "\(start.output)")
                let metrics = try part.result(
                    "curl", "--silent", "http://127.0.0.1:9470/metrics")
                #expect(metrics.output.contains("gatewatch_sessions"), "\(metrics.output)")
            }
        }

        @Test func `Clients that are idle, half-said or gone keep nobody from the status`()
            async throws
        {
            try await withLab { lab in
                let node = try lab.namespace("node")
                let part = try KubeOVNPart(in: lab, node)
                #expect(try part.result("bfdd-beacon").status == 0)
                let clients = try part.result(
                    KubeOVNPart.python, part.folder.appending(path: "clients.py").path)
                #expect(clients.status == 0, "\(clients.errors)")
                let running = try part.beacons()
                #expect(running.count == 1)
                let events = try part.result("gatewatch", "events", "--socket", Self.socket)
                #expect(events.output.contains("sent no whole command"), "\(events.output)")

                // Whoever asks one that stands still is not kept.
                for process in running { kill(process, SIGSTOP) }
                let unanswered = try part.result("bfdd-control", "status")
                #expect(unanswered.status == 1 && unanswered.output == "")
                for process in running { kill(process, SIGCONT) }
                try await eventually("it answers again", within: 60) {
                    try part.result("bfdd-control", "status").status == 0
                }
            }
        }
    }
}

/// What the supervisor of `part.py` says, from the last line that was looked at on.
private final class SupervisorWatch {
    struct Line: Decodable {
        let up: Int?
        let of: Int?
        let started: Int?
        let step: String?
        let stopped: String?
    }

    private let process: RunningProcess
    private var seen = 0

    init(_ process: RunningProcess) {
        self.process = process
    }

    func lines() -> [Line] {
        // The beacon logs to the same place.
        process.output.split(separator: "\n").filter { $0.hasPrefix("{") }.compactMap {
            try? JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
    }

    /// Waits for a line that has not been looked at before.
    func waitFor(_ what: String, _ isIt: (Line) -> Bool) async throws {
        try await eventually(what, within: 60) {
            let all = lines()
            guard let place = all[seen...].firstIndex(where: isIt) else { return false }
            seen = place + 1
            return true
        }
    }

    /// Waits until it has read that so many of all sessions are Up.
    func waitForAll(_ what: String, _ count: Int) async throws {
        try await waitFor("\(count) sessions are up: \(what)") { $0.up == count && $0.of == 2 }
    }
}
