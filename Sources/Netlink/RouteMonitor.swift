internal import CNetlinkRoute
internal import LinuxSystem
public import RouteCore

/// What the kernel says unasked about links, addresses, routes and next hops.
public struct RouteNotification: Hashable, Sendable {
    /// What changed.
    public enum Change: Hashable, Sendable {
        /// A link appeared or changed.
        case link(index: UInt32, name: String, isRunning: Bool)
        /// A link is gone.
        case linkRemoved(index: UInt32, name: String)
        /// An address came to or left a link.
        case address(interfaceIndex: UInt32)
        /// A route appeared or changed.
        case route(RouteKey, protocolNumber: UInt8, target: MultipathRoute.Target?)
        /// A route is gone.
        case routeRemoved(RouteKey, protocolNumber: UInt8)
        /// A next hop, or a group with its members, appeared or changed.
        case nextHop(id: UInt32, members: [GroupMember]?)
        /// A next hop or group is gone.
        case nextHopRemoved(id: UInt32)
        /// A rule appeared or is gone.
        case rule(RoutingRule, protocolNumber: UInt8)
        /// Notifications were lost: read everything again.
        case overflow
    }

    /// What changed.
    public let change: Change
    /// The port of the socket that asked for the change, 0 when nobody did.
    public let port: UInt32
}

/// A subscription to the kernel's notifications, readable through its descriptor.
public struct RouteMonitor: ~Copyable {
    private let socket: NetlinkSocket

    /// What to be told of.
    public enum Subject: Sendable {
        /// Links, addresses, routes, next hops.
        case everything
        /// Links and addresses only: whoever has many routes hears nothing of them.
        case linksAndAddresses

        var subscriptions: [NetlinkSocket.Subscription] {
            switch self {
            case .everything: NetlinkSocket.Subscription.allCases
            case .linksAndAddresses: [.links, .ipv4Addresses, .ipv6Addresses]
            }
        }
    }

    /// Subscribes, in the network namespace of the calling thread.
    ///
    /// What requests of the socket with `silentPort` cause is left out.
    public init(
        _ subject: Subject = .everything, exceptFrom silentPort: UInt32? = nil
    ) throws(NetlinkError) {
        socket = try NetlinkSocket.subscribed(
            to: subject.subscriptions, exceptFrom: silentPort)
    }

    /// The descriptor to watch for readability.
    public var descriptor: Int32 { socket.descriptor }

    /// What arrived since the last call; does not wait.
    public borrowing func read() throws(NetlinkError) -> [RouteNotification] {
        var notifications: [RouteNotification] = []
        while true {
            do {
                for message in try socket.receive("read notifications") {
                    guard let change = Self.change(message) else { continue }
                    notifications.append(RouteNotification(change: change, port: message.port))
                }
            } catch .overflow {
                // What is left is old, and everything is going to be read anyway.
                try socket.discardWaiting()
                notifications = [RouteNotification(change: .overflow, port: 0)]
            } catch {
                guard error.errno == .wouldBlock else { throw error }
                return notifications
            }
        }
    }

    private static func change(_ message: ReceivedMessage) -> RouteNotification.Change? {
        switch message.type {
        case Int(RTM_NEWLINK), Int(RTM_DELLINK): link(message)
        case Int(RTM_NEWADDR), Int(RTM_DELADDR):
            message.body(ifaddrmsg.self).map { .address(interfaceIndex: $0.header.ifa_index) }
        case Int(RTM_NEWROUTE):
            RouteMessage(message).map {
                .route($0.key, protocolNumber: $0.protocolNumber, target: $0.target)
            }
        case Int(RTM_DELROUTE):
            RouteMessage(message).map {
                .routeRemoved($0.key, protocolNumber: $0.protocolNumber)
            }
        case Int(RTM_NEWNEXTHOP):
            NextHopMessage(message).map { .nextHop(id: $0.id, members: $0.group?.members) }
        case Int(RTM_DELNEXTHOP):
            NextHopMessage(message).map { .nextHopRemoved(id: $0.id) }
        case Int(RTM_NEWRULE), Int(RTM_DELRULE):
            RuleMessage(message).map { .rule($0.rule, protocolNumber: $0.protocolNumber) }
        default: nil
        }
    }

    private static func link(_ message: ReceivedMessage) -> RouteNotification.Change? {
        guard let (header, attributes) = message.body(ifinfomsg.self) else { return nil }
        let index = UInt32(bitPattern: header.ifi_index)
        let name = attributes.text(Int(IFLA_IFNAME)) ?? ""
        if message.type == Int(RTM_DELLINK) { return .linkRemoved(index: index, name: name) }
        let running = UInt32(IFF_UP.rawValue | IFF_RUNNING.rawValue)
        return .link(index: index, name: name, isRunning: header.ifi_flags & running == running)
    }
}
