extension Request {
    /// What carries it over HTTP.
    public var operation: ControlOperation {
        switch self {
        case .version: .version
        case .status(let peer): peer == nil ? .sessions : .session
        case .explain(_, let rows): rows.isEmpty ? .doctor : .doctorWithRows
        case .routes: .routes
        case .events: .events
        case .capture: .capture
        case .enablePeer, .disablePeer: .changeSession
        case .signalPeer: .signalSession
        case .reload: .reload
        case .editPeer(let edit): edit.operation
        case .drain: .drain
        case .undrain: .undrain
        case .drainProgress: .drainProgress
        }
    }

    /// Path and query as they are sent.
    public var target: String {
        let pieces = operation.path.split(separator: "/").map { piece in
            piece == "{peer}" ? pathPeer?.percentEncoded ?? "" : String(piece)
        }
        return "/" + pieces.joined(separator: "/") + query
    }

    /// The body as it is sent; nil for none.
    public var body: (any Encodable & Sendable)? {
        switch self {
        case .enablePeer: SessionChange(isAdministrativelyDown: false)
        case .disablePeer: SessionChange(isAdministrativelyDown: true)
        case .signalPeer(_, let signal): SignalOrder(signal: signal)
        case .explain(_, let rows): rows.isEmpty ? nil : ExplanationOrder(ovnRows: rows)
        case .editPeer(let edit): edit.body
        case .version, .status, .routes, .events, .capture: nil
        case .reload, .drain, .undrain, .drainProgress: nil
        }
    }

    private var pathPeer: String? {
        switch self {
        case .status(let peer): peer
        case .enablePeer(let name), .disablePeer(let name), .signalPeer(let name, _): name
        case .editPeer(let edit): edit.peer
        case .version, .explain, .routes, .events, .capture: nil
        case .reload, .drain, .undrain, .drainProgress: nil
        }
    }

    private var query: String {
        var parts: [String] = []
        switch self {
        case .explain(let peer, _):
            if let peer { parts.append("peer=\(peer.percentEncoded)") }
        case .events(let follow, let since):
            if follow { parts.append("follow=true") }
            if let since { parts.append("since=\(since)") }
        case .capture(let peers): parts = peers.map { "peer=\($0.percentEncoded)" }
        case .reload(let isDryRun, let discardsUnsaved):
            if isDryRun { parts.append("dry-run=true") }
            if discardsUnsaved { parts.append("discard=true") }
        case .editPeer(let edit):
            if edit.saves { parts.append("save=true") }
        case .version, .status, .routes, .enablePeer, .disablePeer, .signalPeer: break
        case .drain, .undrain, .drainProgress: break
        }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }
}

extension String {
    /// With everything but letters, digits and `-._~` as `%XX` (RFC 3986 §2.1).
    fileprivate var percentEncoded: String {
        let digits = Array("0123456789ABCDEF")
        return utf8.reduce(into: "") { text, byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain = byte < 0x80 && (character.isLetter || character.isNumber)
            if isPlain || "-._~".contains(character) {
                text.append(character)
            } else {
                text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }
}
