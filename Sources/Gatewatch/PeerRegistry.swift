internal import BFDAuthentication
internal import BFDCore
internal import BFDDriver
internal import Synchronization

/// What two peers must have in common to be one session.
struct SessionKey: Sendable, Hashable {
    private let path: Path
    private let interface: String?

    init(_ peer: PeerConfiguration) {
        var path = peer.session.path
        path.isBoundToInterface = peer.interface != nil
        path.interfaceIndex = 0
        self.path = path
        interface = peer.interface
    }
}

/// What a peer's configuration has beside its name and its session's parameters.
struct PeerTraits: Sendable {
    private let interface: String?
    var keyChain: KeyChain?
    private var transmitSequence: UInt32?
    private var trafficClass: UInt8
    private var policy: ClientPolicy
    private var echoSource: IPAddress?
    private var followsLink: Bool

    init(_ peer: PeerConfiguration) {
        interface = peer.interface
        keyChain = peer.keyChain
        transmitSequence = peer.transmitSequence
        trafficClass = peer.trafficClass
        policy = peer.policy
        echoSource = peer.echoSource
        followsLink = peer.followsLink
    }

    /// The peer's whole configuration.
    func peer(_ name: String, _ session: SessionConfiguration) -> PeerConfiguration {
        var peer = PeerConfiguration(
            name: name, session: session, interface: interface, keyChain: keyChain,
            trafficClass: trafficClass, policy: policy, followsLink: followsLink)
        peer.transmitSequence = transmitSequence
        peer.echoSource = echoSource
        return peer
    }
}

/// Which peers there are and which sessions they have, for all threads. Never touched on a packet's
/// path.
///
/// Peers of one path share a session (RFC 5882 §2).
final class PeerRegistry: Sendable {
    typealias Clients = ClientRegistry<String, SessionKey>

    private struct Contents {
        var clients = Clients()
        var traits: [String: PeerTraits] = [:]
        /// Peers that came by themselves (RFC 9468), each with a session of its own.
        var guests: [PeerID: PeerConfiguration] = [:]
        var guestIDs: [String: PeerID] = [:]
        /// The last clients of sessions that are being removed.
        var leaving: [PeerID: String] = [:]
        /// Counts changes of who there is.
        var version = 0

        /// A configured peer; its session's parameters are kept with the clients.
        func peer(named name: String) -> PeerConfiguration? {
            guard let traits = traits[name], let session = clients.configuration(of: name) else {
                return nil
            }
            return traits.peer(name, session)
        }

        /// Changes a peer's parameters where the engine has been told already.
        mutating func amend(_ id: PeerID, _ change: (inout SessionConfiguration) -> Void) {
            for name in clients.clients(of: id.rawValue) {
                guard var session = clients.configuration(of: name) else { continue }
                change(&session)
                _ = clients.update(name, session)
            }
        }

        func isTaken(_ name: String) -> Bool {
            guestIDs[name] != nil || clients.session(of: name) != nil
        }
    }

    private let contents = Mutex(Contents())

    /// Counts changes of who there is.
    var version: Int { contents.withLock { $0.version } }

    /// Takes a name; `nil` when it is taken.
    func add(_ peer: PeerConfiguration) -> Clients.Change? {
        contents.withLock { contents in
            guard !contents.isTaken(peer.name) else { return nil }
            let change = contents.clients.add(peer.name, on: SessionKey(peer), peer.session)
            if change != nil { contents.traits[peer.name] = PeerTraits(peer) }
            contents.version += 1
            return change
        }
    }

    /// Gives a peer that came by itself the first of the names that nobody has.
    func welcome(_ id: PeerID, _ peer: PeerConfiguration, names: [String]) -> String {
        contents.withLock { contents in
            let free = names.first { !contents.isTaken($0) }
            let name = free ?? "\(peer.name)#\(-id.rawValue)"
            contents.guestIDs[name] = id
            contents.guests[id] = peer
            contents.guests[id]?.name = name
            return name
        }
    }

    /// Frees a name at once; `nil` when nobody has it.
    ///
    /// The last client of a session is remembered until `forget`.
    func remove(named name: String) -> Clients.Change? {
        contents.withLock { contents in
            if let id = contents.guestIDs.removeValue(forKey: name) {
                contents.guests[id] = nil
                contents.leaving[id] = name
                return .end(session: id.rawValue)
            }
            guard let change = contents.clients.remove(name) else { return nil }
            contents.version += 1
            contents.traits[name] = nil
            if case .end(let session) = change {
                contents.leaving[PeerID(rawValue: session)] = name
            }
            return change
        }
    }

    /// The session is gone; who had it last.
    func forget(_ id: PeerID) -> String? {
        contents.withLock { contents in
            if let guest = contents.guests.removeValue(forKey: id) {
                contents.guestIDs[guest.name] = nil
                return guest.name
            }
            return contents.leaving.removeValue(forKey: id)
        }
    }

    func update(_ name: String, to session: SessionConfiguration) -> Clients.Change? {
        contents.withLock { contents in
            if let id = contents.guestIDs[name] {
                contents.guests[id]?.session = session
                return .adjust(session: id.rawValue, session)
            }
            return contents.clients.update(name, session)
        }
    }

    /// Notes all that may change of a configured peer while its session lives; `nil` when there is
    /// none of that name.
    func replace(_ peer: PeerConfiguration) -> Clients.Change? {
        contents.withLock { contents in
            guard contents.traits[peer.name] != nil else { return nil }
            contents.traits[peer.name] = PeerTraits(peer)
            contents.version += 1
            return contents.clients.update(peer.name, peer.session)
        }
    }

    /// Notes what an operator decided about a session, for all who share it.
    func setAdministrativelyDown(_ isDown: Bool, _ id: PeerID) {
        contents.withLock { contents in
            contents.guests[id]?.session.isAdministrativelyDown = isDown
            contents.amend(id) { $0.isAdministrativelyDown = isDown }
        }
    }

    /// Notes with what a session authenticates, for all who share it.
    func setKeyChain(_ keyChain: KeyChain?, _ id: PeerID) {
        contents.withLock { contents in
            contents.guests[id]?.keyChain = keyChain
            for name in contents.clients.clients(of: id.rawValue) {
                contents.traits[name]?.keyChain = keyChain
            }
        }
    }

    func id(named name: String) -> PeerID? {
        contents.withLock { contents in
            contents.guestIDs[name]
                ?? contents.clients.session(of: name).map { PeerID(rawValue: $0) }
        }
    }

    func peer(named name: String) -> PeerConfiguration? {
        contents.withLock { $0.peer(named: name) }
    }

    /// Who shares a session, in the order they came.
    func clients(of id: PeerID) -> [PeerConfiguration] {
        contents.withLock { contents in
            if let guest = contents.guests[id] { return [guest] }
            return contents.clients.clients(of: id.rawValue).compactMap { contents.peer(named: $0) }
        }
    }

    /// Whose session is being removed.
    func leaving(_ id: PeerID) -> String? { contents.withLock { $0.leaving[id] } }

    /// Peers that are configured, in the order their sessions were made, then those that came by
    /// themselves.
    func all() -> [(id: PeerID, peer: PeerConfiguration)] {
        contents.withLock { contents in
            let sessions = Set(contents.traits.keys.compactMap { contents.clients.session(of: $0) })
            let configured = sessions.sorted().flatMap { session in
                contents.clients.clients(of: session).compactMap { name in
                    contents.peer(named: name).map { (id: PeerID(rawValue: session), peer: $0) }
                }
            }
            let guests = contents.guests.sorted { abs($0.key.rawValue) < abs($1.key.rawValue) }
            return configured + guests.map { (id: $0.key, peer: $0.value) }
        }
    }
}
