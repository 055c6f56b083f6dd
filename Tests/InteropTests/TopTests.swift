internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// `gatewatch top` in a terminal, against a running daemon.
    @Suite struct TopTests {
        /// A terminal of tmux that runs a script.
        private final class Screen {
            private let name: String

            init(_ lab: Lab, _ script: String) async throws {
                name = "gwt-\(lab.identifier)"
                let file = lab.folder.appending(path: "screen.sh").path
                try script.write(toFile: file, atomically: true, encoding: .utf8)
                // In the foreground, so that it ends with the lab.
                _ = try lab.start("tmux", ["tmux", "-u", "-L", name, "-f", "/dev/null", "-D"])
                try await eventually("tmux is there", within: 30) {
                    try Command.result(["tmux", "-L", name, "show-options", "-s"]).status == 0
                }
                try tmux("new-session", "-d", "-x", "80", "-y", "24", "sh", file)
            }

            @discardableResult
            func tmux(_ arguments: String...) throws -> String {
                try Command.run(["tmux", "-u", "-L", name, "-f", "/dev/null"] + arguments)
            }

            /// The screen, line by line.
            func lines() throws -> [String] {
                try tmux("capture-pane", "-p").split(
                    separator: "\n", omittingEmptySubsequences: false
                ).map { String($0) }
            }

            /// Waits until a line has these words in this order.
            func expect(_ words: String...) async throws {
                try await eventually("\(words) on \((try? lines()) ?? [])", within: 30) {
                    try lines().contains { line in
                        var rest = line[...]
                        return words.allSatisfy { word in
                            guard let range = rest.range(of: word) else { return false }
                            rest = rest[range.upperBound...]
                            return true
                        }
                    }
                }
            }

            /// Whether the screen is the ordinary one, with a cursor and line breaks.
            func isOrdinary() throws -> Bool {
                let flags = "#{alternate_on}#{cursor_flag}#{wrap_flag}"
                return try tmux("display-message", "-p", flags).hasPrefix("011")
            }
        }

        /// Runs `top` three times: for a key, SIGTERM and a trap to end it.
        private func script(_ daemon: GatewatchDaemon, _ folder: String) throws -> String {
            let top = "\(try BuiltProduct.path(of: "gatewatch")) top --socket \(daemon.socket)"
            let once = "sh -c 'echo $$ >\(folder)/pid; exec \(top)'"
            return """
                stty -a >\(folder)/before
                \(once); echo "QUIT $?"; stty -a >\(folder)/quit
                \(once); echo "TERMINATED $?"; stty -a >\(folder)/terminated
                \(once); echo "TRAPPED $?"; stty -a >\(folder)/trapped
                sleep 600
                """
        }

        @Test func `It shows Up, Down and a daemon that went, and leaves the terminal as it was`()
            async throws
        {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                try await network.bird.start()
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(network.node.name)
                        peers: [{name: tor, dest-addr: 10.9.1.1}]
                        routes: [{prefix: 0.0.0.0/0, next-hops: [{peer: tor}]}]
                        """)
                try await daemon.start()
                let folder = try lab.makeFolder("screen").path
                let screen = try await Screen(lab, try script(daemon, folder))
                try await screen.expect("tor", "10.9.1.1", "up", "both ends hear each other")
                try await screen.expect("route", "0.0.0.0/0 installed, 1 of 1 next hops")
                try await screen.expect("LATEST EVENTS")
                _ = try await network.bird.kill9()
                try await screen.expect("tor", "10.9.1.1", "down")
                try await screen.expect("sessions", "0 up, 1 down")
                try await screen.expect("0.0.0.0/0 withdrawn")
                try screen.tmux("resize-window", "-x", "120", "-y", "40")
                try await screen.expect("PEER", "DETECTION", "ROUTES")
                #expect(try screen.lines().first?.count == 120)
                try await daemon.kill9()
                try await screen.expect("no answer: nobody serves the control socket")
                try await daemon.start()
                try await screen.expect("sessions", "1: 0 up, 1 down")
                #expect(try !screen.isOrdinary())
                try screen.tmux("send-keys", "q")
                try await screen.expect("QUIT 0")
                try await end(screen, "TERM", folder)
                try await screen.expect("TERMINATED 0")
                try await end(screen, "ILL", folder)
                try await screen.expect("TRAPPED 132")
                let before = try String(contentsOfFile: "\(folder)/before", encoding: .utf8)
                for name in ["quit", "terminated", "trapped"] {
                    try await eventually("\(name) is written") {
                        FileManager.default.fileExists(atPath: "\(folder)/\(name)")
                    }
                    // The size of the window was changed by the test.
                    let after = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                    #expect(settings(after) == settings(before), "\(name)")
                }
                #expect(try screen.isOrdinary())
            }
        }

        private func settings(_ text: String) -> String {
            text.split(separator: "\n").dropFirst().joined(separator: "\n")
        }

        /// Waits until `top` shows something again, and ends it by a signal.
        private func end(_ screen: Screen, _ signal: String, _ folder: String) async throws {
            try await eventually("it is on the screen", within: 30) { try !screen.isOrdinary() }
            try await screen.expect("tor", "10.9.1.1")
            let process = try String(contentsOfFile: "\(folder)/pid", encoding: .utf8)
            try Command.run([
                "kill", "-\(signal)", process.trimmingCharacters(in: .whitespacesAndNewlines),
            ])
        }

        @Test func `Without a terminal it prints frames, and JSON for programs`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try await scene.daemon.start()
                let text = try scene.daemon.command("top", "--iterations", "2")
                #expect(text.split(separator: "\n").count { $0.hasPrefix("tor ") } == 2)
                #expect(!text.contains("\u{1b}"))
                let json = try scene.daemon.command(
                    "top", "--json", "--iterations", "2", "--interval", "200ms")
                let frames = try json.split(separator: "\n").map { line in
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
                    return try #require(object as? [String: Any])
                }
                #expect(frames.count == 2)
                #expect(frames[0]["seconds"] as? Double == 0)
                #expect((frames[1]["seconds"] as? Double ?? 0) >= 0.2)
                let session = (frames[1]["sessions"] as? [[String: Any]])?.first
                #expect(session?["local-state"] as? String == "down")
                #expect(try await scene.daemon.terminate() == 0)
                let result = try scene.daemon.result("top", "--iterations", "1")
                #expect(result.status == 1 && result.errors.contains("no daemon"))
            }
        }
    }
}
