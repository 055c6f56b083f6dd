internal import BFDDriver
internal import EventLoop
internal import LinuxSystem
internal import Logging

/// Has the service manager keep the sockets that sessions receive by, so that what arrives between
/// two processes is not lost: in the main thread, whenever one is opened or given up.
final class SocketKeeper {
    /// Where engine threads take what was kept, and say what is to be; nil where nobody keeps
    /// anything.
    var storeInUse: SocketStore? { notifier.isHeard || passedCount > 0 || isPatient ? store : nil }
    private let store: SocketStore
    private let isPatient: Bool
    private let notifier: ServiceNotifier
    private let logger: Logger
    private var watcher: DescriptorWatcher?
    /// What the manager has, as far as is known.
    private var names: Set<String> = []
    private var words: [SocketStore.Word] = []
    private var isWarned = false
    private let passedCount: Int

    /// Checks what was passed; `isPatient` waits for ports that another process gives up.
    init(
        _ passed: [PassedSocket], _ notifier: ServiceNotifier, _ configuration: DaemonConfiguration,
        _ logger: Logger, isPatient: Bool
    ) throws(SystemError) {
        passedCount = passed.count
        self.isPatient = isPatient
        self.notifier = notifier
        self.logger = logger
        let path = configuration.namespace.map { NetworkNamespace.path(named: $0) }
        let namespace: SharedNamespace?
        if let path {
            namespace = try? SharedNamespace(path: path)
        } else {
            namespace = try? SharedNamespace.current()
        }
        store = try SocketStore(
            passed, namespaceInode: namespace?.inode ?? 0,
            threadCount: max(configuration.realTime.threadCount, 1), isPatient: isPatient)
        // Whoever needs the ports now waits for it.
        tell()
    }

    /// Closes what no session needs, and keeps sockets from now on.
    func start(_ loop: EventLoop) {
        let uselessCount = store.refusedCount + store.closeRest()
        tell()
        if uselessCount > 0 {
            logger.notice("\(uselessCount) of \(passedCount) kept sockets are of no use: closed")
        }
        let count = passedCount - uselessCount
        if count > 0 { logger.info("going on with \(count) sockets that were kept") }
        watcher = DescriptorWatcher(loop, descriptor: store.outbox.descriptor) { [unowned self] in
            self.tell()
        }
    }

    /// Has nothing be kept: nobody goes on.
    func end() {
        watcher = nil
        tell()
        for name in names { note(notifier.forget(named: name)) }
        names = []
    }

    private func tell() {
        _ = store.outbox.takeAll(into: &words)
        for word in words {
            switch word {
            case .keep(let name, let descriptor):
                names.insert(name)
                note(notifier.keep(descriptor.rawValue, named: name))
            case .has(let name): names.insert(name)
            case .forget(let name):
                names.remove(name)
                note(notifier.forget(named: name))
            }
        }
        // Descriptors are closed here.
        words = []
    }

    private func note(_ refusal: Errno?) {
        guard let refusal, !isWarned else { return }
        isWarned = true
        logger.warning("the service manager could not be told of sockets: \(refusal)")
    }
}
