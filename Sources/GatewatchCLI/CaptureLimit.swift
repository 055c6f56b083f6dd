/// When a capture is over: by the time that passes, whoever sets the clock meanwhile.
///
/// Packets carry the clock's time, so the moment is put into it when it has come.
struct CaptureLimit {
    /// The time at a moment, by both clocks, in nanoseconds.
    struct Moment {
        var monotonic: Int64
        var realtime: Int64
    }

    /// How long packets are under way at most when all goes well.
    private static let patience: Int64 = 700_000_000

    /// When it ends by itself; nil when it does not.
    private let deadline: Int64?
    /// The moment it ended; nil before.
    private var end: Moment?

    /// Ends after a time, if there is one.
    init(nanoseconds: Int64?, from start: Int64) {
        deadline = nanoseconds.map { start + $0 }
    }

    /// Notes the time, and whether somebody has asked for the end.
    mutating func look(at now: Moment, isStopped: Bool) {
        guard end == nil else { return }
        if let deadline, now.monotonic >= deadline {
            end = Moment(
                monotonic: deadline, realtime: now.realtime - (now.monotonic - deadline))
        } else if isStopped {
            end = now
        }
    }

    /// Whether a packet of this time belongs into the capture.
    func includes(realtime: Int64) -> Bool {
        end.map { realtime <= $0.realtime } ?? true
    }

    /// Whether no packet comes any more that would belong into it.
    func isOver(at now: Moment) -> Bool {
        end.map { $0.monotonic + Self.patience < now.monotonic } ?? false
    }
}
