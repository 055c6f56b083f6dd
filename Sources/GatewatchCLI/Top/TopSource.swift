internal import ControlProtocol
internal import LinuxSystem

/// Asks the daemon how things stand, again and again, whatever becomes of it meanwhile.
final class TopSource {
    /// How many events are kept.
    private static let eventCapacity = 100

    private let control: ControlOptions
    private var previous: TopSample?
    private var nextSequence: UInt64?
    /// The latest sample, and what has changed until then; nil before the first.
    private(set) var latest: (sample: TopSample, change: TopChange)?
    /// The latest events, the oldest first.
    private(set) var events: [EventRecord] = []
    /// Those that came with the last sample.
    private(set) var newEvents: [EventRecord] = []
    /// Why there was no answer the last time.
    private(set) var trouble: String?

    init(_ control: ControlOptions) {
        self.control = control
    }

    /// Asks once. Only what the first question fails with is thrown; later on it is shown.
    func refresh() throws {
        do {
            let now = try sample()
            if let before = latest?.sample {
                previous = before.isSameRun(as: now) ? before : nil
                if previous == nil { nextSequence = nil }
            }
            try fetchEvents()
            latest = (now, TopChange(from: previous, to: now))
            trouble = nil
        } catch let error as CommandError {
            guard latest != nil else { throw error }
            newEvents = []
            trouble = error.message.split(separator: "\n").first.map { String($0) } ?? ""
        }
    }

    private func sample() throws -> TopSample {
        let client = try ControlClient.connected(to: control.socket)
        guard case .version(let version) = try client.ask(.version),
            case .status(let status) = try client.ask(.status(peer: nil)),
            case .routes(let routes) = try client.ask(.routes)
        else { throw control.unexpected() }
        return TopSample(
            time: Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds()),
            moment: Clock.monotonicNanoseconds(), version: version, status: status,
            routes: routes.routes)
    }

    private func fetchEvents() throws {
        var found: [EventRecord] = []
        try ControlClient.connected(to: control.socket).events(
            follow: false, since: nextSequence
        ) { found.append($0) }
        // Only now: what a failure on the way has taken along is asked for once more.
        newEvents = found
        if let last = found.last { nextSequence = last.sequence &+ 1 }
        events = Array((events + newEvents).suffix(Self.eventCapacity))
    }
}
