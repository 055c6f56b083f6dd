internal import BFDCore
public import CGatewatch
internal import Gatewatch
internal import RouteCore

extension gatewatch_address {
    /// The address; `nil` for none, and for a family that does not exist.
    var host: HostAddress? {
        var copy = octets
        let bytes = unsafe withUnsafeBytes(of: &copy) { unsafe [UInt8]($0) }
        switch family {
        case 4: return HostAddress(bytes: bytes[..<4])
        case 6: return HostAddress(bytes: bytes)
        default: return nil
        }
    }

    /// The same for the core.
    var address: IPAddress? { host.map { IPAddress($0) } }

    init(_ host: HostAddress) {
        self.init()
        family = host.family == .ipv4 ? 4 : 6
        let bytes = host.bytes
        unsafe withUnsafeMutableBytes(of: &octets) { octets in
            for (place, byte) in bytes.enumerated() { unsafe octets[place] = byte }
        }
    }

    init(_ address: IPAddress) { self.init(HostAddress(address)) }
}

extension HostAddress {
    /// The same address for people.
    init(_ address: IPAddress) {
        if address.isIPv6 {
            self.init(ipv6: UInt128(address.high) << 64 | UInt128(address.low))
        } else {
            self.init(ipv4: UInt32(truncatingIfNeeded: address.high >> 32))
        }
    }
}

/// Reads an address.
@c @implementation
public func gatewatch_address_parse(
    _ text: UnsafePointer<CChar>?, _ address: UnsafeMutablePointer<gatewatch_address>?
) -> Int32 {
    result { () throws(Failure) in
        guard let text = unsafe text, let address = unsafe address,
            let host = HostAddress(unsafe String(cString: text))
        else { throw .argument }
        unsafe address.pointee = gatewatch_address(host)
    }
}

/// Writes an address.
@c @implementation
public func gatewatch_address_text(
    _ address: UnsafePointer<gatewatch_address>?, _ text: UnsafeMutablePointer<CChar>?, _ size: Int
) -> Int32 {
    Int32(
        number { () throws(Failure) in
            guard let address = unsafe address, let text = unsafe text,
                let host = unsafe address.pointee.host
            else { throw .argument }
            let octets = host.description.utf8
            guard octets.count < size else { throw .argument }
            for (place, octet) in octets.enumerated() {
                unsafe text[place] = CChar(truncatingIfNeeded: octet)
            }
            unsafe text[octets.count] = 0
            return Int64(octets.count)
        })
}
