// Structures of the interface begin with their size and grow at their end. A caller that was
// compiled with an older header has a smaller one, and a newer one a larger one:
//
//     the caller's   | size | field | field |
//     ours           | size | field | field | field |
//
// What both have is copied. The rest of ours keeps its default, the rest of the caller's is zero.

/// A structure that begins with its size.
protocol Record {
    var size: UInt32 { get set }
}

extension Record {
    /// Takes over what the caller's structure has; `false` when it is no such structure.
    mutating func read(_ source: UnsafePointer<Self>?) -> Bool {
        guard let source = unsafe source else { return false }
        // Only the size is known to be there before it has been looked at.
        let start = unsafe UnsafeRawPointer(source)
        let size = Int(unsafe start.loadUnaligned(as: UInt32.self))
        guard size >= Self.leastSize, size <= 1 << 16 else { return false }
        let count = min(size, MemoryLayout<Self>.size)
        unsafe withUnsafeMutableBytes(of: &self) { bytes in
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(start: start, count: count))
        }
        self.size = UInt32(MemoryLayout<Self>.size)
        return true
    }

    /// Fills in the caller's structure of `size` octets; `false` when that is none.
    func write(_ target: UnsafeMutablePointer<Self>?, _ size: Int) -> Bool {
        guard let target = unsafe target, size >= Self.leastSize, size <= 1 << 16 else {
            return false
        }
        var copy = self
        copy.size = UInt32(size)
        let room = unsafe UnsafeMutableRawBufferPointer(start: target, count: size)
        unsafe withUnsafeBytes(of: copy) { bytes in
            let count = min(size, bytes.count)
            unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            for place in count..<size { unsafe room[place] = 0 }
        }
        return true
    }

    /// The same, as a result of a function of the interface.
    func give(_ target: UnsafeMutablePointer<Self>?, _ size: Int) throws(Failure) {
        guard unsafe write(target, size) else { throw .argument }
    }

    /// The size and something more.
    private static var leastSize: Int { 8 }
}

/// Reads the structures of a caller's array; `size` is that of the caller's, not of ours.
func records<Structure: Record, Value>(
    _ first: UnsafePointer<Structure>?, _ count: Int, _ size: Int, most: Int,
    _ read: (UnsafePointer<Structure>) throws(Failure) -> Value
) throws(Failure) -> [Value] {
    guard (0...most).contains(count), size >= 8 else { throw .argument }
    var values: [Value] = []
    for place in 0..<count {
        guard let first = unsafe first else { throw .argument }
        let one = unsafe UnsafeRawPointer(first).advanced(by: place * size)
            .assumingMemoryBound(to: Structure.self)
        values.append(try unsafe read(one))
    }
    return values
}

/// Text in a buffer of fixed size: cut between characters, with a final zero.
func copyText<Buffer>(_ text: String, into buffer: inout Buffer) {
    unsafe withUnsafeMutableBytes(of: &buffer) { bytes in
        var used = 0
        for character in text {
            let octets = Array(character.utf8)
            guard used + octets.count < bytes.count else { break }
            for octet in octets {
                unsafe bytes[used] = octet
                used += 1
            }
        }
        for place in used..<bytes.count { unsafe bytes[place] = 0 }
    }
}
