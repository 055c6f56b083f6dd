internal import BFDCore
internal import RouteCore

extension OpenBFDD.Table {
    /// What outlives the process.
    public struct Saved: Codable, Sendable {
        /// The form of all the rest.
        public var version = 1
        var defaults: Settings
        var allowed: [String]
        var sessions: [Session]

        struct Settings: Codable, Sendable {
            var minTx: UInt32
            var minRx: UInt32
            var multiplier: UInt8
            var isControlPlaneIndependent: Bool
        }

        struct Session: Codable, Sendable {
            var local: String?
            var remote: String
            var isActive: Bool
            var settings: Settings
        }
    }

    /// What to keep.
    public var saved: Saved {
        Saved(
            defaults: .init(defaults), allowed: allowed.map { "\($0)" },
            sessions: entries.map { entry in
                Saved.Session(
                    local: entry.local.map { "\($0)" }, remote: "\(entry.remote)",
                    isActive: entry.isActive, settings: .init(entry.settings))
            })
    }

    /// Takes what was kept; nothing of a form that is not ours, and no session of an address that
    /// the beacon does not listen on any more.
    public mutating func restore(_ saved: Saved) {
        guard saved.version == 1 else { return }
        defaults = OpenBFDD.Settings(saved.defaults)
        allowed = saved.allowed.prefix(Self.capacity).compactMap { HostAddress($0) }
        for session in saved.sessions.prefix(Self.capacity) {
            guard let remote = HostAddress(session.remote) else { continue }
            let local = session.local.flatMap { HostAddress($0) }
            guard isListening(local, remote) else { continue }
            resume(local, remote, session.isActive, OpenBFDD.Settings(session.settings))
        }
    }

    private func isListening(_ local: HostAddress?, _ remote: HostAddress) -> Bool {
        listening.contains { own in
            own.family == remote.family && (own.isUnspecified || own == local)
        }
    }
}

extension OpenBFDD.Table.Saved.Settings {
    fileprivate init(_ settings: OpenBFDD.Settings) {
        self.init(
            minTx: settings.minTx.count, minRx: settings.minRx.count,
            multiplier: settings.multiplier,
            isControlPlaneIndependent: settings.isControlPlaneIndependent)
    }
}

extension OpenBFDD.Settings {
    /// Values that no command could have set become the usual ones.
    fileprivate init(_ saved: OpenBFDD.Table.Saved.Settings) {
        self.init()
        if saved.minTx >= 1_000, saved.minTx.isMultiple(of: 1_000) {
            minTx = Microseconds(saved.minTx)
        }
        if saved.minRx >= 1_000, saved.minRx.isMultiple(of: 1_000) {
            minRx = Microseconds(saved.minRx)
        }
        if saved.multiplier > 0 { multiplier = saved.multiplier }
        isControlPlaneIndependent = saved.isControlPlaneIndependent
    }
}
