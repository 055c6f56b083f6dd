internal import ControlProtocol
internal import Foundation
internal import LinuxSystem

/// The demonstration, step by step; each step must be seen in the kernel.
final class DemoStory {
    private let lab: DemoLab
    private let isInterrupted: () -> Bool
    private let observer = DemoObserver()
    private let node: DemoDaemon
    private let gateways: [DemoDaemon]
    private let begin = Clock.monotonicNanoseconds()

    init(_ lab: DemoLab, isInterrupted: @escaping () -> Bool) {
        self.lab = lab
        self.isInterrupted = isInterrupted
        let timers = """
            defaults:
              desired-min-tx-interval: 50ms
              required-min-rx-interval: 50ms
              local-multiplier: 3
            """
        let peers = lab.gateways.map { "  - {name: \($0.name), dest-addr: \($0.address)}" }
        node = DemoDaemon(
            name: "node", folder: lab.folder,
            configuration: """
                namespace: \(lab.namespace(of: "node"))
                \(timers)
                peers:
                \(peers.joined(separator: "\n"))
                routes:
                  - prefix: 0.0.0.0/0
                    next-hops: [{peer: gw-a}, {peer: gw-b}]
                """)
        gateways = lab.gateways.map { gateway in
            DemoDaemon(
                name: gateway.name, folder: lab.folder,
                configuration: """
                    namespace: \(lab.namespace(of: gateway.name))
                    \(timers)
                    peers:
                      - {name: node, dest-addr: \(gateway.nodeAddress)}
                    """)
        }
    }

    /// Tells the whole story; throws at the first step that does not happen.
    func tell() throws {
        try say("lab", "a node and two gateways, a network namespace and a link each")
        try lab.build()
        try observer.start(namespacePath: "/run/netns/\(lab.namespace(of: "node"))")
        try wait("the observer", seconds: 5) { observer.isWatching }
        try startAll()
        try loseGateway()
        try drainGateway()
        try stopNode()
        try say("done", "every step was seen in the kernel")
    }

    /// Ends all processes.
    func end() {
        observer.stop()
        for daemon in [node] + gateways { daemon.kill() }
    }

    private func startAll() throws {
        try say("start", "gatewatch in all three, 50 ms x 3: detection time 150 ms")
        let moment = Clock.monotonicNanoseconds()
        for daemon in gateways + [node] { try daemon.start() }
        let both = lab.gateways.map(\.address)
        try expect(both, since: moment, "up", "both sessions Up, the route is there, after")
    }

    private func loseGateway() throws {
        let survivor = lab.gateways[0].address
        try say("kill", "gateway gw-b dies (kill -9); nobody tells the node")
        let killed = Clock.monotonicNanoseconds()
        gateways[1].kill()
        try expect([survivor], since: killed, "down", "gw-b is out of the route, after its death")
        try say("start", "gateway gw-b comes back")
        let started = Clock.monotonicNanoseconds()
        try gateways[1].start()
        try expect(
            lab.gateways.map(\.address), since: started, "up", "gw-b is back in the route, after")
    }

    private func drainGateway() throws {
        try say("drain", "gateway gw-a is disabled by its operator: it says AdminDown")
        let disabled = Clock.monotonicNanoseconds()
        try order(.disablePeer(name: "node"), gateways[0])
        try expect(
            [lab.gateways[1].address], since: disabled, "down", "gw-a is out of the route, after")
        try say("enable", "gateway gw-a is enabled again")
        let enabled = Clock.monotonicNanoseconds()
        try order(.enablePeer(name: "node"), gateways[0])
        try expect(
            lab.gateways.map(\.address), since: enabled, "up", "gw-a is back in the route, after")
    }

    private func stopNode() throws {
        try say("stop", "the node's daemon is asked to stop (SIGTERM)")
        let asked = Clock.monotonicNanoseconds()
        node.terminate()
        try expect(
            [], since: asked, "gone", "the route is withdrawn before the peers are told, after")
        try wait("both gateways see AdminDown", seconds: 5) { [gateways] in
            gateways.allSatisfy { gateway in
                guard case .status(let report) = gateway.ask(.status(peer: nil)) else {
                    return false
                }
                return report.sessions.allSatisfy { $0.running.remoteState == .adminDown }
            }
        }
        try say("told", "both gateways heard AdminDown: no failure, no alarm")
        try wait("the daemon ends", seconds: 10) { !node.isRunning }
    }

    private func order(_ request: Request, _ daemon: DemoDaemon) throws {
        guard case .peer = daemon.ask(request) else {
            throw CommandError(
                "\(daemon.name) did not take an order", nextStep: "Its log:\n\(daemon.logTail)")
        }
    }

    /// Waits until the kernel's route leads over just these gateways.
    private func expect(
        _ gateways: [String], since moment: Int64, _ word: String, _ text: String
    ) throws {
        try wait(text, seconds: 10) { observer.moment(of: gateways, since: moment) != nil }
        guard let seen = observer.moment(of: gateways, since: moment) else { return }
        let tenths = (seen - moment) / 100_000
        try say(word, "\(text) \(tenths / 10).\(tenths % 10) ms", at: seen)
        let list = gateways.map { "nexthop via \($0)" }.joined(separator: "  ")
        try say("", "    default  \(list.isEmpty ? "(no route)" : list)", at: seen)
    }

    private func wait(_ what: String, seconds: Int64, _ isThere: () -> Bool) throws {
        let deadline = Clock.monotonicNanoseconds() + seconds * 1_000_000_000
        while !isThere() {
            if isInterrupted() { throw Interrupted() }
            guard Clock.monotonicNanoseconds() < deadline else {
                throw CommandError(
                    "within \(seconds) s this did not happen: \(what)",
                    nextStep: "The node's log:\n\(node.logTail)")
            }
            usleep(2_000)
        }
    }

    private func say(_ word: String, _ text: String, at moment: Int64? = nil) throws {
        let milliseconds = ((moment ?? Clock.monotonicNanoseconds()) - begin) / 1_000_000
        let time = String(format: "%3d.%03d s", milliseconds / 1_000, milliseconds % 1_000)
        let label = word.padding(toLength: 7, withPad: " ", startingAt: 0)
        try StandardStreams.print("\(word.isEmpty ? "         " : time)  \(label)  \(text)")
    }

    /// The operator pressed Ctrl-C.
    struct Interrupted: Error {}
}
