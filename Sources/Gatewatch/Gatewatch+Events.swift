internal import BFDDriver
internal import LinuxSystem
internal import Synchronization

extension Gatewatch {
    /// Calls `handler` with every event from here on, one after the other, in a thread of its own.
    ///
    /// It ends with `stop()` or `close()`, and when another call takes the events over. `handler`
    /// may take its time, for 1,024 events and four more for each session; beyond that they are
    /// counted, and told as `Event.lost`. It may call everything but `close()`, which waits for it.
    /// Throws when the kernel has no thread or descriptor to give.
    public func deliverEvents(
        to handler: @escaping @Sendable (Event) -> Void
    ) throws(GatewatchError) {
        _ = try startDelivery(to: handler) {}
    }

    /// All events from here on, as a sequence that ends with `stop()` or `close()`.
    ///
    /// Up to `capacity` events wait for a slow reader; beyond that the latest are counted, and told
    /// as `Event.lost` once there is room. A later call takes the events over. Throws when the
    /// kernel has no thread or descriptor to give.
    public func eventStream(keeping capacity: Int = 1_024) throws(GatewatchError)
        -> AsyncStream<Event>
    {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingOldest(max(capacity, 2)))
        let feeder = StreamFeeder(continuation)
        let delivery = try startDelivery(to: { feeder.feed($0) }, end: { continuation.finish() })
        // Nobody reads any more: events wait for whoever asks next.
        continuation.onTermination = { _ in delivery.stop() }
        return stream
    }

    private func startDelivery(
        to handler: @escaping @Sendable (Event) -> Void, end: @escaping @Sendable () -> Void
    ) throws(GatewatchError) -> EventDelivery {
        do throws(SystemError) {
            let started = try EventDelivery(of: events, to: handler, end: end)
            delivery.withLock { current in
                current?.stop()
                current = started
            }
            return started
        } catch {
            throw .driver(.system(error))
        }
    }
}

/// Takes events out of the queue in a thread of its own, and hands them on.
final class EventDelivery: Sendable {
    private let ending: Mailbox<Void>
    private let thread: JoinableThread

    init(
        of events: Mailbox<Event>, to handler: @escaping @Sendable (Event) -> Void,
        end: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        let ending = try Mailbox<Void>(capacity: 1)
        let either = try DescriptorSet()
        either.insert(events.descriptor, isForWriting: false)
        either.insert(ending.descriptor, isForWriting: false)
        self.ending = ending
        thread = JoinableThread(
            try SystemThread.start(name: "gw-events") {
                var messages: [Event] = []
                var isEnding = false
                while !isEnding {
                    _ = DescriptorReadiness.waitUntilReadable(
                        either.descriptor, milliseconds: .max)
                    // Looked at first: what has happened before the end is told before it.
                    isEnding = DescriptorReadiness.waitUntilReadable(
                        ending.descriptor, milliseconds: 0)
                    let lost = events.takeAll(into: &messages)
                    for message in messages { handler(message) }
                    if lost > 0 { handler(.lost(lost)) }
                }
                end()
            })
    }

    /// Ends it, once what waits has been handed on.
    func stop() {
        ending.post(())
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
        let count = lost.load(ordering: .relaxed)
        if count > 0, isTaken(.lost(count)) { lost.store(0, ordering: .relaxed) }
        if !isTaken(event) { lost.add(1, ordering: .relaxed) }
    }

    private func isTaken(_ event: Event) -> Bool {
        if case .dropped = continuation.yield(event) { return false }
        return true
    }
}
