internal import ControlProtocol
internal import Foundation

/// Where a daemon has its configuration from.
public enum ConfigurationSource: Sendable, Hashable {
    /// A file, which can be read again.
    case file(String)
    /// Something that is over once it has been read, such as standard input.
    case once(String)
    /// Options of the command line.
    case options(ConfigurationFlags)

    /// The file; nil for the others.
    var file: String? {
        switch self {
        case .file(let path): path
        case .once, .options: nil
        }
    }
}

/// What is to be read again, and for what.
struct ReadingOrder: Sendable {
    var source: ConfigurationSource
    var overlay: PeerOverlay
    /// A change at run time that is to be added.
    var edit: PeerEdit?
}

/// A configuration that was read again; made in a thread of its own, for a large file takes time.
struct ConfigurationReading: Sendable {
    /// What is wanted, without the peers that were removed at run time; nil after errors.
    var configuration: DaemonConfiguration?
    var keyChains = KeyChains()
    /// What is left of the changes at run time, the new one among them.
    var overlay: PeerOverlay
    /// What gave way to the file.
    var dropped: [UnsavedPeer] = []
    /// Warnings or errors, each as `check` prints it.
    var lines: [String] = []
    var errorCount = 0
    /// Why the change at run time is not possible; nil when it is.
    var refusal: Failure?
    /// The file with the change written into it; nil when that was not asked for.
    var edited: EditedFile?

    init(_ order: ReadingOrder) {
        overlay = order.overlay
        let problems = ProblemCollector()
        guard let loaded = Self.load(order.source, problems) else {
            let report = ConfigurationReport(
                file: order.source.name, configuration: nil, problems: problems)
            if order.edit != nil { refusal = .fileIsBroken(report) }
            take(report)
            return
        }
        let alone = loaded.report(loaded.root, problems)
        let tree = PeerTree(loaded.root)
        overlay = order.overlay.agreeing(with: tree)
        if let edit = order.edit {
            do throws(Failure) {
                if alone.configuration == nil { throw .fileIsBroken(alone) }
                try overlay.take(edit, over: tree)
                if edit.saves { edited = try Self.edit(loaded, tree, overlay.item(edit.peer)) }
            } catch {
                refusal = error
                return
            }
        }
        guard !overlay.isEmpty, alone.configuration != nil else {
            take(alone)
            dropped = order.overlay.dropped(in: overlay)
            readSecrets()
            return
        }
        let merged = loaded.report(tree.with(overlay), ProblemCollector())
        if merged.configuration == nil, order.edit == nil {
            // The file wins over what was not saved.
            overlay = PeerOverlay()
            take(alone)
        } else {
            take(merged)
        }
        dropped = order.overlay.dropped(in: overlay)
        readSecrets()
    }

    private mutating func take(_ report: ConfigurationReport) {
        configuration = report.configuration
        configuration?.peers.removeAll { overlay.removedNames.contains($0.name) }
        lines = report.lines
        errorCount = report.errorCount
    }

    private mutating func readSecrets() {
        guard let configuration else { return }
        do throws(DaemonError) {
            keyChains = try KeyChains.read(configuration)
        } catch {
            self.configuration = nil
            lines.append("\(error)")
            errorCount += 1
        }
    }

    /// A configuration before it has a meaning.
    private struct Loaded {
        var root: ConfigurationValue
        var bytes: [UInt8] = []
        var file: String
        var directory: String?

        func report(
            _ root: ConfigurationValue, _ problems: ProblemCollector
        ) -> ConfigurationReport {
            var reader = TopLevelReader(problems)
            reader.directory = directory
            let configuration = reader.read(root)
            return ConfigurationReport(
                file: file, configuration: configuration, problems: problems)
        }
    }

    private static func load(
        _ source: ConfigurationSource, _ problems: ProblemCollector
    ) -> Loaded? {
        switch source {
        case .once(let name):
            problems.error(nil, "\(name) is over, and cannot be read again")
            return nil
        case .options(let flags): return Loaded(root: flags.value, file: source.name)
        case .file(let path):
            guard let bytes = ConfigurationFile.bytes(at: path, problems) else { return nil }
            var reader = YAMLReader(problems)
            return reader.read(bytes).map { root in
                Loaded(
                    root: root, bytes: bytes, file: path,
                    directory: ConfigurationFile.directory(of: path))
            }
        }
    }

    /// The file with one peer's changes written into it: it then says just what is wanted.
    private static func edit(
        _ loaded: Loaded, _ tree: PeerTree, _ item: PeerOverlay.Item?
    ) throws(Failure) -> EditedFile? {
        guard !loaded.bytes.isEmpty else { throw .noFile }
        guard let item else { return nil }
        var wanted = loaded.report(tree.with(PeerOverlay(item)), ProblemCollector()).configuration
        if case .removed = item.change { wanted?.peers.removeAll { $0.name == item.name } }
        // Mistakes of the change itself are told of when it is read.
        guard let wanted else { return nil }
        let edited = try EditedFile(loaded.file, loaded.bytes, item, tree)
        let report = ConfigurationFile.read(
            edited.bytes, name: loaded.file, directory: loaded.directory)
        guard var outcome = report.configuration else { throw .cannotEdit(loaded.file, report) }
        outcome.peers.sort { $0.name < $1.name }
        var sorted = wanted
        sorted.peers.sort { $0.name < $1.name }
        guard outcome == sorted else { throw .cannotEdit(loaded.file, nil) }
        return edited
    }
}

extension ConfigurationSource {
    /// What messages call it.
    var name: String {
        switch self {
        case .file(let path): path
        case .once(let name): name
        case .options: "command line"
        }
    }
}
