public import LinuxSystem
public import RouteCore

/// Why a netlink operation failed.
public enum NetlinkError: Error, Sendable, Hashable {
    /// The kernel refused; `text` is its own explanation (extended acknowledgement), if any.
    case refused(operation: String, errno: Errno, text: String?)
    /// libnl refused, with its own text.
    case library(operation: String, text: String)
    /// No memory for a socket or message.
    case outOfMemory(operation: String)
    /// A message would be larger than what is sent in one piece.
    case messageTooLarge(operation: String)
    /// The kernel's answer does not parse.
    case malformedReply(operation: String)
    /// Notifications were lost because they were not read in time.
    case overflow
    /// No link has this name.
    case interfaceAbsent(String)
    /// The gateway is behind another router, not on one of our links.
    case gatewayNotOnLink(HostAddress, behind: HostAddress)
    /// The gateway's address is one of this host's own, or is blocked by a route.
    case gatewayUnusable(HostAddress)
    /// No route leads to the gateway.
    case gatewayUnreachable(HostAddress)

    /// The kernel's error number, when it was the kernel that refused.
    public var errno: Errno? {
        switch self {
        case .refused(_, let errno, _): errno
        case .library, .outOfMemory, .messageTooLarge, .malformedReply, .overflow,
            .interfaceAbsent, .gatewayNotOnLink, .gatewayUnusable, .gatewayUnreachable:
            nil
        }
    }
}

extension NetlinkError: CustomStringConvertible {
    /// The operation and the kernel's own words.
    public var description: String {
        switch self {
        case .refused(let operation, let errno, let text):
            text.map { "\(operation): \($0) (\(errno))" } ?? "\(operation): \(errno)"
        case .library(let operation, let text): "\(operation): \(text)"
        case .outOfMemory(let operation): "\(operation): out of memory"
        case .messageTooLarge(let operation): "\(operation): too much for one netlink message"
        case .malformedReply(let operation): "\(operation): the kernel's answer does not parse"
        case .overflow: "notifications were lost"
        case .interfaceAbsent(let name): "interface \(name) does not exist in this namespace"
        case .gatewayNotOnLink(let gateway, let router):
            "no route to gateway \(gateway) on a link: it is behind \(router)"
        case .gatewayUnusable(let gateway):
            "\(gateway) cannot be a gateway: it is this host's own address or blocked by a route"
        case .gatewayUnreachable(let gateway): "no route to gateway \(gateway)"
        }
    }
}

extension Errno {
    static let noSuchProcess = Errno(rawValue: 3)
    static let noBufferSpace = Errno(rawValue: 105)
    static let familyNotSupported = Errno(rawValue: 97)

    /// `ENETDOWN`.
    public static let networkDown = Errno(rawValue: 100)
    /// `ENETUNREACH`.
    public static let networkUnreachable = Errno(rawValue: 101)
    /// `EHOSTUNREACH`.
    public static let hostUnreachable = Errno(rawValue: 113)
    /// `EEXIST`.
    public static let fileExists = Errno(rawValue: 17)
    /// `EOPNOTSUPP`.
    public static let operationNotSupported = Errno(rawValue: 95)
}
