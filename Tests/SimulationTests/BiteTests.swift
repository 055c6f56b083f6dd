import BFDCore
import BFDSimulation
import Testing

/// A made-up run of one link, end 0 under test and end 1 its peer, in which a rule is broken.
struct MadeUpRun {
    private(set) var checkers: Checkers
    var now = Instant(nanoseconds: 1_000_000_000)

    init(isFaithful: Bool = true, loops: Set<Int> = []) {
        checkers = Checkers(endCount: 4, isFaithful: isFaithful, loops: loops)
        for end in 0...1 {
            observe(end, .began(Beginning(localDiscriminator: UInt32(end) + 1, node: end)))
        }
    }

    var broken: [Violation.Rule] { checkers.violations.map(\.rule) }

    mutating func observe(_ end: Int, _ event: Event) {
        checkers.observe(Observation(at: now, end: end, event))
    }

    mutating func wait(_ milliseconds: Int64) {
        now = now + .milliseconds(milliseconds)
    }

    /// A packet of one end, as it stands 300 ms after the session went Up.
    func packet(
        _ end: Int, _ state: SessionState, poll: Bool = false, final: Bool = false,
        interval: UInt32? = nil, multiplier: UInt8 = 3, my: UInt32? = nil, your: UInt32? = nil
    ) -> ControlPacket {
        let usual: UInt32 = state == .up ? 300_000 : 1_000_000
        return ControlPacket(
            diagnostic: .none, state: state, poll: poll, final: final,
            detectMultiplier: multiplier, myDiscriminator: my ?? UInt32(end) + 1,
            yourDiscriminator: your ?? UInt32(2 - end),
            desiredMinTxInterval: Microseconds(interval ?? usual),
            requiredMinRxInterval: Microseconds(300_000))
    }

    mutating func send(_ end: Int, _ packet: ControlPacket) {
        observe(end, .sent(packet))
    }

    mutating func receive(
        _ end: Int, _ packet: ControlPacket, isAccepted: Bool = true, isForged: Bool = false
    ) {
        observe(
            end,
            .received(
                Receipt(
                    packet: packet, sentAt: now, receivedAt: now, isAccepted: isAccepted,
                    isForged: isForged)))
    }

    /// A packet that arrives in the moment it is sent.
    mutating func exchange(from end: Int, _ packet: ControlPacket) {
        send(end, packet)
        receive(end ^ 1, packet)
    }

    /// The handshake as it should be: both ends Up, with their Polls answered.
    mutating func goUp() {
        exchange(from: 0, packet(0, .down, your: 0))
        observe(1, .changed(from: .down, to: .initializing, .handshake))
        exchange(from: 1, packet(1, .initializing))
        observe(0, .changed(from: .down, to: .up, .handshake))
        exchange(from: 0, packet(0, .up, poll: true))
        observe(1, .changed(from: .initializing, to: .up, .handshake))
        exchange(from: 1, packet(1, .up, final: true))
        exchange(from: 1, packet(1, .up, poll: true))
        exchange(from: 0, packet(0, .up, final: true))
        wait(250)
        exchange(from: 0, packet(0, .up))
        exchange(from: 1, packet(1, .up))
    }

    static func up() -> MadeUpRun {
        var run = MadeUpRun()
        run.goUp()
        return run
    }

    /// End 0 expires a while after it last heard anything, having sent on time.
    mutating func expire(after milliseconds: Int64, losing lostCount: Int = 3) {
        var waited: Int64 = 0
        var lost = 0
        while waited < milliseconds {
            let step = min(250, milliseconds - waited)
            wait(step)
            waited += step
            guard step == 250 else { break }
            exchange(from: 0, packet(0, .up))
            send(1, packet(1, .up))
            if lost < lostCount { observe(0, .lost(sentAt: now)) }
            lost += 1
        }
        observe(0, .changed(from: .up, to: .down, .detectionTimeExpired))
    }
}

@Suite("Every checker bites")
struct BiteTests {
    @Test func `a run as it should be passes`() {
        var run = MadeUpRun.up()
        run.expire(after: 900)
        #expect(run.broken == [])
    }

    @Test func `handshake: Up without having heard anything`() {
        var run = MadeUpRun()
        run.send(0, run.packet(0, .down, your: 0))
        run.observe(0, .changed(from: .down, to: .up, .handshake))
        #expect(run.broken == [.handshake])
    }

    @Test(arguments: [SessionState.down, .up, .adminDown])
    func `handshake: from Down to Up on anything but Init`(_ said: SessionState) {
        var run = MadeUpRun()
        run.exchange(from: 0, run.packet(0, .down, your: 0))
        run.exchange(from: 1, run.packet(1, said))
        run.observe(0, .changed(from: .down, to: .up, .handshake))
        #expect(run.broken == [.handshake])
    }

    @Test func `handshake: from Init to Up on Down`() {
        var run = MadeUpRun()
        run.exchange(from: 0, run.packet(0, .down, your: 0))
        run.exchange(from: 1, run.packet(1, .down))
        run.observe(0, .changed(from: .down, to: .initializing, .handshake))
        run.receive(0, run.packet(1, .down))
        run.observe(0, .changed(from: .initializing, to: .up, .handshake))
        #expect(run.broken == [.handshake])
    }

    @Test func `handshake: Up on a packet that is not for us`() {
        var run = MadeUpRun()
        run.exchange(from: 0, run.packet(0, .down, your: 0))
        run.exchange(from: 1, run.packet(1, .initializing, your: 77))
        run.observe(0, .changed(from: .down, to: .up, .handshake))
        #expect(run.broken == [.handshake])
    }

    @Test func `handshake: Up on a peer that never heard us`() {
        var run = MadeUpRun()
        run.send(0, run.packet(0, .down, your: 0))
        run.exchange(from: 1, run.packet(1, .initializing))
        run.observe(0, .changed(from: .down, to: .up, .handshake))
        #expect(run.broken == [.handshake])
    }

    @Test func `detection: Down a moment too early`() {
        var run = MadeUpRun.up()
        run.expire(after: 899)
        #expect(run.broken == [.detection])
    }

    @Test func `detection: Down a moment too late`() {
        var run = MadeUpRun.up()
        run.expire(after: 901)
        #expect(run.broken == [.detection])
    }

    @Test func `detection: never Down at all`() {
        var run = MadeUpRun.up()
        for _ in 0..<5 {
            run.wait(250)
            run.exchange(from: 0, run.packet(0, .up))
        }
        #expect(Set(run.broken) == [.detection])
    }

    @Test func `detection: a packet after the detection time brings nothing back`() {
        var run = MadeUpRun.up()
        run.wait(901)
        run.receive(0, run.packet(1, .up))
        #expect(run.broken == [.detection])
    }

    @Test func `detection: our own multiplier instead of the peer's`() {
        var run = MadeUpRun.up()
        run.receive(0, run.packet(1, .up, multiplier: 5))
        run.expire(after: 900)
        #expect(run.broken.contains(.detection))
    }

    @Test func `poll: P and F in one packet`() {
        var run = MadeUpRun.up()
        run.receive(0, run.packet(1, .up, poll: true))
        run.send(0, run.packet(0, .up, poll: true, final: true))
        #expect(run.broken.contains(.poll))
    }

    @Test func `poll: a Poll that stays without its answer`() {
        var run = MadeUpRun.up()
        run.receive(0, run.packet(1, .up, poll: true))
        run.wait(250)
        run.send(0, run.packet(0, .up))
        #expect(run.broken == [.poll])
    }

    @Test func `poll: a Final that nobody asked for`() {
        var run = MadeUpRun.up()
        run.send(0, run.packet(0, .up, final: true))
        #expect(run.broken == [.poll])
    }

    @Test func `poll: a Poll given up before its answer`() {
        var run = MadeUpRun.up()
        run.wait(250)
        run.send(0, run.packet(0, .up, poll: true))
        run.wait(250)
        run.send(0, run.packet(0, .up))
        #expect(run.broken == [.poll])
    }

    @Test func `poll: a second change joins the first`() {
        var run = MadeUpRun.up()
        run.wait(250)
        run.send(0, run.packet(0, .up, poll: true, interval: 200_000))
        run.wait(250)
        run.send(0, run.packet(0, .up, poll: true, interval: 100_000))
        #expect(run.broken == [.poll])
    }

    @Test func `poll: a second Poll before the first has settled`() {
        var run = MadeUpRun.up()
        run.wait(250)
        run.send(0, run.packet(0, .up, poll: true))
        run.exchange(from: 1, run.packet(1, .up, final: true))
        run.wait(250)
        run.send(0, run.packet(0, .up, poll: true))
        #expect(run.broken.contains(.poll))
    }

    @Test(arguments: [(224, true), (225, false), (300, false), (301, true)])
    func `gap: a periodic packet too early or too late`(_ gap: Int64, _ isBroken: Bool) {
        var run = MadeUpRun.up()
        run.wait(gap)
        run.send(0, run.packet(0, .up))
        #expect(run.broken == (isBroken ? [.gap] : []))
    }

    @Test(arguments: [(270, false), (271, true)])
    func `gap: with a multiplier of 1 a tenth is kept back`(_ gap: Int64, _ isBroken: Bool) {
        var run = MadeUpRun.up()
        run.observe(0, .configured(SessionSettings(detectMultiplier: 1)))
        run.wait(250)
        run.send(0, run.packet(0, .up, multiplier: 1))
        run.wait(gap)
        run.send(0, run.packet(0, .up, multiplier: 1))
        #expect(run.broken == (isBroken ? [.gap] : []))
    }

    @Test func `gap: a peer that asks for less is obeyed`() {
        var run = MadeUpRun.up()
        var slow = run.packet(1, .up)
        slow.requiredMinRxInterval = Microseconds(1_000_000)
        run.receive(0, slow)
        run.wait(250)
        run.send(0, run.packet(0, .up))
        run.wait(300)
        run.send(0, run.packet(0, .up))
        #expect(run.broken == [.gap])
    }

    @Test func `gap: a rate while Down that belongs to Up`() {
        var run = MadeUpRun()
        run.send(0, run.packet(0, .down, your: 0))
        run.wait(300)
        run.send(0, run.packet(0, .down, your: 0))
        #expect(run.broken == [.gap])
    }

    @Test func `discriminator: zero, taken, or another one`() {
        var run = MadeUpRun()
        run.observe(2, .began(Beginning(localDiscriminator: 0, node: 2)))
        run.observe(3, .began(Beginning(localDiscriminator: 1, node: 0)))
        run.send(1, run.packet(1, .down, my: 9, your: 0))
        run.observe(1, .ended)
        run.send(1, run.packet(1, .down, your: 0))
        #expect(run.broken == [.discriminator, .discriminator, .discriminator, .discriminator])
    }

    @Test(arguments: [(0, true), (1, true), (2, false), (3, false)])
    func `explanation: Down without having lost enough`(_ lostCount: Int, _ isBroken: Bool) {
        var run = MadeUpRun.up()
        run.expire(after: 900, losing: lostCount)
        #expect(run.broken == (isBroken ? [.explanation] : []))
    }

    @Test func `explanation: packets that were refused count as lost`() {
        var run = MadeUpRun.up()
        for _ in 0..<3 {
            run.wait(250)
            run.exchange(from: 0, run.packet(0, .up))
            run.receive(0, run.packet(1, .up), isAccepted: false)
        }
        run.wait(150)
        run.observe(0, .changed(from: .up, to: .down, .detectionTimeExpired))
        #expect(run.broken == [])
    }

    @Test func `explanation: a peer that stood still owes nothing`() {
        var run = MadeUpRun.up()
        run.observe(1, .paused)
        for _ in 0..<3 {
            run.wait(250)
            run.send(0, run.packet(0, .up))
        }
        run.wait(150)
        run.observe(0, .changed(from: .up, to: .down, .detectionTimeExpired))
        #expect(run.broken == [])
    }
}
