internal import BFDDriver
internal import ControlProtocol
internal import Hummingbird
internal import HummingbirdCore
internal import LinuxSystem
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// HTTP in a thread of its own, which yields to everything else: the control socket, and what else
/// is to be served.
///
/// The main thread starts the thread: it has the host's namespace and the ordinary scheduler.
final class HTTPService: Sendable {
    typealias Responder = HTTPChannelHandler.Responder

    /// How many clients there may be at once.
    static let maximumClients = 1_024
    /// How much nicer the thread is than those that send packets.
    private static let niceness: Int32 = 10
    /// What of a header is read; nobody needs a tenth of it.
    private static let headerByteCount = 16_384
    /// What the kernel may keep of what a TCP client does not read, and of what we do not read of
    /// it: left alone that grows to megabytes each, which count as this process's memory.
    private static let socketByteCount = 16_384

    let loop: any EventLoop
    private let group: MultiThreadedEventLoopGroup
    let executor: LoopExecutor
    private let clients: NIOLoopBoundBox<ClientRegistry>
    private let listeners = Mutex<[any Channel]>([])
    private let logger: Logger
    /// Whether what the service tells of is alive.
    let vitals = Vitals()
    /// Who is connected, for status and metrics.
    let counts: ClientCounts

    init(_ logger: Logger) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        loop = group.next()
        executor = LoopExecutor(loop)
        counts = ClientCounts()
        self.logger = logger
        clients = NIOLoopBoundBox.makeBoxSendingValue(
            ClientRegistry(loop, counts, capacity: Self.maximumClients), eventLoop: loop)
        loop.execute {
            Scheduling.yieldToOthers(niceness: Self.niceness)
            // Who talks to strangers has no rights, but to have memory where all of it is locked.
            try? ThreadCapabilities.reduce(
                to: KeptCapabilities(effective: CapabilitySet([.ipcLock])))
        }
    }

    /// Serves what comes in over a listening Unix socket, which is closed with the service; only
    /// `users` are answered, whom the kernel knows.
    func serve(
        _ descriptor: consuming OwnedDescriptor, _ responder: @escaping Responder,
        allowing users: Set<UInt32>
    ) throws {
        let bootstrap = bootstrap { [self] channel in
            user(of: channel).flatMap { user in
                if users.contains(user) { return self.admit(channel, responder) }
                self.counts.end(.forbidden)
                return self.admit(channel, ControlRouter.refusal(.notPermitted()))
            }
        }
        let listener = try bootstrap.withBoundSocket(descriptor.take()).wait()
        listeners.withLock { $0.append(listener) }
    }

    /// Serves whoever connects to an address.
    func serve(_ address: String, port: UInt16, _ responder: @escaping Responder) throws {
        let address = try SocketAddress(ipAddress: address, port: Int(port))
        // Accepted connections have what the listener has.
        let listener = try bootstrap { [self] in admit($0, responder) }
            .serverChannelOption(.socketOption(.so_sndbuf), value: Self.socketByteCount)
            .serverChannelOption(.socketOption(.so_rcvbuf), value: Self.socketByteCount)
            .bind(to: address).wait()
        listeners.withLock { $0.append(listener) }
    }

    private func bootstrap(
        _ admission: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(Self.maximumClients))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer(admission)
    }

    /// Ends all connections, and lets those finish first that have an answer under way.
    func stop() {
        for listener in listeners.withLock(\.self) { listener.close(promise: nil) }
        let clients = clients
        _ = try? loop.flatSubmit { clients.value.drain() }.wait()
        try? group.syncShutdownGracefully()
    }

    /// The user at the other end, as the kernel knows it.
    private func user(of channel: any Channel) -> EventLoopFuture<UInt32> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let name = NIOBSDSocket.Option(rawValue: PeerCredentials.optionName)
        return provider.unsafeGetSocketOption(level: .socket, name: name)
            .map { (credentials: PeerCredentials) in credentials.user }
    }

    private func admit(
        _ channel: any Channel, _ responder: @escaping Responder
    ) -> EventLoopFuture<Void> {
        let client = HTTPClient(channel)
        let isAdmitted = clients.value.admit(client)
        let bound = NIOLoopBound(client, eventLoop: channel.eventLoop)
        let http = HTTP1Channel(
            responder: isAdmitted ? responder : ControlRouter.refusal(.crowded()),
            configuration: .init(
                additionalChannelHandlers: [RequestWatch(bound.value)],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: Self.headerByteCount,
                    maxHeaderListSize: Self.headerByteCount, maxHeaderFieldCount: 100)))
        do {
            try channel.pipeline.syncOperations.addHandler(ByteWatch(client))
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        let (executor, logger) = (executor, logger)
        return http.setup(channel: channel, logger: logger).map { value in
            Task(executorPreference: executor) { await http.handle(value: value, logger: logger) }
        }
    }
}
