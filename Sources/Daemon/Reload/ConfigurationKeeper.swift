internal import BFDDriver
internal import ControlProtocol
internal import EventLoop
internal import LinuxSystem
internal import Logging

/// Has the configuration read again, one reading after the other, and applied by the daemon.
///
/// Reading has a thread of its own: a large file takes a second, and clients are served meanwhile.
final class ConfigurationKeeper {
    /// Why something is read.
    struct Order {
        enum Purpose {
            /// All of it is to be in force. The text says who asked, for events.
            case reload(by: String, isDryRun: Bool, discardsUnsaved: Bool)
            /// A peer is to be changed.
            case edit(PeerEdit)
        }

        var purpose: Purpose
        /// Who waits for the answer; nil when nobody does.
        var answer: ((Reply) -> Void)?
    }

    private static let most = 64

    let source: ConfigurationSource
    /// What was changed at run time and is in no file.
    var overlay = PeerOverlay()
    /// What clients are told of it.
    var status: ConfigurationStatus
    private var waiting: [Order] = []
    private var current: Order?
    private let readings: Mailbox<ConfigurationReading>
    private var watcher: DescriptorWatcher?
    private var watch: ConfigurationWatch?
    private unowned let daemon: Daemon

    init(_ source: ConfigurationSource, _ daemon: Daemon) throws(SystemError) {
        self.source = source
        self.daemon = daemon
        status = ConfigurationStatus(file: source.file, since: daemon.started)
        readings = try Mailbox(capacity: 2)
        watcher = DescriptorWatcher(daemon.loop, descriptor: readings.descriptor) {
            [unowned self] in self.takeReading()
        }
        guard let file = source.file else { return }
        watch = try ConfigurationWatch(file, daemon.loop) { [unowned self] in
            self.reload(by: "the file has changed")
        }
        watch?.follow(daemon.configuration.secretFiles)
    }

    /// Reads the file again and applies it, for nobody in particular.
    func reload(by cause: String) {
        // One that waits will see what is there by then.
        let isWaiting = waiting.contains { order in
            guard case .reload(_, false, false) = order.purpose else { return false }
            return order.answer == nil
        }
        guard !isWaiting else { return }
        take(
            Order(
                purpose: .reload(by: cause, isDryRun: false, discardsUnsaved: false), answer: nil))
    }

    /// Carries an order out once those before it have been.
    func take(_ order: Order) {
        guard waiting.count < Self.most else {
            order.answer?(
                .error(
                    Failure(
                        code: .busy, message: "\(Self.most) changes are waiting already",
                        nextStep: "Try again in a few seconds.")))
            return
        }
        waiting.append(order)
        begin()
    }

    /// Watches the files that a configuration which is in force now names.
    func follow(_ configuration: DaemonConfiguration) {
        watch?.follow(configuration.secretFiles)
    }

    private func begin() {
        guard current == nil, !waiting.isEmpty else { return }
        let order = waiting.removeFirst()
        current = order
        let reading = ReadingOrder(source: source, overlay: overlayFor(order), edit: order.edit)
        if order.isReload {
            watch?.noteReading()
            daemon.supervision.reload()
        }
        let readings = readings
        do throws(SystemError) {
            // What the YAML package needs of the stack grows with the depth of the file.
            try SystemThread.start(name: "gw-config", stackByteCount: 8 << 20) {
                readings.post(ConfigurationReading(reading))
            }.detach()
        } catch {
            current = nil
            order.answer?(
                .error(
                    Failure(
                        code: .internal, message: "the file cannot be read now: \(error)",
                        nextStep: "Try again.")))
            if order.isReload { daemon.supervision.reloaded() }
            begin()
        }
    }

    private func overlayFor(_ order: Order) -> PeerOverlay {
        guard case .reload(_, _, true) = order.purpose else { return overlay }
        return PeerOverlay()
    }

    private func takeReading() {
        var messages: [ConfigurationReading] = []
        _ = readings.takeAll(into: &messages)
        for reading in messages {
            guard let order = current else { continue }
            current = nil
            daemon.take(reading, for: order)
        }
        // What reading took is several times what stays of it.
        ProcessMemory.release()
        begin()
    }
}

extension ConfigurationKeeper.Order {
    /// Whether what is read is to be in force.
    var isReload: Bool {
        if case .reload(_, false, _) = purpose { true } else { false }
    }

    /// The change at run time, if it is one.
    fileprivate var edit: PeerEdit? {
        if case .edit(let edit) = purpose { edit } else { nil }
    }
}

extension DaemonConfiguration {
    /// The files that its secrets are in.
    var secretFiles: [String] {
        let all = peers.compactMap(\.authentication) + unsolicited.compactMap(\.authentication)
        return Set(all.flatMap(\.keys).map(\.secretFile)).sorted()
    }
}
