internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// What answers take is not kept for ever.
    @Suite struct ClientCodeTests {
        /// How much of the program itself is in memory, but for what it may write to, in KiB.
        private func residentCode(_ daemon: GatewatchDaemon) throws -> Int {
            let maps = try String(
                contentsOfFile: "/proc/\(daemon.processIdentifier)/smaps", encoding: .utf8)
            var sum = 0
            var isCode = false
            for line in maps.split(separator: "\n") {
                let words = line.split(separator: " ")
                if words.count == 6, words[1].count == 4 {
                    isCode = words[5].hasSuffix("/gatewatch") && !words[1].contains("w")
                }
                if isCode, words[0] == "Rss:" { sum += Int(words[1]) ?? 0 }
            }
            return sum
        }

        @Test func `Code that only clients need is given back when nobody asks any more`()
            async throws
        {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                try await network.bird.start()
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(network.node.name)
                        stop-hold: 0s
                        defaults:
                          desired-min-tx-interval: 50ms
                          required-min-rx-interval: 50ms
                          local-multiplier: 100
                        peers: [{name: bird, dest-addr: 10.9.1.1, source-addr: 10.9.1.10}]
                        """)
                try await daemon.start()
                try await eventually("it has begun, and given back what that took") {
                    daemon.output.contains("running: 1 peers")
                }
                try await daemon.waitForAll("up")
                let isLocked = try !daemon.processStatus("VmLck")[0].hasPrefix("0 ")
                // Looked at after each: when the machine stood still, it may be given back already.
                var most = 0
                for _ in 0..<10 {
                    try daemon.command("routes", "--json")
                    most = try max(most, residentCode(daemon))
                }
                try await eventually("a megabyte is given back, of \(most) KiB", within: 60) {
                    try residentCode(daemon) <= most - 1_024
                }
                #expect(try !daemon.processStatus("VmLck")[0].hasPrefix("0 ") == isLocked)
                #expect(try daemon.session("bird").statistics.downCount == 0)
                #expect(try daemon.session("bird").running.localState == "up")
            }
        }
    }
}
