import RouteCore
import Testing

@Suite struct MembershipTests {
    @Test func `a next hop is a member exactly while its session is up`() {
        var membership = Membership(count: 2, policy: RoutePolicy())
        #expect(membership.selection == .withdrawn)
        membership.apply(.up, to: 0)
        membership.apply(.up, to: 1)
        #expect(membership.selection == .members([0, 1]))
        membership.apply(.failed, to: 0)
        #expect(membership.selection == .members([1]))
        membership.apply(.administrativelyDown, to: 1)
        #expect(membership.selection == .withdrawn)
        membership.apply(.up, to: 0)
        #expect(membership.selection == .members([0]))
    }

    @Test func `5882-5-01: a route goes when its peer's session is Down, and comes back`() {
        var membership = Membership(count: 1, policy: RoutePolicy())
        #expect(membership.selection == .withdrawn)
        membership.apply(.up, to: 0)
        #expect(membership.selection == .members([0]))
        membership.apply(.failed, to: 0)
        #expect(membership.selection == .withdrawn)
        membership.apply(.up, to: 0)
        #expect(membership.selection == .members([0]))
    }

    @Test func `5882-5-02: a peer that may not speak BFD is used until it has`() {
        var membership = Membership(count: 2, policy: RoutePolicy(beforeFirstUp: .install))
        #expect(membership.selection == .members([0, 1]))
        membership.endGrace()
        membership.apply(.startingUp, to: 0)
        #expect(membership.selection == .members([0, 1]))
        membership.apply(.up, to: 0)
        membership.apply(.failed, to: 0)
        #expect(membership.selection == .members([1]))
        membership.apply(.administrativelyDown, to: 1)
        #expect(membership.selection == .withdrawn)
    }

    @Test func `5882-3.2-02: a route takes AdminDown for Down, unless told otherwise`() {
        for policy in RoutePolicy.OnAdminDown.allCases {
            var membership = Membership(count: 1, policy: RoutePolicy(onAdminDown: policy))
            membership.apply(.up, to: 0)
            membership.apply(.administrativelyDown, to: 0)
            #expect(membership.isMember(0) == (policy == .keep))
        }
    }

    @Test func `keep leaves an administratively closed session's next hop as it was`() {
        var membership = Membership(count: 2, policy: RoutePolicy(onAdminDown: .keep))
        membership.apply(.up, to: 0)
        membership.apply(.administrativelyDown, to: 0)
        membership.apply(.administrativelyDown, to: 1)
        #expect(membership.selection == .members([0]))
        membership.apply(.failed, to: 0)
        #expect(membership.selection == .withdrawn)
    }

    @Test func `keep-last keeps the set before it became empty`() {
        var membership = Membership(count: 3, policy: RoutePolicy(whenNoneUp: .keepLast))
        membership.apply(.failed, to: 0)
        #expect(membership.selection == .withdrawn)
        membership.apply(.up, to: 1)
        membership.apply(.up, to: 2)
        membership.apply(.failed, to: 1)
        membership.apply(.failed, to: 2)
        #expect(membership.selection == .kept([2]))
        membership.apply(.up, to: 0)
        #expect(membership.selection == .members([0]))
    }

    @Test func `blackhole stands in when none is up`() {
        var membership = Membership(count: 1, policy: RoutePolicy(whenNoneUp: .blackhole))
        #expect(membership.selection == .blackhole)
        membership.apply(.up, to: 0)
        #expect(membership.selection == .members([0]))
        membership.apply(.failed, to: 0)
        #expect(membership.selection == .blackhole)
    }

    @Test func `an adopted next hop stays until the grace ends`() {
        var membership = Membership(count: 3, policy: RoutePolicy())
        membership.adopt(0)
        membership.adopt(1)
        membership.apply(.startingUp, to: 0)
        #expect(membership.selection == .members([0, 1]))
        membership.apply(.up, to: 0)
        membership.endGrace()
        #expect(membership.selection == .members([0]))
        membership.apply(.startingUp, to: 0)
        #expect(membership.selection == .withdrawn)
    }

    @Test func `an adopted next hop leaves when its session fails during the grace`() {
        var membership = Membership(count: 1, policy: RoutePolicy())
        membership.adopt(0)
        membership.apply(.failed, to: 0)
        #expect(membership.selection == .withdrawn)
        membership.adopt(0)
        #expect(membership.selection == .withdrawn)
    }

    @Test(arguments: RoutePolicy.OnAdminDown.allCases, 0..<UInt64(50))
    func `after any history membership equals the up set`(
        onAdminDown: RoutePolicy.OnAdminDown, seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...6, using: &generator)
        var membership = Membership(
            count: count, policy: RoutePolicy(onAdminDown: onAdminDown))
        var adopted = Set((0..<count).filter { _ in Bool.random(using: &generator) })
        var expected = adopted
        for index in adopted.sorted() { membership.adopt(index) }
        for _ in 0..<200 {
            if Int.random(in: 0..<40, using: &generator) == 0 {
                membership.endGrace()
                let starting = (0..<count).filter { membership.standing(of: $0) == .startingUp }
                expected.subtract(starting)
                adopted = []
            }
            let index = Int.random(in: 0..<count, using: &generator)
            let standings: [SessionStanding] = [.up, .failed, .administrativelyDown, .startingUp]
            let standing = standings[Int.random(in: 0..<4, using: &generator)]
            membership.apply(standing, to: index)
            switch standing {
            case .up: expected.insert(index)
            case .failed: expected.remove(index)
            case .startingUp where adopted.contains(index): expected.insert(index)
            case .startingUp: expected.remove(index)
            case .administrativelyDown where onAdminDown == .withdraw: expected.remove(index)
            case .administrativelyDown: break
            }
            let keepsAdoption =
                standing == .startingUp
                || standing == .administrativelyDown && onAdminDown == .keep
            if !keepsAdoption { adopted.remove(index) }
            #expect(membership.selection.nextHops == expected.sorted(), "seed \(seed)")
        }
    }
}
