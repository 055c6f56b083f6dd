internal import BFDCore

/// Decides how a kind of socket is read: when the kernel says that something is there, or in ticks,
/// together with what else there is to do.
///
/// Being woken costs more than reading. So from a rate of packets on, they wait in the receive
/// buffer until the next tick, and the rate of the last tenth of a second is what decides.
struct ReadingPace {
    private static let window = Nanoseconds.milliseconds(100)

    /// Packets a second from which ticks are better.
    private let threshold: Int64
    /// The time between two readings at most.
    private let longestTick: Nanoseconds
    private let shortestTick: Nanoseconds
    /// How many packets may wait.
    private static let backlog: Int64 = 256

    private(set) var isTicking = false
    private var rate: Int64 = 0
    private var count: Int64 = 0
    private var windowStart = Instant(nanoseconds: 0)
    private var lastReading = Instant(nanoseconds: 0)

    /// Packets that are expected, and decide nothing by themselves.
    static var routine: ReadingPace {
        ReadingPace(
            threshold: 50, longestTick: .milliseconds(25), shortestTick: .microseconds(250))
    }

    /// Packets that are answered at once, unless there are so many that they are junk.
    static var urgent: ReadingPace {
        ReadingPace(
            threshold: 20_000, longestTick: .microseconds(500), shortestTick: .microseconds(250))
    }

    private init(threshold: Int64, longestTick: Nanoseconds, shortestTick: Nanoseconds) {
        self.threshold = threshold
        self.longestTick = longestTick
        self.shortestTick = shortestTick
    }

    /// Notes what a reading has brought; whether that changes how to read.
    mutating func note(_ packets: Int, at now: Instant, mayTick: Bool) -> Bool {
        lastReading = now
        count += Int64(packets)
        let elapsed = now - windowStart
        if elapsed < Self.window { return false }
        rate = count * 1_000_000_000 / elapsed.count
        count = 0
        windowStart = now
        let was = isTicking
        isTicking = mayTick && rate >= (was ? threshold / 2 : threshold)
        return was != isTicking
    }

    /// When to read next, in ticks; sooner while a session is coming up and waits for an answer.
    func nextReading(isWaitedFor: Bool) -> Instant {
        let limit = isWaitedFor ? min(Nanoseconds.microseconds(500), longestTick) : longestTick
        var tick = limit
        if rate > 0 {
            let filling = Nanoseconds(Self.backlog * 1_000_000_000 / rate)
            if filling < tick { tick = filling }
        }
        if tick < shortestTick { tick = shortestTick }
        return lastReading + tick
    }
}
