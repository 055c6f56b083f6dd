import BFDCore
import BFDDriver
import Foundation
import Testing

@testable import Daemon

/// What is kept of sessions in the state directory, and what happens to it there.
@Suite("Session memory")
struct SessionMemoryFileTests {
    private let directory = FileManager.default.temporaryDirectory
        .appending(path: "gwt-\(UUID().uuidString)")

    private func sample(_ number: UInt32) -> KeptSession {
        var memory = SessionMemory()
        memory.localDiscriminator = number
        memory.remoteDiscriminator = 0xfedc_ba98
        memory.desiredMinTxInterval = Microseconds(300_000)
        memory.requiredMinRxInterval = Microseconds(301_000)
        memory.transmitIntervalInEffect = Microseconds(302_000)
        memory.receiveIntervalInEffect = Microseconds(303_000)
        memory.remoteMinRxInterval = Microseconds(304_000)
        memory.remoteDesiredMinTxInterval = Microseconds(305_000)
        memory.remoteMinEchoRxInterval = Microseconds(.max)
        memory.detectMultiplier = 3
        memory.remoteDetectMultiplier = 255
        memory.up = Instant(nanoseconds: -5)
        memory.heard = Instant(nanoseconds: .max)
        let sources: [IPAddress?] = [
            nil, IPAddress(ipv4: 0x0a09_0001), IPAddress(ipv6High: .max, low: 7),
        ]
        return KeptSession(
            memory: memory, port: 65_535, source: sources[Int(number) % 3],
            namespaceInode: 4_026_531_840)
    }

    private func samples(_ count: Int, at moment: Int64) -> KeptSessions {
        KeptSessions(moment: moment, sessions: (0..<count).map { sample(UInt32($0 + 1)) })
    }

    @Test(arguments: [0, 1, 2, 3, 1_000])
    func `what is written is read again`(_ count: Int) throws {
        let kept = samples(count, at: 77)
        let octets = SessionMemoryFile.encode(kept, boot: "this")
        #expect(try SessionMemoryFile.decode(octets, boot: "this") == kept)
        // A longer one may have stood there before.
        #expect(try SessionMemoryFile.decode(octets + [1, 2, 3], boot: "this") == kept)
    }

    @Test func `of two files the later is read, and a damaged one leaves the other`() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        var file = SessionMemoryFile(directory: directory.path)
        #expect(try file.read(boot: "this") == nil)
        for moment in 1...5 { try file.write(samples(moment % 3, at: Int64(moment)), boot: "this") }
        #expect(try file.read(boot: "this") == samples(2, at: 5))
        for number in 0...1 {
            let path = directory.appending(path: "sessions-\(number).bin")
            let mode = try FileManager.default.attributesOfItem(atPath: path.path)
            #expect(mode[.posixPermissions] as? Int == 0o600)
            var octets = try Data(contentsOf: path)
            octets[50] ^= 1
            try octets.write(to: path)
            if number == 0 { #expect(try file.read(boot: "this")?.moment ?? 0 >= 4) }
        }
        #expect(throws: SessionMemoryFile.Refusal.damaged) { try file.read(boot: "this") }
        file.erase()
        #expect(try file.read(boot: "this") == nil)
    }

    @Test func `the moment is written anew in the one that was written last`() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        var file = SessionMemoryFile(directory: directory.path)
        try file.write(moment: 1)
        #expect(try file.read(boot: "this") == nil)
        try file.write(samples(1, at: 10), boot: "a")
        try file.write(samples(2, at: 20), boot: "a")
        try file.write(moment: 25)
        #expect(try file.read(boot: "a") == samples(2, at: 25))
        try file.write(samples(3, at: 30), boot: "a")
        #expect(try file.read(boot: "a") == samples(3, at: 30))
    }

    @Test func `cut short or changed anywhere, it is refused and harms nobody`() throws {
        let octets = SessionMemoryFile.encode(samples(2, at: 1), boot: "this")
        for count in 0..<octets.count {
            #expect(throws: SessionMemoryFile.Refusal.self) {
                try SessionMemoryFile.decode(Array(octets.prefix(count)), boot: "this")
            }
        }
        for place in octets.indices {
            for bit in [UInt8(1), 0x80] {
                var changed = octets
                changed[place] ^= bit
                #expect(throws: SessionMemoryFile.Refusal.self, "octet \(place)") {
                    try SessionMemoryFile.decode(changed, boot: "this")
                }
            }
        }
    }

    @Test func `another version is told apart, and another boot`() throws {
        var octets = SessionMemoryFile.encode(samples(1, at: 1), boot: "this")
        #expect(throws: SessionMemoryFile.Refusal.otherBoot) {
            try SessionMemoryFile.decode(octets, boot: "that")
        }
        octets[4] = 2
        #expect(throws: SessionMemoryFile.Refusal.otherVersion(2)) {
            try SessionMemoryFile.decode(octets, boot: "this")
        }
    }
}
