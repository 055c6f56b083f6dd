internal import CNetlinkRoute

/// A message from the kernel; its octets are a copy, so it can be kept.
struct ReceivedMessage {
    let type: Int
    let flags: Int32
    let sequence: UInt32
    /// The port of the socket whose request caused this, 0 for none.
    let port: UInt32
    let payload: ArraySlice<UInt8>

    /// Splits what one read gave; what does not parse ends the list.
    static func all(in bytes: [UInt8]) -> [ReceivedMessage] {
        var rest = bytes[...]
        var messages: [ReceivedMessage] = []
        let headerLength = MemoryLayout<nlmsghdr>.size
        while let header = rest.load(nlmsghdr.self), Int(header.nlmsg_len) >= headerLength,
            Int(header.nlmsg_len) <= rest.count
        {
            let end = rest.startIndex + Int(header.nlmsg_len)
            messages.append(
                ReceivedMessage(
                    type: Int(header.nlmsg_type), flags: Int32(header.nlmsg_flags),
                    sequence: header.nlmsg_seq, port: header.nlmsg_pid,
                    payload: rest[(rest.startIndex + headerLength)..<end]))
            rest = rest.dropFirst(aligned(Int(header.nlmsg_len)))
        }
        return messages
    }

    /// The family header and the attributes behind it.
    func body<Header: BitwiseCopyable>(
        _ type: Header.Type
    ) -> (header: Header, attributes: Attributes)? {
        guard let header = payload.load(type) else { return nil }
        return (header, Attributes(payload.dropFirst(aligned(MemoryLayout<Header>.size))))
    }
}

/// The attributes of a message, by number; a repeated one counts as its last.
struct Attributes {
    private var values: [Int: ArraySlice<UInt8>] = [:]

    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        let headerLength = MemoryLayout<nlattr>.size
        while let header = rest.load(nlattr.self), Int(header.nla_len) >= headerLength,
            Int(header.nla_len) <= rest.count
        {
            let end = rest.startIndex + Int(header.nla_len)
            // The two upper bits say "nested" and "network order".
            let type = Int(header.nla_type & 0x3fff)
            values[type] = rest[(rest.startIndex + headerLength)..<end]
            rest = rest.dropFirst(aligned(Int(header.nla_len)))
        }
    }

    subscript(_ attribute: Int) -> ArraySlice<UInt8>? { values[attribute] }

    func number(_ attribute: Int) -> UInt32? { values[attribute]?.load(UInt32.self) }

    /// A text that ends with a zero octet.
    func text(_ attribute: Int) -> String? {
        values[attribute].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// Netlink pads headers and attributes to four octets.
func aligned(_ length: Int) -> Int { (length + 3) & ~3 }

extension ArraySlice<UInt8> {
    /// A number or C structure at the beginning; nil when there are too few octets.
    func load<Value: BitwiseCopyable>(_ type: Value.Type) -> Value? {
        guard count >= MemoryLayout<Value>.size else { return nil }
        return unsafe withUnsafeBytes { unsafe $0.loadUnaligned(as: type) }
    }
}
