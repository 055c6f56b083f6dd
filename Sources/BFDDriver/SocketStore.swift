internal import BFDCore
public import LinuxSystem
internal import Synchronization

// A service manager can keep descriptors for the process after this one. So what arrives between
// the two waits in the sockets that sessions receive by, and none of it is lost:
//
//     opened        outbox: keep      →  the manager has a descriptor of it as well
//     killed                             packets wait in it
//     next process  takes it          ←  and reads it once its sessions are there
//     given up      outbox: forget    →
//
// The engine thread tells nobody itself, for the manager may be slow: it leaves word in the outbox.

/// The receiving sockets of engine threads, as far as they outlive the process.
public final class SocketStore: Sendable {
    /// What the keeper of the sockets is to be told.
    public enum Word: Sendable {
        /// Keep this one by a name.
        case keep(String, SharedDescriptor)
        /// It has one by this name already.
        case has(String)
        /// Close the one of this name.
        case forget(String)
    }

    /// What to tell.
    public let outbox: Mailbox<Word>
    /// Whether ports may be in use for a moment longer: somebody has been told to close sockets.
    private let isPatient: Bool
    /// What an earlier process has left, by name, until somebody takes it.
    private let stock: Mutex<[String: Int32]>
    /// How many of the passed sockets fitted nothing, and are closed.
    public let refusedCount: Int

    /// Checks what an earlier process has left, for threads in a namespace; closes what does not
    /// fit.
    ///
    /// `isPatient` waits for ports that another process is about to give up.
    public init(
        _ passed: [PassedSocket], namespaceInode: UInt64, threadCount: Int, isPatient: Bool = false
    ) throws(SystemError) {
        outbox = try Mailbox(capacity: 4_096)
        let (stock, rest) = Self.sorted(passed, namespaceInode, threadCount)
        for socket in rest { _ = OwnedDescriptor(owning: socket.descriptor) }
        for name in Set(rest.map(\.name)) where !name.isEmpty { outbox.post(.forget(name)) }
        refusedCount = rest.count
        self.isPatient = isPatient || !rest.isEmpty
        self.stock = Mutex(stock)
    }

    deinit {
        _ = closeRest()
    }

    /// Sockets that share a port are of use together only: the kernel knows them by their order.
    private static func sorted(
        _ passed: [PassedSocket], _ inode: UInt64, _ threadCount: Int
    ) -> (stock: [String: Int32], rest: [PassedSocket]) {
        let byName = Dictionary(grouping: passed, by: \.name)
        var stock: [String: Int32] = [:]
        for group in SocketName.groups(inNamespace: inode, threadCount: threadCount) {
            let members = group.compactMap { name -> (SocketName, Int32)? in
                // Which of several is meant nobody knows.
                guard let sockets = byName[name.text], sockets.count == 1 else { return nil }
                return name.fits(sockets[0].descriptor) ? (name, sockets[0].descriptor) : nil
            }
            guard members.count == group.count else { continue }
            for (name, descriptor) in members { stock[name.text] = descriptor }
        }
        return (stock, passed.filter { stock[$0.name] == nil })
    }

    /// Whether something is left that no thread has taken.
    var hasStock: Bool { stock.withLock { !$0.isEmpty } }

    /// Takes sockets by their names; nil unless all are there.
    func take(_ names: [SocketName]) -> [Int32]? {
        stock.withLock { stock in
            let found = names.compactMap { stock[$0.text] }
            guard found.count == names.count else { return nil }
            for name in names { stock[name.text] = nil }
            return found
        }
    }

    /// Closes what nobody has taken; how many that were.
    public func closeRest() -> Int {
        let rest = stock.withLock { stock in
            defer { stock = [:] }
            return stock
        }
        for (name, descriptor) in rest {
            _ = OwnedDescriptor(owning: descriptor)
            outbox.post(.forget(name))
        }
        return rest.count
    }

    /// Does what may find a port in use for a moment.
    func withPatience<Result: ~Copyable>(
        _ body: () throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        let deadline = Clock.monotonicNanoseconds() + (isPatient ? 2_000_000_000 : 0)
        while true {
            do throws(SystemError) {
                return try body()
            } catch {
                guard error.errno == .addressInUse, Clock.monotonicNanoseconds() < deadline else {
                    throw error
                }
                Clock.sleep(milliseconds: 5)
            }
        }
    }
}

/// By what name a socket is kept: all that it must be to be of use.
struct SocketName: Hashable {
    var transport: Transport
    var isIPv6: Bool
    /// Nil for one that has its port for itself.
    var role: SharedPort.Role?
    var share: EngineShare
    var namespaceInode: UInt64

    /// The names of those that are of use together only.
    static func groups(inNamespace inode: UInt64, threadCount: Int) -> [[SocketName]] {
        let transports: [Transport] = [.singleHop, .microBFD, .multihop, .unaffiliatedEcho]
        return transports.flatMap { transport in
            [false, true].flatMap { isIPv6 in
                let shares = (0..<threadCount).map { EngineShare(index: $0, count: threadCount) }
                return [true, false].map { isSharing in
                    shares.flatMap { share in
                        group(transport, isIPv6, isSharing: isSharing, share, inode)
                    }
                }
            }
        }
    }

    /// The names of a thread's own sockets of a port.
    static func group(
        _ transport: Transport, _ isIPv6: Bool, isSharing: Bool, _ share: EngineShare,
        _ inode: UInt64
    ) -> [SocketName] {
        let roles: [SharedPort.Role?] = isSharing ? SharedPort.roles : [nil]
        return roles.map { role in
            SocketName(
                transport: transport, isIPv6: isIPv6, role: role, share: share,
                namespaceInode: inode)
        }
    }

    /// As the manager knows it; a colon would separate two.
    var text: String {
        let kind =
            switch transport {
            case .singleHop: "single-hop"
            case .microBFD: "micro-bfd"
            case .multihop: "multihop"
            case .unaffiliatedEcho: "echo"
            }
        let part =
            switch role {
            case .urgent: "urgent"
            case .routine: "routine"
            case .invalid: "invalid"
            case nil: "all"
            }
        let family = isIPv6 ? "ipv6" : "ipv4"
        return "\(kind)-\(family)-\(part)-\(share.index + 1)of\(share.count)-net\(namespaceInode)"
    }

    /// Whether a descriptor is what the name says.
    func fits(_ descriptor: Int32) -> Bool {
        DatagramSocket.isReceiver(
            descriptor, isIPv6: isIPv6, port: transport.destinationPort,
            isSharing: role != nil, namespaceInode: namespaceInode)
    }
}
