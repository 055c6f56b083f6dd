public import NodeCore

/// What a client asks of the daemon, whatever carries it.
public enum Request: Sendable, Hashable {
    /// Who is there; answered with `Reply.version`.
    case version
    /// All sessions, or the one of the peer with this name; answered with `Reply.status`.
    case status(peer: String?)
    /// Why sessions are not Up, all of them or the one of the peer with this name; answered with
    /// `Reply.explanation` after up to two seconds of looking. Rows of OVN's database help.
    case explain(peer: String?, ovnRows: [OVNBFDRow])
    /// Wanted routes next to installed ones; answered with `Reply.routes`.
    case routes
    /// Kept events from sequence number `since` on, the oldest that is kept when it is nil;
    /// answered with a page of them as `Reply.events`. With `follow` the answer waits for one.
    case events(follow: Bool, since: UInt64?)
    /// Packets as they come and go, of some peers or of all where none is named; answered with
    /// `Reply.capture`, and the packets follow.
    case capture(peers: [String])
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

    /// The longest body of a request in octets that a daemon reads; a longer one is refused as
    /// `too-large`.
    public static var maximumByteCount: Int { 65_536 }
}
