/// Which clients share which sessions: one session a path, however many clients (RFC 5882 §2).
///
/// `Name` names a client, `Key` a path. Sessions are numbered from 1 on, never twice.
public struct ClientRegistry<Name: Hashable & Sendable, Key: Hashable & Sendable>: Sendable {
    /// What a registration means for the engine.
    public enum Change: Sendable, Hashable {
        /// The path has no session yet: make one.
        case start(session: Int, SessionConfiguration)
        /// The session goes on, with these parameters.
        case adjust(session: Int, SessionConfiguration)
        /// Nobody wants the session any more: remove it.
        case end(session: Int)
    }

    private struct Client: Sendable {
        var name: Name
        var configuration: SessionConfiguration
    }

    private struct Shared: Sendable {
        var key: Key
        /// Kept in place: most sessions have but one.
        var first: Client
        var others: [Client] = []

        var configuration: SessionConfiguration {
            var combined = first.configuration
            for client in others { combined.combine(with: client.configuration) }
            return combined
        }
    }

    private var sessions: [Int: Shared] = [:]
    private var byKey: [Key: Int] = [:]
    private var byName: [Name: Int] = [:]
    private var lastSession = 0

    /// A registry without clients.
    public init() {}

    /// Registers a client for a path; `nil` when the name is taken.
    public mutating func add(
        _ name: Name, on key: Key, _ configuration: SessionConfiguration
    ) -> Change? {
        guard byName[name] == nil else { return nil }
        let client = Client(name: name, configuration: configuration)
        if let session = byKey[key] {
            byName[name] = session
            sessions[session]?.others.append(client)
            return adjustment(of: session)
        }
        lastSession += 1
        byName[name] = lastSession
        byKey[key] = lastSession
        sessions[lastSession] = Shared(key: key, first: client)
        return .start(session: lastSession, configuration)
    }

    /// Changes what a client wants; `nil` when there is none of that name.
    public mutating func update(_ name: Name, _ configuration: SessionConfiguration) -> Change? {
        guard let session = byName[name] else { return nil }
        if sessions[session]?.first.name == name {
            sessions[session]?.first.configuration = configuration
        } else if let place = place(of: name, in: session) {
            sessions[session]?.others[place].configuration = configuration
        }
        return adjustment(of: session)
    }

    /// Forgets a client; `nil` when there is none of that name.
    public mutating func remove(_ name: Name) -> Change? {
        guard let session = byName.removeValue(forKey: name) else { return nil }
        if let place = place(of: name, in: session) {
            sessions[session]?.others.remove(at: place)
        } else if let next = sessions[session]?.others.first {
            sessions[session]?.first = next
            sessions[session]?.others.removeFirst()
        } else {
            if let shared = sessions.removeValue(forKey: session) { byKey[shared.key] = nil }
            return .end(session: session)
        }
        return adjustment(of: session)
    }

    /// The session of a client.
    public func session(of name: Name) -> Int? { byName[name] }

    /// What a client wants.
    public func configuration(of name: Name) -> SessionConfiguration? {
        guard let session = byName[name], let shared = sessions[session] else { return nil }
        guard let place = place(of: name, in: session) else { return shared.first.configuration }
        return shared.others[place].configuration
    }

    /// The clients of a session, in the order they came.
    public func clients(of session: Int) -> [Name] {
        guard let shared = sessions[session] else { return [] }
        return [shared.first.name] + shared.others.map(\.name)
    }

    private func adjustment(of session: Int) -> Change? {
        sessions[session].map { .adjust(session: session, $0.configuration) }
    }

    /// Where a client is among those that came later.
    private func place(of name: Name, in session: Int) -> Int? {
        sessions[session]?.others.firstIndex { $0.name == name }
    }
}

extension SessionConfiguration {
    /// Takes over what another client wants where that detects faster (RFC 5882 §4.1), or finds a
    /// path too narrow sooner (RFC 9764 §4.2).
    ///
    /// Demand mode needs everybody's consent: it detects nothing by itself. What else differs stays
    /// as the first client wants it.
    public mutating func combine(with other: SessionConfiguration) {
        desiredMinTxInterval = min(desiredMinTxInterval, other.desiredMinTxInterval)
        requiredMinRxInterval = min(requiredMinRxInterval, other.requiredMinRxInterval)
        detectMultiplier = min(detectMultiplier, other.detectMultiplier)
        demandMode = demandMode && other.demandMode
        pduSize = max(pduSize, other.pduSize)
    }
}
