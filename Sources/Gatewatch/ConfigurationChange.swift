internal import BFDAuthentication
internal import BFDCore
public import BFDDriver
public import RouteController

/// From one configuration to another, while sessions run.
public struct ConfigurationChange: Sendable {
    /// Peers that are new.
    public var added: [PeerConfiguration] = []
    /// Peers whose sessions go on with other parameters; path, interface and name are the same.
    public var updated: [PeerConfiguration] = []
    /// Peers whose sessions end and begin anew, under the same name.
    public var restarted: [PeerConfiguration] = []
    /// The names of peers that are no more.
    public var removed: [String] = []
    /// All routes from now on; nil when they stay as they are.
    public var routes: [RouteConfiguration]?
    /// How routes are kept from now on; nil for as before.
    public var routeOptions: RouteControllerOptions?
    /// Who may start sessions from now on; nil for as before.
    public var unsolicited: [UnsolicitedPeers]?
    /// What threads ask of the scheduler from now on; nil for as before. Their number stays.
    public var realTime: RealTimeSettings?

    /// No change at all.
    public init() {}

    /// Whether nothing changes.
    public var isEmpty: Bool {
        added.isEmpty && updated.isEmpty && restarted.isEmpty && removed.isEmpty && routes == nil
            && routeOptions == nil && unsolicited == nil && realTime == nil
    }
}

/// What a peer's new configuration means for its session.
public enum PeerChange: Sendable, Hashable {
    /// Nothing.
    case none
    /// It goes on with other parameters.
    case update
    /// It ends, and another one begins: the path is another one, or the peer's discriminator.
    case restart
}

extension PeerConfiguration {
    /// What has to happen for the session of this peer to be as another configuration wants it.
    ///
    /// What an operator decided, and what only a start looks at, is no difference.
    public func change(to wanted: PeerConfiguration) -> PeerChange {
        guard SessionKey(self) == SessionKey(wanted),
            session.remoteDiscriminator == wanted.session.remoteDiscriminator,
            followsLink == wanted.followsLink
        else { return .restart }
        let isSame =
            session == wanted.goingOn(from: self).session && hasSameMarks(as: wanted)
            && hasSameKeys(as: wanted) && policy == wanted.policy
        return isSame ? .none : .update
    }

    /// Whether packets carry the same octet and come from the same address.
    func hasSameMarks(as other: PeerConfiguration) -> Bool {
        trafficClass == other.trafficClass && echoSource == other.echoSource
    }

    /// Whether both authenticate alike.
    public func hasSameKeys(as other: PeerConfiguration) -> Bool {
        guard let mine = keyChain, let theirs = other.keyChain else {
            return keyChain == nil && other.keyChain == nil
        }
        return mine.isSame(as: theirs)
    }

    /// The same, with what belongs to the session that runs.
    func goingOn(from running: PeerConfiguration) -> PeerConfiguration {
        var peer = self
        peer.session.path = running.session.path
        peer.session.localDiscriminator = running.session.localDiscriminator
        peer.session.isAdministrativelyDown = running.session.isAdministrativelyDown
        peer.session.startDelay = running.session.startDelay
        return peer
    }
}
