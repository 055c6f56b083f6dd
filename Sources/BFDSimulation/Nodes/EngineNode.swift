internal import BFDCore

/// A process with a whole engine in it, that wakes up late, stops, dies and starts again.
final class EngineNode {
    let index: Int
    /// How late the process wakes up at most.
    let latency: Nanoseconds
    /// Its ends, by place.
    let ends: [Int]
    var engine: Engine
    var routes: NodeRoutes
    private(set) var isRunning = false
    private(set) var startedAt = Instant(nanoseconds: 0)
    /// When a stopped process continues.
    private(set) var stoppedUntil: Instant?
    /// By slot: which end its session is of.
    var endOfSlot: [Int]
    /// When the process does something next.
    private(set) var wakeAt: Instant = .distantFuture
    private var draw: Draw
    /// What the receive buffer holds, from `head` on.
    private var inbox: [Flight] = []
    private var head = 0
    private var inboxWake: Instant = .distantFuture
    /// The engine's deadline that `timerWake` was drawn for.
    private var armed: Instant = .distantFuture
    private var timerWake: Instant = .distantFuture

    static let capacity = 8
    /// How many packets the receive buffer holds.
    static let inboxCapacity = 256

    init(index: Int, ends: [Int], latency: Nanoseconds, routes: NodeRoutes, seed: UInt64) {
        precondition(ends.count <= Self.capacity)
        self.index = index
        self.ends = ends
        self.latency = latency
        self.routes = routes
        draw = Draw(seed: seed)
        engine = Engine(capacity: Self.capacity, seed: 0)
        endOfSlot = [Int](repeating: -1, count: Self.capacity)
    }

    var isActing: Bool { isRunning && stoppedUntil == nil }

    func start(at now: Instant) {
        engine = Engine(capacity: Self.capacity, seed: draw.bits())
        isRunning = true
        startedAt = now
    }

    /// The process ends without a word; what it had not read is gone.
    func kill() {
        isRunning = false
        stoppedUntil = nil
        clearInbox()
        armed = .distantFuture
        timerWake = .distantFuture
        wakeAt = .distantFuture
    }

    func stop(until moment: Instant) {
        stoppedUntil = moment
        wakeAt = moment
    }

    func resume() {
        stoppedUntil = nil
    }

    /// Puts a packet into the receive buffer; `false` when the buffer is full.
    func accept(_ flight: Flight, at now: Instant) -> Bool {
        guard inbox.count - head < Self.inboxCapacity else { return false }
        if inbox.count == head { inboxWake = now + draw.span(upTo: latency) }
        inbox.append(flight)
        if stoppedUntil == nil && inboxWake < wakeAt { wakeAt = inboxWake }
        return true
    }

    /// Up to which moment everything that arrived is read in a wake-up at `now`.
    func judge(at now: Instant) -> Instant {
        guard latency.count > 0 else { return now }
        var reason = armed
        if head < inbox.count { reason = min(reason, inbox[head].arrival) }
        guard reason < now else { return now }
        let slack = now - reason
        return now - draw.span(upTo: slack < latency ? slack : latency)
    }

    /// The next packet that arrived by `moment`.
    func read(until moment: Instant) -> Flight? {
        guard head < inbox.count, inbox[head].arrival <= moment else {
            if head == inbox.count && head > 0 { clearInbox() }
            return nil
        }
        head += 1
        return inbox[head - 1]
    }

    /// Decides when to wake up next.
    func arm(at now: Instant) {
        let due = engine.nextDeadline ?? .distantFuture
        if due != armed {
            armed = due
            // What is due already is not waited for.
            timerWake = due == .distantFuture || due <= now ? due : due + draw.span(upTo: latency)
        }
        if head == inbox.count {
            inboxWake = .distantFuture
        } else if inboxWake <= now {
            inboxWake = now + draw.span(upTo: latency)
        }
        wakeAt = stoppedUntil ?? min(timerWake, inboxWake)
        if wakeAt < now { wakeAt = now }
    }

    private func clearInbox() {
        inbox.removeAll(keepingCapacity: true)
        head = 0
        inboxWake = .distantFuture
    }
}
