extension NamespaceDiagnosis {
    /// What a form means for who wants to enter the namespace.
    public enum Entry: Sendable, Hashable {
        /// It can be entered; what is wrong is inside or around it.
        case possible
        /// It cannot, and others may change that: another program or an operator.
        case waiting
        /// It cannot, and waiting is no use.
        case impossible
    }

    /// Whether the namespace can be entered, now or later.
    public var entry: Entry {
        switch self {
        case .absent, .mountedElsewhere, .heldByProcess, .leftBehind, .plainFile, .danglingLink:
            .waiting
        case .directory, .otherNamespace, .notNamespace, .notPermitted, .refused:
            .impossible
        case .wrongNamespace, .interfaceMissing, .interfaceFaulty, .notBound, .gatewaySilent,
            .daemonAbsent, .peerNotAllowed, .peerSilent, .packetsDiscarded, .directoryNotShared:
            .possible
        }
    }
}

extension Finding {
    /// Cause, code and next step in one line, for a log.
    public var line: String {
        let step = nextStep.split(separator: "\n").joined(separator: " ")
        return "\(cause) [\(code)]. \(step)"
    }
}
