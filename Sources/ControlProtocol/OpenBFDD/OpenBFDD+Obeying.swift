internal import BFDCore
public import RouteCore

extension OpenBFDD.Table {
    /// What came of a command that changes something.
    public struct Outcome: Sendable, Hashable {
        /// What is said before anything is done, and after it: each whole lines.
        public var announcement = ""
        /// What is said once it has been done.
        public var confirmation = ""
        /// Why it was not done; nil when it was.
        public var refusal: OpenBFDD.Refusal?
    }

    /// Obeys a command; `version`, `stop` and `status` change nothing and are answered elsewhere.
    ///
    /// `locals` are the addresses of ours that sessions without one of their own have now.
    public mutating func obey(
        _ command: OpenBFDD.Command, locals: [UInt32: HostAddress]
    ) -> Outcome {
        var outcome = Outcome()
        do throws(OpenBFDD.Refusal) {
            switch command {
            case .version, .stop, .status: break
            case .allow(let remote):
                try allow(remote)
                outcome.confirmation = "Allowing connections from \(remote)\n"
            case .block(let remote):
                block(remote)
                outcome.confirmation =
                    "Blocking connections from \(remote). Sessions that there are stay.\n"
            case .connect(let pair):
                try connect(pair, locals)
                outcome.confirmation =
                    "Opened connection from local \(pair.local) to remote \(pair.remote)\n"
            case .newSessions(let setting):
                outcome.announcement = setting.announcement
                setDefault(setting)
            case .session(let selector, let change):
                outcome.announcement = change.announcement
                try self.change(selector, change, locals)
            case .log(let change): outcome.confirmation = log.take(change)
            }
        } catch {
            outcome.refusal = error
        }
        return outcome
    }
}

extension OpenBFDD.Change {
    /// What is said before it is tried.
    fileprivate var announcement: String {
        switch self {
        case .kill: "Attempting to kill session(s).\n"
        case .reset: "Attempting to reset session(s).\n"
        case .suspend: "Attempting to suspend session(s).\n"
        case .resume: "Attempting to resume session(s).\n"
        case .set(let setting): setting.announcement
        case .state(let hold):
            "Attempting to put session(s) into \(hold?.stateWord ?? "Up") state with diagnostic "
                + "<\(OpenBFDD.diagnosticWord(hold?.diagnostic ?? 0))>.\n"
        }
    }
}

extension OpenBFDD.Hold {
    fileprivate var stateWord: String { isAdministrative ? "AdminDown" : "Down" }
}

extension OpenBFDD.Setting {
    fileprivate var announcement: String {
        switch self {
        case .minTx(let interval):
            "Attempting to set mintx to \(OpenBFDD.number(interval.count)) us.\n"
        case .minRx(let interval):
            "Attempting to set minrx to \(OpenBFDD.number(interval.count)) us.\n"
        case .multiplier(let multiplier): "Attempting to set multi to \(multiplier).\n"
        case .controlPlaneIndependent(let isSet):
            "Attempting to set control plane independent (C) bit to \(isSet ? "yes" : "no").\n"
        case .adminUpPoll(let isSet):
            "Attempting to \(isSet ? "enable" : "disable") admin_up_poll workaround.\n"
        }
    }
}
