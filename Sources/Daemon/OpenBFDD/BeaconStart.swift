internal import BFDCore
public import ControlProtocol
internal import Foundation
internal import LinuxSystem

/// Starts the daemon in OpenBFDD's place.
public enum BeaconStart {
    /// Why it did not start.
    public enum Problem: Error, Sendable, CustomStringConvertible {
        /// A beacon answers at the place that this one would have.
        case alreadyRunning(OpenBFDD.Endpoint)
        /// Something is against it.
        case failed(String)

        /// The problem in words.
        public var description: String {
            switch self {
            case .alreadyRunning(let endpoint): "a beacon runs already, and answers on \(endpoint)"
            case .failed(let text): text
            }
        }
    }

    /// Runs until it is told to end; in the background, the process that called ends as soon as
    /// this one answers.
    ///
    /// To be called before there is a second thread.
    public static func run(_ options: OpenBFDD.BeaconOptions) throws(Problem) {
        let doors = try open(options.endpoints)
        if options.logsToOutput, !options.isDetached { BackgroundProcess.joinStandardStreams() }
        var background: BackgroundProcess?
        do throws(SystemError) {
            if options.isDetached { background = try BackgroundProcess.begin() }
        } catch {
            throw .failed("\(error)")
        }
        let beacon = Beacon(options, doors, background)
        do throws(DaemonError) {
            try Daemon.run(
                configuration(for: options), from: .once("bfdd-control"), beacon: beacon)
        } catch {
            throw .failed("\(error)")
        }
    }

    private static func open(_ endpoints: [OpenBFDD.Endpoint]) throws(Problem) -> [BeaconDoor] {
        var doors: [BeaconDoor] = []
        for endpoint in endpoints {
            do throws(SystemError) {
                doors.append(try BeaconDoor(endpoint))
            } catch {
                if error.errno == .addressInUse,
                    (try? BeaconClient.ask(["version"], at: endpoint)) != nil
                {
                    throw .alreadyRunning(endpoint)
                }
                throw .failed("nobody can be answered on \(endpoint): \(error.errno)")
            }
        }
        return doors
    }

    /// A daemon without peers, in the namespace that it is started in.
    ///
    /// Its own socket has a name and no file: it belongs to the namespace, as the sessions do.
    private static func configuration(
        for options: OpenBFDD.BeaconOptions
    ) -> DaemonConfiguration {
        var configuration = DaemonConfiguration(peers: [])
        let port = options.endpoints.first?.port ?? OpenBFDD.controlPort
        configuration.controlSocket = "@gatewatch-beacon-\(port)"
        let inode = (try? SharedNamespace.current())?.inode ?? 0
        configuration.stateDirectory = stateParent + "/beacon-\(inode)-\(port)"
        configuration.stopHold = .zero
        let metrics = ProcessInfo.processInfo.environment["GATEWATCH_METRICS"]
        if let endpoint = metrics.flatMap({ OpenBFDD.Endpoint($0) }) {
            configuration.metrics = DaemonConfiguration.Metrics(
                address: endpoint.address, port: endpoint.port)
        }
        return configuration
    }

    /// Where state can be kept: what somebody wants, our own place, or the folder that Kube-OVN
    /// gives its supervisor in pods whose root nobody can write to.
    private static var stateParent: String {
        let wanted = ProcessInfo.processInfo.environment["GATEWATCH_STATE_DIRECTORY"]
        let own = DaemonConfiguration.defaultStateDirectory
        let files = FileManager.default
        for path in [wanted, own, "/var/run/kube-ovn/bfdd-supervisor"].compactMap(\.self) {
            try? files.createDirectory(atPath: path, withIntermediateDirectories: true)
            if files.isWritableFile(atPath: path) { return path }
        }
        return wanted ?? own
    }
}
