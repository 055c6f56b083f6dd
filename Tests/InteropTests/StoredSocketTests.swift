internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// A service manager keeps the sockets that sessions receive by, from one process to the next.
    @Suite struct StoredSocketTests {
        /// Peers that wait so long for us that the slowest machine starts a process meanwhile.
        private func patientNetwork(
            _ lab: Lab, _ manager: ServiceManager
        ) throws -> (TwoGateways, GatewatchDaemon) {
            let network = try TwoGateways(
                in: lab, timers: PeerTimers(intervalMilliseconds: 300, multiplier: 100))
            let daemon = try network.daemon(multiplier: 100)
            daemon.configuration = daemon.configuration.replacing("50ms", with: "300ms")
            daemon.wrapper = manager.wrapper("DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere")
            return (network, daemon)
        }

        /// Sends the manager a message with a socket that is made by Python.
        private func tell(
            _ manager: ServiceManager, _ message: String, socket made: String = "None",
            in namespace: Namespace? = nil
        ) async throws {
            let script = """
                import array, socket, sys
                made = \(made)
                to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                rights = array.array("i", [made.fileno()]) if made else None
                aside = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if made else []
                to.sendmsg([sys.argv[2].encode()], aside, 0, sys.argv[1])
                """
            let entering = namespace.map { ["nsenter", "--net=\($0.path)"] } ?? []
            try Command.run(entering + ["python3", "-c", script, manager.path, message])
            let heard = message.replacing("\n", with: " ")
            try await eventually("the manager has heard \(heard)") {
                manager.messages.contains { $0.text == heard }
            }
        }

        /// Has nothing of any peer arrive.
        private func deafen(_ node: Namespace) throws {
            try node.run("nft", "add table inet deaf")
            try node.run(
                "nft", "add chain inet deaf input { type filter hook input priority 0 ; }")
            try node.run("nft", "add rule inet deaf input udp dport 3784 drop")
        }

        @Test func `What arrives between two processes is received by the next one`() async throws {
            try await withLab { lab in
                let manager = try await ServiceManager(in: lab)
                let (network, daemon) = try patientNetwork(lab, manager)
                try await network.startPeers()
                try await daemon.start()
                try await daemon.waitForAll("up")
                try await eventually("all wait 30 s", within: 60) {
                    try daemon.status().sessions.allSatisfy {
                        $0.running.detectionTime == 30_000_000
                    }
                }
                try await eventually("all are kept") { manager.keptNames.count == 6 }
                let before = try ReceivingSocket.all(in: network.node)
                #expect(before.count == 6)
                #expect(Set(before.map(\.inode)).isSubset(of: try daemon.socketInodes()))
                // All is looked at once a second.
                try await Task.sleep(for: .seconds(4))
                for _ in 0..<2 {
                    try await daemon.kill9()
                    try await eventually("packets wait in both families") {
                        let waiting = try ReceivingSocket.all(in: network.node)
                            .filter { $0.waitingByteCount > 0 }
                        return Set(waiting.map(\.isIPv6)).count == 2
                    }
                    // From here on nothing comes any more: what is received has waited.
                    try deafen(network.node)
                    try await daemon.start()
                    #expect(daemon.output.contains("going on with 4 sessions"))
                    #expect(daemon.output.contains("going on with 6 sockets"))
                    let after = try ReceivingSocket.all(in: network.node)
                    #expect(after.map(\.inode) == before.map(\.inode))
                    #expect(Set(after.map(\.inode)).isSubset(of: try daemon.socketInodes()))
                    try await eventually("what waited is received") {
                        try ReceivingSocket.all(in: network.node)
                            .allSatisfy { $0.waitingByteCount == 0 }
                    }
                    let status = try daemon.status()
                    #expect(
                        status.sessions.reduce(0) { $0 + $1.statistics.receivedPacketCount } > 1)
                    #expect(status.discards?["unknown_your_discr"] ?? 0 == 0)
                    try network.node.run("nft", "delete table inet deaf")
                    try await Task.sleep(for: .seconds(1))
                    let sessions = try daemon.status().sessions
                    #expect(sessions.allSatisfy { $0.running.localState == "up" })
                    #expect(sessions.allSatisfy { $0.statistics.downCount == 0 })
                }
                #expect(try network.frr.view().allSatisfy { $0.remoteDiagnostic == "ok" })
                // Each was told of once.
                #expect(manager.messages.count { $0.text.contains("FDSTORE=1") } == 6)
                #expect(!manager.messages.contains { $0.text.contains("FDSTOREREMOVE") })
                // And nothing is kept once nobody is to go on.
                daemon.signal(SIGTERM)
                try await eventually("peers are told") { daemon.output.contains("AdminDown for") }
                try await daemon.terminate()
                try await eventually("none is kept") { manager.keptNames == [] }
                #expect(try ReceivingSocket.all(in: network.node).isEmpty)
            }
        }

        @Test func `What does not fit is closed, and sockets are opened anew`() async throws {
            try await withLab { lab in
                let manager = try await ServiceManager(in: lab)
                let (network, daemon) = try patientNetwork(lab, manager)
                try await network.bird.start()
                try await daemon.start()
                try await network.bird.waitForAll("up")
                try await eventually("all are kept") { manager.keptNames.count == 6 }
                let names = manager.keptNames
                let before = try ReceivingSocket.all(in: network.node)
                let urgent = try #require(names.first { $0.hasPrefix("single-hop-ipv4-urgent") })
                let routine = try #require(names.first { $0.hasPrefix("single-hop-ipv6-routine") })
                try await daemon.kill9()
                // One is another one, one is missing, and there are two that nobody knows.
                let other = "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"
                try await tell(manager, "FDSTOREREMOVE=1\nFDNAME=\(urgent)")
                try await tell(
                    manager, "FDSTORE=1\nFDNAME=\(urgent)", socket: other, in: network.node)
                try await tell(manager, "FDSTOREREMOVE=1\nFDNAME=\(routine)")
                try await tell(manager, "FDSTORE=1\nFDNAME=something", socket: other)
                try await tell(manager, "FDSTORE=1", socket: "socket.socket(socket.AF_UNIX)")
                try await daemon.start()
                #expect(daemon.output.contains("7 of 7 kept sockets are of no use: closed"))
                try await eventually("new ones are kept") { manager.keptNames == names }
                let after = try ReceivingSocket.all(in: network.node)
                #expect(after.count == 6)
                #expect(Set(after.map(\.inode)).isDisjoint(with: before.map(\.inode)))
                try await network.bird.waitForAll("up")
            }
        }

        @Test func `Handed over, the unit goes on with the new process, and with its sockets`()
            async throws
        {
            try await withLab { lab in
                let manager = try await ServiceManager(in: lab)
                let (network, daemon) = try patientNetwork(lab, manager)
                let supervised = manager.wrapper("WATCHDOG_USEC=400000")
                daemon.wrapper = supervised
                try await network.startPeers()
                try await daemon.start()
                try await daemon.waitForAll("up")
                let before = try ReceivingSocket.all(in: network.node)
                // Whoever comes next is started by hand, and knows no manager.
                daemon.wrapper = []
                for _ in 0..<2 {
                    let old = daemon.processIdentifier
                    #expect(try await daemon.handOver() == 0)
                    let new = daemon.processIdentifier
                    try await eventually("the new process shows signs of life") {
                        manager.texts(of: new).contains { $0.hasPrefix("READY=1") }
                            && manager.texts(of: new).contains("WATCHDOG=1")
                    }
                    let messages = manager.messages
                    let named = try #require(
                        messages.firstIndex {
                            $0.process == old && $0.text.hasPrefix("MAINPID=\(new) ")
                        })
                    // Before that, the manager would not have listened.
                    let first = messages.firstIndex { $0.process == new }
                    #expect(named < (first ?? 0))
                    // The old one says nothing more, least of all that it stops.
                    #expect(messages[(named + 1)...].allSatisfy { $0.process != old })
                    #expect(!manager.texts(of: old).contains { $0.hasPrefix("STOPPING") })
                }
                try await eventually("all are kept") { manager.keptNames.count == 6 }
                #expect(try daemon.status().sessions.allSatisfy { $0.statistics.downCount == 0 })
                // What is kept is of use still.
                daemon.wrapper = supervised
                try await daemon.kill9()
                try await daemon.start()
                #expect(daemon.output.contains("going on with 6 sockets"))
                #expect(
                    try ReceivingSocket.all(in: network.node).map(\.inode) == before.map(\.inode))
                // One with a manager of its own is not named, and nothing is kept for the old one.
                let other = try await ServiceManager(in: lab)
                daemon.wrapper = other.wrapper()
                let old = daemon.processIdentifier
                #expect(try await daemon.handOver() == 0)
                try await eventually("it is the other one's") { other.keptNames.count == 6 }
                #expect(!manager.texts(of: old).contains { $0.hasPrefix("MAINPID") })
                try await eventually("nothing is kept") { manager.keptNames == [] }
            }
        }

        @Test func `A successor moves to the control group of the one before`() async throws {
            let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
            // Files that only the root of version 2 has all of.
            let root = roots.first {
                FileManager.default.fileExists(atPath: "\($0)/cgroup.subtree_control")
            }
            guard let root else { return }
            let folder = "\(root)/gwt-\(UUID().uuidString.prefix(8))"
            guard unsafe mkdir(folder, 0o755) == 0 else { return }
            defer { unsafe rmdir(folder) }
            try await withLab { lab in
                let manager = try await ServiceManager(in: lab)
                let (network, daemon) = try patientNetwork(lab, manager)
                daemon.wrapper =
                    ["sh", "-c", "echo $$ >\(folder)/cgroup.procs && exec \"$@\"", "sh"]
                    + daemon.wrapper
                try await daemon.start()
                daemon.wrapper = []
                #expect(try await daemon.handOver() == 0)
                let members = try String(contentsOfFile: "\(folder)/cgroup.procs", encoding: .utf8)
                #expect(members == "\(daemon.processIdentifier)\n")
                #expect(!daemon.output.contains("control group"), "\(daemon.output)")
                try await daemon.kill9()
                _ = network
            }
        }

        @Test(arguments: [
            ["LISTEN_PID=1", "LISTEN_FDS=3", "LISTEN_FDNAMES=a:b:c"],
            ["LISTEN_FDS=3"], ["LISTEN_PID=x", "LISTEN_FDS=-7"],
        ])
        func `What is for another process, or nonsense, is ignored`(
            _ environment: [String]
        ) async throws {
            try await withLab { lab in
                let (daemon, _) = try GatewatchDaemon.idle(in: lab)
                daemon.wrapper = ["env"] + environment
                try await daemon.start()
                #expect(!daemon.output.contains("kept sockets"))
                #expect(try await daemon.terminate() == 0)
            }
        }

        @Test func `Moved to another namespace, the sockets there are kept, and no others`()
            async throws
        {
            try await withLab { lab in
                let manager = try await ServiceManager(in: lab)
                let moving = try MovingNode(in: lab)
                try moving.wire()
                moving.daemon.wrapper = manager.wrapper()
                try await moving.bird.start()
                try await moving.daemon.start()
                try await moving.waitUntilUp()
                try await eventually("all are kept") { manager.keptNames.count == 6 }
                let first = manager.keptNames
                try moving.delete()
                try moving.add()
                // It lives as long as a socket of it is kept.
                try await eventually("the old namespace is gone") {
                    try !moving.bird.namespace.run("ip", "link").contains("far")
                }
                try moving.wire()
                try await moving.waitUntilUp(within: 60)
                let inode = try moving.inode
                try await eventually("those of the new one are kept") {
                    manager.keptNames.count == first.count
                        && manager.keptNames.allSatisfy { $0.hasSuffix("-net\(inode)") }
                }
                #expect(manager.keptNames.isDisjoint(with: first))
            }
        }
    }
}

/// A socket that is bound to the port of single-hop sessions, as /proc/net shows it.
private struct ReceivingSocket {
    var inode: UInt64
    var isIPv6: Bool
    var waitingByteCount: Int

    static func all(in namespace: Namespace) throws -> [ReceivingSocket] {
        try [false, true].flatMap { isIPv6 in
            let text = try namespace.run("cat", "/proc/net/udp\(isIPv6 ? "6" : "")")
            return text.split(separator: "\n").compactMap { line -> ReceivingSocket? in
                let fields = line.split(separator: " ")
                guard fields.count > 9, fields[1].hasSuffix(":0EC8"),
                    let inode = UInt64(fields[9])
                else { return nil }
                let waiting = fields[4].split(separator: ":").last.flatMap { Int($0, radix: 16) }
                return ReceivingSocket(
                    inode: inode, isIPv6: isIPv6, waitingByteCount: waiting ?? 0)
            }
        }.sorted { $0.inode < $1.inode }
    }
}

extension GatewatchDaemon {
    /// The inodes of the sockets that its process has.
    fileprivate func socketInodes() throws -> Set<UInt64> {
        let folder = "/proc/\(processIdentifier)/fd"
        let links = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        }
        return Set(
            links.filter { $0.hasPrefix("socket:[") }
                .compactMap { UInt64($0.dropFirst(8).dropLast()) })
    }
}
