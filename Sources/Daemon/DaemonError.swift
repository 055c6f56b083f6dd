public import NodeCore
internal import BFDCore
internal import BFDDriver
internal import Gatewatch
internal import LinuxSystem

/// Why a daemon did not start; the description says what to do next.
public enum DaemonError: Error, Sendable, CustomStringConvertible {
    /// Something about the node, with its cause and its repair.
    case finding(Finding)

    /// The finding in words.
    public var description: String {
        switch self {
        case .finding(let finding): finding.description
        }
    }

    init(code: String, _ cause: String, nextStep: String) {
        self = .finding(Finding(code: code, cause: cause, nextStep: nextStep))
    }

    init(_ error: NetworkNamespaceError) {
        self = .finding(NamespaceDiagnosis(NamespaceEvidence(error)).finding)
    }

    init(_ error: SystemError) {
        self.init(starting: error)
    }

    init(_ error: GatewatchError) {
        switch error {
        case .driver(.namespace(let error)): self.init(error)
        case .driver(.system(let error)): self.init(starting: error)
        case .driver(.engine(let error)):
            self.init(
                code: "session", "a session was refused: \(error)",
                nextStep: "Check the peers with: gatewatch check FILE")
        case .driver(.notResponding):
            self.init(
                code: "stalled", "the engine thread did not answer within 5 s",
                nextStep: "The node is out of processor time: look at the load and CPU limits.")
        case .driver(.busy):
            self.init(
                code: "busy", "the engine thread has not done yet what it was asked before",
                nextStep: "Try again; if it stays so, look at the load and CPU limits.")
        case .driver(.handoverOfSeveralThreads):
            self.init(
                code: "handover", "sessions on several engine threads cannot be handed over",
                nextStep: "Restart the daemon, or run it with realtime.threads: 1.")
        case .routes(let error):
            self.init(
                code: "routes", "routes cannot be controlled: \(error)",
                nextStep: "gatewatch needs CAP_NET_ADMIN in the namespace: start it as root.")
        case .nameInUse(let name):
            self.init(
                code: "name", "peer \"\(name)\" exists already", nextStep: "Choose another name.")
        case .unknownPeer(let name):
            self.init(
                code: "name", "no peer is named \"\(name)\"",
                nextStep: "See the names with: gatewatch status")
        }
    }

    /// Why no thread could be started in a namespace: names the program that has the port.
    init(_ error: GatewatchError, namespacePath: String?) {
        guard case .driver(.system(let refusal)) = error, refusal.errno == .addressInUse else {
            self.init(error)
            return
        }
        let holders = PortSurvey.othersReceiving(
            by: [3784, 4784, 3785], inNamespaceAt: namespacePath)
        guard let holder = holders.first else {
            self.init(error)
            return
        }
        let cause = SessionCause.portShared([PortHolder(holder)])
        self.init(
            code: "port", "another program receives BFD here (\(refusal)): \(cause.evidence)",
            nextStep: cause.nextStep)
    }

    private init(starting error: SystemError) {
        switch error.errno {
        case .addressInUse:
            self.init(
                code: "port", "another program receives BFD here (\(error))",
                nextStep: "See which with \"ss -lunp sport = :3784\" in the namespace, and stop it."
            )
        case .operationNotPermitted, .permissionDenied:
            self.init(
                code: "rights", "no permission (\(error))",
                nextStep: "Start gatewatch as root, or with CAP_NET_ADMIN and CAP_NET_RAW.")
        default:
            self.init(
                code: "system", "cannot start (\(error))",
                nextStep: "The kernel's text says what is missing on this node.")
        }
    }
}

extension NamespaceEvidence {
    init(_ error: NetworkNamespaceError) {
        switch error {
        case .absent(let path): self.init(path: path, object: .nothing)
        case .plainFile(let path): self.init(path: path, object: .plainFile)
        case .directory(let path): self.init(path: path, object: .directory)
        case .otherType(let path, let type):
            self.init(path: path, object: .otherNamespace(type: type))
        case .notNamespace(let path): self.init(path: path, object: .somethingElse)
        case .notPermitted(let path, let operation):
            self.init(path: path, object: .outOfReach(operation: operation))
        case .system(let path, let error):
            self.init(
                path: path,
                object: .failing(
                    operation: error.operation, reason: error.errno.description))
        }
    }
}
