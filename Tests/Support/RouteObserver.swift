internal import Foundation

/// Records every change of routes and next-hop objects in a namespace, with the time of each.
///
/// `ip monitor` stamps a notification when it reads it, so a time here is never too early.
public final class RouteObserver {
    private let process: RunningProcess
    private let namespace: Namespace

    /// Starts to observe; routes that exist already are not part of the record.
    public init(in lab: Lab, _ namespace: Namespace) async throws {
        self.namespace = namespace
        process = try lab.start(
            "routes", ["ip", "-o", "-ts", "monitor", "route", "nexthop"], in: namespace)
        // Ready once it reports a change that is made for this alone.
        try await eventually("the route monitor reports") {
            try namespace.run("ip", "route", "add", "blackhole", "192.0.2.255", "metric", "9")
            try namespace.run("ip", "route", "delete", "blackhole", "192.0.2.255", "metric", "9")
            return process.output.contains("Deleted")
        }
    }

    /// Everything that has changed so far, oldest first.
    public func changes() -> [RouteChange] {
        // The last line may still be in the writing.
        let text = process.output
        guard let end = text.lastIndex(of: "\n") else { return [] }
        return text[..<end].split(separator: "\n").compactMap { RouteChange(line: $0) }
    }

    /// How the next hops of `prefix` at `metric` have changed so far, oldest first.
    public func memberships(of prefix: String, metric: Int) -> [Membership] {
        var model = RouteModel(prefix: prefix, metric: metric)
        var history: [Membership] = []
        for change in changes() {
            model.apply(change)
            let nextHops = model.nextHops
            if nextHops != history.last?.nextHops ?? [] {
                history.append(Membership(time: change.time, nextHops: nextHops))
            }
        }
        return history
    }
}

/// The next hops of a route from a moment on.
public struct Membership: Sendable, Equatable {
    /// Wall-clock nanoseconds.
    public let time: Int64
    /// The gateways' addresses.
    public let nextHops: Set<String>
}

/// One line of `ip monitor`.
public struct RouteChange: Sendable {
    /// Wall-clock nanoseconds.
    public let time: Int64
    /// Whether an object went away.
    public let isDeletion: Bool
    /// The object, as iproute2 writes it.
    public let words: [String]

    init?(line: Substring) {
        guard line.first == "[", let bracket = line.firstIndex(of: "]"),
            let time = Self.time(of: line[line.index(after: line.startIndex)..<bracket])
        else {
            return nil
        }
        self.time = time
        var words = line[line.index(after: bracket)...].split { " \t\\".contains($0) }
            .map(String.init)
        isDeletion = words.first == "Deleted"
        if isDeletion { words.removeFirst() }
        self.words = words
    }

    /// The word after `name`.
    func value(after name: String) -> String? {
        guard let index = words.firstIndex(of: name), index + 1 < words.count else { return nil }
        return words[index + 1]
    }

    /// The word after every `name`.
    func values(after name: String) -> [String] {
        words.indices.dropLast().filter { words[$0] == name }.map { words[$0 + 1] }
    }

    /// Nanoseconds of a text such as `2026-11-21T03:20:52.886924`, in UTC.
    private static func time(of text: Substring) -> Int64? {
        let parts = text.split(separator: ".")
        guard parts.count == 2, let fraction = Int64(parts[1]),
            let date = try? Date("\(parts[0])Z", strategy: .iso8601)
        else {
            return nil
        }
        return Int64(date.timeIntervalSince1970) * 1_000_000_000 + fraction * 1000
    }
}

/// What the notifications so far say of one route.
struct RouteModel {
    private let destination: String
    private let metric: Int
    private let isIPv6: Bool
    private var gateways: [String: String] = [:]
    private var groups: [String: [String]] = [:]
    private var route: RouteChange?

    init(prefix: String, metric: Int) {
        self.metric = metric
        isIPv6 = prefix.contains(":")
        destination = ["0.0.0.0/0", "::/0"].contains(prefix) ? "default" : prefix
    }

    /// The gateways the route leads to now.
    var nextHops: Set<String> {
        guard let route else { return [] }
        guard let identifier = route.value(after: "nhid") else {
            return Set(route.values(after: "via"))
        }
        let members = groups[identifier] ?? [identifier]
        return Set(members.compactMap { gateways[$0] })
    }

    mutating func apply(_ change: RouteChange) {
        if change.words.first == "id", change.words.count > 1 {
            applyNextHop(change, identifier: change.words[1])
        } else if isRoute(change) {
            route = change.isDeletion ? nil : change
        }
    }

    private mutating func applyNextHop(_ change: RouteChange, identifier: String) {
        guard !change.isDeletion else {
            gateways[identifier] = nil
            groups[identifier] = nil
            return
        }
        if let group = change.value(after: "group") {
            groups[identifier] = group.split(separator: "/").compactMap {
                $0.split(separator: ",").first.map(String.init)
            }
        } else {
            gateways[identifier] = change.value(after: "via")
        }
    }

    /// Whether a change is about this route; `default` is told apart by what it leads to.
    private func isRoute(_ change: RouteChange) -> Bool {
        guard change.words.first == destination || change.words.first == "blackhole",
            change.words.prefix(2).contains(destination),
            change.value(after: "metric") == String(metric)
        else {
            return false
        }
        // iproute2 prints "pref" for every IPv6 route and never for IPv4.
        return change.words.contains("pref") == isIPv6
    }
}
