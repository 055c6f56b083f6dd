internal import BFDAuthentication
internal import BFDCore
internal import EventLoop
internal import Gatewatch
internal import LinuxSystem
internal import Logging

/// Writes the authentication sequence numbers of our packets, once a period, in the main thread.
final class SequenceKeeper {
    private var store: SequenceStore
    private let gatewatch: Gatewatch
    private let logger: Logger
    private let timer: DeadlineTimer
    private var watcher: DescriptorWatcher?
    /// What the sessions' numbers are kept by, by the names of the peers.
    private var keys: [String: String] = [:]
    private var noted: [String: UInt32] = [:]
    private var lastWarning: String?

    init(directory: String, _ gatewatch: Gatewatch, _ logger: Logger) throws(SystemError) {
        store = SequenceStore(directory: directory)
        self.gatewatch = gatewatch
        self.logger = logger
        timer = try DeadlineTimer()
        warn()
    }

    /// The number that a peer's session goes on after; `nil` where packets have none.
    ///
    /// The session is a new one, or one that goes on, perhaps without having had numbers before.
    func begin(
        _ peer: DaemonConfiguration.Peer, _ keyChain: KeyChain?, isNew: Bool = true
    ) -> UInt32? {
        guard let keyChain, keyChain.type.digestByteCount > 0 else { return nil }
        let key = peer.discriminatorKey
        let isKnown = keys.updateValue(key, forKey: peer.name) == key
        let pace = SequenceStore.Pace(
            multiplier: peer.localMultiplier,
            intervalNanoseconds: peer.desiredMinTxInterval.nanoseconds.count)
        guard isNew || !isKnown else {
            store.follow(key, pace)
            return nil
        }
        return store.begin(key, pace, at: Clock.monotonicNanoseconds())
    }

    /// A peer is no more; what was kept of it stays for its return.
    func end(_ name: String) {
        if let key = keys.removeValue(forKey: name) { store.end(key) }
    }

    /// Writes for the first time, before any number is used.
    func saveFirst() {
        guard store.isNeeded else { return }
        store.save(at: Clock.monotonicNanoseconds())
        warn()
    }

    /// Goes on writing for as long as the loop runs, if there is anything to write.
    func start(_ loop: EventLoop) {
        guard store.isNeeded, watcher == nil else { return }
        watcher = DescriptorWatcher(loop, descriptor: timer.descriptor) { [unowned self] in
            self.timer.acknowledge()
            self.save()
            self.arm()
        }
        arm()
    }

    /// Writes what was sent until now, if that is more than before.
    func save() {
        guard store.isNeeded, let sequences = try? gatewatch.transmitSequences(),
            sequences != noted
        else { return }
        noted = sequences
        for (name, sequence) in sequences {
            if let key = keys[name] { store.note(sequence, for: key) }
        }
        store.save(at: Clock.monotonicNanoseconds())
        warn()
    }

    private func arm() {
        timer.arm(at: Clock.monotonicNanoseconds() + store.periodNanoseconds)
    }

    /// Says once what is lost.
    private func warn() {
        if let warning = store.warning, warning != lastWarning { logger.warning("\(warning)") }
        lastWarning = store.warning
    }
}
