internal import Foundation
internal import LinuxSystem

/// Keeps the authentication sequence numbers of our packets over restarts.
///
///     kept ──── sent since ────┐ killed         kept + margin: the next run goes on here
///     ──┴──────────────────────┴ ─ ─ ─ ─ ─ ─ ─ ─ ─┴────────▶ bfd.XmitAuthSeq
///       └── one period at most ┘
///
/// A peer takes a number that follows the last one within three times the Detect Mult (RFC 5880
/// §6.7.3), and any after two detection times of silence. Numbers are written once a period, with a
/// margin for what is sent until the next time; the period is so short that the margin stays in
/// that window. So numbers never go back, and the peer need not forget ours first. Ours of the
/// peer's are not kept: bfd.AuthSeqKnown is zero at the start (§6.8.1).
///
/// Only one boot is bridged. After another the peer has forgotten us, and numbers begin at random.
struct SequenceStore {
    /// How fast the numbers of a session may move.
    struct Pace: Sendable, Hashable {
        /// Our Detect Mult.
        var multiplier: UInt8
        /// The least interval between its packets before jitter, in nanoseconds.
        var intervalNanoseconds: Int64

        /// Whose Detect Mult the window is three times of is read in two ways: BIRD takes its own.
        private var leastMultiplier: Int64 { min(Int64(multiplier), 3) }

        /// How long a number may stay unwritten, in nanoseconds: 50 ms to 1 s.
        var periodNanoseconds: Int64 {
            min(max(intervalNanoseconds * leastMultiplier, 50_000_000), 1_000_000_000)
        }

        /// How many numbers may go by in a period and a half: jitter takes a quarter off intervals.
        func margin(periodNanoseconds period: Int64) -> UInt32 {
            let sent = (2 * period + intervalNanoseconds - 1) / max(intervalNanoseconds, 1)
            return UInt32(clamping: max(sent + 1, leastMultiplier + 2))
        }

        /// How many could have gone by at most, when the file is so old that peers have forgotten.
        func drift(nanoseconds: Int64) -> UInt32 {
            let memory = 2 * Int64(multiplier) * max(intervalNanoseconds, 1_000_000_000)
            guard nanoseconds > memory else { return 0 }
            return UInt32(clamping: nanoseconds / max(intervalNanoseconds * 3 / 4, 1))
        }
    }

    private struct Contents: Codable {
        var version = 1
        /// The boot of the kernel whose clock `savedAt` was read from.
        var boot: String
        /// Monotonic nanoseconds.
        var savedAt: Int64 = 0
        /// The margin is in it.
        var sequences: [String: UInt32] = [:]
    }

    private let path: String
    private let boot: String
    private var kept: Contents
    private var contents: Contents
    private var paces: [String: Pace] = [:]
    /// What is lost, when something could not be read or written.
    private(set) var warning: String?

    /// `boot` names the boot of the kernel; by default it is asked.
    init(directory: String, boot: String = Self.currentBoot) {
        path = directory + "/sequences.json"
        self.boot = boot
        kept = Contents(boot: boot)
        contents = Contents(boot: boot)
        do {
            guard let found = try StateFile.read(Contents.self, at: path) else { return }
            if found.version == kept.version {
                if found.boot == boot { kept = found }
            } else {
                warning =
                    "\(path) is of version \(found.version): authentication starts with new "
                    + "sequence numbers"
            }
        } catch {
            warning =
                "\(path) cannot be read, peers may need two detection times more to believe us: "
                + ConfigurationFile.reason(error)
        }
    }

    /// The boot of the kernel that runs.
    static var currentBoot: String {
        let file = "/proc/sys/kernel/random/boot_id"
        return (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    }

    /// Whether there is anything to keep.
    var isNeeded: Bool { !paces.isEmpty }

    /// How often `save` is to be called, in nanoseconds.
    var periodNanoseconds: Int64 {
        paces.values.map(\.periodNanoseconds).min() ?? 1_000_000_000
    }

    /// Takes a session up; the number that it goes on after, to be kept before it is used.
    mutating func begin(_ key: String, _ pace: Pace, at now: Int64) -> UInt32 {
        paces[key] = pace
        let last = contents.sequences[key].map { ($0, contents.savedAt) }
        let before = kept.sequences[key].map { ($0, kept.savedAt) }
        let old = (last ?? before).map { $0 &+ pace.drift(nanoseconds: now - $1) }
        let first = old ?? UInt32.random(in: .min ... .max)
        contents.sequences[key] = first &+ pace.margin(periodNanoseconds: pace.periodNanoseconds)
        return first
    }

    /// Follows other timers of a session that goes on.
    mutating func follow(_ key: String, _ pace: Pace) {
        paces[key] = pace
    }

    /// A session has ended; its number is kept for another one on the same path.
    mutating func end(_ key: String) {
        paces[key] = nil
    }

    /// Notes the last number that was sent, which must then be written within a period.
    mutating func note(_ sequence: UInt32, for key: String) {
        guard let pace = paces[key] else { return }
        contents.sequences[key] = sequence &+ pace.margin(periodNanoseconds: periodNanoseconds)
    }

    /// Writes the file.
    mutating func save(at now: Int64) {
        contents.savedAt = now
        do {
            try StateFile.write(contents, at: path)
            warning = nil
        } catch {
            warning =
                "\(path) cannot be written, after a restart peers may need two detection times "
                + "more to believe us: \(ConfigurationFile.reason(error))"
        }
    }
}
