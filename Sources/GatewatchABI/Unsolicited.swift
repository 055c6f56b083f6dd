internal import BFDCore
internal import BFDDriver
public import CGatewatch

extension gatewatch_unsolicited: Record {}

extension UnsolicitedPeers {
    /// Reads a caller's structure, for which there is so much room.
    init(_ source: UnsafePointer<gatewatch_unsolicited>, room: Int) throws(Failure) {
        var record = unsafe gatewatch_unsolicited()
        guard unsafe Int(source.pointee.size) <= room, unsafe record.read(source) else {
            throw .argument
        }
        let prefix = unsafe record.prefix
        let length = unsafe record.prefix_length
        guard let address = prefix.address, length <= (address.isIPv6 ? 128 : 32) else {
            throw .argument
        }
        var template = UnsolicitedTemplate(
            prefix: AddressPrefix(address: address, bitCount: length))
        func set<Value: BinaryInteger>(_ target: inout Value, _ value: Value) {
            if value != 0 { target = value }
        }
        let maximum = unsafe record.maximum_sessions
        guard maximum <= 65_536 else { throw .argument }
        set(&template.maximumSessionCount, Int(maximum))
        if unsafe record.is_refused != 0 { template.maximumSessionCount = 0 }
        set(&template.detectMultiplier, unsafe record.detect_multiplier)
        let desired = unsafe record.desired_min_tx_us
        let required = unsafe record.required_min_rx_us
        if desired != 0 { template.desiredMinTxInterval = Microseconds(desired) }
        if required != 0 { template.requiredMinRxInterval = Microseconds(required) }
        self.init(
            template: template, interface: try unsafe interfaceName(record.interface_name),
            keyChain: try unsafe KeyRequest.optional(record.keys)?.keyChain)
    }

    /// Reads the caller's structures, which may be of another size than ours.
    static func all(
        _ first: UnsafePointer<gatewatch_unsolicited>?, _ count: Int, _ size: Int
    ) throws(Failure) -> [UnsolicitedPeers] {
        try unsafe records(first, count, size, most: 256) {
            one throws(Failure) in try unsafe UnsolicitedPeers(one, room: size)
        }
    }
}
