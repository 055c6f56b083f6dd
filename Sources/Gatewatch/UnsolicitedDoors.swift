internal import BFDCore
internal import BFDDriver
internal import LinuxSystem
internal import RouteCore

/// Tells the engine what it needs to know of interfaces whose peers may start sessions (RFC 9468).
struct UnsolicitedDoors {
    private let interfaces: Set<String>
    private let isOpen: Bool
    private let engine: EngineGroup

    init(_ peers: [UnsolicitedPeers], _ engine: EngineGroup) {
        interfaces = Set(peers.compactMap(\.interface))
        isOpen = !peers.isEmpty
        self.engine = engine
    }

    func interfaceChanged(_ name: String, _ index: UInt32) {
        guard interfaces.contains(name) else { return }
        engine.setTemplateInterface(name, index: index)
    }

    func rereadInterfaces() {
        for name in interfaces {
            interfaceChanged(name, NetworkInterface.index(named: name) ?? 0)
        }
    }

    func addressesChanged() {
        guard isOpen, let subnets = try? NetworkInterface.subnets() else { return }
        engine.setSubnets(subnets.map { InterfaceSubnet($0) })
    }

    /// What a peer that came by itself may be called: its address, or address and interface.
    static func names(_ session: SessionConfiguration, _ interface: String?) -> [String] {
        let address = session.path.destination
        let text = "\(HostAddress(address))"
        guard let interface else { return [text] }
        let full = "\(text)%\(interface)"
        return address.isLinkLocal ? [full] : [text, full]
    }
}

extension HostAddress {
    /// The same address for people.
    fileprivate init(_ address: IPAddress) {
        if address.isIPv6 {
            self.init(ipv6: UInt128(address.high) << 64 | UInt128(address.low))
        } else {
            self.init(ipv4: UInt32(truncatingIfNeeded: address.high >> 32))
        }
    }
}
