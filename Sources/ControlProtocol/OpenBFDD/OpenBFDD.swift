public import BFDCore
public import RouteCore

/// What OpenBFDD's `bfdd-control` and `bfdd-beacon` say to each other, as its users parse it.
///
/// The wire is theirs: a magic number and words one way, lines of text the other.
public enum OpenBFDD {
    /// Where a beacon is asked unless told otherwise.
    public static var controlPort: UInt16 { 957 }
    /// Where it is asked as well, for the sake of whoever finds the first one busy.
    public static var alternatePort: UInt16 { 958 }

    /// Two addresses that have a session.
    public struct Pair: Sendable, Hashable {
        /// Ours.
        public var local: HostAddress
        /// The peer's, of the same family.
        public var remote: HostAddress

        /// A pair by its addresses.
        public init(local: HostAddress, remote: HostAddress) {
            self.local = local
            self.remote = remote
        }
    }

    /// Which sessions a command is about.
    public enum Selector: Sendable, Hashable {
        /// All, also when there are none.
        case all
        /// The one with the number that `status` shows.
        case id(UInt32)
        /// The one between two addresses.
        case pair(Pair)
    }

    /// What may be set of sessions.
    public enum Setting: Sendable, Hashable {
        /// Desired Min TX Interval, in whole milliseconds.
        case minTx(Microseconds)
        /// Required Min RX Interval, in whole milliseconds.
        case minRx(Microseconds)
        /// Detect Mult, at least 1.
        case multiplier(UInt8)
        /// The C bit.
        case controlPlaneIndependent(Bool)
        /// A way around an old router's fault that has no meaning here.
        case adminUpPoll(Bool)
    }

    /// What is to become of sessions.
    public enum Change: Sendable, Hashable {
        /// Held in a state, with the diagnostic to tell the peer; nil: let go.
        case state(Hold?)
        /// Gone.
        case kill
        /// Begun anew.
        case reset
        /// Mute.
        case suspend
        /// No longer mute.
        case resume
        /// With another parameter.
        case set(Setting)
    }

    /// The state that a session is held in.
    public struct Hold: Sendable, Hashable {
        /// AdminDown; else Down.
        public var isAdministrative: Bool
        /// The diagnostic's number in packets.
        public var diagnostic: UInt8

        /// A hold by its parts.
        public init(isAdministrative: Bool, diagnostic: UInt8) {
            self.isAdministrative = isAdministrative
            self.diagnostic = diagnostic
        }
    }

    /// What is to be logged.
    public enum LogChange: Sendable, Hashable {
        /// The names of all levels.
        case levels
        /// One of them from now on.
        case level(LogLevel)
        /// The names of all kinds.
        case types
        /// One of them, or no longer.
        case type(String, Bool)
        /// Nanoseconds, or not; ours has microseconds anyway.
        case timing(Bool)
    }

    /// How much is logged.
    public enum LogLevel: String, Sendable, Hashable, CaseIterable {
        /// Nothing.
        case none
        /// What does not work.
        case minimal
        /// State changes and what an operator did.
        case normal
        /// More of it.
        case detailed
        /// What a developer looks for.
        case dev
        /// Everything.
        case all
    }

    /// How `status` is shown.
    public struct StatusStyle: Sendable, Hashable {
        /// How much, from 0.
        public var level = 1
        /// Numbers in the place of words, and without separators.
        public var isBrief = false
        /// A line for each session.
        public var isCompact = false

        /// As for one session without any word about it.
        public init(level: Int = 1, isBrief: Bool = false, isCompact: Bool = false) {
            self.level = level
            self.isBrief = isBrief
            self.isCompact = isCompact
        }
    }

    /// A command that was understood.
    public enum Command: Sendable, Hashable {
        case version
        case stop
        case status(Selector, StatusStyle)
        case allow(HostAddress)
        case block(HostAddress)
        case connect(Pair)
        case session(Selector, Change)
        case newSessions(Setting)
        case log(LogChange)
    }

    /// Why a command was not obeyed: a line that begins as those that parse replies expect it.
    public struct Refusal: Error, Hashable {
        /// The line, without its end.
        public var text: String

        /// A refusal in its own words.
        public init(_ text: String) {
            self.text = text
        }
    }
}
