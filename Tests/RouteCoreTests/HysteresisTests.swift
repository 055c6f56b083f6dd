import RouteCore
import Testing

@Suite struct HysteresisTests {
    private static let second: Int64 = 1_000_000_000

    private func membership(
        _ count: Int, holdUp seconds: Int64 = 0, _ dampening: Dampening? = nil
    ) -> Membership {
        var policy = RoutePolicy()
        policy.holdUpNanoseconds = seconds * Self.second
        policy.dampening = dampening
        return Membership(count: count, policy: policy)
    }

    @Test func `a next hop that was lost returns after the hold-up time, not before`() {
        var membership = membership(2, holdUp: 5)
        membership.apply(.up, to: 0, at: 0)
        membership.apply(.up, to: 1, at: 0)
        #expect(membership.selection == .members([0, 1]), "the first time needs no waiting")
        membership.apply(.failed, to: 0, at: 10)
        #expect(membership.selection == .members([1]), "a withdrawal is never delayed")
        membership.apply(.up, to: 0, at: 20)
        #expect(membership.selection == .members([1]))
        #expect(membership.hold(of: 0) == .holdUp(until: 20 + 5 * Self.second))
        #expect(membership.nextReturn == 20 + 5 * Self.second)
        var isReleased = membership.release(at: 19 + 5 * Self.second)
        #expect(!isReleased)
        #expect(membership.selection == .members([1]))
        isReleased = membership.release(at: 20 + 5 * Self.second)
        #expect(isReleased)
        #expect(membership.selection == .members([0, 1]))
        #expect(membership.hold(of: 0) == nil && membership.nextReturn == nil)
    }

    @Test func `failing again begins the hold-up time again`() {
        var membership = membership(2, holdUp: 5)
        for index in 0...1 { membership.apply(.up, to: index, at: 0) }
        membership.apply(.failed, to: 0, at: 0)
        membership.apply(.up, to: 0, at: Self.second)
        membership.apply(.failed, to: 0, at: 4 * Self.second)
        #expect(membership.nextReturn == nil)
        membership.apply(.up, to: 0, at: 5 * Self.second)
        #expect(membership.nextReturn == 10 * Self.second)
        membership.apply(.up, to: 0, at: 7 * Self.second)
        #expect(membership.nextReturn == 10 * Self.second, "still up is nothing new")
    }

    @Test func `an administratively closed session's next hop is held up too, without penalty`() {
        var membership = membership(2, holdUp: 5, Dampening())
        for index in 0...1 { membership.apply(.up, to: index, at: 0) }
        membership.apply(.administrativelyDown, to: 0, at: 0)
        membership.apply(.up, to: 0, at: 0)
        #expect(membership.hold(of: 0) == .holdUp(until: 5 * Self.second))
        #expect(membership.penalty(of: 0, at: 0) == 0)
    }

    @Test func `a doubtful next hop is better than none, the least doubtful first`() {
        var membership = membership(3, holdUp: 5)
        for index in 0...2 { membership.apply(.up, to: index, at: 0) }
        membership.apply(.failed, to: 0, at: 1)
        membership.apply(.failed, to: 1, at: 1)
        membership.apply(.up, to: 1, at: 2)
        membership.apply(.up, to: 0, at: 3)
        #expect(membership.selection == .members([2]))
        membership.apply(.failed, to: 2, at: 4)
        #expect(membership.selection == .members([1]))
        #expect(membership.nextReturn == 3 + 5 * Self.second, "the other one goes on waiting")
        membership.apply(.up, to: 2, at: 5)
        #expect(membership.selection == .members([1]), "who was let in stays in")
    }

    @Test func `the only next hop is never held back`() {
        var membership = membership(1, holdUp: 5, Dampening())
        for time in 0..<20 {
            membership.apply(.up, to: 0, at: Int64(time))
            #expect(membership.selection == .members([0]))
            membership.apply(.failed, to: 0, at: Int64(time))
            #expect(membership.selection == .withdrawn)
        }
        #expect(membership.penalty(of: 0, at: 20) ?? 0 > 2_000)
    }

    @Test func `RFC 2439: a penalty halves with every half-life`() {
        var membership = membership(2, Dampening(halfLifeNanoseconds: 5 * Self.second))
        membership.apply(.up, to: 0, at: 0)
        membership.apply(.failed, to: 0, at: 0)
        let seconds: [Int64] = [0, 5, 10, 15, 20]
        let penalties = seconds.map { membership.penalty(of: 0, at: $0 * Self.second) }
        #expect(penalties == [1000, 500, 250, 125, 63])
        #expect(membership.penalty(of: 0, at: 5 * Self.second / 2) == 707)
        #expect(membership.penalty(of: 0, at: 1_000 * Self.second) == 0)
    }

    @Test func `RFC 2439: above suppress it stays out until its penalty is down to reuse`() {
        var membership = membership(2, Dampening())
        for index in 0...1 { membership.apply(.up, to: index, at: 0) }
        for _ in 0..<2 {
            membership.apply(.failed, to: 0, at: 0)
            membership.apply(.up, to: 0, at: 0)
            #expect(membership.selection == .members([0, 1]), "2000 is not above suppress")
        }
        membership.apply(.failed, to: 0, at: 0)
        membership.apply(.up, to: 0, at: 0)
        #expect(membership.selection == .members([1]))
        // From 3000 to 1000 in 5 s * log2(3).
        let end: Int64 = 7_924_812_504
        let hold = membership.hold(of: 0)
        #expect(hold == .suppressed(until: hold?.until ?? 0))
        #expect(abs((hold?.until ?? 0) - end) <= 1)
        #expect(membership.penalty(of: 0, at: hold?.until ?? 0) == 1000)
        var isReleased = membership.release(at: end - 2)
        #expect(!isReleased)
        isReleased = membership.release(at: end + 2)
        #expect(isReleased)
        #expect(membership.selection == .members([0, 1]))
    }

    @Test func `RFC 2439: however often it fails, max-suppress after the last it may return`() {
        let dampening = Dampening(maxSuppressNanoseconds: 12 * Self.second)
        #expect(dampening.canSuppress)
        var membership = membership(2, dampening)
        for index in 0...1 { membership.apply(.up, to: index, at: 0) }
        for _ in 0..<1_000 {
            membership.apply(.up, to: 0, at: 0)
            membership.apply(.failed, to: 0, at: 0)
        }
        membership.apply(.up, to: 0, at: Self.second)
        #expect(abs((membership.nextReturn ?? 0) - 12 * Self.second) <= 1)
        #expect(!Dampening(maxSuppressNanoseconds: 5 * Self.second).canSuppress)
    }

    @Test func `the longer of hold-up time and suppression counts, and is named`() {
        var membership = membership(2, holdUp: 60, Dampening())
        for index in 0...1 { membership.apply(.up, to: index, at: 0) }
        for _ in 0..<3 {
            membership.apply(.failed, to: 0, at: 0)
            membership.apply(.up, to: 0, at: 0)
        }
        #expect(membership.hold(of: 0) == .holdUp(until: 60 * Self.second))
    }

    @Test func `a new configuration goes on with what is known of a next hop`() {
        var old = membership(2, holdUp: 5)
        for index in 0...1 { old.apply(.up, to: index, at: 0) }
        old.apply(.failed, to: 1, at: 0)
        old.apply(.up, to: 1, at: 0)
        var new = membership(3, holdUp: 5)
        new.takeOver(2, from: old, 1)
        new.apply([0: .up, 1: .up, 2: .up], at: 1)
        #expect(new.selection == .members([0, 1]))
        #expect(new.hold(of: 2) == .holdUp(until: 5 * Self.second))
    }

    @Test(arguments: 0..<UInt64(200))
    func `in any history: out at once, in late or never alone out, and all in at rest`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...5, using: &generator)
        let holdUp = Int64.random(in: 0...3, using: &generator)
        let dampening = Bool.random(using: &generator) ? Dampening() : nil
        var membership = membership(count, holdUp: holdUp, dampening)
        var up: Set<Int> = []
        var now: Int64 = 0
        for _ in 0..<200 {
            now += Int64.random(in: 0...3, using: &generator) * Self.second
            _ = membership.release(at: now)
            let before = Set(membership.selection.nextHops)
            let index = Int.random(in: 0..<count, using: &generator)
            let standings: [SessionStanding] = [.up, .up, .failed, .administrativelyDown]
            let standing = standings[Int.random(in: 0..<4, using: &generator)]
            if standing == .up { up.insert(index) } else { up.remove(index) }
            membership.apply(standing, to: index, at: now)
            let members = Set(membership.selection.nextHops)
            #expect(members.isSubset(of: up), "seed \(seed): who is not up is out")
            #expect(members.isEmpty == up.isEmpty, "seed \(seed): never none while one is up")
            #expect(before.subtracting(members).isSubset(of: [index]), "seed \(seed)")
            for other in up.subtracting(members) {
                #expect(membership.hold(of: other)?.until ?? 0 > now, "seed \(seed)")
            }
        }
        #expect(membership.nextReturn ?? 0 <= now + 20 * Self.second)
        _ = membership.release(at: now + 20 * Self.second)
        #expect(Set(membership.selection.nextHops) == up, "seed \(seed)")
    }
}
