public import BFDCore
public import RouteCore

extension OpenBFDD {
    /// A session as `status` shows it.
    public struct Session: Sendable, Hashable {
        /// What is wanted of it.
        public var entry: Entry
        /// Our address at the time; unspecified while there is no way to the peer.
        public var local: HostAddress
        /// Its state here, and why.
        public var state: SessionState = .down
        /// The diagnostic that our packets say.
        public var diagnostic: UInt8 = 0
        /// The state and the diagnostic that the peer said last.
        public var remoteState: SessionState = .down
        /// The diagnostic that the peer said last.
        public var remoteDiagnostic: UInt8 = 0
        /// Our discriminator.
        public var localDiscriminator: UInt32 = 0
        /// The peer's discriminator.
        public var remoteDiscriminator: UInt32 = 0
        /// How long it has been in its state, in milliseconds.
        public var millisecondsInState: Int64 = 0
        /// The interval between our packets.
        public var transmitInterval = Microseconds(0)
        /// How long silence may last, in microseconds.
        public var detectionTime: UInt64 = 0
        /// Desired Min TX Interval, as our packets say it.
        public var desiredMinTxInterval = Microseconds(0)
        /// Required Min RX Interval, as our packets say it.
        public var requiredMinRxInterval = Microseconds(0)
        /// Detect Mult as last received.
        public var remoteMultiplier: UInt8 = 0
        /// Desired Min TX Interval as last received.
        public var remoteDesiredMinTxInterval = Microseconds(0)
        /// Required Min RX Interval as last received.
        public var remoteRequiredMinRxInterval = Microseconds(0)

        /// A session that has heard nothing yet.
        public init(_ entry: Entry, local: HostAddress) {
            self.entry = entry
            self.local = local
        }
    }

    /// The answer to `status`: all sessions with a head line, or one.
    public static func status(
        _ sessions: [Session], isAll: Bool, _ style: StatusStyle
    ) -> String {
        guard isAll else { return sessions.map { block($0, style) }.joined() }
        let blocks = sessions.enumerated().map { offset, session in
            let gap = !style.isCompact && offset > 0 ? "\n" : ""
            return "\(gap)Session \(session.entry.id)\n" + block(session, style)
        }
        return "There are \(sessions.count) sessions:\n" + blocks.joined()
    }

    private static func block(_ session: Session, _ style: StatusStyle) -> String {
        let separator = style.isCompact ? "" : "\n "
        return " " + session.items(style).joined(separator: " " + separator) + session.end(style)
            + "\n"
    }

    /// A number with a comma before every third digit from the right.
    static func number(_ value: some BinaryInteger) -> String {
        let digits = Array(String(value))
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    static func stateWord(_ state: SessionState) -> String {
        switch state {
        case .adminDown: "AdminDown"
        case .down: "Down"
        case .initializing: "Init"
        case .up: "Up"
        }
    }

    /// A diagnostic by the name that RFC 5880 §4.1 gives it.
    static func diagnosticWord(_ number: UInt8) -> String {
        let words = [
            "No Diagnostic", "Control Detection Time Expired", "Echo Function Failed",
            "Neighbor Signaled Session Down", "Forwarding Plane Reset", "Path Down",
            "Concatenated Path Down", "Administratively Down", "Reverse Concatenated Path Down",
        ]
        return Int(number) < words.count ? words[Int(number)] : "Unknown"
    }
}

extension OpenBFDD.Session {
    /// What stands behind the last item: marks of their own, for whoever reads the state must find
    /// it alone.
    fileprivate func end(_ style: OpenBFDD.StatusStyle) -> String {
        guard style.level == 1 else { return "" }
        var marks: [String] = []
        if entry.hold != nil { marks.append("<Forced>") }
        if entry.isSuspended { marks.append("<Suspended>") }
        return " " + marks.joined(separator: " ")
    }

    fileprivate func items(_ style: OpenBFDD.StatusStyle) -> [String] {
        let (letter, word) = entry.isActive ? ("(a)", "(active)") : ("(p)", "(passive)")
        var items = ["id=\(entry.id)"]
        guard style.level >= 2 else {
            items.append("local=\(local)" + (style.level == 1 ? " \(letter)" : ""))
            items.append("remote=\(entry.remote)")
            items.append("state=\(OpenBFDD.stateWord(state))")
            return items
        }
        items.append("local=\(local) \(style.isBrief ? letter : word)")
        items.append("remote=\(entry.remote)")
        let forced =
            (entry.hold == nil ? "" : "Forced: ") + (entry.isSuspended ? "Suspended: " : "")
        items.append(
            "LocalState=\(OpenBFDD.stateWord(state))<\(forced)\(reason(diagnostic, style))>")
        items.append(
            "RemoteState=\(OpenBFDD.stateWord(remoteState))<\(reason(remoteDiagnostic, style))>")
        items.append("LocalId=\(localDiscriminator)")
        items.append("RemoteId=\(remoteDiscriminator)")
        if style.level >= 3 { items += times(style) }
        if style.level >= 4 { items += parameters(style) }
        return items
    }

    private func reason(_ diagnostic: UInt8, _ style: OpenBFDD.StatusStyle) -> String {
        style.isBrief ? "\(diagnostic)" : OpenBFDD.diagnosticWord(diagnostic)
    }

    private func number(_ value: some BinaryInteger, _ style: OpenBFDD.StatusStyle) -> String {
        style.isBrief ? "\(value)" : OpenBFDD.number(value)
    }

    private func times(_ style: OpenBFDD.StatusStyle) -> [String] {
        [
            "Time=\(OpenBFDD.stateWord(state))(\(span))",
            "CurrentTxInterval=\(number(transmitInterval.count, style)) us",
            "CurrentRxTimeout=\(number(detectionTime, style)) us",
        ]
    }

    /// Hours, minutes, seconds and milliseconds.
    private var span: String {
        let milliseconds = max(millisecondsInState, 0)
        let seconds = milliseconds / 1_000
        let parts = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { Self.padded($0, 2) }
        return parts.joined(separator: ":") + "." + Self.padded(milliseconds % 1_000, 3)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }

    private func parameters(_ style: OpenBFDD.StatusStyle) -> [String] {
        let wanted = entry.settings.minTx
        // A session that is not Up says a second at least, whatever it will say then.
        let isSlow = desiredMinTxInterval.count != wanted.count
        return [
            "LocalDetectMulti=\(entry.settings.multiplier)",
            "LocalDesiredMinTx=\(number(desiredMinTxInterval.count, style)) us"
                + (isSlow ? " (def \(number(wanted.count, style)) us)" : ""),
            "LocalRequiredMinRx=\(number(requiredMinRxInterval.count, style)) us",
            "RemoteDetectMulti=\(remoteMultiplier)",
            "RemoteDesiredMinTx=\(number(remoteDesiredMinTxInterval.count, style)) us",
            "RemoteRequiredMinRx=\(number(remoteRequiredMinRxInterval.count, style)) us",
        ]
    }
}
