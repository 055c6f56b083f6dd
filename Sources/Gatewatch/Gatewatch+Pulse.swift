internal import BFDDriver

extension Gatewatch {
    /// Whether both threads' loops have come round since this was asked last; waits for nothing.
    ///
    /// To be asked again and again, with time between: for a watchdog, and for whoever asks whether
    /// the process is alive.
    public func takePulse() -> Bool {
        let isRouting = routePulse.isBeating
        if isRouting { routeCommands.post(.answer(routePulse, routePulse.ask())) }
        return engine.takePulse() && isRouting
    }
}
