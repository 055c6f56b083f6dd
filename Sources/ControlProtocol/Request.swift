/// What a client asks of the daemon, whatever carries it.
///
/// As JSON: one object whose `request` names the question, such as
/// `{"request":"status","peer":"tor-a"}`.
public enum Request: Sendable, Hashable {
    /// Who is there; answered with `Reply.version`.
    case version
    /// All sessions, or the one of the peer with this name; answered with `Reply.status`.
    case status(peer: String?)
    /// Why sessions are not Up, all of them or the one of the peer with this name; answered with
    /// `Reply.explanation` after up to two seconds of looking. Rows of OVN's database help.
    case explain(peer: String?, ovnRows: [OVNRowReport])
    /// Wanted routes next to installed ones; answered with `Reply.routes`.
    case routes
    /// Kept events from sequence number `since` on, all of them when it is nil, and with `follow`
    /// every later one as it happens; answered with `Reply.event` each, then `Reply.end`.
    case events(follow: Bool, since: UInt64?)
    /// Takes AdminDown away from a peer's session; answered with `Reply.peer`.
    case enablePeer(name: String)
    /// Sets a peer's session AdminDown; answered with `Reply.peer`.
    case disablePeer(name: String)
    /// Tells a peer's session what is known outside BFD; answered with `Reply.signal`.
    case signalPeer(name: String, signal: PeerSignal)
    /// Reads the configuration again; answered with `Reply.reload`. A dry run only says what would
    /// change; what was changed at run time and not saved gives way where `discardsUnsaved`.
    case reload(isDryRun: Bool, discardsUnsaved: Bool)
    /// Changes a peer at run time; answered with `Reply.edit`.
    case editPeer(PeerEdit)
    /// Withdraws the routes and takes all sessions out of service; answered at once with
    /// `Reply.drain`, and `drainProgress` tells of the rest.
    case drain
    /// Takes everything back into service; answered with `Reply.drain`.
    case undrain
    /// How far the peers have moved; answered with `Reply.drain`.
    case drainProgress

    /// The longest request in octets that a daemon reads; a longer one is refused as `too-large`.
    public static var maximumByteCount: Int { 65_536 }
}

extension Request: Codable {
    private enum Name: String, Codable {
        case version
        case status
        case explain
        case routes
        case events
        case enablePeer = "peer-enable"
        case disablePeer = "peer-disable"
        case signalPeer = "peer-signal"
        case reload
        case editPeer = "peer-edit"
        case drain
        case undrain
        case drainProgress = "drain-progress"
    }

    private enum CodingKeys: String, CodingKey {
        case request
        case peer
        case follow
        case since
        case signal
        case ovnRows = "ovn-bfd"
        case isDryRun = "dry-run"
        case discardsUnsaved = "discard"
        case edit
    }

    /// Reads the object form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Name.self, forKey: .request) {
        case .version: self = .version
        case .status:
            self = .status(peer: try container.decodeIfPresent(String.self, forKey: .peer))
        case .explain:
            self = .explain(
                peer: try container.decodeIfPresent(String.self, forKey: .peer),
                ovnRows: try container.decodeIfPresent([OVNRowReport].self, forKey: .ovnRows)
                    ?? [])
        case .routes: self = .routes
        case .events:
            self = .events(
                follow: try container.decodeIfPresent(Bool.self, forKey: .follow) ?? false,
                since: try container.decodeIfPresent(UInt64.self, forKey: .since))
        case .enablePeer:
            self = .enablePeer(name: try container.decode(String.self, forKey: .peer))
        case .disablePeer:
            self = .disablePeer(name: try container.decode(String.self, forKey: .peer))
        case .signalPeer:
            self = .signalPeer(
                name: try container.decode(String.self, forKey: .peer),
                signal: try container.decode(PeerSignal.self, forKey: .signal))
        case .reload:
            self = .reload(
                isDryRun: try container.decodeIfPresent(Bool.self, forKey: .isDryRun) ?? false,
                discardsUnsaved: try container.decodeIfPresent(Bool.self, forKey: .discardsUnsaved)
                    ?? false)
        case .editPeer: self = .editPeer(try container.decode(PeerEdit.self, forKey: .edit))
        case .drain: self = .drain
        case .undrain: self = .undrain
        case .drainProgress: self = .drainProgress
        }
    }

    /// Writes the object form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .version: try container.encode(Name.version, forKey: .request)
        case .status(let peer):
            try container.encode(Name.status, forKey: .request)
            try container.encodeIfPresent(peer, forKey: .peer)
        case .explain(let peer, let rows):
            try container.encode(Name.explain, forKey: .request)
            try container.encodeIfPresent(peer, forKey: .peer)
            if !rows.isEmpty { try container.encode(rows, forKey: .ovnRows) }
        case .routes: try container.encode(Name.routes, forKey: .request)
        case .events(let follow, let since):
            try container.encode(Name.events, forKey: .request)
            try container.encode(follow, forKey: .follow)
            try container.encodeIfPresent(since, forKey: .since)
        case .enablePeer(let name):
            try container.encode(Name.enablePeer, forKey: .request)
            try container.encode(name, forKey: .peer)
        case .disablePeer(let name):
            try container.encode(Name.disablePeer, forKey: .request)
            try container.encode(name, forKey: .peer)
        case .signalPeer(let name, let signal):
            try container.encode(Name.signalPeer, forKey: .request)
            try container.encode(name, forKey: .peer)
            try container.encode(signal, forKey: .signal)
        case .reload(let isDryRun, let discardsUnsaved):
            try container.encode(Name.reload, forKey: .request)
            try container.encode(isDryRun, forKey: .isDryRun)
            try container.encode(discardsUnsaved, forKey: .discardsUnsaved)
        case .editPeer(let edit):
            try container.encode(Name.editPeer, forKey: .request)
            try container.encode(edit, forKey: .edit)
        case .drain: try container.encode(Name.drain, forKey: .request)
        case .undrain: try container.encode(Name.undrain, forKey: .request)
        case .drainProgress: try container.encode(Name.drainProgress, forKey: .request)
        }
    }
}
