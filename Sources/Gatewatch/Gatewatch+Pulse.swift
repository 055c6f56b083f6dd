internal import BFDDriver

/// Whether the threads that keep sessions and routes do their rounds.
///
/// To be asked again and again, with time between: for a watchdog, or for whoever wants to know
/// whether the process is alive. Each asks by one of its own, from one thread.
public final class Heartbeat: Sendable {
    private let gatewatch: Gatewatch
    private let engines: [Pulse]
    private let routes: Pulse

    /// A heartbeat to ask for; an answer may take `patience` nanoseconds.
    public init(of gatewatch: Gatewatch, patience: Int64) {
        self.gatewatch = gatewatch
        engines = (0..<gatewatch.engine.threadCount).map { _ in Pulse(patience: patience) }
        routes = Pulse(patience: patience)
    }

    /// Whether all have answered the last time this was asked, or may still do so; waits for
    /// nothing.
    public func isBeating() -> Bool {
        let isRouting = routes.take { gatewatch.routeCommands.post(.answer(routes, $0)) }
        return gatewatch.engine.take(engines) && isRouting
    }
}
