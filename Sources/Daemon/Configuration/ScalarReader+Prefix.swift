internal import RouteCore

extension ScalarReader {
    /// A network, such as 10.0.0.0/8.
    func prefix(_ value: ConfigurationValue?) -> Placed<Prefix>? {
        guard let text = text(value, "prefix") else { return nil }
        if text.value == "default" {
            problems.error(
                text.place, "prefix \"default\" is of no family; write 0.0.0.0/0 or ::/0")
            return nil
        }
        do throws(PrefixError) {
            return Placed(value: try Prefix(parsing: text.value), place: text.place)
        } catch {
            report(error, of: text)
            return nil
        }
    }

    private func report(_ error: PrefixError, of text: Placed<String>) {
        let shown = "prefix \"\(ConfigurationValue.excerpt(text.value))\""
        let reason =
            switch error {
            case .malformed:
                "is no address with a length (allowed: such as 10.0.0.0/8 or 2001:db8::/32)"
            case .lengthOutOfRange(_, let maximum):
                "has a length out of range (allowed: 0 to \(maximum))"
            case .hostBitsSet(_, let network): "has host bits set; did you mean \(network)?"
            }
        problems.error(text.place, "\(shown) \(reason)")
    }
}
