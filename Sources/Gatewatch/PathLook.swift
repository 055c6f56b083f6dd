internal import BFDDriver
public import LinuxSystem
public import Netlink
public import RouteCore

/// A peer whose way is looked at.
public struct PathTarget: Sendable {
    /// The peer's name.
    public var name: String
    /// Its address.
    public var destination: HostAddress
    /// Our configured address, if any.
    public var source: HostAddress?
    /// The configured link, if any.
    public var interface: String?
    /// The UDP port of its packets; `nil` for any of BFD's.
    public var port: UInt16?

    /// A target by its parts.
    public init(
        name: String, destination: HostAddress, source: HostAddress?, interface: String?,
        port: UInt16? = nil
    ) {
        self.name = name
        self.destination = destination
        self.source = source
        self.interface = interface
        self.port = port
    }
}

/// What was seen of the way to a peer. What could not be looked at is nil.
public struct PathSight: Sendable {
    /// The peer's name.
    public var name: String
    /// The link, with its name: the configured one, or the one that the route leads to.
    public var link: (name: String, state: PathReader.Link)?
    /// Our configured address, if any.
    public var source: HostAddress?
    /// Whether a link has our configured address; nil without one.
    public var hasSource: Bool?
    /// Where the routes lead.
    public var route: PathReader.Route?
    /// Whom packets are handed to first, and what the kernel knows of it.
    public var neighbor: (nextHop: HostAddress, state: PathReader.Neighbor)?
    /// Whether the links were watched for the peer's packets: one watch is for so many peers only.
    public var isWatched = false
    /// How many of the peer's packets came to a link meanwhile.
    public var arrived = 0
    /// What somebody said about our packets meanwhile.
    public var complaint: WireWatch.Sight?
}

/// What was seen of all ways at once.
public struct PathReport: Sendable {
    /// A sight for each target, in their order.
    public var sights: [PathSight]
    /// Other programs that receive by the ports of BFD.
    public var otherReceivers: [PortSurvey.Holder] = []
    /// How long the links were watched, in milliseconds; nil when they could not be.
    public var watchedMilliseconds: Int64?
    /// How many packets the reverse path filter dropped meanwhile.
    public var reversePathDrops = 0
    /// The links that have addresses, by their indices.
    public var interfaceNames: [UInt32: String] = [:]
    /// What could not be looked at, in the kernel's words.
    public var failures: [String] = []
}

extension Gatewatch {
    /// Looks at the ways to some peers, in a thread of its own in the daemon's namespace, and
    /// watches the links for their packets; sends nothing.
    ///
    /// Watching ends as soon as every target was heard of, and after `milliseconds` at the latest.
    /// `completion` runs in that thread.
    public func look(
        at targets: [PathTarget], milliseconds: Int64,
        completion: @escaping @Sendable (PathReport) -> Void
    ) {
        let isPosted = routeCommands.post(
            .visit(
                { completion(PathLook.report(on: targets, milliseconds: milliseconds)) },
                failed: { error in
                    completion(
                        PathReport(
                            sights: targets.map { PathSight(name: $0.name) },
                            failures: ["\(error)"]))
                }))
        if !isPosted {
            completion(
                PathReport(
                    sights: targets.map { PathSight(name: $0.name) },
                    failures: ["the control thread has too much to do"]))
        }
    }
}

/// Looks around in the calling thread's namespace.
enum PathLook {
    static func report(on targets: [PathTarget], milliseconds: Int64) -> PathReport {
        var report = PathReport(sights: [])
        do throws(NetlinkError) {
            let reader = try PathReader()
            let own = try targets.contains { $0.source != nil } ? reader.addresses() : []
            for target in targets {
                report.sights.append(sight(of: target, reader, own, &report.failures))
            }
        } catch {
            report.failures.append("\(error)")
            report.sights = targets.map { PathSight(name: $0.name) }
        }
        for subnet in (try? NetworkInterface.subnets()) ?? [] {
            let index = subnet.interfaceIndex
            report.interfaceNames[index] = NetworkInterface.name(at: index)
        }
        for port: UInt16 in [3784, 4784, 3785] {
            report.otherReceivers += PortSurvey.othersReceiving(by: port)
        }
        if milliseconds > 0 { watch(targets, milliseconds, &report) }
        return report
    }

    private static func sight(
        of target: PathTarget, _ reader: borrowing PathReader, _ own: Set<HostAddress>,
        _ failures: inout [String]
    ) -> PathSight {
        var sight = PathSight(name: target.name, source: target.source)
        do throws(NetlinkError) {
            if let name = target.interface { sight.link = (name, try reader.link(named: name)) }
            if let source = target.source { sight.hasSource = own.contains(source) }
            let index = target.interface.flatMap { NetworkInterface.index(named: $0) }
            if target.interface != nil, index == nil { return sight }
            let source = sight.hasSource == true ? target.source : nil
            let route = try reader.route(
                to: target.destination, from: source, interfaceIndex: index)
            sight.route = route
            guard case .through(let index, let router, _) = route else { return sight }
            if sight.link == nil, let name = NetworkInterface.name(at: index) {
                sight.link = (name, try reader.link(named: name))
            }
            let nextHop = router ?? target.destination
            sight.neighbor = (nextHop, try reader.neighbor(nextHop, interfaceIndex: index))
        } catch {
            failures.append("\(target.name): \(error)")
        }
        return sight
    }

    private static func watch(
        _ targets: [PathTarget], _ milliseconds: Int64, _ report: inout PathReport
    ) {
        let addresses = targets.map { SocketAddress($0.destination) }
        var places: [SocketAddress: [Int]] = [:]
        for (place, address) in addresses.enumerated() {
            places[address, default: []].append(place)
        }
        // No link has the number 0: nothing comes to one that is not there.
        let links = targets.map { target in
            target.interface.map { NetworkInterface.index(named: $0) ?? 0 }
        }
        let begin = Clock.monotonicNanoseconds()
        let dropsBefore = KernelCounter.reversePathDrops()
        var unheard = Set(targets.indices.prefix(WireWatch.mostSources))
        do throws(SystemError) {
            let watch = try WireWatch(for: addresses)
            for place in unheard { report.sights[place].isWatched = true }
            while !unheard.isEmpty,
                let sight = watch.next(until: begin + milliseconds * 1_000_000)
            {
                switch sight {
                case .packet(let source, _, let port, let link):
                    // Another link may have somebody of the same link-local address, and the same
                    // peer a session of another kind.
                    for place in places[source] ?? []
                    where links[place] ?? link == link && targets[place].port ?? port == port {
                        report.sights[place].arrived += 1
                        unheard.remove(place)
                    }
                case .complaint(_, let destination, let port, _, _):
                    for place in places[destination] ?? []
                    where targets[place].port ?? port == port {
                        report.sights[place].complaint = sight
                        unheard.remove(place)
                    }
                }
            }
            report.watchedMilliseconds = (Clock.monotonicNanoseconds() - begin) / 1_000_000
            report.reversePathDrops = KernelCounter.reversePathDrops() - dropsBefore
        } catch {
            report.failures.append("\(error)")
        }
    }
}

extension SocketAddress {
    /// The address as sockets take it.
    fileprivate init(_ address: HostAddress) {
        switch address.family {
        case .ipv4: self.init(high: UInt64(address.bits) << 32, low: 0, isIPv6: false)
        case .ipv6:
            self.init(
                high: UInt64(address.bits >> 64), low: UInt64(truncatingIfNeeded: address.bits),
                isIPv6: true)
        }
    }
}
