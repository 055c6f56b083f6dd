// A session as octets, for a process of the same build or of one whose sessions are arranged alike.
//
// They are the memory of the value: nothing can be forgotten when a variable is added. What goes
// with it is a number for the arrangement, held by a test against the list of all variables.

extension Session {
    /// The arrangement of the octets; another number for every change of the variables.
    public static var octetsVersion: UInt32 { 1 }
    /// How many octets a session is.
    public static var octetCount: Int { MemoryLayout<Session>.size }

    /// Appends the session's octets.
    public func appendOctets(to octets: inout [UInt8]) {
        unsafe withUnsafeBytes(of: self) { bytes in unsafe octets.append(contentsOf: bytes) }
    }

    /// A session from octets that a process with the same `octetsVersion` and `octetCount` wrote;
    /// `nil` for another count of octets.
    public init?(octets: ArraySlice<UInt8>) {
        guard octets.count == Session.octetCount else { return nil }
        self = unsafe octets.withUnsafeBytes { bytes in
            unsafe bytes.loadUnaligned(as: Session.self)
        }
    }
}

extension EngineTotals {
    /// How many octets the totals are.
    public static var octetCount: Int { MemoryLayout<EngineTotals>.size }

    /// Appends the octets of the totals.
    public func appendOctets(to octets: inout [UInt8]) {
        unsafe withUnsafeBytes(of: self) { bytes in unsafe octets.append(contentsOf: bytes) }
    }

    /// Totals from octets that a process with the same `Session.octetsVersion` wrote; `nil` for
    /// another count of octets.
    public init?(octets: ArraySlice<UInt8>) {
        guard octets.count == EngineTotals.octetCount else { return nil }
        self = unsafe octets.withUnsafeBytes { bytes in
            unsafe bytes.loadUnaligned(as: EngineTotals.self)
        }
    }
}
