internal import ControlProtocol
internal import RouteCore

// What was changed at run time and not saved lies over the file:
//
//     file, read again ──▶ overlay, as far as the file has not changed the same ──▶ what is wanted
//
// So it survives a reload, as with a manifest that is applied again; and where the two disagree,
// the file wins.

/// Changes of peers at run time that are in no file.
struct PeerOverlay: Sendable, Hashable, Codable {
    /// A key of a peer with its value, and what the file said when it was changed.
    struct Setting: Sendable, Hashable, Codable {
        var key: String
        var value: String
        var base: String?
    }

    /// What was done to a peer.
    enum Change: Sendable, Hashable, Codable {
        case added([Setting])
        case changed([Setting])
        /// The text tells the entry of the file from a later one of the same name.
        case removed(base: String)
    }

    /// A peer by its name.
    struct Item: Sendable, Hashable, Codable {
        var name: String
        var change: Change
    }

    private(set) var items: [Item] = []

    /// Changes of nobody, or of one peer.
    init(_ item: Item? = nil) {
        items = item.map { [$0] } ?? []
    }

    var isEmpty: Bool { items.isEmpty }

    /// The peers that the file has and that are not to run.
    var removedNames: Set<String> {
        Set(
            items.compactMap { item in
                if case .removed = item.change { item.name } else { nil }
            })
    }

    /// The same for people.
    var unsaved: [UnsavedPeer] {
        items.map { item in
            switch item.change {
            case .added(let settings):
                UnsavedPeer(name: item.name, change: .added, settings: settings.map(\.text))
            case .changed(let settings):
                UnsavedPeer(name: item.name, change: .changed, settings: settings.map(\.text))
            case .removed: UnsavedPeer(name: item.name, change: .removed)
            }
        }
    }

    /// The changes of one peer.
    func item(_ name: String) -> Item? { items.first { $0.name == name } }

    /// The changes of one peer are in the file now.
    mutating func forget(_ name: String) {
        items.removeAll { $0.name == name }
    }

    /// What is left of it over a file: nothing that the file says otherwise by now.
    func agreeing(with file: PeerTree) -> PeerOverlay {
        var rest = PeerOverlay()
        rest.items = items.compactMap { item in
            let present = file.peer(named: item.name)
            switch item.change {
            case .added: return present == nil ? item : nil
            case .removed(let base): return present?.summary == base ? item : nil
            case .changed(let settings):
                guard let present else { return nil }
                let left = settings.filter { present.text(of: $0.key) == $0.base }
                return left.isEmpty ? nil : Item(name: item.name, change: .changed(left))
            }
        }
        return rest
    }

    /// What is no longer in another overlay that this one was before.
    func dropped(in rest: PeerOverlay) -> [UnsavedPeer] {
        let left = Set(rest.unsaved)
        return unsaved.filter { !left.contains($0) }
    }

    /// Takes up one more change; throws when there is no such peer, or is one already.
    mutating func take(_ edit: PeerEdit, over file: PeerTree) throws(Failure) {
        let place = items.firstIndex { $0.name == edit.peer }
        let previous = place.map { items[$0].change }
        let present = file.peer(named: edit.peer)
        let change = try Self.change(edit, after: previous, present)
        if let place { items.remove(at: place) }
        if let change {
            items.insert(Item(name: edit.peer, change: change), at: place ?? items.endIndex)
        }
    }

    private static func change(
        _ edit: PeerEdit, after previous: Change?, _ present: PeerTree.Peer?
    ) throws(Failure) -> Change? {
        let new = edit.settings.map {
            Setting(key: $0.key, value: $0.value, base: present?.text(of: $0.key))
        }
        switch (edit.action, previous) {
        case (.add, .none):
            guard present == nil else { throw .nameInUse(edit.peer) }
            return .added(new)
        case (.add, .removed):
            // What the file has is taken up again when it is asked for as the file has it.
            guard let present else { return .added(new) }
            guard new.allSatisfy({ present.text(of: $0.key) == $0.value }) else {
                throw .heldByFile(edit.peer)
            }
            return nil
        case (.add, .added), (.add, .changed): throw .nameInUse(edit.peer)
        case (.set, .none):
            guard present != nil else { throw .unknownPeer(edit.peer) }
            return .changed(new)
        case (.set, .added(let settings)): return .added(settings.overridden(by: new))
        case (.set, .changed(let settings)): return .changed(settings.overridden(by: new))
        case (.set, .removed), (.remove, .removed): throw .unknownPeer(edit.peer)
        case (.remove, .added): return nil
        case (.remove, .none), (.remove, .changed):
            guard let present else { throw .unknownPeer(edit.peer) }
            return .removed(base: present.summary)
        }
    }
}

extension PeerOverlay.Setting {
    fileprivate var text: String { "\(key): \(value)" }
}

extension [PeerOverlay.Setting] {
    /// Later values in the place of earlier ones; what the file said stays.
    fileprivate func overridden(by later: [PeerOverlay.Setting]) -> [PeerOverlay.Setting] {
        var merged = self
        for setting in later {
            if let place = merged.firstIndex(where: { $0.key == setting.key }) {
                merged[place].value = setting.value
            } else {
                merged.append(setting)
            }
        }
        return merged
    }
}

extension Failure {
    static func nameInUse(_ name: String) -> Failure {
        Failure(
            code: .nameInUse, message: "a peer is named \"\(name)\" already",
            nextStep: "Change it with: gatewatch peer set \(name) KEY=VALUE")
    }

    /// What is changed at run time lies over a file that can be read.
    static func fileIsBroken(_ report: ConfigurationReport) -> Failure {
        Failure(
            code: .badConfiguration,
            message: "\(report.file) has errors, and peers are changed on top of it",
            nextStep: "Correct the file first; \"gatewatch check \(report.file)\" shows what is "
                + "left.", details: report.lines)
    }

    static var noFile: Failure {
        Failure(
            code: .notPossible, message: "the daemon was started without a file to save to",
            nextStep: "Leave --save out; the change is in force until the daemon ends.")
    }

    /// A file that is written in a way that cannot be changed line by line.
    static func cannotEdit(_ file: String, _ report: ConfigurationReport?) -> Failure {
        Failure(
            code: .notPossible,
            message: report == nil
                ? "\(file) is written in a way that the change cannot be put into"
                : "\(file) would have errors after the change; nothing was changed",
            nextStep: "Write it there yourself; every change of the file is followed at once.",
            details: report?.lines)
    }

    static func heldByFile(_ name: String) -> Failure {
        Failure(
            code: .nameInUse,
            message: "the file still has a peer \"\(name)\", with other values",
            nextStep: "Take it from the file with \"gatewatch reload --discard\", or correct the "
                + "file.")
    }
}
