internal import Synchronization

/// Programs that receive by a UDP port of the calling thread's network namespace.
public enum PortSurvey {
    /// A program that has a port open.
    public struct Holder: Sendable, Hashable {
        /// Its process; `nil` when no process with the socket could be found.
        public let process: Int32?
        /// Its short name; "?" when it could not be found.
        public let command: String
        /// The address it is bound to; `nil` for any.
        public let address: SocketAddress?
        /// The port.
        public let port: UInt16
    }

    private struct Socket {
        let inode: UInt64
        let address: SocketAddress?
    }

    /// All but this process.
    public static func othersReceiving(by port: UInt16) -> [Holder] {
        var sockets = sockets("/proc/thread-self/net/udp", port: port)
        sockets += Self.sockets("/proc/thread-self/net/udp6", port: port)
        guard !sockets.isEmpty else { return [] }
        let own = inodes(of: "self")
        let foreign = sockets.filter { !own.contains($0.inode) }
        guard !foreign.isEmpty else { return [] }
        let holders = ThreadCapabilities.raising(.sysPtrace) {
            processes(having: Set(foreign.map(\.inode)))
        }
        var found: [Holder] = []
        for socket in foreign {
            let process = holders[socket.inode]
            let command = process.flatMap { ProcessFiles.text("/proc/\($0)/comm") }?
                .split(separator: "\n").first
            let holder = Holder(
                process: process, command: command.map { String($0) } ?? "?",
                address: socket.address, port: port)
            if !found.contains(holder) { found.append(holder) }
        }
        return found
    }

    /// The same in the namespace at a path; none when it cannot be entered.
    public static func othersReceiving(
        by ports: [UInt16], inNamespaceAt path: String?
    ) -> [Holder] {
        let found = Found()
        let thread = try? SystemThread.start(name: "gw-look") {
            if let path {
                guard let namespace = try? NetworkNamespace.open(path: path),
                    (try? namespace.enter()) != nil
                else { return }
            }
            let holders = ports.flatMap { othersReceiving(by: $0) }
            found.holders.withLock { $0 = holders }
        }
        thread?.join()
        return found.holders.withLock { $0 }
    }

    private final class Found: Sendable {
        let holders = Mutex<[Holder]>([])
    }

    private static func sockets(_ path: String, port: UInt16) -> [Socket] {
        guard let text = ProcessFiles.text(path) else { return [] }
        return text.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, let inode = UInt64(fields[9]) else { return nil }
            let ends = fields[1].split(separator: ":")
            guard ends.count == 2, UInt16(ends[1], radix: 16) == port else { return nil }
            return Socket(inode: inode, address: address(ends[0]))
        }
    }

    /// An address as `/proc` writes it: 32-bit words of the machine's own order.
    static func address(_ digits: Substring) -> SocketAddress? {
        var words: [UInt64] = []
        var rest = digits
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            words.append(UInt64(UInt32(bigEndian: word)))
            rest = rest.dropFirst(8)
        }
        guard words.contains(where: { $0 != 0 }) else { return nil }
        guard words.count == 4 else {
            return words.count == 1
                ? SocketAddress(high: words[0] << 32, low: 0, isIPv6: false) : nil
        }
        return SocketAddress(
            high: words[0] << 32 | words[1], low: words[2] << 32 | words[3], isIPv6: true)
    }

    private static func inodes(of process: String) -> Set<UInt64> {
        Set(
            ProcessFiles.numbers(in: "/proc/\(process)/fd").compactMap { number in
                ProcessFiles.target("/proc/\(process)/fd/\(number)").flatMap(inode)
            })
    }

    private static func processes(having inodes: Set<UInt64>) -> [UInt64: Int32] {
        var found: [UInt64: Int32] = [:]
        for process in ProcessFiles.numbers(in: "/proc") {
            for inode in Self.inodes(of: "\(process)") where inodes.contains(inode) {
                found[inode] = process
            }
            if found.count == inodes.count { break }
        }
        return found
    }

    private static func inode(_ text: String) -> UInt64? {
        guard text.hasPrefix("socket:["), text.hasSuffix("]") else { return nil }
        return UInt64(text.dropFirst(8).dropLast())
    }
}

/// What the kernel has counted in the calling thread's network namespace.
public enum KernelCounter {
    /// How many packets the reverse path filter has dropped.
    public static func reversePathDrops() -> Int {
        let lines = ProcessFiles.text("/proc/thread-self/net/netstat")?.split(separator: "\n") ?? []
        for (names, values) in zip(lines, lines.dropFirst()) where names.hasPrefix("TcpExt:") {
            let names = names.split(separator: " ")
            let values = values.split(separator: " ")
            guard let place = names.firstIndex(of: "IPReversePathFilter"), place < values.count
            else { continue }
            return Int(values[place]) ?? 0
        }
        return 0
    }
}
