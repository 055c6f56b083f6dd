import BFDCore
import ControlProtocol
import Foundation
import RouteCore
import Testing

/// What OpenBFDD's users parse, to the octet.
@Suite struct OpenBFDDTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures/openbfdd")

    /// A beacon without a network: its sessions are Up, and have been for a while.
    private struct Beacon {
        var table: OpenBFDD.Table

        init(listening: String...) {
            table = OpenBFDD.Table(listening: listening.compactMap { HostAddress($0) })
        }

        mutating func answer(_ line: String) -> String {
            do throws(OpenBFDD.Refusal) {
                let command = try OpenBFDD.Command(line.split(separator: " ").map(String.init))
                guard case .status(let selector, let style) = command else {
                    let outcome = table.obey(command, locals: [:])
                    let refusal = outcome.refusal.map { $0.text + "\n" } ?? ""
                    return outcome.announcement + outcome.confirmation + refusal
                }
                let found = try table.sessions(of: selector, locals: [:])
                return OpenBFDD.status(
                    found.map(Self.session), isAll: selector == .all, style)
            } catch {
                return error.text + "\n"
            }
        }

        private static func session(_ entry: OpenBFDD.Entry) -> OpenBFDD.Session {
            let none = HostAddress(ipv4: 0)
            var session = OpenBFDD.Session(entry, local: entry.local ?? none)
            session.state = .up
            if let hold = entry.hold { session.state = hold.isAdministrative ? .adminDown : .down }
            session.diagnostic = entry.hold?.diagnostic ?? 0
            session.remoteState = .up
            session.localDiscriminator = 3_141_592_653
            session.remoteDiscriminator = 271_828
            session.millisecondsInState = 3_600_000 * 27 + 61_007
            session.transmitInterval = Microseconds(1_000_000)
            session.detectionTime = 1_000_000
            session.desiredMinTxInterval = entry.settings.minTx
            session.requiredMinRxInterval = entry.settings.minRx
            session.remoteMultiplier = 5
            session.remoteDesiredMinTxInterval = Microseconds(999)
            session.remoteRequiredMinRxInterval = Microseconds(1_000)
            return session
        }
    }

    /// `UPDATE_FIXTURES=1 swift test --filter OpenBFDDTests` rewrites the replies.
    @Test func `Every command gets the reply that stands in the file`() throws {
        let commands = try String(
            contentsOf: Self.folder.appending(path: "commands.txt"), encoding: .utf8)
        var beacon = Beacon(listening: "10.9.1.10", "fd09:1::10")
        var found = ""
        for line in commands.split(separator: "\n") where !line.hasPrefix("#") {
            found += "\(line)\n"
            // Ends are marked, for a space at the end of a line is part of it.
            for reply in beacon.answer(String(line)).split(
                separator: "\n", omittingEmptySubsequences: false
            ).dropLast() {
                found += "    |\(reply)|\n"
            }
        }
        let file = Self.folder.appending(path: "replies.txt")
        if ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" {
            try found.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == found)
    }

    @Test func `What is refused begins as the supervisor knows refusals`() throws {
        let replies = try String(
            contentsOf: Self.folder.appending(path: "replies.txt"), encoding: .utf8)
        let refused = try #require(replies.range(of: "\nlaunch\n"))
        let starts = ["Unknown command ", "Must ", "No session ", "Failed to "]
        for line in replies[refused.upperBound...].split(separator: "\n")
        where line.hasPrefix("    |") {
            #expect(starts.contains { line.dropFirst(5).hasPrefix($0) }, "\(line)")
        }
    }

    @Test func `A state stands alone, whatever else is to be said of a session`() {
        var beacon = Beacon(listening: "0.0.0.0")
        for line in ["allow 10.9.1.1", "session all state down", "session all suspend"] {
            _ = beacon.answer(line)
        }
        let words = beacon.answer("status").split(whereSeparator: \.isWhitespace)
        #expect(words.contains("state=Down") && words.contains("<Forced>"))
        #expect(words.contains("<Suspended>"))
    }

    @Test func `A session that is reset or killed comes again under another number`() {
        var beacon = Beacon(listening: "10.9.1.10")
        _ = beacon.answer("allow 10.9.1.1")
        let first = beacon.table.entries.map(\.id)
        _ = beacon.answer("session all reset")
        let second = beacon.table.entries.map(\.id)
        _ = beacon.answer("session all kill")
        let third = beacon.table.entries.map(\.id)
        #expect(Set(first + second + third).count == 3)
        #expect(!(first + second + third).contains(0))
        _ = beacon.answer("block 10.9.1.1")
        #expect(beacon.table.entries.count == 1)
        _ = beacon.answer("session all kill")
        #expect(beacon.answer("status") == "There are 0 sessions:\n")
    }

    @Test func `Allowing twice changes nothing, and each listening address has its session`() {
        var beacon = Beacon(listening: "10.9.1.10", "10.9.2.10", "fd09:1::10")
        for _ in 0..<3 { _ = beacon.answer("allow 10.9.1.1") }
        #expect(
            beacon.table.entries.compactMap(\.local?.description) == ["10.9.1.10", "10.9.2.10"])
        _ = beacon.answer("allow fd09:1::1")
        #expect(beacon.table.entries.count == 3)
        #expect(
            beacon.table.entries.map(\.name).count == Set(beacon.table.entries.map(\.name)).count)
    }

    @Test func `What is kept comes back, and a new word of the caller's wins over it`() throws {
        var before = Beacon(listening: "10.9.1.10")
        for line in [
            "session new set mintx 300 ms", "session new set multi 7", "allow 10.9.1.1",
            "connect local 10.9.1.10 remote 10.9.1.2",
        ] { _ = before.answer(line) }
        let octets = try JSONEncoder().encode(before.table.saved)
        let saved = try JSONDecoder().decode(OpenBFDD.Table.Saved.self, from: octets)

        var after = Beacon(listening: "10.9.1.10")
        after.table.restore(saved)
        #expect(after.table.allowed == before.table.allowed)
        #expect(after.table.entries.map(\.settings) == before.table.entries.map(\.settings))
        #expect(after.table.entries.map(\.isActive) == [false, true])
        _ = after.answer("session new set mintx 100 ms")
        #expect(after.table.entries.map(\.settings.minTx.count) == [300_000, 300_000])
        _ = after.answer("allow 10.9.1.1")
        #expect(after.table.entries.map(\.settings.minTx.count) == [100_000, 300_000])

        var elsewhere = Beacon(listening: "10.9.3.10")
        elsewhere.table.restore(saved)
        #expect(elsewhere.table.entries.isEmpty)
    }

    @Test func `There is an end to what can be allowed`() {
        var beacon = Beacon(listening: "0.0.0.0")
        for number in 0..<OpenBFDD.Table.capacity {
            _ = beacon.answer("allow 10.\(number / 250).1.\(number % 250 + 1)")
        }
        #expect(beacon.table.entries.count == OpenBFDD.Table.capacity)
        #expect(beacon.answer("allow 10.200.1.1").hasPrefix("Failed to "))
        #expect(beacon.answer("allow 10.0.1.1").hasPrefix("Allowing connections from "))
    }

    @Test func `Nobody is allowed for whom there is no room at every address`() {
        var beacon = Beacon(listening: "10.9.1.10", "10.9.2.10")
        for number in 0..<OpenBFDD.Table.capacity / 2 {
            _ = beacon.answer("allow 10.\(number / 250).3.\(number % 250 + 1)")
        }
        #expect(beacon.table.entries.count == OpenBFDD.Table.capacity)
        #expect(beacon.answer("allow 10.200.1.1").hasPrefix("Failed to "))
        #expect(beacon.answer("allow 10.0.3.1").hasPrefix("Allowing connections from "))
        #expect(beacon.table.allowed.count == OpenBFDD.Table.capacity / 2)
    }
}

/// The octets between control and beacon.
@Suite struct OpenBFDDMessageTests {
    private let allow: [UInt8] =
        [0xfe, 0xed, 0x19, 0x66] + Array("allow\u{0}10.9.1.1\u{0}\u{0}".utf8)

    @Test func `A message is whole with its last zero, and not before`() {
        for count in 0..<allow.count {
            #expect(OpenBFDD.Message(Array(allow.prefix(count))) == .incomplete)
        }
        #expect(OpenBFDD.Message(allow) == .words(["allow", "10.9.1.1"]))
        #expect(OpenBFDD.Message.octets(of: ["allow", "", "10.9.1.1"]) == allow)
    }

    @Test(
        arguments: [
            [0xfe, 0xee], [0x00], Array("GET / HTTP/1.1\r\n".utf8), [0xfe, 0xed, 0x19, 0x66, 0x00],
            [0xfe, 0xed, 0x19, 0x66, 0x61, 0x00, 0x00, 0x61],
            [0xfe, 0xed, 0x19, 0x66] + [UInt8](repeating: 0x61, count: 1_020),
        ] as [[UInt8]])
    func `Anything else is none`(_ octets: [UInt8]) {
        #expect(OpenBFDD.Message(octets) == .malformed)
    }

    @Test func `A command may not be longer than a beacon takes`() {
        #expect(OpenBFDD.Message.octets(of: [String(repeating: "a", count: 1_018)]) != nil)
        #expect(OpenBFDD.Message.octets(of: [String(repeating: "a", count: 1_019)]) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:957", "127.0.0.1:957"), ("[::1]:958", "[::1]:958"),
        ("[FD09:0::1]:1", "[fd09::1]:1"),
    ])
    func `Where a beacon is asked is an address and a port`(_ text: String, _ canonical: String) {
        #expect(OpenBFDD.Endpoint(text)?.description == canonical)
    }

    @Test(arguments: ["", "957", "127.0.0.1", "127.0.0.1:", "::1:957", "[127.0.0.1]:957", ":957"])
    func `Less than that is none`(_ text: String) {
        #expect(OpenBFDD.Endpoint(text) == nil)
    }
}

/// The options of `bfdd-beacon`.
@Suite struct BeaconOptionsTests {
    @Test func `Without a word it listens to everybody and goes on in the background`() throws {
        let options = try OpenBFDD.BeaconOptions([])
        #expect(options.listening.map(\.description) == ["0.0.0.0", "::"])
        #expect(options.endpoints.map(\.description) == ["127.0.0.1:957", "127.0.0.1:958"])
        #expect(options.isDetached && !options.logsToOutput && options.minimumTTL == 254)
    }

    @Test func `All that Kube-OVN says is understood`() throws {
        let options = try OpenBFDD.BeaconOptions([
            "--nofork", "--tee", "--listen=10.16.0.7", "--listen=fd00:10:16::7",
        ])
        #expect(options.listening.map(\.description) == ["10.16.0.7", "fd00:10:16::7"])
        #expect(!options.isDetached && options.logsToOutput)
        let asked = try OpenBFDD.BeaconOptions(["--control=127.0.0.1:1957", "--minimum-ttl=255"])
        #expect(asked.endpoints.map(\.port) == [1_957] && asked.minimumTTL == 255)
    }

    @Test(arguments: [
        "--listen", "--listen=", "--listen=eth0", "--control=127.0.0.1", "--fork", "status",
        "--nofork=yes", "--minimum-ttl=0", "--minimum-ttl=256",
    ])
    func `Anything else is refused`(_ option: String) {
        #expect(throws: OpenBFDD.Refusal.self) { try OpenBFDD.BeaconOptions([option]) }
    }
}
