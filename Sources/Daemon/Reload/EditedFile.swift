internal import ControlProtocol
internal import Foundation

/// A configuration file with one peer's changes written into it, all else left as it was.
///
/// Works on lines, for comments and order are the operator's. What comes of it is read again and
/// compared with what is wanted by whoever made it, so a form that is not understood does no harm.
struct EditedFile: Sendable {
    let path: String
    private let original: [UInt8]
    private var lines: [[Unicode.Scalar]]

    init(
        _ path: String, _ original: [UInt8], _ item: PeerOverlay.Item, _ tree: PeerTree
    ) throws(Failure) {
        self.path = path
        self.original = original
        lines = String(decoding: original, as: UTF8.self)
            .split(separator: "\n" as Character, omittingEmptySubsequences: false)
            .map { Array($0.unicodeScalars) }
        switch item.change {
        case .added(let settings): try add(item.name, settings, tree)
        case .changed(let settings):
            for setting in settings {
                guard let peer = tree.peer(named: item.name) else { throw .unknownPeer(item.name) }
                try set(setting, of: peer.item)
            }
        case .removed: try remove(item.name, tree)
        }
    }

    /// The file as it is to be.
    var bytes: [UInt8] {
        var text = String.UnicodeScalarView()
        for (number, line) in lines.enumerated() {
            if number > 0 { text.append("\n") }
            text.append(contentsOf: line)
        }
        return Array(String(text).utf8)
    }

    /// Puts it in the place of the file, unless that has changed meanwhile.
    func write() throws(Failure) {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        do {
            guard Array(try Data(contentsOf: target)) == original else {
                throw Failure(
                    code: .busy, message: "\(path) was changed by somebody else meanwhile",
                    nextStep: "Save again.")
            }
            let attributes = try FileManager.default.attributesOfItem(atPath: target.path)
            try Data(bytes).write(to: target, options: .atomic)
            let kept: [FileAttributeKey] = [
                .posixPermissions, .ownerAccountID, .groupOwnerAccountID,
            ]
            try FileManager.default.setAttributes(
                attributes.filter { kept.contains($0.key) }, ofItemAtPath: target.path)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                code: .notPossible,
                message: "\(path) cannot be written: \(ConfigurationFile.reason(error))",
                nextStep: "The change is in force, and not saved. Change the file where it comes "
                    + "from, such as the ConfigMap.")
        }
    }
}

extension EditedFile {
    private var refusal: Failure { .cannotEdit(path, nil) }

    /// A new item behind the last one.
    private mutating func add(
        _ name: String, _ settings: [PeerOverlay.Setting], _ tree: PeerTree
    ) throws(Failure) {
        guard let last = tree.items.last, let list = tree.root.value(of: "peers")?.place,
            let dash = scalar(at: list), dash == "-"
        else { throw refusal }
        let all = [PeerOverlay.Setting(key: "name", value: name)] + settings
        let entries = all.map { "\($0.key): \(Self.word($0.value))" }.joined(separator: ", ")
        let indentation = String(repeating: " ", count: list.column - 1)
        lines.insert(
            Array("\(indentation)- {\(entries)}".unicodeScalars), at: last.lastPlace.line)
    }

    /// Another value of a key, or a new entry.
    private mutating func set(
        _ setting: PeerOverlay.Setting, of item: ConfigurationValue
    ) throws(Failure) {
        guard case .mapping(let entries) = item.content, let first = entries.first else {
            throw refusal
        }
        let word = Array(Self.word(setting.value).unicodeScalars)
        if let entry = item.entry(of: setting.key) {
            guard case .scalar(let scalar) = entry.value.content, !scalar.isQuoted else {
                throw refusal
            }
            let place = entry.value.place
            let old = Array(scalar.text.unicodeScalars)
            let range = (place.column - 1)..<(place.column - 1 + old.count)
            guard lines.indices.contains(place.line - 1),
                range.upperBound <= lines[place.line - 1].count,
                Array(lines[place.line - 1][range]) == old
            else { throw refusal }
            lines[place.line - 1].replaceSubrange(range, with: word)
            return
        }
        let new = Array("\(setting.key): ".unicodeScalars) + word
        if scalar(at: item.place) == "{" {
            // Behind the first entry, which tends to be the name.
            let place = entries.count > 1 ? entries[1].keyPlace : first.keyPlace
            let separator = Array(", ".unicodeScalars)
            lines[place.line - 1].insert(contentsOf: new + separator, at: place.column - 1)
        } else {
            let indentation = [Unicode.Scalar](repeating: " ", count: first.keyPlace.column - 1)
            lines.insert(indentation + new, at: first.value.lastPlace.line)
        }
    }

    /// The lines of an item, if they are its own.
    private mutating func remove(_ name: String, _ tree: PeerTree) throws(Failure) {
        let items = tree.items
        guard items.count > 1, let place = items.firstIndex(where: { tree.name(of: $0) == name }),
            let list = tree.root.value(of: "peers")?.place, scalar(at: list) == "-"
        else { throw refusal }
        let first = items[place].place.line
        let last = items[place].lastPlace.line
        let next = place + 1 < items.count ? items[place + 1].place.line : last + 1
        guard last < next, lines[first - 1].first(where: { $0 != " " }) == "-" else {
            throw refusal
        }
        lines.removeSubrange((first - 1)..<last)
    }

    private func scalar(at place: Place) -> Unicode.Scalar? {
        guard place.option == nil, lines.indices.contains(place.line - 1),
            lines[place.line - 1].indices.contains(place.column - 1)
        else { return nil }
        return lines[place.line - 1][place.column - 1]
    }

    /// A text as a YAML scalar, plain where that is safe everywhere.
    static func word(_ text: String) -> String {
        let isPlain =
            text.unicodeScalars.first.map(isWordPart) == true && !text.hasSuffix(":")
            && text.unicodeScalars.allSatisfy {
                isWordPart($0) || "._/%@+-:".unicodeScalars.contains($0)
            }
        guard !isPlain else { return text }
        let escaped = text.replacingOccurrences(of: "\\", with: "\\\\")
            .replacingOccurrences(of: "\"", with: "\\\"")
        return "\"\(escaped)\""
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
    }
}

extension ConfigurationValue {
    /// Where the last of what is in it begins.
    var lastPlace: Place {
        switch content {
        case .scalar: place
        case .sequence(let items): items.last?.lastPlace ?? place
        case .mapping(let entries): entries.last?.value.lastPlace ?? place
        }
    }
}
