internal import Foundation

/// A datagram every millisecond to many addresses of a server, which returns them.
public final class Probe {
    private let client: RunningProcess
    private let server: RunningProcess

    /// Starts the server, then the client.
    ///
    /// The targets are `prefix` followed by 1 to `count`, such as `10.99.0.` and 64.
    public init(
        in lab: Lab, from client: Namespace, to server: Namespace, prefix: String, count: Int
    ) async throws {
        let tool = try BuiltProduct.path(of: "LabProbe")
        let echo = try lab.start("echo", [tool, "echo", "7000"], in: server)
        try await eventually("the server is ready") { echo.output.contains("ready") }
        let sender = try lab.start(
            "probe", [tool, "client", prefix, "\(count)", "7000"], in: client)
        try await eventually("the client is ready") { sender.output.contains("ready") }
        self.server = echo
        self.client = sender
    }

    /// Ends the probe and says what was lost.
    public func stop() async throws -> ProbeReport {
        client.signal(SIGTERM)
        try await client.waitForEnd()
        try await server.kill9()
        return ProbeReport(text: client.output)
    }
}

/// What became of a probe's datagrams.
public struct ProbeReport: Sendable {
    /// How many were sent.
    public let sent: Int
    /// When the ones that never came back were sent: wall-clock nanoseconds.
    public let losses: [Int64]

    init(text: String) {
        var sent = 0
        var losses: [Int64] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first == "sent", words.count == 2 { sent = Int(words[1]) ?? 0 }
            if words.first == "lost", words.count == 3, let time = Int64(words[1]) {
                losses.append(time)
            }
        }
        self.sent = sent
        self.losses = losses
    }
}
