import Testing

@testable import BFDCore

/// The gate before parsing asks for no more than the session that asks for least.
@Suite("The gate opens as far as a session needs")
struct GateTests {
    @Test func `it closes again when the session that had opened it is gone`() throws {
        var engine = Engine(capacity: 4, seed: 1)
        var configuration = SessionConfiguration(
            path: Path(destination: IPAddress(ipv4: 0x0a00_0001)))
        configuration.minimumTTL = 200
        let handle = try engine.addSession(configuration, at: Instant(nanoseconds: 1))
        #expect(engine.hopLimitFloor == 200)
        var now = Instant(nanoseconds: 2)
        try engine.removeSession(handle, at: now)
        while engine.sessionCount > 0, let next = engine.nextDeadline {
            now = max(now, next)
            engine.handleTimeout(at: now)
            while engine.poll() != nil {}
        }
        engine.handleTimeout(at: now)
        #expect(engine.sessionCount == 0 && engine.hopLimitFloor == 255)
    }
}
