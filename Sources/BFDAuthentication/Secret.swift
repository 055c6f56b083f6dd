/// A password or key, which no text, no dump and no mirror shows.
public struct Secret: Sendable, CustomStringConvertible, CustomReflectable {
    let octets: [UInt8]

    /// A secret by its octets, which may be any, zero included.
    public init(_ octets: [UInt8]) {
        self.octets = octets
    }

    /// How many octets it has.
    public var count: Int { octets.count }

    /// Never the octets.
    public var description: String { "(secret)" }

    /// Never the octets.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
