import Foundation
import Testing

@testable import Daemon

/// Authentication sequence numbers that outlive the daemon.
@Suite struct SequenceStoreTests {
    private static let second: Int64 = 1_000_000_000
    private static let pace = SequenceStore.Pace(multiplier: 3, intervalNanoseconds: second / 20)

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory())
            .appending(path: "gw-sequences-\(UInt64.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private func store(_ folder: String, boot: String = "one") -> SequenceStore {
        SequenceStore(directory: folder, boot: boot)
    }

    @Test(arguments: [1, 2, 3, 5, 255] as [UInt8], [250, 10_000, 50_000, 300_000, 3_000_000])
    func `5880-6.7.3-11: a restart goes on beyond what was sent, and inside the peer's window`(
        _ multiplier: UInt8, _ microseconds: Int64
    ) throws {
        let pace = SequenceStore.Pace(
            multiplier: multiplier, intervalNanoseconds: microseconds * 1_000)
        try withFolder { folder in
            var store = store(folder)
            _ = store.begin("a", pace, at: 0)
            // Of the last period and a half, with jitter, and nothing written of it.
            let unwritten = UInt32(pace.periodNanoseconds * 2 / pace.intervalNanoseconds)
            for last: UInt32 in [1_000, .max - 5, .max] {
                store.note(last, for: "a")
                store.save(at: Self.second)
                var next = self.store(folder)
                let first = next.begin("a", pace, at: 2 * Self.second)
                let step = (first &+ 1) &- last
                #expect(step > unwritten)
                // Below 50 ms of detection time the file is not written often enough; the peer
                // forgets sooner than that.
                let isSlow = pace.intervalNanoseconds * Int64(multiplier) >= 50_000_000
                if isSlow && pace.intervalNanoseconds <= Self.second && multiplier > 1 {
                    #expect(step <= 3 * UInt32(multiplier), "\(pace)")
                }
            }
        }
    }

    @Test func `A number is kept before it is used, so two crashes in a row do no harm`() throws {
        try withFolder { folder in
            var one = store(folder)
            let first = one.begin("a", Self.pace, at: 0)
            one.save(at: 0)
            var two = store(folder)
            let second = two.begin("a", Self.pace, at: 1)
            two.save(at: 1)
            var three = store(folder)
            let third = three.begin("a", Self.pace, at: 2)
            #expect(second &- first >= 5 && third &- second >= 5)
        }
    }

    @Test func `5880-6.7.3-12: without a file, and after another boot, it is random`() throws {
        try withFolder { folder in
            var one = store(folder)
            _ = one.begin("a", Self.pace, at: 0)
            one.note(1_000, for: "a")
            one.save(at: Self.second)
            let drawn = (0..<16).map { _ -> UInt32 in
                var other = store(folder, boot: "two")
                #expect(other.warning == nil)
                return other.begin("a", Self.pace, at: 0)
            }
            #expect(Set(drawn).count > 12)
            let others = (0..<16).map { _ -> UInt32 in
                var same = store(folder)
                return same.begin("b", Self.pace, at: 0)
            }
            #expect(Set(others).count > 12)
        }
    }

    @Test func `After a long time it goes on beyond all that could have been sent`() throws {
        try withFolder { folder in
            var one = store(folder)
            _ = one.begin("a", Self.pace, at: 0)
            one.note(1_000, for: "a")
            one.save(at: 0)
            var two = store(folder)
            let first = two.begin("a", Self.pace, at: 3_600 * Self.second)
            #expect(first &- 1_000 >= 3_600 * 1_000 / 38)
        }
    }

    @Test func `What cannot be kept is told in the kernel's words`() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: folder + "/file"))
            var store = store(folder + "/file")
            #expect(store.warning?.hasSuffix(": Not a directory") == true)
            store.save(at: 0)
            #expect(store.warning?.hasSuffix(": File exists") == true, "\(store.warning ?? "")")
            var below = self.store(folder + "/file/below")
            below.save(at: 0)
            #expect(below.warning?.hasSuffix(": Not a directory") == true, "\(below.warning ?? "")")
        }
    }

    @Test(arguments: [
        ("{\"version\": 2, \"boot\": \"one\", \"savedAt\": 0, \"sequences\": {}}", "version 2"),
        ("{\"version\": 1, \"boot\": \"o", "cannot be read"), ("", "cannot be read"),
        (
            "{\"version\": 1, \"boot\": \"one\", \"savedAt\": 0, \"sequences\": {\"a\": -1}}",
            "cannot be read"
        ),
    ])
    func `A file of another version, or a broken one, means a clean start, said aloud`(
        _ text: String, _ part: String
    ) throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/sequences.json"))
            var store = store(folder)
            let warning = try #require(store.warning)
            #expect(warning.contains(part) && warning.contains("sequences.json"))
            _ = store.begin("a", Self.pace, at: 0)
            store.save(at: 0)
            #expect(store.warning == nil)
            #expect(self.store(folder).warning == nil)
        }
    }

    @Test func `A directory that cannot be written is warned of`() throws {
        var store = SequenceStore(directory: "/proc/gatewatch", boot: "one")
        _ = store.begin("a", Self.pace, at: 0)
        store.save(at: 0)
        #expect(store.warning?.contains("cannot be written") == true)
    }

    @Test func `5880-6.8.1-01: of the peer's numbers nothing is kept`() throws {
        try withFolder { folder in
            var store = store(folder)
            _ = store.begin("a", Self.pace, at: 0)
            store.save(at: 0)
            let text = try String(contentsOfFile: folder + "/sequences.json", encoding: .utf8)
            #expect(!text.contains("receive") && !text.contains("secret"))
        }
    }
}
