internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Gatewatch
internal import LinuxSystem
internal import RouteCore

extension DaemonConfiguration.Peer {
    /// The peer that stands for a session of a beacon.
    ///
    /// `profile: ovn`: such a peer counts in whole milliseconds, and may hold on to what a run
    /// before was known by.
    init(_ entry: OpenBFDD.Entry, minimumTTL: UInt8) {
        self.init(name: entry.name, destinationAddress: entry.remote)
        sourceAddress = entry.local
        desiredMinTxInterval = entry.settings.minTx
        requiredMinRxInterval = entry.settings.minRx
        localMultiplier = entry.settings.multiplier
        isControlPlaneIndependent = entry.settings.isControlPlaneIndependent
        role = entry.isActive ? .active : .passive
        self.minimumTTL = minimumTTL
        profile = .ovn
    }
}

extension OpenBFDD.Session {
    /// A session as its peer stands; as nothing has been heard where there is none.
    init(_ entry: OpenBFDD.Entry, _ peer: PeerSnapshot?, at now: Instant) {
        let learned = peer?.snapshot.learnedSource.map { HostAddress($0) }
        self.init(entry, local: entry.local ?? learned ?? Self.ownAddress(to: entry.remote))
        guard let session = peer?.snapshot.session else { return }
        state = session.state
        diagnostic = session.localDiagnostic.rawValue
        remoteState = session.remoteState
        remoteDiagnostic = session.remoteDiagnostic.rawValue
        localDiscriminator = session.localDiscriminator
        remoteDiscriminator = session.remoteDiscriminator
        millisecondsInState = (now.nanoseconds - session.lastStateChange.nanoseconds) / 1_000_000
        transmitInterval = session.transmitInterval
        detectionTime = UInt64(max(session.effectiveDetectionTime.count, 0) / 1_000)
        desiredMinTxInterval = session.desiredMinTxInterval
        requiredMinRxInterval = session.requiredMinRxInterval
        remoteMultiplier = session.remoteDetectMultiplier
        remoteDesiredMinTxInterval = session.remoteDesiredMinTxInterval
        remoteRequiredMinRxInterval =
            session.remoteDiscriminator == 0 ? Microseconds(0) : session.remoteMinRxInterval
    }

    /// The address that the kernel would choose, until the peer has said which one it means.
    private static func ownAddress(to remote: HostAddress) -> HostAddress {
        TCPConnection.sourceAddress(to: SocketAddress(remote)).map { HostAddress($0) }
            ?? (remote.family == .ipv4 ? HostAddress(ipv4: 0) : HostAddress(ipv6: 0))
    }
}
