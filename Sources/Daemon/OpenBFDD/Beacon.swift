internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Foundation
internal import Gatewatch
internal import LinuxSystem
internal import Logging
internal import RouteCore

/// The daemon in OpenBFDD's place: what `bfdd-control` asks for becomes its peers.
final class Beacon {
    let options: OpenBFDD.BeaconOptions
    private let doors: [BeaconDoor]
    private let background: BackgroundProcess?
    private(set) var table: OpenBFDD.Table
    private var server: BeaconServer?
    private weak var daemon: Daemon?
    /// The numbers of sessions that run: one with another number is to begin anew.
    private var runningIDs: [String: UInt32] = [:]
    private var holds: [String: OpenBFDD.Hold] = [:]
    private var suspended: Set<String> = []

    init(
        _ options: OpenBFDD.BeaconOptions, _ doors: [BeaconDoor],
        _ background: BackgroundProcess?
    ) {
        self.options = options
        self.doors = doors
        self.background = background
        table = OpenBFDD.Table(listening: options.listening)
    }

    /// Takes up what a run before had been told, and answers from now on.
    func begin(_ daemon: Daemon) {
        self.daemon = daemon
        restore()
        let server = BeaconServer(doors, daemon.loop) { [unowned self] in self.answer($0) }
        server.complain = { [weak daemon] text in
            daemon?.record(.daemon, cause: "bfdd-control: \(text)")
            daemon?.logger.warning("bfdd-control: \(text)")
        }
        self.server = server
    }

    /// Lets the process end that was called, if it waits for this one.
    func becomeReady() { background?.becomeReady() }

    private var path: String { (daemon?.configuration.stateDirectory ?? "") + "/beacon.json" }

    private func restore() {
        guard let daemon else { return }
        do {
            guard let saved = try StateFile.read(OpenBFDD.Table.Saved.self, at: path) else {
                return
            }
            var restored = table
            restored.restore(saved)
            try follow(restored)
            daemon.logger.info(
                "as before: \(table.allowed.count) allowed, \(table.entries.count) sessions")
        } catch {
            let reason = ConfigurationFile.reason(error)
            daemon.logger.warning("\(path) is of no use, waiting to be told anew: \(reason)")
        }
    }

    private func save() {
        do {
            try StateFile.write(table.saved, at: path)
        } catch {
            daemon?.logger.debug("\(path) cannot be written: \(ConfigurationFile.reason(error))")
        }
    }

    private func answer(_ words: [String]) -> BeaconServer.Answer {
        do throws(OpenBFDD.Refusal) {
            let command = try OpenBFDD.Command(words)
            switch command {
            case .version:
                return .init(text: "bfdd-beacon v\(ProductVersion.text) (gatewatch)\n")
            case .stop:
                return .init(text: "stopping\n") { [weak daemon = self.daemon] in
                    daemon?.end(by: "bfdd-control stop")
                }
            case .status(let selector, let style):
                return .init(text: try status(selector, style))
            case .allow, .block, .connect, .session, .newSessions, .log:
                return .init(text: try obey(command, words))
            }
        } catch {
            return .init(text: error.text + "\n")
        }
    }

    private func obey(
        _ command: OpenBFDD.Command, _ words: [String]
    ) throws(OpenBFDD.Refusal) -> String {
        var next = table
        let outcome = next.obey(command, locals: command.isAboutPair ? try locals() : [:])
        if let refusal = outcome.refusal { return outcome.announcement + refusal.text + "\n" }
        do throws(Failure) {
            try follow(next)
        } catch {
            return outcome.announcement + "Unable to complete request: \(error.message)\n"
        }
        save()
        daemon?.note(command, words, table)
        return outcome.announcement + outcome.confirmation
    }

    /// Has the daemon's peers be the sessions that are wanted.
    private func follow(_ next: OpenBFDD.Table) throws(Failure) {
        guard let daemon else { return }
        let peers = next.entries.map { entry in
            (entry, DaemonConfiguration.Peer(entry, minimumTTL: options.minimumTTL))
        }
        let anew = Set(
            next.entries.filter { entry in
                runningIDs[entry.name].map { $0 != entry.id } ?? false
            }.map(\.name))
        if !anew.isEmpty {
            try daemon.follow(peers.filter { !anew.contains($0.0.name) }.map(\.1))
            for name in anew {
                holds[name] = nil
                suspended.remove(name)
            }
        }
        try daemon.follow(peers.map(\.1))
        table = next
        let names = Set(next.entries.map(\.name))
        holds = holds.filter { names.contains($0.key) }
        suspended.formIntersection(names)
        runningIDs = Dictionary(
            next.entries.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        do throws(GatewatchError) {
            for entry in next.entries { try hold(entry, daemon) }
        } catch {
            throw Daemon.failure(error)
        }
    }

    /// Has a session be in the state it is held in, and as mute as it is to be.
    private func hold(_ entry: OpenBFDD.Entry, _ daemon: Daemon) throws(GatewatchError) {
        let name = entry.name
        if holds[name] != entry.hold {
            let isAdministrative = entry.hold?.isAdministrative == true
            if holds[name]?.isAdministrative == true || isAdministrative {
                try daemon.gatewatch.setAdministrativelyDown(isAdministrative, peer: name)
            }
            if let hold = entry.hold, !isAdministrative {
                let diagnostic = Diagnostic(rawValue: hold.diagnostic)
                try daemon.gatewatch.signal(.forceDown(diagnostic), peer: name)
            } else if holds[name]?.isAdministrative == false {
                try daemon.gatewatch.signal(.release, peer: name)
            }
            holds[name] = entry.hold
        }
        if suspended.contains(name) != entry.isSuspended {
            try daemon.gatewatch.setMuted(entry.isSuspended, peer: name)
            if entry.isSuspended { suspended.insert(name) } else { suspended.remove(name) }
        }
    }

    private func status(
        _ selector: OpenBFDD.Selector, _ style: OpenBFDD.StatusStyle
    ) throws(OpenBFDD.Refusal) -> String {
        let sessions = try sessions()
        let found = try table.sessions(
            of: selector,
            locals: Dictionary(
                sessions.map { ($0.entry.id, $0.local) }, uniquingKeysWith: { first, _ in first }))
        let ids = Set(found.map(\.id))
        return OpenBFDD.status(
            sessions.filter { ids.contains($0.entry.id) }, isAll: selector == .all, style)
    }

    /// The addresses of ours that sessions have at the time.
    private func locals() throws(OpenBFDD.Refusal) -> [UInt32: HostAddress] {
        Dictionary(
            try sessions().map { ($0.entry.id, $0.local) }, uniquingKeysWith: { first, _ in first })
    }

    /// All sessions as they stand, in the order they were made.
    private func sessions() throws(OpenBFDD.Refusal) -> [OpenBFDD.Session] {
        guard let daemon else { return [] }
        let snapshot: SessionsSnapshot
        do throws(GatewatchError) {
            snapshot = try daemon.gatewatch.sessions()
        } catch {
            throw OpenBFDD.Refusal("Unable to complete request: \(DaemonError(error))")
        }
        let byName = Dictionary(
            snapshot.peers.map { ($0.configuration.name, $0) },
            uniquingKeysWith: { first, _ in first })
        return table.entries.map { entry in
            OpenBFDD.Session(entry, byName[entry.name], at: snapshot.now)
        }
    }
}

extension OpenBFDD.Command {
    /// Whether it may name a session by its addresses.
    fileprivate var isAboutPair: Bool {
        switch self {
        case .connect, .session(.pair, _): true
        case .session, .version, .stop, .status, .allow, .block, .newSessions, .log: false
        }
    }
}
