import BFDCore
import ControlProtocol

/// What a daemon may answer.
enum Samples {
    static let now = Timestamp(microseconds: 1_795_230_891_000_042)

    static func session(
        _ name: String, _ state: SessionStateName, address: String = "10.9.0.1",
        cause: String? = "no packet for 150 ms"
    ) -> SessionStatus {
        let isUp = state == .up
        return SessionStatus(
            name: name, destinationAddress: address, sourceAddress: nil, interface: nil,
            role: .active, localDiscriminator: 7, remoteDiscriminator: isUp ? 9 : 0,
            remoteMultiplier: 3, sourcePort: 49_152, destinationPort: 3_784, localMultiplier: 3,
            desiredMinTxInterval: Microseconds(50_000),
            requiredMinRxInterval: Microseconds(50_000),
            isAdministrativelyDown: state == .adminDown,
            running: SessionRunning(
                localState: state, remoteState: isUp ? .up : .down,
                localDiagnostic: DiagnosticName(wireValue: 1),
                remoteDiagnostic: DiagnosticName(wireValue: 0),
                detectionMode: .asynchronousWithoutEcho,
                negotiatedTxInterval: Microseconds(isUp ? 50_000 : 1_000_000),
                negotiatedRxInterval: Microseconds(isUp ? 50_000 : 0),
                detectionTimeMicroseconds: isUp ? 150_000 : 0),
            statistics: SessionStatistics(
                createTime: Timestamp(microseconds: now.microseconds - 3_600_000_000),
                lastDownTime: nil,
                lastUpTime: isUp ? Timestamp(microseconds: now.microseconds - 192_000_000) : nil,
                downCount: 0, administrativelyDownCount: 0, receivedPacketCount: 10,
                sentPacketCount: 11, invalidPacketCount: 3, failedPacketCount: 0),
            discards: isUp ? ["ttl_not_255": 3, "from_the_future": 12] : [:], lastCause: cause,
            routes: isUp ? ["0.0.0.0/0"] : [])
    }

    static func report(_ sessions: [SessionStatus]) -> StatusReport {
        StatusReport(
            sessions: sessions, summary: SessionSummary(counting: sessions), discards: [:])
    }
}
