import BFDCore
import Testing

@Suite("RFC 5880 §6.8.1: state variables")
struct VariableTests {
    @Test func `5880-6.8.1-01: variables of a new session`() throws {
        let bench = try Bench()
        let session = try bench.variables
        #expect(session.state == .down && session.remoteState == .down)
        #expect(session.localDiagnostic == .none && !session.remoteDemandMode)
        #expect(session.localDiscriminator != 0)
        let first = try #require(bench.sent.first).packet
        #expect(first.state == .down && first.diagnostic == .none)
    }

    @Test(arguments: SessionState.allCases)
    func `5880-6.8.1-04: the remote discriminator is zero again after silence`(
        _ state: SessionState
    ) throws {
        #expect(try Bench().sent.first?.packet.yourDiscriminator == 0)
        let bench = try Bench.inState(state)
        #expect(try bench.variables.remoteDiscriminator == 0x1122_3344)
        bench.run(for: try #require(try bench.variables.detectionTime) - Nanoseconds(1))
        #expect(try bench.variables.remoteDiscriminator == 0x1122_3344)
        bench.forget()
        bench.run(for: .seconds(5))
        #expect(bench.sent.count >= 5)
        #expect(bench.sent.allSatisfy { $0.packet.yourDiscriminator == 0 })
    }

    @Test func `5880-6.8.1-06: the transmit interval starts at one second`() throws {
        let bench = try Bench(.toBeta(interval: 50_000))
        let first = try #require(bench.sent.first)
        #expect(Array(first.bytes[12..<16]) == [0x00, 0x0f, 0x42, 0x40])
        var slow = SessionConfiguration.toBeta()
        slow.desiredMinTxInterval = Microseconds(2_000_000)
        #expect(try Bench(slow).sent.first?.packet.desiredMinTxInterval.count == 2_000_000)
    }

    @Test func `5880-6.8.1-08: the remote receive interval starts at one microsecond`() throws {
        let session = try Bench(.toBeta(interval: 50_000)).variables
        #expect(session.remoteMinRxInterval == Microseconds(1))
        #expect(session.transmitInterval == .second)
    }

    @Test func `5880-6.8.1-10: remote demand mode is that of the last accepted packet`() throws {
        let bench = try Bench.up()
        #expect(try !bench.variables.remoteDemandMode)
        bench.peer.demand = true
        try bench.hear(.up)
        #expect(try bench.variables.remoteDemandMode)
        bench.peer.demand = false
        bench.arrival.hopLimit = 254
        try bench.hear(.up)
        #expect(try bench.variables.remoteDemandMode)
        bench.arrival.hopLimit = 255
        try bench.hear(.up)
        #expect(try !bench.variables.remoteDemandMode)
    }

    @Test func `5880-6.8.1-11: a detect multiplier of zero is refused`() throws {
        #expect(throws: EngineError.detectMultiplierZero) {
            _ = try Bench(.toBeta(multiplier: 0))
        }
        let bench = try Bench.up()
        #expect(throws: EngineError.detectMultiplierZero) {
            try bench.update { $0.detectMultiplier = 0 }
        }
        #expect(try bench.variables.detectMultiplier == 3)
    }

    @Test func `5880-6.8.1-14: a failure does not start the session anew`() throws {
        let bench = try Bench.up()
        let before = try bench.variables
        bench.run(for: .seconds(2))
        #expect(try bench.variables.state == .down)
        try bench.bringUp()
        let after = try bench.variables
        #expect(after.state == .up)
        #expect(after.localDiscriminator == before.localDiscriminator)
        #expect(after.created == before.created)
        // Erratum 7240: the diagnostic of the failure stays.
        #expect(after.localDiagnostic == .controlDetectionTimeExpired)
    }

    @Test func `5880-6.8.1-15: a session outlives the last packet`() throws {
        let bench = try Bench(.toBeta(role: .passive))
        try bench.hear(.down, your: 0)
        let detectionTime = try #require(try bench.variables.detectionTime)
        bench.run(for: detectionTime - Nanoseconds(1))
        #expect(try bench.variables.state == .initializing)
        bench.run(for: .seconds(3_600))
        #expect(try bench.variables.state == .down)
        try bench.hear(.down, your: 0)
        #expect(try bench.variables.state == .initializing)
    }
}

@Suite("RFC 5880 §8: diagnostic codes")
struct DiagnosticTests {
    @Test func `codes zero to nine have their numbers`() {
        let codes: [Diagnostic] = [
            .none, .controlDetectionTimeExpired, .echoFunctionFailed,
            .neighborSignaledSessionDown, .forwardingPlaneReset, .pathDown,
            .concatenatedPathDown, .administrativelyDown, .reverseConcatenatedPathDown,
            .misConnectivityDefect,
        ]
        #expect(codes.map(\.rawValue) == Array(0...9))
    }

    @Test func `code 0 stands at creation only`() throws {
        let bench = try Bench.up()
        #expect(try bench.variables.localDiagnostic == .none)
        try bench.hear(.down)
        try bench.hear(.down)
        try bench.hear(.up)
        #expect(try bench.variables.state == .up)
        #expect(try bench.variables.localDiagnostic == .neighborSignaledSessionDown)
    }

    @Test func `code 1 is for silence, 3 for the peer's word, 7 for our operator`() throws {
        let silent = try Bench.up()
        silent.run(for: .seconds(1))
        let told = try Bench.up()
        try told.hear(.down)
        let disabled = try Bench.up()
        try disabled.disable()
        for (bench, code) in [(silent, 1), (told, 3), (disabled, 7)] {
            #expect(bench.sent.last?.bytes[0] == 0x20 | UInt8(code))
            #expect(bench.changes.map(\.localDiagnostic.rawValue) == [UInt8(code)])
        }
    }

    @Test func `code 5 is for a path that something else declares down`() throws {
        let bench = try Bench.up()
        try bench.disable(.pathDown)
        let packet = try #require(bench.sent.last).packet
        #expect(packet.state == .adminDown && packet.diagnostic == .pathDown)
    }

    @Test(arguments: UInt8(10)...31)
    func `codes from 10 on are shown as numbers`(_ code: UInt8) throws {
        let bench = try Bench.up()
        bench.peer.diagnostic = Diagnostic(rawValue: code)
        try bench.hear(.down)
        #expect(bench.changes.map(\.remoteDiagnostic.rawValue) == [code])
    }
}
