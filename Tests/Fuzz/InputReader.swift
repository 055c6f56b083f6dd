/// Takes numbers off the front of an input; zeros when it is used up.
struct InputReader: ~Copyable {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isEmpty: Bool { index >= bytes.count }

    mutating func byte() -> UInt8 {
        guard index < bytes.count else { return 0 }
        index += 1
        return bytes[index - 1]
    }

    mutating func number() -> UInt32 {
        (0..<4).reduce(0) { number, _ in number << 8 | UInt32(byte()) }
    }

    /// Small, middling or any number at all.
    mutating func interval() -> UInt32 {
        switch byte() % 4 {
        case 0: UInt32(byte())
        case 1: UInt32(byte()) * 1_000
        case 2: UInt32(byte()) * 100_000
        default: number()
        }
    }
}
