internal import CNetlinkRoute
internal import Glibc
internal import LinuxSystem

/// A route netlink socket, bound to the network namespace of the thread that made it.
///
/// The kernel answers with its own words (extended acknowledgements) and filters dumps itself.
@safe
public struct NetlinkSocket: ~Copyable {
    /// What to be told about without asking.
    enum Subscription: UInt32, CaseIterable {
        case links = 1
        case ipv4Addresses = 5
        case ipv4Routes = 7
        case ipv4Rules = 8
        case ipv6Addresses = 9
        case ipv6Routes = 11
        case ipv6Rules = 19
        case nextHops = 32
    }

    private static let bufferSize = 131_072

    let raw: OpaquePointer
    private let buffer: UnsafeMutableRawPointer

    private init(owning raw: OpaquePointer) {
        unsafe self.raw = raw
        unsafe buffer = UnsafeMutableRawPointer.allocate(
            byteCount: Self.bufferSize, alignment: 16)
    }

    deinit {
        unsafe nl_socket_free(raw)
        unsafe buffer.deallocate()
    }

    /// A socket for requests.
    public static func connected() throws(NetlinkError) -> NetlinkSocket {
        let socket = try made()
        socket.setOption(NETLINK_EXT_ACK)
        socket.setOption(NETLINK_CAP_ACK)
        socket.setOption(NETLINK_GET_STRICT_CHK)
        // The kernel answers before send(2) returns; this only bounds a bug of either side.
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        unsafe setsockopt(
            socket.descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout,
            socklen_t(MemoryLayout<timeval>.size))
        return socket
    }

    /// A non-blocking socket for notifications.
    ///
    /// What a request of `silentPort` caused is not told: the kernel drops it before it wakes us.
    static func subscribed(
        to subscriptions: [Subscription], exceptFrom silentPort: UInt32? = nil
    ) throws(NetlinkError) -> NetlinkSocket {
        let socket = try made()
        if let silentPort { try socket.dropMessages(causedBy: silentPort) }
        try check(unsafe nl_socket_set_nonblocking(socket.raw), "make netlink non-blocking")
        socket.enlargeReceiveBuffer()
        for subscription in subscriptions {
            let result = unsafe nl_socket_add_membership(
                socket.raw, Int32(subscription.rawValue))
            // A kernel without next-hop objects has no group for them either.
            if subscription != .nextHops { try check(result, "subscribe to \(subscription)") }
        }
        return socket
    }

    /// The descriptor, valid while this value lives.
    public var descriptor: Int32 { unsafe nl_socket_get_fd(raw) }

    /// The port that notifications name when a request of this socket caused them.
    public var port: UInt32 { unsafe nl_socket_get_local_port(raw) }

    private static func made() throws(NetlinkError) -> NetlinkSocket {
        guard let raw = unsafe nl_socket_alloc() else {
            throw .outOfMemory(operation: "netlink socket")
        }
        let socket = unsafe NetlinkSocket(owning: raw)
        unsafe nl_socket_disable_seq_check(socket.raw)
        try check(unsafe nl_connect(socket.raw, NETLINK_ROUTE), "connect to route netlink")
        return socket
    }

    static func check(
        _ result: Int32, _ operation: @autoclosure () -> String
    ) throws(NetlinkError) {
        guard result < 0 else { return }
        let text = unsafe nl_geterror(result).map { unsafe String(cString: $0) }
        throw .library(operation: operation(), text: text ?? "libnl error \(-result)")
    }

    /// A change of a group makes the kernel tell of every route that uses it, all at once. What
    /// does not fit is lost, and everything is read again. The room is ample, and used only then.
    private borrowing func enlargeReceiveBuffer() {
        var byteCount: Int32 = 16 << 20
        let length = socklen_t(MemoryLayout<Int32>.size)
        if unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &byteCount, length) != 0 {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &byteCount, length)
        }
    }

    /// Four instructions over the header: a notification names the port that caused it.
    private borrowing func dropMessages(causedBy port: UInt32) throws(NetlinkError) {
        let portOffset = UInt32(MemoryLayout<nlmsghdr>.offset(of: \.nlmsg_pid) ?? 12)
        let load = UInt16(BPF_LD | BPF_W | BPF_ABS)
        let compare = UInt16(BPF_JMP | BPF_JEQ | BPF_K)
        let verdict = UInt16(BPF_RET | BPF_K)
        var instructions = [
            sock_filter(code: load, jt: 0, jf: 0, k: portOffset),
            // A load swaps the octets as if they were in network order.
            sock_filter(code: compare, jt: 0, jf: 1, k: port.bigEndian),
            sock_filter(code: verdict, jt: 0, jf: 0, k: 0),
            sock_filter(code: verdict, jt: 0, jf: 0, k: UInt32.max),
        ]
        let result = unsafe instructions.withUnsafeMutableBufferPointer { buffer in
            var program = unsafe sock_fprog(
                len: UInt16(buffer.count), filter: buffer.baseAddress)
            return unsafe setsockopt(
                descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                socklen_t(MemoryLayout<sock_fprog>.size))
        }
        guard result != 0 else { return }
        throw .refused(
            operation: "filter notifications", errno: Errno(rawValue: Glibc.errno), text: nil)
    }

    /// Older kernels lack some options; what they give is then only less.
    private borrowing func setOption(_ option: Int32) {
        var enabled: Int32 = 1
        unsafe setsockopt(
            descriptor, SOL_NETLINK, option, &enabled, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Sends a request and waits for its acknowledgement; what came before it is returned.
    @discardableResult
    borrowing func exchange(
        _ message: borrowing NetlinkMessage
    ) throws(NetlinkError) -> [ReceivedMessage] {
        let sequence = try send(message)
        var replies: [ReceivedMessage] = []
        while true {
            for reply in try receive(message.operation) where reply.sequence == sequence {
                switch reply.type {
                case Int(NLMSG_ERROR), Int(NLMSG_DONE):
                    try Acknowledgement(reply)?.check(message.operation)
                    return replies
                default:
                    replies.append(reply)
                }
            }
        }
    }

    /// Sends a request that is complete but for type, port and sequence number, and waits for its
    /// acknowledgement.
    borrowing func exchange(
        _ kind: RequestKind, prepared bytes: inout [UInt8], operation: @autoclosure () -> String
    ) throws(NetlinkError) {
        let sequence = unsafe nl_socket_use_seq(raw)
        let length = bytes.count
        let sent = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe buffer.storeBytes(of: UInt16(kind.number), toByteOffset: 4, as: UInt16.self)
            unsafe buffer.storeBytes(of: sequence, toByteOffset: 8, as: UInt32.self)
            unsafe buffer.storeBytes(of: port, toByteOffset: 12, as: UInt32.self)
            return unsafe Glibc.send(descriptor, buffer.baseAddress, length, 0)
        }
        guard sent == length else {
            throw .refused(operation: operation(), errno: Errno(rawValue: Glibc.errno), text: nil)
        }
        while true {
            for reply in try receive(operation()) where reply.sequence == sequence {
                try Acknowledgement(reply)?.check(operation())
                return
            }
        }
    }

    private borrowing func send(_ message: borrowing NetlinkMessage) throws(NetlinkError) -> UInt32
    {
        unsafe nl_complete_msg(raw, message.raw)
        guard let header = unsafe nlmsg_hdr(message.raw) else {
            throw .outOfMemory(operation: message.operation)
        }
        let sequence = unsafe header.pointee.nlmsg_seq
        let length = unsafe Int(header.pointee.nlmsg_len)
        while unsafe Glibc.send(descriptor, header, length, 0) < 0 {
            let errno = Errno(rawValue: Glibc.errno)
            guard errno == .interrupted else {
                throw .refused(operation: message.operation, errno: errno, text: nil)
            }
        }
        return sequence
    }

    /// Reads one datagram of the kernel's.
    borrowing func receive(
        _ operation: @autoclosure () -> String
    ) throws(NetlinkError) -> [ReceivedMessage] {
        while true {
            var sender = sockaddr_nl()
            var senderLength = socklen_t(MemoryLayout<sockaddr_nl>.size)
            let count = unsafe withUnsafeMutablePointer(to: &sender) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    unsafe recvfrom(
                        descriptor, buffer, Self.bufferSize, Int32(MSG_TRUNC), address,
                        &senderLength)
                }
            }
            guard count >= 0 else {
                let errno = Errno(rawValue: Glibc.errno)
                if errno == .interrupted { continue }
                if errno == .noBufferSpace { throw .overflow }
                throw .refused(operation: operation(), errno: errno, text: nil)
            }
            guard count <= Self.bufferSize else { throw .overflow }
            guard sender.nl_pid == 0 else { continue }
            let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: buffer, count: count))
            return ReceivedMessage.all(in: bytes)
        }
    }

    /// Throws away what waits to be read on a non-blocking socket.
    borrowing func discardWaiting() throws(NetlinkError) {
        while true {
            guard unsafe recv(descriptor, buffer, 0, Int32(MSG_TRUNC)) < 0 else { continue }
            let errno = Errno(rawValue: Glibc.errno)
            if errno == .wouldBlock { return }
            guard errno == .interrupted || errno == .noBufferSpace else {
                throw .refused(operation: "discard notifications", errno: errno, text: nil)
            }
        }
    }

    /// Asks for a list; asks again when it changed meanwhile.
    borrowing func dump(
        _ message: () throws(NetlinkError) -> NetlinkMessage
    ) throws(NetlinkError) -> [ReceivedMessage] {
        var replies: [ReceivedMessage] = []
        for _ in 0..<4 {
            replies = try exchange(message())
            if !replies.contains(where: { $0.flags & NLM_F_DUMP_INTR != 0 }) { break }
        }
        return replies
    }
}
