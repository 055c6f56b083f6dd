/// The interface of a network namespace and what is around it, as the kernel tells it.
public struct InterfaceEvidence: Sendable, Hashable {
    /// Whether it was set up.
    public var isUp = true
    /// Whether something is plugged in at the other end.
    public var hasCarrier = true
    /// Octets of the largest packet.
    public var mtu = 1_500
    /// Such as `00:00:00:5e:00:01`.
    public var hardwareAddress = ""
    /// Its addresses with their length, such as `10.9.0.10/24`; link-local IPv6 is left out.
    public var addresses: [String] = []
    /// Whether `lo` is up.
    public var isLoopbackUp = true
    /// The gateways of default routes that leave by it.
    public var defaultGateways: [String] = []
    /// Gateways that were asked for their hardware address, and do not answer.
    public var silentGateways: [String] = []
    /// Whether any program receives by the BFD port.
    public var hasReceiver = false

    /// An interface without any fault, and without an address.
    public init() {}
}

/// What an interface must be like; what is nil or empty may be anything.
public struct InterfaceExpectation: Sendable, Hashable {
    /// Addresses with or without their length.
    public var addresses: [String] = []
    /// Such as `00:00:00:5e:00:01`.
    public var hardwareAddress: String?
    /// Octets of the largest packet.
    public var mtu: Int?
    /// The gateway of a default route.
    public var gateway: String?
    /// Whether it needs any address beside a link-local one.
    public var needsAddress = true
    /// Whether it is Kube-OVN's, which needs `lo` and a default route.
    public var isKubeOVN = false
    /// Whether a BFD daemon must be there.
    public var needsDaemon = false

    /// An interface that may be anything.
    public init() {}
}

extension InterfaceEvidence {
    /// What is not as expected, the deepest cause first.
    public func faults(against wanted: InterfaceExpectation) -> [String] {
        var faults: [String] = []
        if !isUp {
            faults.append("it is down")
        } else if !hasCarrier {
            faults.append("it has no carrier: nothing is plugged in at its other end")
        }
        if let mac = wanted.hardwareAddress, mac.lowercased() != hardwareAddress.lowercased() {
            faults.append("its MAC is \(hardwareAddress), not \(mac)")
        }
        if let mtu = wanted.mtu, mtu != self.mtu {
            faults.append("its MTU is \(self.mtu), not \(mtu)")
        }
        if wanted.needsAddress { faults += addressFaults(wanted.addresses) }
        if wanted.isKubeOVN, !isLoopbackUp {
            faults.append("lo is down, so nobody reaches a daemon at 127.0.0.1")
        }
        if let gateway = wanted.gateway, !defaultGateways.contains(gateway) {
            faults.append("no default route leads to \(gateway)" + otherGateways)
        } else if wanted.isKubeOVN, defaultGateways.isEmpty {
            faults.append("no default route leaves by it")
        }
        return faults
    }

    private func addressFaults(_ wanted: [String]) -> [String] {
        guard !addresses.isEmpty else { return ["it has no address"] }
        let bare = addresses.map(Self.withoutLength)
        let missing = wanted.filter { address in
            address.contains("/") ? !addresses.contains(address) : !bare.contains(address)
        }
        guard !missing.isEmpty else { return [] }
        return [
            "it has \(addresses.joined(separator: ", ")) and not "
                + missing.joined(separator: ", ")
        ]
    }

    private var otherGateways: String {
        defaultGateways.isEmpty
            ? "" : " but to \(defaultGateways.joined(separator: ", "))"
    }

    private static func withoutLength(_ address: String) -> String {
        address.split(separator: "/").first.map(String.init) ?? address
    }
}
