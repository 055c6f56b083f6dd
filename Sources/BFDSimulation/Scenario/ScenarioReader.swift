internal import BFDCore

/// Why a scenario's text cannot be read.
public struct ScenarioError: Error, Hashable, CustomStringConvertible {
    /// The line, counted from 1.
    public let line: Int
    /// What is wrong there.
    public let text: String

    /// One line.
    public var description: String { "line \(line): \(text)" }
}

// A scenario file, a statement a line:
//
//     seed 7                                   what all random numbers follow from
//     node a latency=500us policy=keep-last    an engine; `ovn o` is OVN's end instead
//     link a b bound tx=50ms rx=50ms mult=3    a session between two nodes; also auth=sha1,
//                                              meticulous-sha1, md5, meticulous-md5; `lenient`
//                                              takes a Down to an old discriminator
//                                              also `multihop ttl=250`; `loop`, where b only sends
//                                              back what it gets; `unsolicited`, where b asks first
//     set a/b tx=300ms role=passive            before `at`: how an end begins
//     at 10s set a/b tx=50ms                   a live change; `at +10s` counts from the last one
//     at 12s net a b cut loss=100 delay=5ms    what a direction does; rates are of a thousand
//     at 20s stop a 2s, kill a, start a fresh, disable a/b, enable a/b, interface a/b 0,
//            remove a/b, add a/b kept, key a/b 2, verify a/b, heal, rest (one a line)
//     end 60s

extension Scenario {
    /// Reads a scenario from its text.
    public init(parsing text: String) throws(ScenarioError) {
        var reader = ScenarioReader()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (offset, line) in lines.enumerated() {
            let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
            guard !words.isEmpty else { continue }
            do throws(ScenarioMistake) {
                try reader.read(words)
            } catch {
                throw ScenarioError(line: offset + 1, text: error.text)
            }
        }
        self = reader.scenario
    }
}

struct ScenarioMistake: Error {
    let text: String

    init(_ text: String) { self.text = text }
}

struct ScenarioReader {
    private(set) var scenario = Scenario(seed: 1)
    private var last = Nanoseconds.zero

    mutating func read(_ words: [String]) throws(ScenarioMistake) {
        let rest = Array(words.dropFirst())
        switch words[0] {
        case "seed": scenario.seed = try Self.number(rest.first)
        case "node", "ovn", "script": try readNode(words[0], rest)
        case "link": try readLink(rest)
        case "set": try readBeginning(rest)
        case "at": try readAction(rest)
        case "end": scenario.duration = try Self.span(rest.first)
        default: throw ScenarioMistake("unknown statement \(words[0])")
        }
    }

    private mutating func readNode(
        _ kind: String, _ words: [String]
    ) throws(ScenarioMistake) {
        guard let name = words.first else { throw ScenarioMistake("a node without a name") }
        var node = Scenario.Node(name: name)
        node.player = kind == "node" ? .engine : kind == "ovn" ? .ovn : .script
        for (key, value) in try Self.pairs(words.dropFirst()) {
            switch key {
            case "latency": node.latency = try Self.span(value)
            case "policy":
                guard let policy = Scenario.Policy(rawValue: value) else {
                    throw ScenarioMistake("unknown policy \(value)")
                }
                node.policy = policy
            default: throw ScenarioMistake("unknown word \(key)")
            }
        }
        scenario.nodes.append(node)
    }

    private mutating func readLink(_ words: [String]) throws(ScenarioMistake) {
        guard words.count >= 2 else { throw ScenarioMistake("a link has two nodes") }
        let isBound = words.contains("bound")
        let acceptsStale = words.contains("lenient")
        let authentication = try Self.authentication(words)
        let settings = try Self.settings(
            SessionSettings(),
            words.dropFirst(2).filter {
                !["bound", "lenient", "multihop", "loop", "unsolicited"].contains($0)
                    && !$0.hasPrefix("auth=") && !$0.hasPrefix("ttl=")
            })
        let (kinds, minimumTTL) = try Self.kinds(words)
        for (name, kind) in zip(words.prefix(2), kinds) {
            let node = try self.node(name)
            scenario.ends.append(
                .init(
                    node: node, settings: settings, isBound: isBound,
                    authentication: authentication, acceptsStaleDiscriminator: acceptsStale))
            scenario.ends[scenario.ends.count - 1].kind = kind
            scenario.ends[scenario.ends.count - 1].minimumTTL = minimumTTL
            if kind == .unsolicited {
                scenario.ends[scenario.ends.count - 1].settings.role = .passive
            }
        }
    }

    private mutating func readBeginning(_ words: [String]) throws(ScenarioMistake) {
        let end = try self.end(words.first)
        scenario.ends[end].settings = try Self.settings(
            scenario.ends[end].settings, words.dropFirst())
    }

    private mutating func readAction(_ words: [String]) throws(ScenarioMistake) {
        guard let moment = words.first, words.count > 1 else {
            throw ScenarioMistake("a moment and an action, such as at 10s heal")
        }
        if moment.hasPrefix("+") {
            last = last + (try Self.span(String(moment.dropFirst())))
        } else {
            let at = try Self.span(moment)
            guard at >= last else { throw ScenarioMistake("actions are in order of time") }
            last = at
        }
        scenario.append(try action(words[1], Array(words.dropFirst(2))), at: last)
    }

    private func action(_ verb: String, _ words: [String]) throws(ScenarioMistake) -> Action {
        let keeps = words.last != "fresh"
        switch verb {
        case "net":
            guard words.count >= 2 else { throw ScenarioMistake("net has two nodes") }
            let end = try self.end("\(words[0])/\(words[1])")
            return .conditions(from: end, try Self.conditions(words.dropFirst(2)))
        case "heal": return .heal
        case "rest": return .rest
        case "stop": return .stop(node: try node(words.first), try Self.span(words.last))
        case "kill": return .kill(node: try node(words.first))
        case "start": return .start(node: try node(words.first), keepsDiscriminators: keeps)
        case "set":
            let end = try self.end(words.first)
            let before = settings(of: end)
            return .configure(end: end, try Self.settings(before, words.dropFirst()))
        case "key":
            let generation = Int(clamping: try Self.number(words.last))
            return .key(end: try end(words.first), generation: generation)
        case "verify": return .verify(end: try end(words.first))
        case "disable": return .disable(end: try end(words.first))
        case "enable": return .enable(end: try end(words.first))
        case "interface":
            let index = UInt32(truncatingIfNeeded: try Self.number(words.last))
            return .interface(end: try end(words.first), index)
        case "remove": return .remove(end: try end(words.first))
        case "add": return .add(end: try end(words.first), keepsDiscriminator: keeps)
        default: throw ScenarioMistake("unknown action \(verb)")
        }
    }

    /// The settings of an end after the actions read so far.
    private func settings(of end: Int) -> SessionSettings {
        for case .configure(end, let settings) in scenario.actions.map(\.action).reversed() {
            return settings
        }
        return scenario.ends[end].settings
    }

    private func node(_ name: String?) throws(ScenarioMistake) -> Int {
        guard let index = scenario.nodes.firstIndex(where: { $0.name == name }) else {
            throw ScenarioMistake("no node \(name ?? "")")
        }
        return index
    }

    private func end(_ name: String?) throws(ScenarioMistake) -> Int {
        guard let index = scenario.ends.indices.first(where: { scenario.name(of: $0) == name })
        else { throw ScenarioMistake("no end \(name ?? "")") }
        return index
    }
}
