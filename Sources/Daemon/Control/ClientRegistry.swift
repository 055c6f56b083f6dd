internal import ControlProtocol
internal import NIOCore
internal import Synchronization

/// How many clients there are and were cut off, for any thread to read.
final class ClientCounts: Sendable {
    private let status = Mutex(ClientsStatus())

    /// How things stand.
    var current: ClientsStatus { status.withLock(\.self) }

    func set(count: Int) {
        status.withLock { $0.count = count }
    }

    func end(_ reason: ClientEnd) {
        status.withLock { $0.ended[reason.rawValue, default: 0] += 1 }
    }
}

/// All clients of a service, and the limits that hold for them. Confined to the service's loop.
final class ClientRegistry {
    /// How long a client may ask nothing.
    private static let idleTime = TimeAmount.seconds(30)
    /// How long a request may take to come in whole.
    private static let askingTime = TimeAmount.seconds(10)
    /// How long a client may take nothing of what it asked for.
    private static let readingTime = TimeAmount.seconds(20)
    /// How long answers that are under way may take when all ends.
    private static let drainTime = TimeAmount.milliseconds(500)

    /// For how many clients answers may wait at once; each has a quarter of a megabyte of them.
    private static let maximumUnwritable = 48

    private let loop: any EventLoop
    private let counts: ClientCounts
    private let capacity: Int
    private var clients: [ObjectIdentifier: HTTPClient] = [:]
    private let code: ClientCode
    private var isTicking = false
    private var drained: EventLoopPromise<Void>?

    init(_ loop: any EventLoop, _ counts: ClientCounts, capacity: Int) {
        self.loop = loop
        self.counts = counts
        self.capacity = capacity
        code = ClientCode(loop)
    }

    /// Takes a client in, in the place of one that has been idle for longest if there is no room;
    /// false when nobody is idle.
    func admit(_ client: HTTPClient) -> Bool {
        code.isNeeded()
        var isAdmitted = true
        if clients.count >= capacity {
            isAdmitted = endIdlest()
            if !isAdmitted { counts.end(.crowded) }
        }
        clients[ObjectIdentifier(client)] = client
        client.onGone = { [unowned self, unowned client] in forget(client) }
        client.onUnwritable = { [unowned self] in limitUnwritable() }
        client.onAsking = { [unowned self] in code.isNeeded() }
        counts.set(count: clients.count)
        tickLater()
        return isAdmitted
    }

    /// Ends all clients: those that wait for an answer when they have it, or after a while.
    func drain() -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        drained = promise
        for client in clients.values {
            client.isLast = true
            if client.phase != .answering { client.channel.close(promise: nil) }
        }
        let end = loop.scheduleTask(in: Self.drainTime) { promise.succeed() }
        promise.futureResult.whenComplete { _ in end.cancel() }
        if clients.isEmpty { promise.succeed() }
        return promise.futureResult
    }

    private func forget(_ client: HTTPClient) {
        guard clients.removeValue(forKey: ObjectIdentifier(client)) != nil else { return }
        counts.set(count: clients.count)
        if clients.isEmpty { drained?.succeed() }
    }

    private func endIdlest() -> Bool {
        var idlest: HTTPClient?
        for client in clients.values where client.phase != .answering {
            if let other = idlest, other.since <= client.since { continue }
            idlest = client
        }
        guard let idlest else { return false }
        end(idlest, .crowded)
        return true
    }

    /// Ends the one that has taken nothing for longest, if answers wait for too many.
    private func limitUnwritable() {
        var count = 0
        var slowest: (client: HTTPClient, since: NIODeadline)?
        for client in clients.values {
            guard let since = client.unwritableSince else { continue }
            count += 1
            if let other = slowest, other.since <= since { continue }
            slowest = (client, since)
        }
        guard count > Self.maximumUnwritable, let slowest else { return }
        end(slowest.client, .slowReader)
    }

    private func end(_ client: HTTPClient, _ reason: ClientEnd) {
        counts.end(reason)
        // At once: the channel itself goes a little later, and is not to be ended twice.
        forget(client)
        client.channel.close(promise: nil)
    }

    private func tickLater() {
        guard !isTicking else { return }
        isTicking = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(in: .seconds(1)) { bound.value.tick() }
    }

    /// Looks for clients that have used up their time.
    private func tick() {
        isTicking = false
        let now = NIODeadline.now()
        for client in clients.values {
            if let since = client.unwritableSince, now - since > Self.readingTime {
                end(client, .slowReader)
                continue
            }
            switch client.phase {
            case .idle: if now - client.since > Self.idleTime { end(client, .idle) }
            case .asking:
                if now - client.since > Self.askingTime { end(client, .unfinishedRequest) }
            case .answering: break
            }
        }
        if !clients.isEmpty { tickLater() }
    }
}
