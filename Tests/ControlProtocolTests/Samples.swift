import BFDCore
import ControlProtocol
import Foundation

/// Values that several tests use.
enum Samples {
    static let time = Timestamp(microseconds: 1_795_230_891_000_042)

    static func session(
        _ name: String = "tor-a", _ state: SessionStateName = .up,
        diagnostic: DiagnosticName = DiagnosticName(wireValue: 0)
    ) -> SessionStatus {
        SessionStatus(
            name: name, destinationAddress: "10.9.0.1", sourceAddress: "10.9.0.10",
            interface: "ovnext0", role: .active, localDiscriminator: 7, remoteDiscriminator: 9,
            remoteMultiplier: 3, sourcePort: 49_152, destinationPort: 3_784, localMultiplier: 3,
            desiredMinTxInterval: Microseconds(50_000),
            requiredMinRxInterval: Microseconds(50_000), isAdministrativelyDown: false,
            running: SessionRunning(
                localState: state, remoteState: .up, localDiagnostic: diagnostic,
                remoteDiagnostic: DiagnosticName(wireValue: 17),
                detectionMode: .asynchronousWithoutEcho,
                negotiatedTxInterval: Microseconds(50_000),
                negotiatedRxInterval: Microseconds(50_000), detectionTimeMicroseconds: 150_000),
            statistics: SessionStatistics(
                createTime: time, lastDownTime: nil, lastUpTime: time, downCount: 0,
                administrativelyDownCount: 0, receivedPacketCount: 10, sentPacketCount: 11,
                invalidPacketCount: 3, failedPacketCount: 0),
            discards: ["ttl_not_255": 3], lastCause: "the peer answered", routes: ["0.0.0.0/0"])
    }

    /// A value as text of JSON, keys in alphabetical order.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    /// The keys of a JSON object, as a set.
    static func keys(_ object: Any?) -> Set<String> {
        Set((object as? [String: Any])?.keys.map(\.self) ?? [])
    }

    static var status: StatusReport {
        var report = StatusReport(
            sessions: [session()], summary: SessionSummary(counting: [session()]),
            discards: ["no_session": 2])
        var configuration = ConfigurationStatus(file: "a.yaml", since: time)
        configuration.errors = ["a.yaml:1:1: error: no"]
        configuration.refusedAt = time
        configuration.needsRestart = ["namespace"]
        configuration.unsaved = reload.unsaved
        report.configuration = configuration
        report.isDrained = false
        return report
    }

    static var reload: ReloadReport {
        var report = ReloadReport(file: "a.yaml", outcome: .applied)
        report.peers.added = ["tor-c"]
        report.peers.changed = [.init(name: "tor-a", changes: ["role active -> passive"])]
        report.peers.removed = ["tor-b"]
        report.peers.unchangedCount = 7
        report.settings = [.init(key: "namespace", from: "a", to: "b", needsRestart: true)]
        report.unsaved = [UnsavedPeer(name: "tor-x", change: .added, settings: ["role: passive"])]
        report.dropped = [UnsavedPeer(name: "tor-y", change: .removed)]
        report.warnings = ["doubtful"]
        return report
    }
}
