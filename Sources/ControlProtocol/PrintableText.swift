extension String {
    /// In one line and without control characters, which could move a terminal's cursor or pretend
    /// to be a line of their own.
    public var printable: String {
        String(map { $0.unicodeScalars.contains(where: \.isControl) ? " " : $0 })
    }
}

extension Unicode.Scalar {
    /// Whether it is one of the two sets of control characters, or ends a line or a paragraph.
    fileprivate var isControl: Bool {
        value < 0x20 || (0x7f...0x9f).contains(value) || value == 0x2028 || value == 0x2029
    }
}
