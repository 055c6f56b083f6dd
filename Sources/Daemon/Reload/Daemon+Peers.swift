internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Gatewatch
internal import Logging

extension Daemon {
    /// Asks for a change of a peer; the answer comes once the file has been read.
    func edit(_ edit: PeerEdit, answer: @escaping (Reply) -> Void) throws(Failure) {
        try refuseWhileStopping()
        if let setting = edit.settings.first(where: { $0.key == "name" }) {
            throw Failure(
                code: .notPossible, message: "a peer keeps its name (\(setting.text))",
                nextStep: "Remove it and add another one.")
        }
        if edit.action != .add, try snapshot().peers.contains(where: { $0.isGuest(edit.peer) }) {
            throw Failure(
                code: .notPossible,
                message: "\(edit.peer) came unasked and is not in the configuration",
                nextStep: "Change its entry under unsolicited, or add it as a peer: gatewatch peer "
                    + "add NAME \(edit.peer)")
        }
        if edit.saves, keeper?.source.file == nil { throw .noFile }
        keeper?.take(ConfigurationKeeper.Order(purpose: .edit(edit), answer: answer))
    }

    /// The peer as it is wanted has been read: changes it, then the file.
    func apply(
        _ edit: PeerEdit, _ reading: ConfigurationReading
    ) throws(Failure) -> PeerEditReport {
        guard let wanted = reading.configuration else {
            throw Failure(
                code: .badConfiguration,
                message: "peer \(edit.peer) cannot be as asked for; nothing was changed",
                nextStep: "Keys and values are those of the configuration file.",
                details: reading.lines)
        }
        let difference = ConfigurationDifference(
            from: running, to: wanted, reading.keyChains, only: edit.peer)
        try apply(difference, wanted, reading.keyChains)
        keeper?.overlay = reading.overlay
        keeper?.status.unsaved = reading.overlay.unsaved
        let changed = difference.report.peers.changed.first
        let changes = changed?.changes ?? []
        if !difference.isEmpty {
            let text =
                "peer \(edit.peer) \(edit.action.pastTense) by an operator"
                + (changes.isEmpty ? "" : ": \(changes.joined(separator: ", "))")
            record(.daemon, peer: edit.peer, cause: text)
            logger.notice("\(text)")
        }
        var report = PeerEditReport(
            peer: edit.peer, action: edit.action, hasChanged: !difference.isEmpty,
            restarts: changed?.restarts ?? false, changes: changes)
        report.warnings = reading.lines.filter { $0.contains("peer \(edit.peer)") }
        if let edited = reading.edited {
            try edited.write()
            keeper?.overlay.forget(edit.peer)
            keeper?.status.unsaved = keeper?.overlay.unsaved ?? []
            logger.notice("\(edited.path) was changed: peer \(edit.peer)")
        }
        if edit.saves { report.savedTo = keeper?.source.file }
        return report
    }
}

extension PeerSnapshot {
    /// Whether it is the session of somebody of this name who started it himself.
    fileprivate func isGuest(_ name: String) -> Bool {
        configuration.name == name && snapshot.session.isUnsolicited
    }
}

extension PeerEdit.Action {
    /// What was done.
    fileprivate var pastTense: String {
        switch self {
        case .add: "added"
        case .set: "changed"
        case .remove: "removed"
        }
    }
}
