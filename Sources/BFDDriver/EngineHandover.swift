internal import BFDCore
internal import LinuxSystem
internal import Synchronization

/// All that an engine thread passes to its successor in another process: its sessions, and the
/// sockets they receive and send by, with what has arrived and was not read yet.
public struct EngineHandover: Sendable {
    /// A socket that sessions receive by.
    struct Listener: Sendable {
        var descriptor: Int32
        var transport: Transport
        var role: SharedPort.Role
        var isIPv6: Bool
        /// Everything that arrived before this moment has been read.
        var drainedUntil: Int64
    }

    /// The socket that a session sends from.
    struct Sender: Sendable {
        var descriptor: Int32
        var port: UInt16
        /// The address it is bound to; `nil` for any.
        var source: SocketAddress?
    }

    /// A session with its socket.
    struct Member: Sendable {
        var session: SessionHandover
        /// The interface it is bound to; `nil` for none.
        var interface: String?
        var sender: Sender?
    }

    var listeners: [Listener] = []
    /// The sessions, until somebody goes on with them.
    private let box: Box
    var totals: EngineTotals
    /// What found no room in receive buffers before these, which count on by themselves.
    var earlierDropCount: UInt64 = 0
    /// What had found no room in any when the sessions began to stand still.
    var lastDropCount: UInt64 = 0
    /// The inode of the network namespace that the sockets are in.
    public internal(set) var namespaceInode: UInt64 = 0

    init(totals: EngineTotals, members: [Member]) {
        self.totals = totals
        box = Box(members)
    }

    /// Holds them once, however often this value has been copied: who keeps a copy for the life of
    /// the process does not keep the sessions.
    private final class Box: Sendable {
        let members: Mutex<[Member]>

        init(_ members: [Member]) {
            self.members = Mutex(members)
        }
    }

    var members: [Member] { box.members.withLock { $0 } }

    /// Takes the sessions out.
    func takeMembers() -> [Member] {
        box.members.withLock { members in
            defer { members = [] }
            return members
        }
    }

    /// All descriptors, in the order in which they are to be taken.
    public var descriptors: [Int32] {
        listeners.map(\.descriptor) + members.compactMap { $0.sender?.descriptor }
    }
}

/// Which session of another process a configured one is.
struct InheritanceKey: Hashable {
    private let path: Path
    private let interface: String?

    init(_ path: Path, interface: String?) {
        var path = path
        // The interface is known by its name: it may have another number by now.
        path.interfaceIndex = 0
        self.path = path
        self.interface = interface
    }
}

/// What a driver has been handed and has not given to a session yet.
struct Inheritance {
    private var members: [InheritanceKey: EngineHandover.Member] = [:]
    /// Sessions that peers had started.
    private(set) var guests: [EngineHandover.Member] = []

    init(_ handover: EngineHandover?) {
        for member in handover?.takeMembers() ?? [] {
            if member.session.session.isUnsolicited {
                guests.append(member)
            } else {
                let path = member.session.session.configuration.path
                members[InheritanceKey(path, interface: member.interface)] = member
            }
        }
    }

    /// Takes out what the session on a path had.
    mutating func take(_ path: Path, _ interface: String?) -> EngineHandover.Member? {
        guard !members.isEmpty else { return nil }
        return members.removeValue(forKey: InheritanceKey(path, interface: interface))
    }

    /// Takes out what no session has asked for.
    mutating func takeRest() -> (members: [EngineHandover.Member], guests: [EngineHandover.Member])
    {
        defer {
            members = [:]
            guests = []
        }
        return (Array(members.values), guests)
    }
}
