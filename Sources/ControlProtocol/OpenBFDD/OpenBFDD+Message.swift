extension OpenBFDD {
    /// A command on its way: the magic number, each word with a zero behind it, one more zero.
    public enum Message: Sendable, Hashable {
        /// There is more to come.
        case incomplete
        /// It can become no command any more.
        case malformed
        /// All of it is there.
        case words([String])

        /// How long a message may be.
        public static var maximumByteCount: Int { 1_024 }
        private static var magicNumber: [UInt8] { [0xfe, 0xed, 0x19, 0x66] }

        /// Looks at what has come so far.
        public init(_ octets: [UInt8]) {
            let head = octets.prefix(4)
            guard head.elementsEqual(Self.magicNumber.prefix(head.count)) else {
                self = .malformed
                return
            }
            var words: [String] = []
            var rest = octets.dropFirst(4)
            while let end = rest.firstIndex(of: 0) {
                let word = rest[..<end]
                rest = rest[(end + 1)...]
                if word.isEmpty {
                    self = rest.isEmpty && !words.isEmpty ? .words(words) : .malformed
                    return
                }
                words.append(String(decoding: word, as: UTF8.self))
            }
            self = octets.count < Self.maximumByteCount ? .incomplete : .malformed
        }

        /// A message of words, those that are empty left out; nil when it would be too long.
        public static func octets(of words: [String]) -> [UInt8]? {
            var octets = magicNumber
            for word in words where !word.isEmpty { octets += Array(word.utf8) + [0] }
            octets.append(0)
            return octets.count <= maximumByteCount ? octets : nil
        }
    }
}
