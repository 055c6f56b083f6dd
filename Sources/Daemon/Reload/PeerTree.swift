internal import RouteCore

/// The peers of a configuration that has not been given a meaning yet.
struct PeerTree {
    /// One of them.
    struct Peer {
        let item: ConfigurationValue

        /// The text of a key; nil when it has none, or something else than a word.
        func text(of key: String) -> String? { item.text(of: key) }

        /// All that it says, for telling whether that is still the same.
        var summary: String { item.summary }
    }

    private(set) var root: ConfigurationValue

    init(_ root: ConfigurationValue) {
        self.root = root
    }

    /// Its items, in the order of the file.
    var items: [ConfigurationValue] {
        guard case .sequence(let items) = root.value(of: "peers")?.content else { return [] }
        return items
    }

    func peer(named name: String) -> Peer? {
        items.first { self.name(of: $0) == name }.map { Peer(item: $0) }
    }

    /// The name that a peer gets: see `PeerReader`.
    func name(of item: ConfigurationValue) -> String? {
        if let name = item.text(of: "name") { return name }
        guard let address = item.text(of: "dest-addr").flatMap({ HostAddress($0) }) else {
            return nil
        }
        let interface =
            item.text(of: "interface") ?? root.value(of: "defaults")?.text(of: "interface")
        guard address.isLinkLocal, let interface else { return "\(address)" }
        return "\(address)%\(interface)"
    }

    /// The same with what was changed at run time. What was removed stays, for routes may name it.
    func with(_ overlay: PeerOverlay) -> ConfigurationValue {
        guard !overlay.isEmpty else { return root }
        var items = items
        for change in overlay.items {
            switch change.change {
            case .removed: break
            case .added(let settings):
                let name = PeerOverlay.Setting(key: "name", value: change.name)
                items.append(
                    ConfigurationValue(
                        place: Place(option: "peer \(change.name)", order: 0),
                        content: .mapping(([name] + settings).map { $0.entry(of: change.name) })))
            case .changed(let settings):
                guard let place = items.firstIndex(where: { name(of: $0) == change.name }) else {
                    continue
                }
                items[place] = items[place].overridden(
                    by: settings.map { $0.entry(of: change.name) })
            }
        }
        return root.overridden(by: [
            ConfigurationValue.Entry(
                key: "peers", keyPlace: root.place,
                value: ConfigurationValue(
                    place: root.value(of: "peers")?.place ?? root.place, content: .sequence(items)))
        ])
    }
}

extension PeerOverlay.Setting {
    fileprivate func entry(of peer: String) -> ConfigurationValue.Entry {
        let shown = ConfigurationValue.excerpt(value)
        let place = Place(option: "peer \(peer) \(key)=\(shown)", order: 0)
        // Empty text counts as given, so that it is refused where a word is needed.
        let scalar = ConfigurationValue.Scalar(text: value, isQuoted: value.isEmpty)
        return ConfigurationValue.Entry(
            key: key, keyPlace: place,
            value: ConfigurationValue(place: place, content: .scalar(scalar)))
    }
}

extension ConfigurationValue {
    /// The value of a key of a mapping.
    func value(of key: String) -> ConfigurationValue? { entry(of: key)?.value }

    func entry(of key: String) -> Entry? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }
    }

    /// The word that a key of a mapping has.
    func text(of key: String) -> String? {
        guard case .scalar(let scalar) = value(of: key)?.content else { return nil }
        return scalar.text
    }

    /// A mapping with some entries in the place of those of the same keys.
    func overridden(by later: [Entry]) -> ConfigurationValue {
        guard case .mapping(var entries) = content else { return self }
        for entry in later {
            if let place = entries.firstIndex(where: { $0.key == entry.key }) {
                entries[place] = entry
            } else {
                entries.append(entry)
            }
        }
        return ConfigurationValue(place: place, content: .mapping(entries))
    }

    /// Everything in it as a text, without places.
    var summary: String {
        switch content {
        case .scalar(let scalar): "\"\(scalar.text)\"\(scalar.isQuoted ? "q" : "")"
        case .sequence(let items): "[\(items.map(\.summary).joined(separator: ","))]"
        case .mapping(let entries):
            "{\(entries.map { "\($0.key):\($0.value.summary)" }.joined(separator: ","))}"
        }
    }
}
