internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// What a service manager hears, and what it may conclude.
    @Suite struct SupervisionTests {
        /// Listens as systemd does, and prints what it hears, a datagram a line.
        private static let manager = """
            import socket, sys
            name = sys.argv[1]
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            listener.bind(chr(0) + name[1:] if name.startswith("@") else name)
            print("listening", flush=True)
            while True:
                print(listener.recv(4096).decode().replace("\\n", " "), flush=True)
            """

        private func listen(_ lab: Lab, _ name: String) async throws -> RunningProcess {
            let manager = try lab.start("manager", ["python3", "-uc", Self.manager, name])
            try await eventually("the manager listens") { manager.output.contains("listening") }
            return manager
        }

        private func daemon(_ lab: Lab, _ node: Namespace, _ socket: String) throws
            -> GatewatchDaemon
        {
            let daemon = try GatewatchDaemon(
                in: lab,
                configuration: """
                    namespace: \(node.name)
                    stop-hold: 0s
                    peers: [{dest-addr: 10.9.1.1}]
                    """)
            daemon.wrapper = ["env", "NOTIFY_SOCKET=\(socket)", "WATCHDOG_USEC=400000"]
            return daemon
        }

        private func pings(_ manager: RunningProcess) -> Int {
            manager.output.split(separator: "\n").count { $0.hasPrefix("WATCHDOG=1") }
        }

        @Test(arguments: [false, true])
        func `READY comes when all serves, STOPPING before the end`(_ isAbstract: Bool) async throws
        {
            try await withLab { lab in
                let node = try lab.namespace("node")
                let socket =
                    isAbstract
                    ? "@gwt-\(lab.identifier)" : lab.folder.appending(path: "notify").path
                let manager = try await listen(lab, socket)
                let daemon = try daemon(lab, node, socket)
                try await daemon.start()
                try await eventually("READY and signs of life") {
                    manager.output.contains("READY=1 STATUS=serving") && pings(manager) > 3
                }
                #expect(try await daemon.terminate() == 0)
                let lines = manager.output.split(separator: "\n")
                let ready = try #require(lines.firstIndex { $0.hasPrefix("READY=1") })
                let stopping = try #require(lines.firstIndex { $0.hasPrefix("STOPPING=1") })
                #expect(ready < stopping)
                #expect(lines[..<ready].allSatisfy { !$0.hasPrefix("WATCHDOG") })
            }
        }

        @Test(arguments: ["gw-engine", "gw-routes"])
        func `The watchdog hears nothing while a thread hangs, though status is answered`(
            _ name: String
        ) async throws {
            try await withLab { lab in
                let node = try lab.namespace("node")
                let socket = lab.folder.appending(path: "notify").path
                let manager = try await listen(lab, socket)
                let daemon = try daemon(lab, node, socket)
                try await daemon.start()
                try await eventually("signs of life") { pings(manager) > 1 }
                let holder = try await daemon.hold(threadNamed: name, in: lab)
                // An answer may have been under way.
                try await Task.sleep(for: .milliseconds(300))
                let before = pings(manager)
                try await Task.sleep(for: .milliseconds(600))
                #expect(pings(manager) == before)
                #expect(try daemon.result("events").status == 0)
                try await holder.kill9()
                try await eventually("it goes on") { pings(manager) > before + 2 }
            }
        }
    }
}
