internal import BFDDriver
internal import LinuxSystem
internal import Synchronization

extension Gatewatch {
    /// Calls `handler` with every event from here on, one after the other, in a thread of its own.
    ///
    /// It ends with `stop()` or `close()`, and when another call takes the events over. `handler`
    /// may take its time, for 1,024 events and four more for each session; beyond that they are
    /// counted, and told as `Event.lost`. It may call everything but `close()`, which waits for it.
    /// Throws when the kernel has no thread or descriptor to give; nobody is told then.
    public func deliverEvents(
        to handler: @escaping @Sendable (Event) -> Void
    ) throws(GatewatchError) {
        _ = try startDelivery(to: handler) {}
    }

    /// All events from here on, as a sequence that ends with `stop()` or `close()`.
    ///
    /// Up to `capacity` events wait for a slow reader; beyond that the latest are counted, and told
    /// as `Event.lost` once there is room. A later call takes the events over. Throws when the
    /// kernel has no thread or descriptor to give; nobody is told then.
    public func eventStream(keeping capacity: Int = 1_024) throws(GatewatchError)
        -> AsyncStream<Event>
    {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingOldest(max(capacity, 2)))
        let feeder = StreamFeeder(continuation)
        let delivery = try startDelivery(
            to: { feeder.feed($0) }, owes: { feeder.owes() }, end: { continuation.finish() })
        // Nobody reads any more: events wait for whoever asks next.
        continuation.onTermination = { _ in delivery.leave() }
        return stream
    }

    private func startDelivery(
        to handler: @escaping @Sendable (Event) -> Void,
        owes: @escaping @Sendable () -> Bool = { false },
        end: @escaping @Sendable () -> Void
    ) throws(GatewatchError) -> EventDelivery {
        do throws(SystemError) {
            return try deliveries.withLock { all throws(SystemError) in
                // Whoever had the events takes none from here on, not even what happened before.
                for former in all { former.leave() }
                all.removeAll { $0.hasEnded }
                let started = try EventDelivery(of: events, to: handler, owes: owes, end: end)
                all.append(started)
                return started
            }
        } catch {
            throw .driver(.system(error))
        }
    }
}

/// Takes events out of the queue in a thread of its own, and hands them on.
final class EventDelivery: Sendable {
    private let progress: Progress
    private let thread: JoinableThread

    /// What the thread and those who end it share.
    private final class Progress: Sendable {
        let ending: Mailbox<Void>
        /// Whether it takes no more; held while it takes.
        let hasLeft = Mutex(false)
        let hasEnded = Atomic(false)

        init() throws(SystemError) {
            ending = try Mailbox(capacity: 1)
        }

        /// Takes what waits; how many were lost, or `nil` when that is no longer ours.
        func take(_ events: Mailbox<Event>, into messages: inout [Event]) -> Int? {
            hasLeft.withLock { $0 ? nil : events.takeAll(into: &messages) }
        }
    }

    init(
        of events: Mailbox<Event>, to handler: @escaping @Sendable (Event) -> Void,
        owes: @escaping @Sendable () -> Bool, end: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        let progress = try Progress()
        let either = try DescriptorSet()
        either.insert(events.descriptor, isForWriting: false)
        either.insert(progress.ending.descriptor, isForWriting: false)
        self.progress = progress
        thread = JoinableThread(
            try SystemThread.start(name: "gw-events") {
                var messages: [Event] = []
                var isEnding = false
                while !isEnding {
                    _ = DescriptorReadiness.waitUntilReadable(
                        either.descriptor, milliseconds: owes() ? 100 : .max)
                    // Looked at first: what has happened before the end is told before it.
                    isEnding = DescriptorReadiness.waitUntilReadable(
                        progress.ending.descriptor, milliseconds: 0)
                    guard let lost = progress.take(events, into: &messages) else { break }
                    for message in messages { handler(message) }
                    if lost > 0 { handler(.lost(lost)) }
                }
                end()
                progress.hasEnded.store(true, ordering: .releasing)
            })
    }

    /// Whether nothing of it runs any more.
    var hasEnded: Bool { progress.hasEnded.load(ordering: .acquiring) }

    /// Ends it, once what waits has been handed on.
    func stop() {
        progress.ending.post(())
    }

    /// Ends it, and leaves to others what waits.
    func leave() {
        progress.hasLeft.withLock { $0 = true }
        progress.ending.post(())
    }

    /// Waits for its end; not to be called by the handler.
    func join() {
        thread.join()
    }
}

/// Puts events into a stream, and counts what does not fit.
private final class StreamFeeder: Sendable {
    private let continuation: AsyncStream<Event>.Continuation
    private let lost = Atomic(0)

    init(_ continuation: AsyncStream<Event>.Continuation) {
        self.continuation = continuation
    }

    func feed(_ event: Event) {
        if owes() || !isTaken(event) { lost.add(1, ordering: .relaxed) }
    }

    /// Tells of what did not fit, where there is room for that; whether it is still to be told.
    func owes() -> Bool {
        let count = lost.load(ordering: .relaxed)
        guard count > 0 else { return false }
        if isTaken(.lost(count)) { lost.store(0, ordering: .relaxed) }
        return lost.load(ordering: .relaxed) > 0
    }

    private func isTaken(_ event: Event) -> Bool {
        if case .dropped = continuation.yield(event) { return false }
        return true
    }
}
