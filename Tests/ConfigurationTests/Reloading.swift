import BFDCore
import ControlProtocol
import Gatewatch
import RouteCore

@testable import Daemon

/// A configuration that runs, and what another one means for it.
struct Reloading {
    var running: RunningConfiguration

    /// What a text wants runs, without its peers' having been heard.
    init(_ text: String) throws {
        let configuration = try Self.read(text)
        running = RunningConfiguration(
            configuration: configuration, peers: configuration.peers.map { PeerConfiguration($0) },
            routes: configuration.routeConfigurations, unsolicitedKeys: Self.keys(configuration))
        running.configuration.peers = []
    }

    static func read(_ text: String) throws -> DaemonConfiguration {
        let report = Fixtures.read(text: text)
        guard let configuration = report.configuration else {
            throw Mistake(lines: report.lines)
        }
        return configuration
    }

    struct Mistake: Error {
        let lines: [String]
    }

    private static func keys(_ configuration: DaemonConfiguration) -> KeyChains {
        (try? KeyChains.read(configuration)) ?? KeyChains()
    }

    /// From what runs to what another text wants.
    func difference(to text: String, only name: String? = nil) throws -> ConfigurationDifference {
        let wanted = try Self.read(text)
        return ConfigurationDifference(from: running, to: wanted, Self.keys(wanted), only: name)
    }
}
