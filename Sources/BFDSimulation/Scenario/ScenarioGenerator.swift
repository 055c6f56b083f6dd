public import BFDCore

/// Makes scenarios of which everything follows from a seed.
public enum ScenarioGenerator {
    /// A few nodes in a star, storms of faults and operator actions, and a rest after each.
    public static func scenario(seed: UInt64, duration: Nanoseconds) -> Scenario {
        var storm = StormMaker(seed: seed)
        storm.makeNodes()
        storm.rest(for: .seconds(20))
        while storm.now + .seconds(130) <= duration { storm.rage() }
        storm.scenario.duration = duration
        return storm.scenario
    }

    /// Two nodes that change their timers and multipliers all the time, at both ends.
    ///
    /// Links lose `lossPerMille` of a thousand packets, but do nothing else to them.
    public static func renegotiation(
        seed: UInt64, changeCount: Int, lossPerMille: Int
    ) -> Scenario {
        var draw = Draw(seed: seed)
        var scenario = Scenario(seed: seed)
        scenario.nodes = [.init(name: "a"), .init(name: "b")]
        scenario.ends = [.init(node: 0), .init(node: 1)]
        for end in 0...1 {
            var conditions = LinkConditions()
            conditions.lossPerMille = lossPerMille
            conditions.jitter = .milliseconds(2)
            scenario.append(.conditions(from: end, conditions), at: .zero)
        }
        var now = Nanoseconds.seconds(5)
        for _ in 0..<changeCount {
            // Often before the last change has been negotiated.
            let pause = draw.chance(perMille: 300) ? 20 : 3_000
            now = now + .milliseconds(Int64(draw.number(in: 0...pause)))
            let settings = SessionSettings(
                desiredMinTxInterval: interval(&draw), requiredMinRxInterval: interval(&draw),
                detectMultiplier: UInt8(draw.number(in: 3...6)))
            scenario.append(.configure(end: draw.number(in: 0...1), settings), at: now)
        }
        now = now + .seconds(10)
        scenario.append(.heal, at: now)
        now = now + .seconds(30)
        scenario.append(.rest, at: now)
        scenario.duration = now
        return scenario
    }

    private static func interval(_ draw: inout Draw) -> Microseconds {
        Microseconds(UInt32(draw.pick([20, 50, 100, 200, 300, 500, 1_000])) * 1_000)
    }
}
