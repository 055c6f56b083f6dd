public import BFDCore
public import RouteCore

extension IPAddress {
    /// The same address as routes have it.
    public init(_ address: HostAddress) {
        switch address.family {
        case .ipv4: self.init(ipv4: UInt32(truncatingIfNeeded: address.bits))
        case .ipv6:
            self.init(
                ipv6High: UInt64(truncatingIfNeeded: address.bits >> 64),
                low: UInt64(truncatingIfNeeded: address.bits))
        }
    }

    /// Reads "10.9.0.1" or any form of an IPv6 address, without zone and brackets.
    ///
    /// `nil` for anything else.
    public init?(parsing text: String) {
        guard let address = HostAddress(text) else { return nil }
        self.init(address)
    }
}
