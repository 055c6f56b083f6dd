internal import BFDCore
internal import RouteCore

extension OpenBFDD.Command {
    /// Reads the words of a command.
    public init(_ words: [String]) throws(OpenBFDD.Refusal) {
        var words = OpenBFDD.Words(words)
        let verb = words.next() ?? ""
        switch verb.lowercased() {
        case "version": self = .version
        case "stop": self = .stop
        case "status": self = try words.status()
        case "allow": self = .allow(try words.address(after: "allow"))
        case "block": self = .block(try words.address(after: "block"))
        case "connect": self = .connect(try words.connection())
        case "session": self = try words.session()
        case "log": self = .log(try words.log())
        default: throw OpenBFDD.Refusal("Unknown command <\(verb)>")
        }
    }
}

extension OpenBFDD {
    /// The words of a command that have not been read yet.
    ///
    /// Whatever stands behind a whole command is not looked at, as it never was.
    struct Words {
        private var rest: ArraySlice<String>

        init(_ words: [String]) {
            rest = words[...]
        }

        mutating func next() -> String? { rest.popFirst() }

        private mutating func next(_ what: String) throws(Refusal) -> String {
            guard let word = next() else { throw Refusal("Must supply \(what).") }
            return word
        }

        mutating func address(after word: String) throws(Refusal) -> HostAddress {
            let text = try next("an IPv4 or IPv6 address after '\(word)'")
            return try address(text)
        }

        private func address(_ text: String) throws(Refusal) -> HostAddress {
            guard let address = HostAddress(text) else {
                throw Refusal("Must be an IPv4 or IPv6 address: <\(text)>")
            }
            return address
        }

        /// `local A remote B`, or the other way round, its first word read already.
        private mutating func pair(_ first: String) throws(Refusal) -> Pair {
            let other = first == "local" ? "remote" : "local"
            let one = try address(after: first)
            guard try next("'\(other)' and an address after '\(first)'") == other else {
                throw Refusal("Must supply '\(other)' and an address after '\(first)'.")
            }
            let two = try address(after: other)
            guard one.family == two.family else {
                throw Refusal("Must be two addresses of the same family.")
            }
            return first == "local" ? Pair(local: one, remote: two) : Pair(local: two, remote: one)
        }

        mutating func connection() throws(Refusal) -> Pair {
            let word = try next("'local ADDRESS remote ADDRESS'")
            guard word == "local" || word == "remote" else {
                throw Refusal("Must supply 'local ADDRESS remote ADDRESS', not <\(word)>.")
            }
            return try pair(word)
        }

        private mutating func selector(_ word: String) throws(Refusal) -> Selector {
            switch word {
            case "all": return .all
            case "local", "remote": return .pair(try pair(word))
            default:
                guard let id = UInt32(word), id != 0 else {
                    throw Refusal(
                        "Must supply 'all', an id or 'remote ADDRESS local ADDRESS', not <\(word)>."
                    )
                }
                return .id(id)
            }
        }

        mutating func status() throws(Refusal) -> Command {
            guard let word = next() else { return .status(.all, StatusStyle(isCompact: true)) }
            let selector = try selector(word)
            var style = StatusStyle()
            while let word = next() {
                switch word {
                case "brief": style.isBrief = true
                case "compact": style.isCompact = true
                case "nocompact": style.isCompact = false
                case "level":
                    let text = try next("a number after 'level'")
                    guard let level = Int(text) else {
                        throw Refusal("Must be a number after 'level': <\(text)>")
                    }
                    style.level = level
                default: throw Refusal("Must be level, brief, compact or nocompact: <\(word)>")
                }
            }
            return .status(selector, style)
        }

        mutating func session() throws(Refusal) -> Command {
            let which = try next("'all', 'new', an id or 'remote ADDRESS local ADDRESS'")
            let isNew = which == "new"
            let selector = isNew ? Selector.all : try selector(which)
            let action = try next("one of state, set, kill, reset, suspend and resume")
            if isNew {
                guard action == "set" else { throw Refusal("Must be 'set' after 'new'.") }
                return .newSessions(try setting())
            }
            switch action {
            case "state": return .session(selector, .state(try hold()))
            case "set": return .session(selector, .set(try setting()))
            case "kill": return .session(selector, .kill)
            case "reset": return .session(selector, .reset)
            case "suspend": return .session(selector, .suspend)
            case "resume": return .session(selector, .resume)
            default:
                throw Refusal(
                    "Must be one of state, set, kill, reset, suspend and resume: <\(action)>")
            }
        }

        private mutating func hold() throws(Refusal) -> Hold? {
            let state = try next("up, admin or down after 'state'")
            let diagnostic = next()
            switch state {
            case "up":
                guard diagnostic == nil else { throw Refusal("Must have no diagnostic: up") }
                return nil
            case "admin", "down":
                let isAdministrative = state == "admin"
                let usual: UInt8 = isAdministrative ? 7 : 5
                guard let diagnostic else {
                    return Hold(isAdministrative: isAdministrative, diagnostic: usual)
                }
                guard let number = UInt8(diagnostic), number <= 8 else {
                    throw Refusal("Must be a diagnostic from 0 to 8: <\(diagnostic)>")
                }
                guard !isAdministrative || number == usual else {
                    throw Refusal("Must be 7, the diagnostic of an operator's wish: <\(number)>")
                }
                return Hold(isAdministrative: isAdministrative, diagnostic: number)
            default: throw Refusal("Must be up, admin or down: <\(state)>")
            }
        }

        private mutating func setting() throws(Refusal) -> Setting {
            let item = try next("what to set: mintx, minrx, multi, cpi or admin_up_poll")
            switch item {
            case "mintx": return .minTx(try interval(item))
            case "minrx": return .minRx(try interval(item))
            case "multi":
                let text = try next("a number after 'multi'")
                guard let value = UInt8(text), value > 0 else {
                    throw Refusal("Must be a number from 1 to 255 after 'multi': <\(text)>")
                }
                return .multiplier(value)
            case "cpi": return .controlPlaneIndependent(try yesOrNo(item))
            case "admin_up_poll": return .adminUpPoll(try yesOrNo(item))
            default:
                throw Refusal("Must be mintx, minrx, multi, cpi or admin_up_poll: <\(item)>")
            }
        }

        /// A number and its unit; without one, milliseconds, which is what scripts that leave it
        /// out mean.
        ///
        /// OVN counts in milliseconds: less of it, or a part of one, is nothing to tell a peer.
        private mutating func interval(_ item: String) throws(Refusal) -> Microseconds {
            let text = try next("a time after '\(item)', such as 300 ms")
            let unit = next() ?? "ms"
            guard let value = UInt64(text) else {
                throw Refusal("Must be a number and s, ms or us after '\(item)': <\(text)>")
            }
            let factor: UInt64
            switch unit {
            case "s": factor = 1_000_000
            case "ms": factor = 1_000
            case "us": factor = 1
            default: throw Refusal("Must be s, ms or us: <\(unit)>")
            }
            let (product, isTooLong) = value.multipliedReportingOverflow(by: factor)
            guard !isTooLong, let microseconds = UInt32(exactly: product) else {
                throw Refusal("Must be less than 4,295 s: <\(text) \(unit)>")
            }
            guard microseconds >= 1_000, microseconds.isMultiple(of: 1_000) else {
                throw Refusal("Must be whole milliseconds, and one at least: <\(text) \(unit)>")
            }
            return Microseconds(microseconds)
        }

        private mutating func yesOrNo(_ item: String) throws(Refusal) -> Bool {
            switch try next("yes or no after '\(item)'") {
            case "yes": return true
            case "no": return false
            case let word: throw Refusal("Must be yes or no after '\(item)': <\(word)>")
            }
        }

        mutating func log() throws(Refusal) -> LogChange {
            switch try next("level, type or timing after 'log'") {
            case "level":
                let name = try next("a level or 'list'")
                if name == "list" { return .levels }
                guard let level = LogLevel(rawValue: name) else {
                    throw Refusal("Must be a level of 'log level list': <\(name)>")
                }
                return .level(level)
            case "type":
                let name = try next("a log type or 'list'")
                if name == "list" { return .types }
                guard LogTypes.names.contains(name) else {
                    throw Refusal("Must be a type of 'log type list': <\(name)>")
                }
                return .type(name, try yesOrNo(name))
            case "timing": return .timing(try yesOrNo("timing"))
            case let word: throw Refusal("Must be level, type or timing after 'log': <\(word)>")
            }
        }
    }
}
