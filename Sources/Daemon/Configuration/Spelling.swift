/// Finds what a misspelt key was meant to be.
enum Spelling {
    /// Words of other programs for keys of ours.
    private static let synonyms: [String: String] = [
        "address": "dest-addr", "destination": "dest-addr", "neighbor": "dest-addr",
        "neighbour": "dest-addr", "remote": "dest-addr", "ip": "dest-addr", "peer": "dest-addr",
        "source": "source-addr", "local": "source-addr", "local-address": "source-addr",
        "multiplier": "local-multiplier", "detect-multiplier": "local-multiplier",
        "detection-multiplier": "local-multiplier",
        "transmit-interval": "desired-min-tx-interval", "tx-interval": "desired-min-tx-interval",
        "interval": "desired-min-tx-interval", "min-tx": "desired-min-tx-interval",
        "receive-interval": "required-min-rx-interval", "rx-interval": "required-min-rx-interval",
        "min-rx": "required-min-rx-interval", "min-interval": "desired-min-tx-interval",
        "ttl": "minimum-ttl", "min-ttl": "minimum-ttl", "dev": "interface",
        "device": "interface", "netns": "namespace", "neighbors": "peers", "sessions": "peers",
        "destination-prefix": "prefix", "network": "prefix", "preference": "metric",
        "priority-metric": "metric", "gateway": "peer", "gateways": "next-hops",
        "state-dir": "state-directory", "cpu-affinity": "cpu", "mlock": "lock-memory",
    ]

    /// The candidate that `word` was probably meant to be; nil when none is near.
    static func suggestion(for word: String, among candidates: [String]) -> String? {
        let lowered = String(word.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 })
        if let synonym = synonyms[lowered], candidates.contains(synonym) { return synonym }
        guard lowered.utf8.count <= 40 else { return nil }
        let scored = candidates.map { (distance: distance(lowered, $0), word: $0) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.word.utf8.count / 4) ? best.word : nil
    }

    /// How many letters to add, drop or change, an exchange of neighbours counting as one.
    static func distance(_ left: String, _ right: String) -> Int {
        let (from, to) = (Array(left.utf8), Array(right.utf8))
        var beforeLast: [Int] = []
        var last = Array(0...to.count)
        for row in 1..<(from.count + 1) {
            var current = [row]
            for column in 1..<(to.count + 1) {
                let isSame = from[row - 1] == to[column - 1]
                var best = min(
                    last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, from[row - 1] == to[column - 2],
                    from[row - 2] == to[column - 1]
                {
                    best = min(best, beforeLast[column - 2] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[to.count]
    }
}
