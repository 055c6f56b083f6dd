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
    case setKeyChain(PeerID, KeyChain?)
    case snapshot(ReplyBox<DriverSnapshot>)
    case transmitSequences(ReplyBox<[PeerID: UInt32]>)
    /// Open sockets in another namespace; the answer is what was against it.
    case prepareMove(SharedNamespace, ReplyBox<DriverError?>)
    /// Go there.
    case commitMove(ReplyBox<DriverError?>)
    /// Stay here.
    case abandonMove
    /// Show a sign of life.
    case answer(Pulse, UInt64)
    case stop
}
