public import BFDCore
public import RouteCore

extension OpenBFDD {
    /// What new sessions are like.
    public struct Settings: Sendable, Hashable {
        /// Desired Min TX Interval.
        public var minTx = Microseconds(1_000_000)
        /// Required Min RX Interval.
        public var minRx = Microseconds(1_000_000)
        /// Detect Mult.
        public var multiplier: UInt8 = 3
        /// The C bit.
        public var isControlPlaneIndependent = false

        /// OpenBFDD's own: a second each way, three times.
        public init() {}

        mutating func take(_ setting: Setting) {
            switch setting {
            case .minTx(let interval): minTx = interval
            case .minRx(let interval): minRx = interval
            case .multiplier(let multiplier): self.multiplier = multiplier
            case .controlPlaneIndependent(let isSet): isControlPlaneIndependent = isSet
            case .adminUpPoll: break
            }
        }
    }

    /// A session that is wanted.
    public struct Entry: Sendable, Hashable {
        /// What `status` shows, and another one after a reset.
        public var id: UInt32
        /// Our address; nil where the beacon listens on all.
        public var local: HostAddress?
        /// The peer's address.
        public var remote: HostAddress
        /// Whether we speak first.
        public var isActive: Bool
        /// Its parameters.
        public var settings: Settings
        /// The state it is held in; nil for none.
        public var hold: Hold?
        /// Whether it is mute.
        public var isSuspended = false
        /// Whether a run before had it, and nobody has asked for it since.
        public var isRestored = false

        /// What the session is known by whatever becomes of it.
        public var name: String { local.map { "\($0)-\(remote)" } ?? "\(remote)" }
    }

    /// What a beacon has been told: who is allowed, which sessions there are, what new ones are
    /// like. Nothing of it is lost by a restart.
    ///
    /// A peer that is allowed has its passive session at once, and for as long as it is allowed:
    /// there is none that dies of silence and has to be asked for again.
    public struct Table: Sendable, Hashable {
        /// How many sessions there may be.
        public static var capacity: Int { 1_000 }

        /// Where the beacon listens; 0.0.0.0 and `::` stand for all addresses of their family.
        public var listening: [HostAddress]
        /// What sessions to come are like.
        public internal(set) var defaults = Settings()
        /// Whom sessions are made for, in the order they were told.
        public internal(set) var allowed: [HostAddress] = []
        /// The sessions, in the order they were made.
        public internal(set) var entries: [Entry] = []
        /// What is logged.
        public internal(set) var log = LogTypes()
        private var lastID: UInt32 = 0

        /// A beacon that has been told nothing yet.
        public init(listening: [HostAddress]) {
            self.listening = listening
        }

        /// Lets a peer have sessions.
        mutating func allow(_ remote: HostAddress) throws(Refusal) {
            guard entries.count + missing(remote).count <= Self.capacity else {
                throw Refusal(
                    "Failed to allow \(remote): there are \(entries.count) sessions already")
            }
            if !allowed.contains(remote) {
                guard allowed.count < Self.capacity else {
                    throw Refusal("Failed to allow \(remote): \(Self.capacity) are allowed already")
                }
                allowed.append(remote)
            }
            for place in entries.indices
            where entries[place].remote == remote && entries[place].isRestored {
                entries[place].isRestored = false
                if !entries[place].isActive { entries[place].settings = defaults }
            }
            welcome(remote)
        }

        mutating func block(_ remote: HostAddress) {
            allowed.removeAll { $0 == remote }
        }

        /// Makes the sessions of a peer that is allowed, those that are missing.
        private mutating func welcome(_ remote: HostAddress) {
            for local in missing(remote) where entries.count < Self.capacity {
                add(local, remote, isActive: false)
            }
        }

        /// Our addresses of the sessions that a peer has not got yet; nil for all addresses.
        private func missing(_ remote: HostAddress) -> [HostAddress?] {
            guard !remote.isUnspecified, !remote.isMulticast else { return [] }
            var there = entries.filter { $0.remote == remote }.map(\.local)
            var missing: [HostAddress?] = []
            for own in listening where own.family == remote.family {
                let local = own.isUnspecified ? nil : own
                // Where we listen on all addresses, one session answers at whichever is spoken to.
                let isThere = there.contains { local == nil || $0 == local || $0 == nil }
                guard !isThere else { continue }
                there.append(local)
                missing.append(local)
            }
            return missing
        }

        private mutating func add(_ local: HostAddress?, _ remote: HostAddress, isActive: Bool) {
            lastID = lastID == .max ? 1 : lastID + 1
            entries.append(
                Entry(
                    id: lastID, local: local, remote: remote, isActive: isActive, settings: defaults
                ))
        }

        /// Takes over a session of a run before.
        mutating func resume(
            _ local: HostAddress?, _ remote: HostAddress, _ isActive: Bool, _ settings: Settings
        ) {
            guard !entries.contains(where: { $0.remote == remote && $0.local == local }) else {
                return
            }
            add(local, remote, isActive: isActive)
            entries[entries.count - 1].settings = settings
            entries[entries.count - 1].isRestored = true
        }

        /// Makes a session active, or a new active one.
        mutating func connect(_ pair: Pair, _ locals: [UInt32: HostAddress]) throws(Refusal) {
            if let place = place(of: pair, locals) {
                entries[place].isActive = true
                entries[place].isRestored = false
                return
            }
            let (local, remote) = (pair.local, pair.remote)
            guard !remote.isUnspecified, !remote.isMulticast, !local.isUnspecified,
                entries.count < Self.capacity
            else {
                throw Refusal("Failed to open connection from local \(local) to remote \(remote)")
            }
            add(local, remote, isActive: true)
        }

        private func place(of pair: Pair, _ locals: [UInt32: HostAddress]) -> Int? {
            let exact = entries.firstIndex { $0.remote == pair.remote && $0.local == pair.local }
            return exact
                ?? entries.firstIndex {
                    $0.remote == pair.remote && $0.local == nil && locals[$0.id] == pair.local
                }
        }

        /// Sessions, or why there are none; `locals` are the addresses of ours that sessions
        /// without one of their own have at the time.
        public func sessions(
            of selector: Selector, locals: [UInt32: HostAddress]
        ) throws(Refusal) -> [Entry] {
            try places(of: selector, locals).map { entries[$0] }
        }

        /// The places of sessions, or why there are none; `locals` are the addresses of ours that
        /// sessions without one of their own have at the time.
        func places(
            of selector: Selector, _ locals: [UInt32: HostAddress]
        ) throws(Refusal) -> [Int] {
            switch selector {
            case .all: return Array(entries.indices)
            case .id(let id):
                guard let place = entries.firstIndex(where: { $0.id == id }) else {
                    throw Refusal("No session with id=\(id).")
                }
                return [place]
            case .pair(let pair):
                guard let place = place(of: pair, locals) else {
                    throw Refusal(
                        "No session with local ip=\(pair.local) and remote ip=\(pair.remote).")
                }
                return [place]
            }
        }

        mutating func change(
            _ selector: Selector, _ change: Change, _ locals: [UInt32: HostAddress]
        ) throws(Refusal) {
            let places = try places(of: selector, locals)
            switch change {
            case .kill: remove(places, restoringActive: false)
            case .reset: remove(places, restoringActive: true)
            case .state(let hold): for place in places { entries[place].hold = hold }
            case .suspend: for place in places { entries[place].isSuspended = true }
            case .resume: for place in places { entries[place].isSuspended = false }
            case .set(let setting):
                for place in places {
                    entries[place].settings.take(setting)
                    entries[place].isRestored = false
                }
            }
        }

        /// Ends sessions; those of peers that are allowed come again, with another number.
        private mutating func remove(_ places: [Int], restoringActive: Bool) {
            let gone = places.map { entries[$0] }
            let ids = Set(gone.map(\.id))
            entries.removeAll { ids.contains($0.id) }
            for entry in gone {
                if restoringActive, entry.isActive {
                    add(entry.local, entry.remote, isActive: true)
                } else if allowed.contains(entry.remote) {
                    welcome(entry.remote)
                }
            }
        }

        mutating func setDefault(_ setting: Setting) {
            defaults.take(setting)
        }
    }
}
