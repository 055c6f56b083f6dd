import BFDCore
import Daemon
import RouteCore
import Testing

/// Valid files with random damage: whatever comes of it is an answer, never a crash.
@Suite struct MutationTests {
    /// SplitMix64: the same seed gives the same damage on every machine.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    private static let pieces: [[UInt8]] = [
        "{", "}", "[", "]", ":", ": ", ",", "- ", "\n", "\t", "  ", "#", "&a ", "*a", "\"", "'",
        "|",
        ">", "? ", "!!str ", "%", "---\n", "...\n", "\u{0}", "\u{85}", "\u{2028}", "\u{feff}", "é",
        "-1", "99999999999999999999", "0x10", "1e9", "~", "null", "yes", "\\", "\"\\ud800\"",
        "<<: ",
        "peers:", "name: x", "dest-addr: ::1",
    ].map { Array($0.utf8) }

    private static func damaged(_ bytes: [UInt8], _ generator: inout Generator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let index = Int.random(in: 0...bytes.count, using: &generator)
            let end = min(bytes.count, index + Int.random(in: 0...12, using: &generator))
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes.removeSubrange(index..<end)
            case 1: bytes.insert(contentsOf: bytes[index..<end], at: index)
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: index)
            case 3: bytes.replaceSubrange(index..<end, with: pieces[generator.piece(pieces)])
            case 4:
                // A line given twice: duplicate keys.
                let start = bytes[..<index].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
                let stop = bytes[index...].firstIndex(of: 0x0a).map { $0 + 1 } ?? bytes.count
                bytes.insert(contentsOf: bytes[start..<stop], at: start)
            default: bytes.insert(contentsOf: pieces[generator.piece(pieces)], at: index)
            }
        }
        return bytes
    }

    @Test(arguments: UInt64(0)..<8)
    func `Random damage gives errors or a valid configuration`(_ seed: UInt64) throws {
        var generator = Generator(state: seed)
        let originals = try ["complete", "json", "aliases", "warnings"].map(Fixtures.bytes)
        for round in 0..<250 {
            let original = originals[round % originals.count]
            let bytes = Self.damaged(original, &generator)
            let report = ConfigurationFile.read(bytes, name: "test.yaml")
            let isAnswered = (report.configuration == nil) == (report.errorCount > 0)
            #expect(isAnswered, "seed \(seed), round \(round)")
            if let configuration = report.configuration {
                #expect(Self.isValid(configuration), "seed \(seed), round \(round)")
            }
        }
    }

    /// What the rest of the daemon relies on.
    private static func isValid(_ configuration: DaemonConfiguration) -> Bool {
        let names = configuration.peers.map(\.name)
        return Set(names).count == names.count
            && Set(configuration.routes.map(\.key)).count == configuration.routes.count
            && configuration.peers.allSatisfy { peer in
                peer.localMultiplier > 0 && peer.minimumTTL > 0
                    && peer.desiredMinTxInterval.count >= 250
                    && peer.requiredMinRxInterval.count >= 250
                    && (peer.sourceAddress.map { $0.family == peer.destinationAddress.family }
                        ?? true)
            }
            && configuration.routes.allSatisfy { route in
                !route.nextHops.isEmpty
                    && route.nextHops.allSatisfy { hop in
                        (1...256).contains(hop.weight)
                            && configuration.peers.contains { peer in
                                peer.name == hop.peer
                                    && peer.destinationAddress.family == route.key.prefix.family
                            }
                    }
            }
    }
}

extension MutationTests.Generator {
    mutating func piece(_ pieces: [[UInt8]]) -> Int {
        Int.random(in: 0..<pieces.count, using: &self)
    }
}
