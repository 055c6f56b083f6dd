public import CGatewatch
internal import RouteController
internal import RouteCore

extension NextHopConfiguration {
    fileprivate init(_ hop: UnsafePointer<gatewatch_next_hop>) throws(Failure) {
        let via = unsafe hop.pointee.via
        let weight = unsafe hop.pointee.weight
        let session = unsafe hop.pointee.session
        guard let gateway = via.host, (1...256).contains(weight), session > 0 else {
            throw .argument
        }
        let interface = try unsafe interfaceName(hop.pointee.interface_name)
        self.init(peer: String(session), via: gateway, interface: interface, weight: Int(weight))
    }
}

extension RoutePolicy {
    fileprivate init(onAdminDown: UInt8, whenNoneUp: UInt8) throws(Failure) {
        self.init()
        switch Int(onAdminDown) {
        case GATEWATCH_WITHDRAW: self.onAdminDown = .withdraw
        case GATEWATCH_KEEP: self.onAdminDown = .keep
        default: throw .argument
        }
        switch Int(whenNoneUp) {
        case GATEWATCH_WITHDRAW: self.whenNoneUp = .withdraw
        case GATEWATCH_KEEP: self.whenNoneUp = .keepLast
        case GATEWATCH_BLACKHOLE: self.whenNoneUp = .blackhole
        default: throw .argument
        }
    }
}

extension gatewatch_route: Record {}

extension RouteConfiguration {
    fileprivate init(
        _ source: UnsafePointer<gatewatch_route>, room: Int
    ) throws(Failure) {
        var route = unsafe gatewatch_route()
        guard unsafe Int(source.pointee.size) <= room, unsafe route.read(source) else {
            throw .argument
        }
        let address = unsafe route.prefix
        let count = Int(unsafe route.next_hop_count)
        let length = Int(unsafe route.prefix_length)
        let table = unsafe route.table
        guard let host = address.host, count <= 32_768 else { throw .argument }
        var nextHops: [NextHopConfiguration] = []
        for place in 0..<count {
            guard let hops = unsafe route.next_hops else { throw .argument }
            nextHops.append(try unsafe NextHopConfiguration(hops + place))
        }
        let prefix: Prefix
        do throws(PrefixError) {
            prefix = try Prefix(host, length: length)
        } catch {
            throw .argument
        }
        self.init(
            prefix: prefix, table: table == 0 ? 254 : table, metric: unsafe route.metric,
            nextHops: nextHops,
            policy: try RoutePolicy(
                onAdminDown: unsafe route.on_admin_down, whenNoneUp: unsafe route.when_none_up))
    }
}

/// Keeps these routes and no others.
@c @implementation
public func gatewatch_set_routes(
    _ pointer: OpaquePointer?, _ routes: UnsafePointer<gatewatch_route>?, _ count: Int,
    _ routeSize: Int
) -> Int32 {
    result { () throws(Failure) in
        let sessions = try unsafe handle(pointer).managed()
        try sessions.setRoutes(
            unsafe records(routes, count, routeSize, most: 65_536) { one throws(Failure) in
                try unsafe RouteConfiguration(one, room: routeSize)
            })
    }
}
