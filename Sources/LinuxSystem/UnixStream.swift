internal import CLinux
internal import Glibc

/// A listening Unix stream socket at a path of the file system.
public struct UnixListener: ~Copyable, Sendable {
    private let owned: OwnedDescriptor
    /// Where it listens.
    public let path: String

    private init(owning descriptor: consuming OwnedDescriptor, path: String) {
        owned = descriptor
        self.path = path
    }

    /// Takes over a socket that another process listened by at `path`.
    public static func takingOver(
        _ descriptor: consuming OwnedDescriptor, at path: String
    ) -> UnixListener {
        UnixListener(owning: descriptor, path: path)
    }

    /// Listens at `path`, never accessible to more than `mode` says.
    ///
    /// A socket that a process left behind when it died is replaced; one that somebody serves is
    /// not, and the answer is `EADDRINUSE`.
    public static func listening(
        at path: String, mode: UInt32
    ) throws(SystemError) -> UnixListener {
        var result = unsafe gw_unix_listen(path, mode)
        if result == -EADDRINUSE, isStale(path), unsafe Glibc.unlink(path) == 0 {
            result = unsafe gw_unix_listen(path, mode)
        }
        let descriptor = try SystemError.check(result, "listen at \(path)")
        return UnixListener(owning: OwnedDescriptor(owning: descriptor), path: path)
    }

    /// The descriptor to watch for readability.
    public var descriptor: Int32 { owned.rawValue }

    /// Another descriptor of the same socket, for who serves it.
    public func duplicate() throws(SystemError) -> OwnedDescriptor {
        let result = fcntl(owned.rawValue, F_DUPFD_CLOEXEC, 0)
        guard result < 0 else { return OwnedDescriptor(owning: result) }
        throw SystemError(operation: "dup of \(path)", errno: Errno(rawValue: errno))
    }

    /// Takes the next client that waits, its stream non-blocking; nil when none does.
    public func accept() throws(SystemError) -> UnixStream? {
        let result = gw_accept(owned.rawValue)
        switch -result {
        case EAGAIN, EINTR, ECONNABORTED: return nil
        default:
            let descriptor = try SystemError.check(result, "accept at \(path)")
            return UnixStream(owning: OwnedDescriptor(owning: descriptor))
        }
    }

    /// Takes the name away, so that nobody connects any more.
    public func unlink() {
        // A name that begins so has no file, and goes with the socket.
        guard !path.hasPrefix("@") else { return }
        unsafe Glibc.unlink(path)
    }

    /// Whether nobody serves the socket at `path`.
    private static func isStale(_ path: String) -> Bool {
        let result = unsafe gw_unix_connect(path)
        guard result < 0 else {
            close(result)
            return false
        }
        return result == -ECONNREFUSED
    }
}

/// One end of a Unix stream connection.
public struct UnixStream: ~Copyable, Sendable {
    let owned: OwnedDescriptor

    /// Takes over a connected descriptor.
    public init(owning descriptor: consuming OwnedDescriptor) {
        owned = descriptor
    }

    /// Connects to the socket at `path`; reads and writes of the stream wait.
    public static func connected(to path: String) throws(SystemError) -> UnixStream {
        let descriptor = try SystemError.check(unsafe gw_unix_connect(path), "connect to \(path)")
        return UnixStream(owning: OwnedDescriptor(owning: descriptor))
    }

    /// The descriptor to watch.
    public var descriptor: Int32 { owned.rawValue }

    /// The user at the other end, as the kernel knows it.
    public func peerUserID() throws(SystemError) -> UInt32 {
        let result = gw_peer_uid(owned.rawValue)
        // A user number above 2³¹ − 1 is negative here, but never as close to zero as -errno.
        guard result < 0, result > -4_096 else { return UInt32(bitPattern: result) }
        throw SystemError(operation: "getsockopt SO_PEERCRED", errno: Errno(rawValue: -result))
    }

    /// The process at the other end when it connected; 0 when it cannot be seen from here.
    public func peerProcessID() throws(SystemError) -> Int32 {
        try SystemError.check(gw_peer_pid(owned.rawValue), "getsockopt SO_PEERCRED")
    }

    /// Appends what is there to `buffer`, at most `limit` octets. The count; 0 when the other end
    /// is closed; nil when nothing is there now.
    public func read(
        appendingTo buffer: inout [UInt8], limit: Int
    ) throws(SystemError) -> Int? {
        var chunk = [UInt8](repeating: 0, count: limit)
        let count = unsafe chunk.withUnsafeMutableBytes { bytes in
            unsafe recv(owned.rawValue, bytes.baseAddress, bytes.count, 0)
        }
        if count >= 0 {
            buffer.append(contentsOf: chunk[..<count])
            return count
        }
        let errno = Errno(rawValue: Glibc.errno)
        if errno == .wouldBlock || errno == .interrupted { return nil }
        throw SystemError(operation: "read from the control socket", errno: errno)
    }

    /// Writes as much of `bytes` as fits now. The count; 0 when nothing fits. Never a SIGPIPE.
    public func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        let count = unsafe bytes.withUnsafeBytes { bytes in
            unsafe send(owned.rawValue, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        let errno = Errno(rawValue: Glibc.errno)
        if errno == .wouldBlock || errno == .interrupted { return 0 }
        throw SystemError(operation: "write to the control socket", errno: errno)
    }

    /// Has whatever the other end writes from now on fail there; what it wrote before can still be
    /// read, and nothing after it.
    public func refuseMore() {
        shutdown(owned.rawValue, Int32(SHUT_RD))
    }

    /// What a wait ended with.
    public enum Readiness: Sendable, Hashable {
        /// There is something to read, or the other end is closed.
        case readable
        /// The time is over.
        case timedOut
        /// Nobody reads our standard output any more.
        case outputClosed
    }

    /// Waits until there is something to read, until `milliseconds` are over (nil: for ever), or
    /// until the pipe behind standard output is closed at its other end.
    public func wait(milliseconds: Int32?) throws(SystemError) -> Readiness {
        var watched = [
            pollfd(fd: owned.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: STDOUT_FILENO, events: 0, revents: 0),
        ]
        while true {
            let count = unsafe poll(&watched, nfds_t(watched.count), milliseconds ?? -1)
            if count == 0 { return .timedOut }
            if count > 0 { return watched[0].revents != 0 ? .readable : .outputClosed }
            let errno = Errno(rawValue: Glibc.errno)
            guard errno == .interrupted else { throw SystemError(operation: "poll", errno: errno) }
        }
    }

    /// Waits until there is something to read or the other end is closed; false when
    /// `milliseconds` are over.
    public func waitForInput(milliseconds: Int32) throws(SystemError) -> Bool {
        var watched = pollfd(fd: owned.rawValue, events: Int16(POLLIN), revents: 0)
        while true {
            let count = unsafe poll(&watched, 1, milliseconds)
            if count >= 0 { return count > 0 }
            let errno = Errno(rawValue: Glibc.errno)
            guard errno == .interrupted else { throw SystemError(operation: "poll", errno: errno) }
        }
    }
}

/// Who is at the other end of a Unix stream, as the kernel answers `SO_PEERCRED`.
public struct PeerCredentials: Sendable {
    /// The process that connected.
    public var process: Int32
    /// Its user then.
    public var user: UInt32
    /// Its group then.
    public var group: UInt32

    /// The number of the socket option.
    public static var optionName: Int32 { SO_PEERCRED }
}
