internal import Foundation
internal import LinuxSystem
internal import TestSupport
internal import Testing

extension Interop {
    /// `gatewatch capture` against a running daemon, read by tshark.
    @Suite struct CaptureTests {
        /// What reads a file, with checksums checked.
        private func tshark(_ path: String) -> [String] {
            [
                "tshark", "-r", path, "-o", "udp.check_checksum:TRUE",
                "-o", "ip.check_checksum:TRUE",
            ]
        }

        /// What tshark reads, a packet a line.
        private func read(_ path: String, _ fields: [String]) throws -> [[String]] {
            let output = try Command.run(
                tshark(path) + ["-T", "fields", "-E", "separator=/t"]
                    + fields.flatMap { ["-e", $0] })
            return output.split(separator: "\n").map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
            }
        }

        /// What tshark finds fault with: a line for each packet, and there shall be none.
        private func faults(_ path: String) throws -> String {
            let bad = "udp.checksum.status == \"Bad\" || ip.checksum.status == \"Bad\""
            return try Command.run(tshark(path) + ["-Y", "_ws.malformed || !bfd || \(bad)"])
        }

        /// Starts a capture, and waits until something is in the file.
        private func begin(
            _ scene: (lab: Lab, daemon: GatewatchDaemon), _ name: String, _ more: String...
        ) async throws -> (process: RunningProcess, path: String) {
            let path = scene.lab.folder.appending(path: name).path
            let process = try scene.daemon.start("capture", ["-w", path] + more)
            try await eventually("packets are captured", within: 30) {
                guard process.isRunning else { throw LabError(process.output) }
                let size = try? Data(contentsOf: URL(filePath: path)).count
                return (size ?? 0) > 1_000
            }
            return (process, path)
        }

        @Test func `Packets both ways, with their sessions, and those of two families`()
            async throws
        {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                try await network.bird.start()
                let key = try network.secretFile("k", "secret")
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(network.node.name)
                        peers:
                          - name: four
                            dest-addr: 10.9.1.1
                            authentication:
                              {type: keyed-sha1, keys: [{id: 1, secret-file: \(key)}]}
                          - {name: six, dest-addr: "fd09:1::1", interface: uplink}
                        """)
                try await daemon.start()
                try await eventually("six is up", within: 30) {
                    try daemon.session("six").running.localState == "up"
                }
                let (process, path) = try await begin((lab, daemon), "all.pcapng")
                let fields = [
                    "frame.packet_flags_direction", "frame.interface_name", "ipv6.src",
                    "ipv6.hlim", "ip.src", "ip.ttl", "bfd.sta", "frame.comment",
                ]
                // Flags: 1 came, 2 went; state 3 is Up. BIRD does not authenticate: what it says to
                // the other session is discarded.
                let wanted = [
                    [
                        "0x00000002", "uplink", "fd09:1::10", "255", "", "", "0x03",
                        "session six (Up)",
                    ],
                    [
                        "0x00000001", "uplink", "fd09:1::1", "255", "", "", "0x03",
                        "session six (Up)",
                    ],
                    [
                        "0x00000001", "uplink", "", "", "10.9.1.1", "255", "0x01",
                        "discarded: auth_missing (not authenticated); session four",
                    ],
                ]
                try await eventually("all of it is captured", within: 30) {
                    // What is being written may end in the middle of a packet.
                    guard let packets = try? read(path, fields) else { return false }
                    return wanted.allSatisfy { packets.contains($0) }
                }
                process.signal(SIGINT)
                #expect(try await process.waitForEnd(within: 30) == 0)
                #expect(try read(path, fields).count > 10)
                #expect(try faults(path) == "")
                #expect(process.output.contains(" 0 dropped; "))
                #expect(try await daemon.terminate() == 0)
            }
        }

        @Test func `A packet over a router is discarded with its TTL, and one peer is chosen`()
            async throws
        {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try scene.say(Examination.packet(), ttl: 64)
                try await scene.daemon.start()
                try scene.daemon.command("peer", "add", "other", "10.9.1.7")
                let path = lab.folder.appending(path: "tor.pcapng").path
                // A file that is there already, and open to all.
                let files = FileManager.default
                #expect(
                    files.createFile(
                        atPath: path, contents: Data(repeating: 1, count: 1_000_000),
                        attributes: [.posixPermissions: 0o666]))
                let capture = try scene.daemon.result(
                    "capture", "-w", path, "--count", "30", "--json", "tor")
                #expect(capture.status == 0, "\(capture.errors)")
                #expect(capture.output.contains("\"packets\" : 30"))
                let mode = try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o600)
                let packets = try read(path, ["ip.src", "ip.dst", "ip.ttl", "frame.comment"])
                #expect(packets.count == 30)
                #expect(try faults(path) == "")
                #expect(!packets.contains { $0[1] == "10.9.1.7" })
                #expect(
                    packets.contains([
                        "10.9.1.1", "10.9.1.10", "64",
                        "discarded: ttl_not_255 (a router is in between, or it was forged from "
                            + "elsewhere); session tor",
                    ]), "\(packets)")
                #expect(packets.contains { $0[0] == "10.9.1.10" && $0[2] == "255" })
            }
        }

        @Test func `Whom nobody knows is a clear error, and costs no file`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try await scene.daemon.start()
                let path = lab.folder.appending(path: "kept").path
                try "kept".write(toFile: path, atomically: true, encoding: .utf8)
                let result = try scene.daemon.result("capture", "-w", path, "tor", "nobody")
                #expect(result.status == 1)
                #expect(result.errors.contains("no peer is named \"nobody\""))
                #expect(try String(contentsOfFile: path, encoding: .utf8) == "kept")
                let folder = try scene.daemon.result("capture", "-w", lab.folder.path)
                #expect(folder.status == 1 && folder.errors.contains("Is a directory"))
            }
        }

        @Test func `A full disk ends the capture, with a file that can be read, and nothing else`()
            async throws
        {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                _ = try lab.start(
                    "flood",
                    [
                        try BuiltProduct.path(of: "LabProbe"), "flood", Examination.own, "3784",
                        Examination.peer, "2000", Examination.packet(),
                    ], in: scene.far)
                try await scene.daemon.start()
                let script = """
                    mount -t tmpfs -o size=16k tmpfs "$1"
                    "$2" capture -w "$1/x" --socket "$3"; echo "ended with $?"
                    tshark -r "$1/x" | wc -l
                    """
                let folder = try lab.makeFolder("small")
                let result = try Command.result([
                    "unshare", "--mount", "sh", "-c", script, "sh", folder.path,
                    try BuiltProduct.path(of: "gatewatch"), scene.daemon.socket,
                ])
                let lines = result.output.split(separator: "\n").map { String($0) }
                #expect(lines.first == "ended with 1", "\(result)")
                #expect(result.errors.contains("No space left on device"))
                #expect((lines.last.flatMap { Int($0) } ?? 0) > 20, "\(result)")
                #expect(try scene.daemon.session("tor").name == "tor")
            }
        }

        @Test func `Captures end with their clients, and there are four at most`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try scene.say(Examination.packet(), ttl: 64)
                try await scene.daemon.start()
                var captures: [RunningProcess] = []
                for number in 0..<4 {
                    captures.append(
                        try await begin((lab, scene.daemon), "\(number).pcapng").process)
                }
                let fifth = try scene.daemon.result("capture", "-w", "/dev/null")
                #expect(fifth.status == 1 && fifth.errors.contains("too many captures"))
                for capture in captures { try await capture.kill9() }
                try await eventually("there is room again", within: 30) {
                    try scene.daemon.result("capture", "-w", "/dev/null", "--count", "1")
                        .status == 0
                }
                // The daemon goes in the middle of a capture: what came before is complete.
                let (last, path) = try await begin((lab, scene.daemon), "last.pcapng")
                #expect(try await scene.daemon.terminate() == 0)
                #expect(try await last.waitForEnd(within: 30) == 1)
                #expect(last.output.contains("went away"))
                #expect(try read(path, ["frame.comment"]).count > 5)
            }
        }
    }
}
