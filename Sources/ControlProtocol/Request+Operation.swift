extension Request {
    /// What carries it over HTTP.
    public var operation: ControlOperation {
        switch self {
        case .version: .version
        case .status(let peer): peer == nil ? .sessions : .session
        case .explain(_, let rows): rows.isEmpty ? .doctor : .doctorWithRows
        case .routes: .routes
        case .events: .events
        case .enablePeer, .disablePeer: .changeSession
        case .signalPeer: .signalSession
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
        case .version, .status, .routes, .events: nil
        }
    }

    private var pathPeer: String? {
        switch self {
        case .status(let peer): peer
        case .enablePeer(let name), .disablePeer(let name), .signalPeer(let name, _): name
        case .version, .explain, .routes, .events: nil
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
        case .version, .status, .routes, .enablePeer, .disablePeer, .signalPeer: break
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
