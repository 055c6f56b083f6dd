internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Packets as large as the path must take (RFC 9764), between two daemons of ours.
    @Suite struct LargePacketTests {
        @Test(arguments: [1_500, 9_000])
        func `9764-3-01, 9764-3-02, 9764-3-05: whole packets of zeros that nobody may cut`(
            size: Int
        ) async throws {
            try await withLab { lab in
                let network = try RoutedPair(in: lab, mtu: size)
                let capture = try await Capture(
                    in: lab, network.router, interfaces: ["near-side"], filter: "udp port 4784")
                let keys = "pdu-size: \(size)"
                let daemons = try [network.near, network.far].map {
                    try network.daemon(in: $0, keys: keys)
                }
                for daemon in daemons { try await daemon.start() }
                for daemon in daemons { try await daemon.waitForAll("up") }
                try await capture.stop()
                let rows = try fields(
                    capture,
                    [
                        "ip.len", "ip.flags.df", "ipv6.plen", "bfd.message_length", "udp.payload",
                        "ip.flags.mf",
                    ])
                #expect(rows.contains { $0[0].isEmpty } && rows.contains { $0[2].isEmpty })
                for row in rows {
                    if row[2].isEmpty {
                        #expect(row[0] == "\(size)")
                        #expect(["1", "True"].contains(row[1]) && ["0", "False"].contains(row[5]))
                    } else {
                        #expect(row[2] == "\(size - 40)")
                    }
                    #expect(row[3] == "24")
                    #expect(row[4].dropFirst(48).allSatisfy { $0 == "0" })
                }
            }
        }

        @Test
        func `9764-4.1-01: a path too narrow takes the session down, a wide one brings it up`()
            async throws
        {
            try await withLab { lab in
                let network = try RoutedPair(in: lab)
                let daemons = try [network.near, network.far].map {
                    try network.daemon(in: $0, keys: "pdu-size: 1500")
                }
                for daemon in daemons { try await daemon.start() }
                for daemon in daemons { try await daemon.waitForAll("up") }
                // The router tells by ICMP; packets without padding would still pass.
                try RoutedPair.setMTU(1_400, of: "far-side", in: network.router)
                for daemon in daemons { try await daemon.waitForAll("down") }
                let diagnostic = try daemons[1].session("peer").running.localDiagnostic
                #expect(["control-expiry", "neighbor-down"].contains(diagnostic))
                try RoutedPair.setMTU(1_500, of: "far-side", in: network.router)
                for daemon in daemons { try await daemon.waitForAll("up") }
            }
        }

        @Test func `9764-3-05: what our own link cannot take is counted, and the peer notices`()
            async throws
        {
            try await withLab { lab in
                let network = try RoutedPair(in: lab)
                let near = try network.daemon(in: network.near, keys: "pdu-size: 1500")
                let far = try network.daemon(in: network.far)
                try await near.start()
                try await far.start()
                try await near.waitForAll("up")
                try RoutedPair.setMTU(1_400, of: "up", in: network.near)
                try await far.waitForAll("down")
                try await eventually("refusals are counted") {
                    try near.status().sessions.allSatisfy { $0.statistics.failedPacketCount > 0 }
                }
                try await near.waitForAll("down")
                try RoutedPair.setMTU(1_500, of: "up", in: network.near)
                try await near.waitForAll("up")
            }
        }

        private func fields(_ capture: Capture, _ names: [String]) throws -> [[String]] {
            let output = try Command.run(
                ["tshark", "-r", capture.file.path, "-Y", "bfd", "-T", "fields"]
                    + ["-E", "separator=;"] + names.flatMap { ["-e", $0] })
            return output.split(separator: "\n").map { line in
                line.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
            }
        }
    }
}
