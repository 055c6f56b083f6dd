internal import ControlProtocol
internal import Foundation
internal import Gatewatch
internal import LinuxSystem
internal import Logging

/// What is kept of a drain: a crash is not the operator's word that takes the node back.
struct DrainMark: Codable {
    private static let version = 1

    private var version = DrainMark.version
    private var boot = SequenceStore.currentBoot
    /// Peers that an operator had disabled before.
    var disabled: [String]

    init(disabled: Set<String>) {
        self.disabled = disabled.sorted()
    }

    private static func path(in directory: String) -> String { directory + "/drained.json" }

    /// What a process has left that was killed while the node was drained; nil otherwise.
    static func left(in directory: String, _ logger: Logger) -> DrainMark? {
        let path = path(in: directory)
        do {
            guard let mark = try StateFile.read(Self.self, at: path) else { return nil }
            guard mark.version == version else {
                logger.warning("\(path) is of version \(mark.version): the node is in service")
                return nil
            }
            return mark.boot == SequenceStore.currentBoot ? mark : nil
        } catch {
            logger.warning("\(path) cannot be read, the node is in service: \(error)")
            return nil
        }
    }

    /// Keeps it from now on.
    func write(in directory: String, _ logger: Logger) {
        do {
            try StateFile.write(self, at: Self.path(in: directory))
        } catch {
            logger.warning(
                """
                \(Self.path(in: directory)) cannot be written, a crash would take the node back \
                into service: \(error.localizedDescription)
                """)
        }
    }

    /// Keeps nothing: the node is in service from here on, or with the next start.
    static func erase(in directory: String) {
        try? FileManager.default.removeItem(atPath: path(in: directory))
    }
}

extension Daemon {
    /// Leaves a node drained that was so when the process before was killed.
    func recallDrain() throws(GatewatchError) {
        guard let mark = DrainMark.left(in: configuration.stateDirectory, logger) else { return }
        drain = Drain(
            disabled: Set(mark.disabled), began: Clock.monotonicNanoseconds(), patience: [:])
        try gatewatch.withdrawRoutes()
        let text = "still drained, as it was when the process before was killed"
        record(.daemon, cause: text)
        logger.notice("\(text): take it back into service with \"gatewatch undrain\"")
    }
}
