/// What the daemon answers, whatever carries it.
///
/// As JSON: what the case holds, such as a `StatusReport`; a refusal as `{"error":{…}}`.
public enum Reply: Encodable, Sendable, Hashable {
    /// Answers `Request.version`.
    case version(VersionReport)
    /// Answers `Request.status`.
    case status(StatusReport)
    /// Answers `Request.explain`.
    case explanation(ExplanationReport)
    /// Answers `Request.routes`.
    case routes(RoutesReport)
    /// Answers `Request.events`.
    case events(EventsPage)
    /// Answers `Request.capture`: packets follow, as pcapng.
    case capture
    /// Answers `Request.enablePeer` and `Request.disablePeer`.
    case peer(PeerReport)
    /// Answers `Request.signalPeer`.
    case signal(SignalReport)
    /// Answers `Request.reload`.
    case reload(ReloadReport)
    /// Answers `Request.editPeer`.
    case edit(PeerEditReport)
    /// Answers `Request.drain`, `Request.undrain` and `Request.drainProgress`.
    case drain(DrainReport)
    /// The request was refused; nothing changed.
    case error(Failure)

    /// Writes what the case holds.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .version(let report): try report.encode(to: encoder)
        case .status(let report): try report.encode(to: encoder)
        case .explanation(let report): try report.encode(to: encoder)
        case .routes(let report): try report.encode(to: encoder)
        case .events(let page): try page.encode(to: encoder)
        case .capture: try [String: String]().encode(to: encoder)
        case .peer(let report): try report.encode(to: encoder)
        case .signal(let report): try report.encode(to: encoder)
        case .reload(let report): try report.encode(to: encoder)
        case .edit(let report): try report.encode(to: encoder)
        case .drain(let report): try report.encode(to: encoder)
        case .error(let failure): try FailureReport(error: failure).encode(to: encoder)
        }
    }
}

/// A refusal as an object of its own.
public struct FailureReport: Codable, Sendable, Hashable {
    /// The refusal.
    public var error: Failure

    /// A report of a refusal.
    public init(error: Failure) {
        self.error = error
    }
}

/// A page of events, the oldest first.
public struct EventsPage: Codable, Sendable, Hashable {
    /// The events; none when there is nothing from the asked number on.
    public var events: [EventRecord]
    /// The sequence number of the last event that there has been; 0 before the first.
    public var lastSequence: UInt64

    /// How many events a page has at most.
    public static var maximumEventCount: Int { 500 }

    /// A page by its parts.
    public init(events: [EventRecord], lastSequence: UInt64) {
        self.events = events
        self.lastSequence = lastSequence
    }

    private enum CodingKeys: String, CodingKey {
        case events
        case lastSequence = "last-sequence"
    }
}
