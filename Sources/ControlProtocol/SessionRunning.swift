public import BFDCore

/// What runs in a session now (RFC 9314 `session-running`).
public struct SessionRunning: Codable, Sendable, Hashable {
    /// bfd.SessionState.
    public var localState: SessionStateName
    /// bfd.RemoteSessionState.
    public var remoteState: SessionStateName
    /// bfd.LocalDiag: why we last left Up.
    public var localDiagnostic: DiagnosticName
    /// The diagnostic in the peer's last packet.
    public var remoteDiagnostic: DiagnosticName
    /// Whether what is heard from the peer is authenticated.
    public var isRemoteAuthenticated = false
    /// What the peer's packets are authenticated with; nil for nothing, or nothing heard yet.
    public var remoteAuthenticationType: AuthenticationTypeName?
    /// How loss is noticed.
    public var detectionMode: DetectionMode
    /// The interval at which we send; 0 while we send nothing.
    public var negotiatedTxInterval: Microseconds
    /// The interval at which the peer is expected to send; 0 before its first packet.
    public var negotiatedRxInterval: Microseconds
    /// The detection time in microseconds; 0 before the peer's first packet.
    public var detectionTimeMicroseconds: UInt64

    /// A state by its parts.
    public init(
        localState: SessionStateName, remoteState: SessionStateName,
        localDiagnostic: DiagnosticName, remoteDiagnostic: DiagnosticName,
        detectionMode: DetectionMode, negotiatedTxInterval: Microseconds,
        negotiatedRxInterval: Microseconds, detectionTimeMicroseconds: UInt64
    ) {
        self.localState = localState
        self.remoteState = remoteState
        self.localDiagnostic = localDiagnostic
        self.remoteDiagnostic = remoteDiagnostic
        self.detectionMode = detectionMode
        self.negotiatedTxInterval = negotiatedTxInterval
        self.negotiatedRxInterval = negotiatedRxInterval
        self.detectionTimeMicroseconds = detectionTimeMicroseconds
    }

    private enum CodingKeys: String, CodingKey {
        case localState = "local-state"
        case remoteState = "remote-state"
        case localDiagnostic = "local-diagnostic"
        case remoteDiagnostic = "remote-diagnostic"
        case isRemoteAuthenticated = "remote-authenticated"
        case remoteAuthenticationType = "remote-authentication-type"
        case detectionMode = "detection-mode"
        case negotiatedTxInterval = "negotiated-tx-interval"
        case negotiatedRxInterval = "negotiated-rx-interval"
        case detectionTimeMicroseconds = "detection-time"
    }
}
