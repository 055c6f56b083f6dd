import ControlProtocol
import Foundation
import Testing

@testable import Daemon

/// Changes at run time over a file that changes as well.
@Suite struct OverlayTests {
    private static let base = """
        peers:
          # The one at the window.
          - {name: tor-a, dest-addr: 10.9.0.1}   # first
          - name: tor-b
            dest-addr: 10.9.0.2
            local-multiplier: 5
        routes:
          - {prefix: 0.0.0.0/0, next-hops: [{peer: tor-b}]}
        """

    /// A file in a folder of its own, and the overlay over it.
    private final class Bench {
        let file: URL
        var overlay = PeerOverlay()

        init(_ text: String = OverlayTests.base) throws {
            file = FileManager.default.temporaryDirectory
                .appending(path: "gw-overlay-\(UUID().uuidString).yaml")
            try write(text)
        }

        deinit {
            try? FileManager.default.removeItem(at: file)
        }

        func write(_ text: String) throws {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }

        var text: String {
            get throws { try String(contentsOf: file, encoding: .utf8) }
        }

        /// Reads the file again, with a change if there is one; it is kept if it is possible.
        @discardableResult
        func read(_ edit: PeerEdit? = nil) -> ConfigurationReading {
            let reading = ConfigurationReading(
                ReadingOrder(source: .file(file.path), overlay: overlay, edit: edit))
            if reading.refusal == nil, reading.configuration != nil { overlay = reading.overlay }
            return reading
        }

        /// Makes a change, and writes it to the file.
        func save(_ action: PeerEdit.Action, _ peer: String, _ settings: String...) throws {
            let reading = read(edit(action, peer, settings, saves: true))
            if let refusal = reading.refusal { throw refusal }
            try reading.edited?.write()
            overlay.forget(peer)
        }

        func edit(
            _ action: PeerEdit.Action, _ peer: String, _ settings: [String], saves: Bool = false
        ) -> PeerEdit {
            PeerEdit(
                action, peer: peer,
                settings: settings.map { text in
                    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                    return PeerEdit.Setting(key: parts[0], value: parts[1])
                }, saves: saves)
        }

        @discardableResult
        func change(
            _ action: PeerEdit.Action, _ peer: String, _ settings: String...
        ) -> ConfigurationReading {
            read(edit(action, peer, settings))
        }

        func peer(_ name: String) -> DaemonConfiguration.Peer? {
            read().configuration?.peers.first { $0.name == name }
        }
    }

    @Test func `What is changed at run time survives a file that changes elsewhere`() throws {
        let bench = try Bench()
        #expect(bench.change(.add, "tor-c", "dest-addr=10.9.0.3", "role=passive").refusal == nil)
        #expect(bench.change(.set, "tor-b", "local-multiplier=7").refusal == nil)
        #expect(bench.change(.remove, "tor-a").refusal == nil)
        try bench.write(Self.base + "\nstop-hold: 1s")
        let reading = bench.read()
        #expect(reading.configuration?.peers.map(\.name) == ["tor-b", "tor-c"])
        #expect(reading.configuration?.peers.map(\.localMultiplier) == [7, 3])
        #expect(reading.overlay.unsaved.map(\.change) == [.added, .changed, .removed])
        #expect(reading.dropped.isEmpty)
    }

    @Test func `Where the file changes the same, the file wins`() throws {
        let bench = try Bench()
        bench.change(.add, "tor-c", "dest-addr=10.9.0.3")
        bench.change(.set, "tor-b", "local-multiplier=7", "role=passive")
        bench.change(.remove, "tor-a")
        try bench.write(
            Self.base.replacing("local-multiplier: 5", with: "local-multiplier: 6")
                .replacing("10.9.0.1}", with: "10.9.0.1, role: passive}")
                .replacing("routes:", with: "  - {name: tor-c, dest-addr: 10.9.0.4}\nroutes:"))
        let reading = bench.read()
        let peers = try #require(reading.configuration).peers
        #expect(peers.map(\.name) == ["tor-a", "tor-b", "tor-c"])
        #expect(peers.map { "\($0.destinationAddress)" }.last == "10.9.0.4")
        // One key of two was changed in the file.
        #expect(peers[1].localMultiplier == 6 && peers[1].role == .passive)
        #expect(reading.overlay.unsaved.map(\.settings) == [["role: passive"]])
        #expect(reading.dropped.map(\.name) == ["tor-c", "tor-b", "tor-a"])
    }

    @Test func `A file without mistakes is never refused for what was not saved`() throws {
        let bench = try Bench()
        bench.change(.add, "tor-x", "dest-addr=10.9.0.3")
        try bench.write(
            Self.base.replacing("routes:", with: "  - {name: tor-c, dest-addr: 10.9.0.3}\nroutes:"))
        let reading = bench.read()
        #expect(reading.configuration?.peers.map(\.name) == ["tor-a", "tor-b", "tor-c"])
        #expect(reading.dropped.map(\.name) == ["tor-x"])
    }

    @Test func `What cannot be is refused with its reason, and nothing is remembered of it`() throws
    {
        let bench = try Bench()
        #expect(bench.change(.add, "tor-a", "dest-addr=10.9.0.9").refusal?.code == .nameInUse)
        #expect(bench.change(.set, "tor-x", "role=passive").refusal?.code == .unknownPeer)
        #expect(bench.change(.remove, "tor-x").refusal?.code == .unknownPeer)
        let wrong = bench.change(.set, "tor-a", "local-multiplier=0")
        #expect(wrong.configuration == nil && wrong.errorCount == 1)
        #expect(wrong.lines.first?.contains("local-multiplier=0") == true)
        let unknown = bench.change(.set, "tor-a", "locale=1")
        #expect(unknown.lines.first?.contains("unknown key \"locale\"") == true)
        #expect(bench.overlay.isEmpty)
        try bench.write("peers: [")
        #expect(bench.change(.set, "tor-a", "role=passive").refusal?.code == .badConfiguration)
    }

    @Test func `Changes of changes are one change, and may end in none`() throws {
        let bench = try Bench()
        bench.change(.set, "tor-a", "local-multiplier=7")
        bench.change(.set, "tor-a", "local-multiplier=8", "role=passive")
        #expect(
            bench.overlay.unsaved.map(\.settings) == [["local-multiplier: 8", "role: passive"]])
        bench.change(.add, "tor-c", "dest-addr=10.9.0.3")
        bench.change(.remove, "tor-c")
        #expect(bench.overlay.unsaved.map(\.name) == ["tor-a"])
        bench.change(.remove, "tor-a")
        #expect(bench.overlay.unsaved.map(\.change) == [.removed])
        bench.change(.add, "tor-a", "dest-addr=10.9.0.1")
        #expect(bench.overlay.isEmpty)
        #expect(bench.peer("tor-a")?.localMultiplier == 3)
    }

    @Test func `Saved changes stand where an operator would have put them`() throws {
        let bench = try Bench()
        try bench.save(.add, "tor-c", "dest-addr=fd09::3", "interface=eth0")
        try bench.save(.set, "tor-a", "local-multiplier=9")
        try bench.save(.set, "tor-b", "local-multiplier=10", "role=passive")
        #expect(
            try bench.text == """
                peers:
                  # The one at the window.
                  - {name: tor-a, local-multiplier: 9, dest-addr: 10.9.0.1}   # first
                  - name: tor-b
                    role: passive
                    dest-addr: 10.9.0.2
                    local-multiplier: 10
                  - {name: tor-c, dest-addr: fd09::3, interface: eth0}
                routes:
                  - {prefix: 0.0.0.0/0, next-hops: [{peer: tor-b}]}
                """)
        #expect(bench.read().overlay.isEmpty)
        try bench.save(.remove, "tor-c")
        try bench.save(.remove, "tor-a")
        #expect(
            try bench.text == """
                peers:
                  # The one at the window.
                  - name: tor-b
                    role: passive
                    dest-addr: 10.9.0.2
                    local-multiplier: 10
                routes:
                  - {prefix: 0.0.0.0/0, next-hops: [{peer: tor-b}]}
                """)
    }

    @Test func `Saving takes all that was changed of the peer`() throws {
        let bench = try Bench()
        bench.change(.set, "tor-a", "local-multiplier=7")
        try bench.save(.set, "tor-a")
        #expect(try bench.text.contains("tor-a, local-multiplier: 7"))
    }

    @Test func `What cannot be written without harm is refused, and the file stays`() throws {
        let bench = try Bench()
        // A route names it.
        #expect(throws: Failure.self) { try bench.save(.remove, "tor-b") }
        #expect(try bench.text == Self.base)
        let json = #"{"peers":[{"name":"tor-a","dest-addr":"10.9.0.1"}]}"#
        let strict = try Bench(json)
        #expect(throws: Failure.self) { try strict.save(.add, "tor-c", "dest-addr=10.9.0.3") }
        #expect(throws: Failure.self) { try strict.save(.set, "tor-a", "dest-addr=10.9.0.3") }
        #expect(try strict.text == json)
    }

    @Test func `A file that somebody else changed meanwhile is not overwritten`() throws {
        let bench = try Bench()
        let edit = bench.edit(.set, "tor-a", ["role=passive"], saves: true)
        let reading = bench.read(edit)
        try bench.write(Self.base + "\n# mine")
        #expect(throws: Failure.self) { try reading.edited?.write() }
        #expect(try bench.text.hasSuffix("# mine"))
    }

    @Test func `A link to the file stays a link, and the file keeps its mode`() throws {
        let bench = try Bench()
        let manager = FileManager.default
        try manager.setAttributes([.posixPermissions: 0o640], ofItemAtPath: bench.file.path)
        let link = bench.file.appendingPathExtension("link")
        try manager.createSymbolicLink(at: link, withDestinationURL: bench.file)
        defer { try? manager.removeItem(at: link) }
        let reading = ConfigurationReading(
            ReadingOrder(
                source: .file(link.path), overlay: PeerOverlay(),
                edit: bench.edit(.set, "tor-a", ["role=passive"], saves: true)))
        try reading.edited?.write()
        #expect(try manager.destinationOfSymbolicLink(atPath: link.path) == bench.file.path)
        #expect(try bench.text.contains("role: passive"))
        let mode = try manager.attributesOfItem(atPath: bench.file.path)[.posixPermissions]
        #expect(mode as? Int == 0o640)
    }
}
