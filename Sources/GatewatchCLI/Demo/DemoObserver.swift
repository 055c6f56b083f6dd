internal import LinuxSystem
internal import Netlink
internal import RouteCore
internal import Synchronization

/// Watches the kernel's routes in the node's namespace, in a thread of its own and not through the
/// daemon: what it sees is what traffic would follow.
final class DemoObserver: Sendable {
    /// The gateways of our routes, and when the kernel told of them.
    struct Sight: Sendable {
        var gateways: [String]
        var at: Int64
    }

    private let sights = Mutex<[Sight]>([])
    private let isOver = Atomic<Bool>(false)

    /// Starts watching in a namespace.
    func start(namespacePath: String) throws(SystemError) {
        _ = try SystemThread.start(name: "gw-observer") { [self] in watch(namespacePath) }
    }

    /// Ends the thread.
    func stop() {
        isOver.store(true, ordering: .relaxed)
    }

    /// Whether the thread watches by now.
    var isWatching: Bool { sights.withLock { !$0.isEmpty } }

    /// When the routes first led over just these gateways, at a moment or after it.
    func moment(of gateways: [String], since moment: Int64) -> Int64? {
        sights.withLock { sights in
            sights.first { $0.gateways == gateways.sorted() && $0.at >= moment }?.at
        }
    }

    private func watch(_ namespacePath: String) {
        guard (try? NetworkNamespace.open(path: namespacePath).enter()) != nil,
            let monitor = try? RouteMonitor(), let socket = try? NetlinkSocket.connected()
        else { return }
        let reader = RouteReader(protocolNumber: 158, ids: 0x5880_0000..<0x5881_0000)
        note([], at: Clock.monotonicNanoseconds())
        while !isOver.load(ordering: .relaxed) {
            let descriptor = monitor.descriptor
            guard DescriptorReadiness.waitUntilReadable(descriptor, milliseconds: 100) else {
                continue
            }
            let at = Clock.monotonicNanoseconds()
            guard (try? monitor.read()) != nil,
                let found = try? reader.read(nextHopObjects: true, through: socket)
            else { continue }
            note(Self.gateways(found.state), at: at)
        }
    }

    private func note(_ gateways: [String], at moment: Int64) {
        sights.withLock { sights in
            if let last = sights.last, last.gateways == gateways { return }
            sights.append(Sight(gateways: gateways, at: moment))
        }
    }

    private static func gateways(_ state: RouteState) -> [String] {
        var nextHops: [NextHop] = []
        for target in state.routes.values {
            switch target {
            case .group(let id):
                nextHops += (state.groups[id] ?? []).compactMap { state.nextHops[$0.id] }
            case .nextHops(let weighted): nextHops += weighted.map(\.nextHop)
            case .blackhole: break
            }
        }
        return nextHops.compactMap { nextHop in
            switch nextHop {
            case .gateway(let address, _, _): "\(address)"
            case .blackhole: nil
            }
        }.sorted()
    }
}
