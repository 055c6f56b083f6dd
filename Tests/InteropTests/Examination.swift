internal import Foundation
internal import TestSupport
internal import Testing

/// A node with one peer address at the far end of a cable, where a test makes up who is there.
///
///     node 10.9.1.10 ── uplink ── down ── far 10.9.1.1
struct Examination {
    static let peer = "10.9.1.1"
    static let own = "10.9.1.10"

    let lab: Lab
    let node: Namespace
    let far: Namespace
    let daemon: GatewatchDaemon

    /// Builds it with a peer of these settings, as YAML; the daemon is not started.
    init(in lab: Lab, _ settings: String = "", peer: String = Self.peer) throws {
        self.lab = lab
        node = try lab.namespace("node")
        far = try lab.namespace("far")
        try lab.link(
            LinkEnd(node, "uplink", "10.9.1.10/24", "fd09:1::10/64"),
            LinkEnd(far, "down", "10.9.1.1/24", "fd09:1::1/64"))
        daemon = try GatewatchDaemon(
            in: lab,
            configuration: """
                namespace: \(node.name)
                stop-hold: 100ms
                peers:
                  - {name: tor, dest-addr: "\(peer)"\(settings.isEmpty ? "" : ", " + settings)}
                """)
    }

    /// A sender at the far end that never listens: a packet as hexadecimal digits.
    @discardableResult
    func say(_ packet: String, ttl: Int = 255, port: Int = 3784) throws -> RunningProcess {
        try lab.start(
            "say",
            [
                try BuiltProduct.path(of: "LabProbe"), "say", Self.own, "\(port)", "\(ttl)", packet,
            ], in: far)
    }

    /// The causes that `doctor` tells of the peer.
    func causes() throws -> [Cause] {
        let report = try daemon.doctor()
        let sessions = report.checks.first { $0.name == "sessions" }
        return sessions?.findings.filter { $0.subject == "tor" } ?? []
    }

    /// Waits until a cause with these words is told first, and expects the same of `status`; prints
    /// what an operator sees.
    func expect(
        _ code: String, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        var last: [Cause] = []
        do {
            try await eventually("\(code) is told", within: 20) {
                last = try causes()
                guard let cause = last.first, cause.code == code else { return false }
                let text = [cause.evidence ?? "", cause.cause, cause.nextStep]
                    .joined(separator: " ").lowercased()
                return words.allSatisfy { text.contains($0.lowercased()) }
            }
        } catch {
            Issue.record(
                "\(code) \(words) is not told, but \(last)", sourceLocation: sourceLocation)
            return
        }
        let text = try daemon.command("status", "tor")
        print("cause \(code):\n\(Self.why(text))\n")
        #expect(Self.why(text).contains("[\(code)]"), "\(text)", sourceLocation: sourceLocation)
    }

    /// The part of a status that explains.
    static func why(_ status: String) -> String {
        status.components(separatedBy: "\n\nwhy").dropFirst().joined()
    }

    /// A Control packet without options, Down or whatever `state` says.
    static func packet(
        state: UInt8 = 1, flags: UInt8 = 0, my: UInt32 = 0x0a0b_0c0d, your: UInt32 = 0,
        requiredMinRx: UInt32 = 1_000_000
    ) -> String {
        let words: [UInt32] = [my, your, 1_000_000, requiredMinRx, 0]
        let head: [UInt8] = [0x20, state << 6 | flags, 3, 24]
        let octets =
            head + words.flatMap { word in (0..<4).map { UInt8(word >> (24 - 8 * $0) & 0xff) } }
        return octets.map { String(format: "%02x", $0) }.joined()
    }
}
