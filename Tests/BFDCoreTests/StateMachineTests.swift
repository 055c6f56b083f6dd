import BFDCore
import Testing

/// One cell of the table: our state, what happens, and what becomes of it.
struct Cell: Sendable, CustomTestStringConvertible {
    let from: SessionState
    let heard: SessionState
    let to: SessionState
    /// The diagnostic that is set; nil leaves it alone.
    let diagnostic: Diagnostic?

    init(_ from: SessionState, _ heard: SessionState, _ to: SessionState, _ code: UInt8? = nil) {
        self.from = from
        self.heard = heard
        self.to = to
        diagnostic = code.map(Diagnostic.init(rawValue:))
    }

    var testDescription: String { "\(from) hears \(heard)" }
}

@Suite("RFC 5880 §6.2: state machine")
struct StateMachineTests {
    static let down = [
        Cell(.down, .adminDown, .down), Cell(.down, .down, .initializing),
        Cell(.down, .initializing, .up), Cell(.down, .up, .down),
    ]
    static let initializing = [
        Cell(.initializing, .adminDown, .down, 3), Cell(.initializing, .down, .initializing),
        Cell(.initializing, .initializing, .up), Cell(.initializing, .up, .up),
    ]
    static let up = [
        Cell(.up, .adminDown, .down, 3), Cell(.up, .down, .down, 3),
        Cell(.up, .initializing, .up), Cell(.up, .up, .up),
    ]
    static let adminDown = SessionState.allCases.map { Cell(.adminDown, $0, .adminDown) }

    @Test func `5880-6.2-01: the cells below are all there are`() {
        let cells = Self.down + Self.initializing + Self.up + Self.adminDown
        #expect(Set(cells.map(\.testDescription)).count == 16)
    }

    @Test(arguments: down)
    func `5880-6.2-02: Down`(_ cell: Cell) throws { try check(cell) }

    @Test(arguments: initializing)
    func `5880-6.2-03: Init`(_ cell: Cell) throws { try check(cell) }

    @Test(arguments: up)
    func `5880-6.2-04: Up`(_ cell: Cell) throws { try check(cell) }

    @Test(arguments: adminDown)
    func `5880-6.2-05: AdminDown`(_ cell: Cell) throws { try check(cell) }

    private func check(_ cell: Cell) throws {
        let bench = try Bench.inState(cell.from)
        let before = try bench.variables
        #expect(before.state == cell.from)
        // A diagnostic of this cell must not stand there already.
        #expect(cell.diagnostic == nil || before.localDiagnostic != cell.diagnostic)
        try bench.hear(cell.heard)
        let after = try bench.variables
        #expect(after.state == cell.to)
        #expect(after.localDiagnostic == cell.diagnostic ?? before.localDiagnostic)
        #expect(after.remoteState == cell.heard)
        #expect(bench.changes.map(\.to) == (cell.to == cell.from ? [] : [cell.to]))
        #expect(bench.changes.allSatisfy { $0.from == cell.from })
    }

    @Test(arguments: [
        (SessionState.initializing, SessionState.down, UInt8(1)), (.up, .down, 1),
        (.down, .down, 1), (.adminDown, .adminDown, 7),
    ])
    func `5880-6.2-01: the detection time expires`(
        _ from: SessionState, _ to: SessionState, _ code: UInt8
    ) throws {
        let bench = try Bench.inState(from)
        bench.run(for: try #require(try bench.variables.detectionTime))
        #expect(try bench.variables.state == to)
        #expect(try bench.variables.localDiagnostic.rawValue == code)
        #expect(bench.changes.count == (from == to ? 0 : 1))
    }

    @Test(arguments: SessionState.allCases)
    func `5880-6.2-01: an operator disables the session`(_ from: SessionState) throws {
        let bench = try Bench.inState(from)
        try bench.disable()
        #expect(try bench.variables.state == .adminDown)
        #expect(try bench.variables.localDiagnostic == .administrativelyDown)
        #expect(bench.changes.count == (from == .adminDown ? 0 : 1))
    }

    @Test(arguments: SessionState.allCases)
    func `5880-6.2-01: an operator enables the session`(_ from: SessionState) throws {
        let bench = try Bench.inState(from)
        let diagnostic = try bench.variables.localDiagnostic
        try bench.enable()
        #expect(try bench.variables.state == (from == .adminDown ? .down : from))
        #expect(try bench.variables.localDiagnostic == diagnostic)
    }

    @Test func `5880-6.2-06: a session held Down stays there until it is let go`() throws {
        let bench = try Bench()
        try bench.node.engine.setHeldDown(true, bench.session, at: bench.now)
        for _ in 0..<10 { try bench.hear(.down, your: 0) }
        try bench.hear(.initializing)
        #expect(try bench.variables.state == .down)
        try bench.node.engine.setHeldDown(false, bench.session, at: bench.now)
        try bench.hear(.down)
        #expect(try bench.variables.state == .initializing)
    }

    @Test func `5880-6.2-08: Down cannot go Up while the peer stays Up`() throws {
        let bench = try Bench()
        bench.forget()
        try bench.run(for: .seconds(20), hearing: .up, every: .milliseconds(500))
        #expect(try bench.variables.state == .down)
        #expect(bench.changes.isEmpty)
        #expect(bench.sent.count >= 20)
        #expect(bench.sent.allSatisfy { $0.packet.state == .down })
    }

    @Test func `causes of a state change are told apart`() throws {
        let peerDown = try Bench.up()
        try peerDown.hear(.down)
        #expect(peerDown.changes.map(\.cause) == [.peerDown])
        let peerDisabled = try Bench.up()
        try peerDisabled.hear(.adminDown)
        #expect(peerDisabled.changes.map(\.cause) == [.peerAdminDown])
        let silent = try Bench.up()
        silent.run(for: .seconds(1))
        #expect(silent.changes.map(\.cause) == [.detectionTimeExpired])
        let disabled = try Bench.up()
        try disabled.disable()
        try disabled.enable()
        #expect(
            disabled.changes.map(\.cause) == [.administrativelyDisabled, .administrativelyEnabled])
        let cut = try Bench.up()
        try cut.disable(.pathDown)
        #expect(cut.changes.map(\.cause) == [.pathDown])
        #expect(cut.changes.map(\.localDiagnostic) == [.pathDown])
    }
}
