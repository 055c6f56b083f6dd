internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// More sessions than the usual limit of descriptors.
    @Suite struct ManySessionsTests {
        private func daemon(in lab: Lab, peers: Int) throws -> GatewatchDaemon {
            let node = try lab.namespace("node")
            let list = (1...peers).map { "  - {dest-addr: 127.1.\($0 >> 8).\($0 & 255)}\n" }
            return try GatewatchDaemon(
                in: lab,
                configuration: "namespace: \(node.name)\nstop-hold: 0s\npeers:\n"
                    + list.joined())
        }

        @Test func `Sessions are not limited by a soft limit of 1024 descriptors`() async throws {
            try await withLab { lab in
                let daemon = try daemon(in: lab, peers: 1_200)
                daemon.wrapper = ["prlimit", "--nofile=1024:8192"]
                try await daemon.start()
                let sessions = try daemon.status().sessions
                #expect(sessions.count == 1_200)
                let ports = sessions.compactMap(\.sourcePort).filter { $0 >= 49_152 }
                #expect(Set(ports).count == 1_200)
                #expect(try await daemon.terminate() == 0)
            }
        }

        @Test func `A hard limit below the need is an error that names both`() async throws {
            try await withLab { lab in
                let daemon = try daemon(in: lab, peers: 100)
                daemon.wrapper = ["prlimit", "--nofile=128:300"]
                let (status, output) = try await daemon.startAndFail()
                #expect(status == 1)
                #expect(output.contains("356 descriptors are needed, 100 of them as sockets"))
                #expect(output.contains("the hard limit is 300"))
                #expect(output.contains("LimitNOFILE=356"))
            }
        }

        @Test func `The status tells how late packets left, and what was lost`() async throws {
            try await withLab { lab in
                let daemon = try daemon(in: lab, peers: 3)
                try await daemon.start()
                try await eventually("packets have left") {
                    try daemon.status().punctuality?.transmitLateness.count ?? 0 > 2
                }
                let punctuality = try #require(try daemon.status().punctuality)
                #expect(punctuality.receiveDropCount == 0)
                let lateness = punctuality.transmitLateness
                #expect(lateness.buckets.count == 16)
                #expect(lateness.buckets.map(\.count).reduce(0, +) == lateness.count)
                let name = try #require(try daemon.status().sessions.first?.name)
                let text = try daemon.command("status", name)
                #expect(text.contains("sent late by") && text.contains("detected late by"))
                #expect(try daemon.command("status").contains("lost on arrival"))
            }
        }
    }
}
