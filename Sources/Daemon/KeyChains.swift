internal import BFDAuthentication
internal import BFDCore
internal import ControlProtocol
internal import LinuxSystem

/// The secrets of all peers, read with their configuration.
struct KeyChains: Sendable {
    /// By the names of those peers that authenticate.
    private(set) var byPeer: [String: KeyChain] = [:]
    /// Of the peers that may start sessions, in the order of the configuration.
    private(set) var unsolicited: [KeyChain?] = []

    /// Keeps no secrets that the sessions have.
    mutating func forgetPeers() {
        byPeer = [:]
    }

    /// Reads the files of a configuration.
    ///
    /// Lifetimes are turned from wall-clock into monotonic time here; a clock that steps later
    /// changes no key.
    static func read(
        _ configuration: DaemonConfiguration
    ) throws(DaemonError) -> KeyChains {
        let wallClock = Clock.realtimeNanoseconds() - Clock.monotonicNanoseconds()
        // Peers that share their defaults share the work.
        var known: [DaemonConfiguration.Authentication: KeyChain] = [:]
        var chains = KeyChains()
        for entry in configuration.unsolicited {
            guard let authentication = entry.authentication else {
                chains.unsolicited.append(nil)
                continue
            }
            let owner = "unsolicited \(entry.prefix)"
            chains.unsolicited.append(
                try read(authentication, of: owner, wallClock: wallClock))
        }
        for peer in configuration.peers {
            guard let authentication = peer.authentication else { continue }
            let chain: KeyChain
            if let one = known[authentication] {
                chain = one
            } else {
                let owner = "peer \"\(peer.name)\""
                chain = try read(authentication, of: owner, wallClock: wallClock)
                known[authentication] = chain
            }
            chains.byPeer[peer.name] = chain
        }
        return chains
    }

    /// Whether two chains, if there are any, have the same keys and secrets.
    static func isSame(_ one: KeyChain?, _ other: KeyChain?) -> Bool {
        guard let one, let other else { return one == nil && other == nil }
        return one.isSame(as: other)
    }

    private static func read(
        _ authentication: DaemonConfiguration.Authentication, of owner: String, wallClock: Int64
    ) throws(DaemonError) -> KeyChain {
        var keys: [BFDAuthentication.Key] = []
        for given in authentication.keys {
            let octets: [UInt8]
            do throws(SecretFileError) {
                octets = try SecretFile(path: given.secretFile, format: given.format)
                    .secret(for: authentication.type)
            } catch {
                throw DaemonError(
                    code: "secret",
                    "\(owner): secret-file \"\(given.secretFile)\" \(error.message)",
                    nextStep: "Check the files with: gatewatch check FILE")
            }
            var key = BFDAuthentication.Key(id: given.id, secret: Secret(octets))
            key.rules.sentFrom = instant(given.sendLifetime.start, wallClock) ?? .distantPast
            key.rules.sentUntil = instant(given.sendLifetime.end, wallClock) ?? .distantFuture
            key.rules.acceptedFrom =
                instant(given.acceptLifetime.start, wallClock) ?? .distantPast
            key.rules.acceptedUntil =
                instant(given.acceptLifetime.end, wallClock) ?? .distantFuture
            keys.append(key)
        }
        do throws(KeyChainError) {
            return try KeyChain(type: authentication.type.type, keys: keys)
        } catch {
            throw DaemonError(
                code: "secret", "\(owner): the keys cannot be used: \(error)",
                nextStep: "Check the files with: gatewatch check FILE")
        }
    }

    /// The monotonic moment of a wall-clock one, clamped to what an instant holds.
    private static func instant(_ moment: Timestamp?, _ wallClock: Int64) -> Instant? {
        guard let moment else { return nil }
        let (nanoseconds, isTooFar) = moment.microseconds.multipliedReportingOverflow(by: 1_000)
        guard !isTooFar else { return moment.microseconds < 0 ? .distantPast : .distantFuture }
        let (result, overflow) = nanoseconds.subtractingReportingOverflow(wallClock)
        guard !overflow else { return .distantPast }
        return Instant(nanoseconds: result)
    }
}

extension Instant {
    /// Before everything.
    fileprivate static var distantPast: Instant { Instant(nanoseconds: .min) }
}
