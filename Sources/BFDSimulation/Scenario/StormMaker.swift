internal import BFDCore

/// Makes up a scenario, action by action, and remembers what has to be put right before a rest.
struct StormMaker {
    /// What links of this scenario do to packets besides losing them.
    enum Weather: CaseIterable {
        case faithful
        case disorderly
        case corrupting
    }

    var scenario: Scenario
    private(set) var now = Nanoseconds.zero
    private(set) var draw: Draw
    /// Decides on what only some storms have, so that the others are what they always were.
    var extras: Draw
    /// Whether it has more than single hops, Control packets and digests.
    let isRich: Bool
    let weather: Weather
    let intervals: [Int]
    private var dead: Set<Int> = []
    private var disabled: Set<Int> = []
    private var removed: Set<Int> = []
    private var unplugged: Set<Int> = []
    var passive: Set<Int> = []
    /// By node: until when its process is stopped.
    private var stoppedUntil: [Int: Nanoseconds] = [:]
    private var nextIndex: UInt32 = 100
    /// Links whose ends may ask for silence; nobody is passive there, for two who wait to be
    /// spoken to would wait for ever.
    var demanding: Set<Int> = []
    /// By end: which key it sends with.
    private var generations: [Int] = []

    init(seed: UInt64) {
        scenario = Scenario(seed: seed)
        draw = Draw(seed: seed ^ 0x5ca1_ab1e)
        extras = Draw(seed: seed &* 0x9e37_79b9_7f4a_7c15 ^ 0xec43)
        isRich = extras.chance(perMille: 700)
        weather = draw.pick([.faithful, .faithful, .disorderly, .corrupting])
        intervals = draw.pick([
            [100, 200, 300, 500, 1_000], [300, 1_000], [100, 150, 333], [250, 1_000, 2_000],
            [100, 300, 1_000], [50, 100, 300, 1_000], [10, 33, 100],
        ])
    }

    mutating func makeNodes() {
        let peerCount = draw.number(in: 1...3)
        for index in 0...peerCount {
            let isOVN = index > 0 && draw.chance(perMille: 150)
            let latency = draw.chance(perMille: 300) ? draw.number(in: 50...1_000) : 0
            scenario.nodes.append(
                .init(
                    name: ["a", "b", "c", "d"][index], player: isOVN ? .ovn : .engine,
                    latency: Nanoseconds(Int64(latency) * 1_000),
                    policy: draw.pick(Scenario.Policy.allCases)))
        }
        for peer in 1...peerCount {
            let kind = makeKind(with: peer)
            let isBound = draw.chance(perMille: 300)
            let authentication = makeAuthentication(with: peer)
            let isOVN = scenario.nodes[peer].player == .ovn
            let acceptsStale = isOVN && draw.chance(perMille: 500)
            if !isOVN && draw.chance(perMille: 150) { demanding.insert(peer - 1) }
            decide(kind, on: peer - 1)
            for node in [0, peer] {
                let end = scenario.ends.count
                scenario.ends.append(
                    .init(
                        node: node, settings: makeSettings(end), isBound: isBound,
                        authentication: authentication,
                        acceptsStaleDiscriminator: acceptsStale))
                if isRich { enrich(end, kind) }
            }
        }
        generations = [Int](repeating: 1, count: scenario.ends.count)
    }

    private mutating func makeAuthentication(with peer: Int) -> AuthenticationType? {
        guard draw.chance(perMille: 250), scenario.nodes[peer].player == .engine else {
            return nil
        }
        return draw.pick([
            .keyedMD5, .meticulousKeyedMD5, .keyedSHA1, .meticulousKeyedSHA1,
        ])
    }

    /// Bad times for up to a minute, then a rest.
    mutating func rage() {
        let end = now + .seconds(Int64(draw.number(in: 5...60)))
        while now < end {
            now = now + .milliseconds(Int64(draw.number(in: 20...4_000)))
            strike()
        }
        heal()
        rest(for: .seconds(60))
    }

    mutating func rest(for span: Nanoseconds) {
        now = now + span
        add(.rest)
    }

    private mutating func strike() {
        if isRich && extras.chance(perMille: 120) { return verify() }
        switch draw.number(in: 0...99) {
        case 0..<40: changeConditions()
        case 40..<60: configure()
        case 60..<65: changeKey()
        case 65..<72: stop()
        case 72..<80: killOrStart()
        case 80..<88: disableOrEnable()
        case 88..<92: unplugOrPlug()
        case 92..<97: removeOrAdd()
        default: for end in scenario.ends.indices { add(.conditions(from: end, calm)) }
        }
    }

    /// Everything is put right; processes that are stopped continue first.
    private mutating func heal() {
        for until in stoppedUntil.values { now = max(now, until) }
        now = now + .milliseconds(700)
        add(.heal)
        for end in unplugged.sorted() { plug(end) }
        for node in dead.sorted() { add(.start(node: node, keepsDiscriminators: keeps(node))) }
        for end in removed.sorted() { add(.add(end: end, keepsDiscriminator: keepsEnd(end))) }
        for end in disabled.sorted() { add(.enable(end: end)) }
        dead = []
        removed = []
        disabled = []
        unplugged = []
    }

    mutating func add(_ action: Action) {
        scenario.append(action, at: now)
    }

    private var calm: LinkConditions { LinkConditions() }

    private mutating func changeConditions() {
        let end = draw.number(in: 0...scenario.ends.count - 1)
        var conditions = LinkConditions()
        conditions.isCut = draw.chance(perMille: 250)
        conditions.lossPerMille = draw.pick([0, 10, 50, 200, 500])
        conditions.delay = .milliseconds(Int64(draw.pick([0, 1, 5, 20])))
        conditions.jitter = .milliseconds(Int64(draw.pick([0, 0, 2, 10])))
        switch weather {
        case .faithful: break
        case .disorderly:
            conditions.reorderPerMille = draw.pick([0, 20, 200])
            conditions.duplicatePerMille = draw.pick([0, 20, 200])
        case .corrupting:
            // OVN would keep a damaged discriminator for good.
            let spares = isFacingOVN(end) || isFacingOVN(end ^ 1)
            conditions.corruptPerMille = spares ? 0 : draw.pick([0, 10, 100])
            conditions.duplicatePerMille = draw.pick([0, 50])
        }
        if isRich { conditions.hopCount = makeHopCount(end) }
        add(.conditions(from: end, conditions))
        if draw.chance(perMille: 400) { add(.conditions(from: end ^ 1, conditions)) }
    }

    private mutating func makeSettings(_ end: Int) -> SessionSettings {
        var settings = SessionSettings()
        settings.desiredMinTxInterval = Microseconds(UInt32(draw.pick(intervals)) * 1_000)
        settings.requiredMinRxInterval = Microseconds(UInt32(draw.pick(intervals)) * 1_000)
        settings.detectMultiplier = UInt8(draw.pick([1, 2, 3, 3, 3, 5, 8]))
        let isDemanding = demanding.contains(end / 2)
        settings.demandMode = isDemanding && draw.chance(perMille: 500)
        let mayListen = !passive.contains(end ^ 1) && !isDemanding
        let isPassive = mayListen && draw.chance(perMille: 150)
        if isPassive { passive.insert(end) } else { passive.remove(end) }
        settings.role = isPassive ? .passive : .active
        if isRich { enrich(&settings, end) }
        return settings
    }

    /// An end whose operator can act now.
    mutating func pickEnd() -> Int? {
        let end = draw.number(in: 0...scenario.ends.count - 1)
        let node = scenario.ends[end].node
        return isActing(node) && !removed.contains(end) ? end : nil
    }

    private func isActing(_ node: Int) -> Bool {
        !dead.contains(node) && (stoppedUntil[node] ?? .zero) < now
    }

    private mutating func configure() {
        guard let end = pickEnd(), scenario.ends[end].kind != .unsolicited else { return }
        add(.configure(end: end, makeSettings(end)))
    }

    /// One end goes on to its next key, but never two ahead of its peer.
    private mutating func changeKey() {
        guard let end = pickEnd(), scenario.ends[end].authentication != nil else {
            return configure()
        }
        guard generations[end] <= generations[end ^ 1] else { return }
        generations[end] += 1
        add(.key(end: end, generation: generations[end]))
    }

    private mutating func stop() {
        let node = draw.number(in: 0...scenario.nodes.count - 1)
        guard isActing(node), scenario.nodes[node].player == .engine else { return }
        let span = Nanoseconds.milliseconds(Int64(draw.pick([5, 100, 700, 3_000])))
        add(.stop(node: node, span))
        stoppedUntil[node] = now + span
    }

    private mutating func killOrStart() {
        let node = draw.number(in: 0...scenario.nodes.count - 1)
        if dead.contains(node) {
            add(.start(node: node, keepsDiscriminators: keeps(node)))
            dead.remove(node)
        } else if isActing(node) {
            add(.kill(node: node))
            dead.insert(node)
        }
        now = now + .milliseconds(700)
    }

    private mutating func disableOrEnable() {
        guard let end = pickEnd(), scenario.ends[end].mayBeDisabled else { return }
        if disabled.contains(end) {
            add(.enable(end: end))
            disabled.remove(end)
        } else {
            add(.disable(end: end))
            disabled.insert(end)
        }
        now = now + .milliseconds(700)
    }

    private mutating func unplugOrPlug() {
        guard let end = pickEnd(), scenario.ends[end].isBound else { return }
        if unplugged.contains(end) || draw.chance(perMille: 300) {
            plug(end)
            unplugged.remove(end)
        } else {
            add(.interface(end: end, 0))
            unplugged.insert(end)
        }
    }

    private mutating func plug(_ end: Int) {
        nextIndex += 1
        add(.interface(end: end, nextIndex))
    }

    private mutating func removeOrAdd() {
        let end = draw.number(in: 0...scenario.ends.count - 1)
        guard isActing(scenario.ends[end].node), scenario.ends[end].mayBeRemoved else { return }
        if removed.contains(end) {
            add(.add(end: end, keepsDiscriminator: keepsEnd(end)))
            removed.remove(end)
        } else {
            add(.remove(end: end))
            removed.insert(end)
        }
        now = now + .milliseconds(700)
    }

    /// Toward OVN a discriminator is kept where a new one would never be heard.
    private mutating func keeps(_ node: Int) -> Bool {
        let ends = scenario.ends.indices.filter { scenario.ends[$0].node == node }
        let isNeeded = ends.contains { remembersStale($0) }
        return draw.chance(perMille: 500) || isNeeded
    }

    private mutating func keepsEnd(_ end: Int) -> Bool {
        draw.chance(perMille: 500) || remembersStale(end)
    }

    /// Whether the peer may stay with an old discriminator of this end for good.
    private func remembersStale(_ end: Int) -> Bool {
        isFacingOVN(end) && !scenario.ends[end].acceptsStaleDiscriminator
    }

    func isFacingOVN(_ end: Int) -> Bool {
        scenario.nodes[scenario.ends[end ^ 1].node].player == .ovn
    }
}
