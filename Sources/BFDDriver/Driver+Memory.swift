internal import BFDAuthentication
public import BFDCore
internal import LinuxSystem
internal import Synchronization

/// What is kept of a session in case that its process is killed.
public struct KeptSession: Sendable, Hashable {
    /// Its variables.
    public var memory: SessionMemory
    /// The UDP port its packets came from; 0 when it had no socket.
    public var port: UInt16
    /// The address they came from; `nil` for the kernel's choice.
    public var source: IPAddress?
    /// The network namespace it was in.
    public var namespaceInode: UInt64

    /// A session by its values.
    public init(
        memory: SessionMemory, port: UInt16, source: IPAddress?, namespaceInode: UInt64
    ) {
        self.memory = memory
        self.port = port
        self.source = source
        self.namespaceInode = namespaceInode
    }
}

/// What is kept of the sessions of an engine thread.
public struct KeptSessions: Sendable, Hashable {
    /// When that was so, in monotonic nanoseconds.
    public var moment: Int64
    /// The sessions that could go on, in no order.
    public var sessions: [KeptSession]
    /// Which of the threads keeps them.
    public var threadNumber = 0
    /// How many threads share the sessions.
    public var threadCount = 1

    /// Sessions as they were at a moment.
    public init(moment: Int64, sessions: [KeptSession]) {
        self.moment = moment
        self.sessions = sessions
    }
}

/// Room for what is kept of sessions, made by who asks for it: the thread that answers allocates
/// nothing unless there are more.
public final class KeepingRoom: Sendable {
    private let sessions: Mutex<[KeptSession]>

    /// Room for so many sessions.
    public init(capacity: Int) {
        var room: [KeptSession] = []
        room.reserveCapacity(capacity)
        sessions = Mutex(room)
    }

    /// The room, which is nobody else's from now on.
    func take() -> [KeptSession] {
        sessions.withLock { room in
            defer { room = [] }
            return room
        }
    }
}

extension Driver {
    /// How many sessions are looked at between two looks at the clock.
    private static var keepingSlice: Int { 64 }

    /// What another process needs, should this one be killed.
    func keep(in room: KeepingRoom) -> KeptSessions {
        let inode = NetworkNamespace.currentInode()
        // What is looked at later is newer than it says.
        var kept = KeptSessions(moment: present().nanoseconds, sessions: room.take())
        kept.threadNumber = share.index
        kept.threadCount = share.count
        for slot in 0..<engine.capacity {
            if slot % Self.keepingSlice == Self.keepingSlice - 1 { serveIfDue() }
            guard let memory = engine.memory(inSlot: slot) else { continue }
            let sender = sockets.sender(of: slot)
            kept.sessions.append(
                KeptSession(
                    memory: memory, port: sender?.port ?? 0,
                    source: sender?.source.map { IPAddress($0) }, namespaceInode: inode))
        }
        return kept
    }

    /// Goes on with a session of a process that was killed; its discriminator, or `nil` when it has
    /// to begin anew.
    func recall(
        _ session: DriverSession, _ configuration: SessionConfiguration
    ) throws(EngineError) -> UInt32? {
        guard let kept = session.kept,
            kept.namespaceInode == NetworkNamespace.currentInode(),
            let handle = engine.recall(kept.memory, configuration, at: present())
        else { return nil }
        fetchOutputs()
        handles[session.peer] = handle
        sockets.reopen(
            handle.index, for: session, interfaceIndex: configuration.path.interfaceIndex, kept)
        if let keyChain = session.keyChain {
            try engine.setAuthentication(
                keyChain.rules, handle, goingOnAfter: session.transmitSequence, at: present())
            sockets.setKeyChain(keyChain, handle.index)
        }
        if let now = engine.session(handle) {
            events.post(
                .stateChanged(session.peer, StateChange(takenOver: now, handle, at: latest)))
        }
        return kept.memory.localDiscriminator
    }
}
