public import LinuxSystem
internal import Netlink
public import NodeCore
internal import RouteCore

/// A look at the inside of a network namespace.
public struct NamespaceInspection: Sendable {
    /// How long a gateway may take to answer: the kernel asks a second time after a second.
    private static let patience: Int64 = 1_500_000_000

    /// What is looked at.
    public var interface: String?
    /// Gateways to ask beside those of default routes.
    public var gateways: [String] = []
    /// Whether gateways that nobody has talked to lately are asked, by an empty datagram to their
    /// discard port. Otherwise only what the kernel knows already counts.
    public var asks = false

    /// A look at whether there is an interface of this name, and how it stands.
    public init(interface: String?) {
        self.interface = interface
    }

    /// What was seen.
    public struct Result: Sendable {
        /// Whether the interface is there; nil when none was named.
        public let hasInterface: Bool?
        /// How it stands; nil when it is not there.
        public let state: InterfaceEvidence?
    }

    /// Looks, from a thread that goes into the namespace; this one stays where it is.
    public func make(inNamespaceAt path: String) throws(NetworkNamespaceError) -> Result {
        try NamespaceVisit.make(path) { look() }
    }

    /// Who sends BFD packets into the namespace at a path within the time; nil when nobody may
    /// watch.
    public static func senders(
        inNamespaceAt path: String, milliseconds: Int32
    ) -> Set<String>? {
        let watched = try? NamespaceVisit.make(path) { () -> Set<SocketAddress>? in
            try? WireWatch.senders(
                until: Clock.monotonicNanoseconds() + Int64(milliseconds) * 1_000_000)
        }
        guard let senders = watched.flatMap(\.self) else { return nil }
        return Set(senders.map { sender in "\(HostAddress(sender))" })
    }

    private func look() -> Result {
        guard let interface else { return Result(hasInterface: nil, state: nil) }
        guard let index = NetworkInterface.index(named: interface),
            let state = InterfaceState(of: interface)
        else { return Result(hasInterface: false, state: nil) }
        var evidence = InterfaceEvidence()
        evidence.isUp = state.isUp
        evidence.hasCarrier = state.isRunning
        evidence.mtu = state.mtu
        evidence.hardwareAddress = state.hardwareAddress
        evidence.isLoopbackUp = InterfaceState(of: "lo")?.isUp ?? false
        evidence.hasReceiver = NetworkFiles.isReceiving(by: 3_784)
        let subnets = (try? NetworkInterface.subnets()) ?? []
        evidence.addresses = subnets.filter { $0.interfaceIndex == index }.compactMap { subnet in
            let address = HostAddress(subnet.address)
            return address.family == .ipv6 && address.isLinkLocal
                ? nil : "\(address)/\(subnet.bitCount)"
        }
        let routers = NetworkFiles.defaultGateways(by: interface).map { HostAddress($0) }
        evidence.defaultGateways = routers.map { "\($0)" }
        if state.isUp, state.isRunning {
            let others = gateways.compactMap { HostAddress($0) }.filter { !routers.contains($0) }
            evidence.silentGateways = silent(routers + others, index).map { "\($0)" }
        }
        return Result(hasInterface: true, state: evidence)
    }

    /// Those that do not answer.
    private func silent(_ gateways: [HostAddress], _ index: UInt32) -> [HostAddress] {
        guard !gateways.isEmpty, let reader = try? PathReader() else { return [] }
        if asks { gateways.forEach { ask($0, index) } }
        let deadline = Clock.monotonicNanoseconds() + Self.patience
        while true {
            var silent: [HostAddress] = []
            for gateway in gateways {
                switch try? reader.neighbor(gateway, interfaceIndex: index) {
                case .failed, .incomplete: silent.append(gateway)
                case .known, .absent, nil: break
                }
            }
            if !asks || silent.isEmpty || Clock.monotonicNanoseconds() >= deadline {
                return silent
            }
            Clock.sleep(milliseconds: 20)
        }
    }

    private func ask(_ gateway: HostAddress, _ index: UInt32) {
        let address = SocketAddress(gateway)
        guard let socket = try? DatagramSocket(isIPv6: address.isIPv6),
            (try? socket.connect(to: address, port: 9, interfaceIndex: index)) != nil
        else { return }
        _ = DatagramSocket.send(TransmitBuffer(), byteCount: 0, fromConnected: socket.descriptor)
    }
}

extension HostAddress {
    fileprivate init(_ address: SocketAddress) {
        if address.isIPv6 {
            self.init(ipv6: UInt128(address.high) << 64 | UInt128(address.low))
        } else {
            self.init(ipv4: UInt32(truncatingIfNeeded: address.high >> 32))
        }
    }
}

extension SocketAddress {
    fileprivate init(_ address: HostAddress) {
        switch address.family {
        case .ipv4:
            self.init(high: UInt64(address.bits) << 32, low: 0, isIPv6: false)
        case .ipv6:
            self.init(
                high: UInt64(address.bits >> 64), low: UInt64(truncatingIfNeeded: address.bits),
                isIPv6: true)
        }
    }
}
