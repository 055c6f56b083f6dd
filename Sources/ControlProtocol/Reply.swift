/// What the daemon answers, whatever carries it.
///
/// As JSON: an object with one member, named for the case, such as `{"status":{…}}` or
/// `{"error":{"code":"unknown-peer",…}}`.
public enum Reply: Codable, Sendable, Hashable {
    /// Answers `Request.version`.
    case version(VersionReport)
    /// Answers `Request.status`.
    case status(StatusReport)
    /// Answers `Request.explain`.
    case explanation(ExplanationReport)
    /// Answers `Request.routes`.
    case routes(RoutesReport)
    /// One event; several of them answer `Request.events`.
    case event(EventRecord)
    /// No more events follow: the answer was not cut short.
    case end
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

    private enum CodingKeys: String, CodingKey {
        case version
        case status
        case explanation
        case routes
        case event
        case end
        case peer
        case signal
        case reload
        case edit
        case drain
        case error
    }

    /// Reads the object form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let key = container.allKeys.first else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "a reply of a kind this version does not know"))
        }
        switch key {
        case .version: self = .version(try container.decode(VersionReport.self, forKey: key))
        case .status: self = .status(try container.decode(StatusReport.self, forKey: key))
        case .explanation:
            self = .explanation(try container.decode(ExplanationReport.self, forKey: key))
        case .routes: self = .routes(try container.decode(RoutesReport.self, forKey: key))
        case .event: self = .event(try container.decode(EventRecord.self, forKey: key))
        case .end: self = .end
        case .peer: self = .peer(try container.decode(PeerReport.self, forKey: key))
        case .signal: self = .signal(try container.decode(SignalReport.self, forKey: key))
        case .reload: self = .reload(try container.decode(ReloadReport.self, forKey: key))
        case .edit: self = .edit(try container.decode(PeerEditReport.self, forKey: key))
        case .drain: self = .drain(try container.decode(DrainReport.self, forKey: key))
        case .error: self = .error(try container.decode(Failure.self, forKey: key))
        }
    }

    /// Writes the object form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .version(let report): try container.encode(report, forKey: .version)
        case .status(let report): try container.encode(report, forKey: .status)
        case .explanation(let report): try container.encode(report, forKey: .explanation)
        case .routes(let report): try container.encode(report, forKey: .routes)
        case .event(let record): try container.encode(record, forKey: .event)
        case .end: try container.encode(true, forKey: .end)
        case .peer(let report): try container.encode(report, forKey: .peer)
        case .signal(let report): try container.encode(report, forKey: .signal)
        case .reload(let report): try container.encode(report, forKey: .reload)
        case .edit(let report): try container.encode(report, forKey: .edit)
        case .drain(let report): try container.encode(report, forKey: .drain)
        case .error(let failure): try container.encode(failure, forKey: .error)
        }
    }
}
