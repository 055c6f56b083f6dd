internal import CLinux
internal import Glibc

/// An error number of the kernel, with the text an operator knows from other tools.
public struct Errno: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The positive number, as in `errno(3)`.
    public let rawValue: Int32

    /// Wraps a positive error number.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The C library's text, such as "Permission denied".
    public var description: String {
        unsafe strerror(rawValue).map { unsafe String(cString: $0) } ?? "error \(rawValue)"
    }

    /// The same as C has it, valid for ever.
    @unsafe public var lastingText: UnsafePointer<CChar>? {
        if let text = unsafe gw_errno_text(rawValue) { return unsafe text }
        let unknown: StaticString = "Unknown error"
        return unsafe UnsafeRawPointer(unknown.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// `EPERM`.
    public static let operationNotPermitted = Errno(rawValue: EPERM)
    /// `ENOENT`.
    public static let noSuchFile = Errno(rawValue: ENOENT)
    /// `EAGAIN`.
    public static let wouldBlock = Errno(rawValue: EAGAIN)
    /// `EINTR`.
    public static let interrupted = Errno(rawValue: EINTR)
    /// `EACCES`.
    public static let permissionDenied = Errno(rawValue: EACCES)
    /// `EINVAL`.
    public static let invalidArgument = Errno(rawValue: EINVAL)
    /// `ENOMEM`.
    public static let outOfMemory = Errno(rawValue: ENOMEM)
    /// `EAFNOSUPPORT`.
    public static let familyNotSupported = Errno(rawValue: EAFNOSUPPORT)
    /// `EPROTO`.
    public static let protocolError = Errno(rawValue: EPROTO)
    /// `EADDRINUSE`.
    public static let addressInUse = Errno(rawValue: EADDRINUSE)
    /// `EPIPE`.
    public static let brokenPipe = Errno(rawValue: EPIPE)
    /// `ECONNREFUSED`.
    public static let connectionRefused = Errno(rawValue: ECONNREFUSED)
    /// `EMSGSIZE`.
    public static let messageTooLong = Errno(rawValue: EMSGSIZE)
    /// `ENODEV`.
    public static let noSuchDevice = Errno(rawValue: ENODEV)

    /// Whether the address or interface that a socket is bound to is gone; a missing route is not
    /// meant, as it may come back for the same socket.
    public var isAboutOwnAddress: Bool {
        switch rawValue {
        case EINVAL, EADDRNOTAVAIL, ENODEV, ENXIO: true
        default: false
        }
    }
}

/// The kernel refused a call.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was asked, such as "bind 0.0.0.0:3784".
    public let operation: String
    /// The kernel's answer.
    public let errno: Errno

    /// An error from an operation and the kernel's answer.
    public init(operation: String, errno: Errno) {
        self.operation = operation
        self.errno = errno
    }

    /// The operation and the kernel's text.
    public var description: String { "\(operation): \(errno)" }

    /// The result of a shim call: a non-negative value, or `-errno` thrown.
    @discardableResult
    public static func check(
        _ result: Int32, _ operation: @autoclosure () -> String
    ) throws(SystemError) -> Int32 {
        guard result >= 0 else {
            throw SystemError(operation: operation(), errno: Errno(rawValue: -result))
        }
        return result
    }
}
