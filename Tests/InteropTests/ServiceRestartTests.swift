internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// A service manager stops the daemon, to start it again or not.
    @Suite struct ServiceRestartTests {
        /// A message bus with systemd on it, as far as the daemon asks: which job the unit has.
        private static let bus = """
            import socket, struct, sys
            path, job = sys.argv[1], sys.argv[2]

            def variant(signature, body):
                head = bytes([len(signature)]) + signature.encode() + b"\\0"
                return head + body(len(head))

            def text(value, at):
                octets = value.encode()
                return b"\\0" * (-at % 4) + struct.pack("<I", len(octets)) + octets + b"\\0"

            def pair(at):
                return b"\\0" * (-at % 8) + struct.pack("<I", 7) + text("/job/7", 4)

            def answer(serial, signature, body):
                fields = struct.pack("<BBBBI", 5, 1, ord("u"), 0, serial)
                fields += bytes([8, 1, ord("g"), 0, 1, ord(signature), 0])
                head = struct.pack("<BBBBIII", ord("l"), 2, 0, 1, len(body), 1, len(fields))
                return (head + fields).ljust(-(-(16 + len(fields)) // 8) * 8, b"\\0") + body

            def serve(client):
                data = b""
                while b"BEGIN\\r\\n" not in data:
                    data += client.recv(4096)
                    if b"DATA\\r\\n" in data and b"BEGIN" not in data:
                        client.sendall(b"DATA\\r\\nOK 0123456789abcdef0123456789abcdef\\r\\n")
                data = data.split(b"BEGIN\\r\\n", 1)[1]
                while True:
                    while len(data) < 16:
                        more = client.recv(4096)
                        if not more:
                            return
                        data += more
                    body, serial, fields = struct.unpack("<III", data[4:16])
                    length = 16 + (fields + 7) // 8 * 8 + body
                    while len(data) < length:
                        data += client.recv(4096)
                    call, data = data[:length], data[length:]
                    if b"Hello" in call:
                        client.sendall(answer(serial, "s", text(":1.1", 0)))
                    elif b"JobType" in call:
                        kind = variant("s", lambda at: text(job, at))
                        client.sendall(answer(serial, "v", kind))
                    else:
                        client.sendall(answer(serial, "v", variant("(uo)", pair)))

            listener = socket.socket(socket.AF_UNIX)
            listener.bind(path)
            listener.listen()
            print("listening", flush=True)
            while True:
                serve(listener.accept()[0])
            """

        private func daemon(
            _ lab: Lab, _ network: TwoGateways, job: String
        ) async throws -> GatewatchDaemon {
            let bus = lab.folder.appending(path: "bus").path
            let server = try lab.start("bus", ["python3", "-uc", Self.bus, bus, job])
            try await eventually("the bus listens") { server.output.contains("listening") }
            let daemon = try network.daemon(multiplier: 100)
            daemon.configuration = daemon.configuration.replacing("50ms", with: "300ms")
            // Nobody reads what is told; that somebody could is what counts.
            daemon.wrapper = [
                "env", "NOTIFY_SOCKET=\(lab.folder.path)/notify",
                "DBUS_SYSTEM_BUS_ADDRESS=unix:path=\(bus)",
            ]
            return daemon
        }

        @Test func `A restart by systemd: the next process goes on, and peers see nothing`()
            async throws
        {
            try await withLab { lab in
                let network = try TwoGateways(
                    in: lab, timers: PeerTimers(intervalMilliseconds: 300, multiplier: 40))
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try await daemon(lab, network, job: "restart")
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer, within: 40)
                let changes = observer.changes().count
                let before = try daemon.status().sessions
                try await eventually("all peers say Up") {
                    try daemon.status().sessions.allSatisfy { $0.running.remoteState == "up" }
                }
                #expect(try await daemon.terminate() == 0)
                #expect(daemon.output.contains("restarted by the service manager"))
                try await daemon.start()
                #expect(daemon.output.contains("going on with 4 sessions"))
                let after = try daemon.status().sessions
                #expect(after.map(\.localDiscriminator) == before.map(\.localDiscriminator))
                #expect(after.map(\.sourcePort) == before.map(\.sourcePort))
                #expect(after.allSatisfy { $0.running.localState == "up" })
                #expect(observer.changes().count == changes)
                try await network.frr.waitForAll("up")
                let heard = try network.frr.view().map(\.remoteDiagnostic)
                #expect(heard.allSatisfy { $0 == "ok" })
            }
        }

        @Test func `A stop by systemd is told to the peers, and routes go first`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(
                    in: lab, timers: PeerTimers(intervalMilliseconds: 50))
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try await daemon(lab, network, job: "stop")
                daemon.configuration = daemon.configuration
                    .replacing("300ms", with: "50ms")
                    .replacing("local-multiplier: 100", with: "local-multiplier: 3")
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer, within: 40)
                #expect(try await daemon.terminate() == 0)
                #expect(!daemon.output.contains("restarted by"))
                #expect(try network.shownNextHops("-4").isEmpty)
                let heard = try network.frr.view().map(\.remoteDiagnostic)
                #expect(heard.allSatisfy { $0 == "administratively down" })
            }
        }
    }
}
