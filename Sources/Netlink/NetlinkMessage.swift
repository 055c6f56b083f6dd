internal import CNetlinkRoute
internal import RouteCore

/// A request under construction.
@safe
struct NetlinkMessage: ~Copyable {
    /// Room for a multipath route over 256 IPv6 next hops, with plenty to spare.
    private static let byteCapacity = 16_384

    let raw: OpaquePointer
    /// What is asked, for error texts.
    let operation: String

    private init(owning raw: OpaquePointer, operation: String) {
        unsafe self.raw = raw
        self.operation = operation
    }

    deinit {
        unsafe nlmsg_free(raw)
    }

    /// A request with its family header; `flags` beyond `NLM_F_REQUEST`.
    static func request(
        _ kind: RequestKind, flags: Int32 = 0, header: some BitwiseCopyable, operation: String
    ) throws(NetlinkError) -> NetlinkMessage {
        guard let raw = unsafe nlmsg_alloc_size(byteCapacity) else {
            throw .outOfMemory(operation: operation)
        }
        let message = unsafe NetlinkMessage(owning: raw, operation: operation)
        guard
            unsafe nlmsg_put(
                message.raw, UInt32(NL_AUTO_PORT), UInt32(NL_AUTO_SEQ), Int32(kind.number), 0,
                NLM_F_REQUEST | flags) != nil
        else { throw .outOfMemory(operation: operation) }
        var copy = header
        let result = unsafe withUnsafeMutableBytes(of: &copy) { bytes in
            unsafe nlmsg_append(
                message.raw, bytes.baseAddress, bytes.count, Int32(NLMSG_ALIGNTO))
        }
        guard result == 0 else { throw .messageTooLarge(operation: operation) }
        return message
    }

    /// Adds an attribute that is a number of fixed size.
    borrowing func put(_ attribute: Int, _ value: UInt32) throws(NetlinkError) {
        try check(unsafe nla_put_u32(raw, Int32(attribute), value))
    }

    /// Adds an attribute of octets; none make a flag.
    borrowing func put(_ attribute: Int, _ bytes: [UInt8] = []) throws(NetlinkError) {
        let result = unsafe bytes.withUnsafeBytes { buffer in
            unsafe nla_put(raw, Int32(attribute), Int32(buffer.count), buffer.baseAddress)
        }
        try check(result)
    }

    /// Adds an address in network order.
    borrowing func put(_ attribute: Int, _ address: HostAddress) throws(NetlinkError) {
        try put(attribute, address.bytes)
    }

    private borrowing func check(_ result: Int32) throws(NetlinkError) {
        guard result == 0 else { throw .messageTooLarge(operation: operation) }
    }
}

/// The octets of a C structure, as it lies in memory.
func octets(of value: some BitwiseCopyable) -> [UInt8] {
    unsafe withUnsafeBytes(of: value) { unsafe [UInt8]($0) }
}
