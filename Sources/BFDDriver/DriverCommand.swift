internal import BFDAuthentication
internal import BFDCore
internal import LinuxSystem

/// What other threads ask of the engine thread; kept apart each, for some are long, and all rare.
indirect enum DriverCommand: Sendable {
    /// Add a session; the answer is its discriminator.
    case add(DriverSession, ReplyBox<Result<UInt32, DriverError>>)
    /// Add many; the answer is their discriminators.
    case addAll([DriverSession], ReplyBox<Result<[UInt32], DriverError>>)
    /// Tell the peer of the removal, then remove.
    case remove(PeerID)
    case setAdministrativelyDown(PeerID, Bool)
    case update(PeerID, SessionConfiguration)
    case setInterfaceIndex(PeerID, UInt32)
    /// The answer, where one is waited for, is why the signal was refused.
    case signal(PeerID, SessionSignal, ReplyBox<EngineError?>?)
    /// An interface of templates came, went, or changed its index.
    case setTemplateInterface(String, index: UInt32)
    case setSubnets([InterfaceSubnet])
    /// The number to go on after is for a session that has not authenticated before.
    case setKeyChain(PeerID, KeyChain?, transmitSequence: UInt32?)
    /// Who may start sessions from now on.
    case setUnsolicited([UnsolicitedPeers])
    /// The octet and the address that a session's packets carry.
    case setMarks(PeerID, trafficClass: UInt8, echoSource: IPAddress?)
    /// Whether a session's packets stay unsent, as on a path that is dead in one direction.
    case setMuted(PeerID, Bool)
    case setRealTime(RealTimeSettings)
    case snapshot(ReplyBox<DriverSnapshot>)
    case transmitSequences(ReplyBox<[PeerID: UInt32]>)
    /// Leave there what to keep in case that the process is killed.
    case keep(Mailbox<KeptSessions>, KeepingRoom)
    /// Open sockets in another namespace; the answer is what was against it.
    case prepareMove(SharedNamespace, ReplyBox<DriverError?>)
    /// Go there.
    case commitMove(ReplyBox<DriverError?>)
    /// Stay here.
    case abandonMove
    /// Copy packets for somebody.
    case tap(PacketTap)
    /// Show a sign of life.
    case answer(Pulse, UInt64)
    /// Stand still, so that another process can take over; the answer is all it needs.
    case freeze(ReplyBox<EngineHandover>)
    /// Go on: it did not.
    case thaw
    /// Begin to serve: all sessions that are configured have been added.
    case finishTakeOver(ReplyBox<Bool>)
    /// Begin to read, for the same reason.
    case hear
    case stop

    /// Whether one who stands still does it all the same.
    var isForOneStandingStill: Bool {
        switch self {
        case .freeze, .thaw, .finishTakeOver, .answer, .stop, .add, .addAll: true
        case .remove, .setAdministrativelyDown, .update, .setInterfaceIndex, .signal,
            .setTemplateInterface, .setSubnets, .setUnsolicited, .setMarks, .setMuted,
            .setRealTime, .setKeyChain, .snapshot, .transmitSequences, .keep,
            .prepareMove, .commitMove, .abandonMove, .tap, .hear:
            false
        }
    }
}
