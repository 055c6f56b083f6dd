/// A refusal: what is wrong, and what the operator does next.
public struct Failure: Error, Codable, Sendable, Hashable {
    /// For programs: which kind of refusal.
    public var code: Code
    /// For people: what is wrong, as a sentence without a final stop.
    public var message: String
    /// For people: what to do about it, as an imperative sentence.
    public var nextStep: String
    /// What is wrong one by one, such as every mistake in a file; nil where the message says it.
    public var details: [String]?

    /// A refusal by its parts.
    public init(code: Code, message: String, nextStep: String, details: [String]? = nil) {
        self.code = code
        self.message = message
        self.nextStep = nextStep
        self.details = details
    }

    private enum CodingKeys: String, CodingKey {
        case code
        case message
        case nextStep = "next-step"
        case details
    }
}

extension Failure {
    /// The kind of a refusal. A reader must expect kinds it does not know.
    public struct Code: RawRepresentable, Codable, Sendable, Hashable {
        /// The text in the JSON.
        public var rawValue: String

        /// A kind by its text.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// Not JSON, or no request of this version.
        public static var badRequest: Code { Code(rawValue: "bad-request") }
        /// The request is longer than `Request.maximumByteCount`.
        public static var tooLarge: Code { Code(rawValue: "too-large") }
        /// The path leads nowhere.
        public static var unknownPath: Code { Code(rawValue: "unknown-path") }
        /// The path does not know the method.
        public static var unknownMethod: Code { Code(rawValue: "unknown-method") }
        /// No peer has the name.
        public static var unknownPeer: Code { Code(rawValue: "unknown-peer") }
        /// The session is in no state for what is asked.
        public static var notPossible: Code { Code(rawValue: "not-possible") }
        /// The client's user may not ask this.
        public static var notPermitted: Code { Code(rawValue: "not-permitted") }
        /// Too many clients, or a client that does not read what it asked for.
        public static var busy: Code { Code(rawValue: "busy") }
        /// The configuration has errors; the one that was in force still is.
        public static var badConfiguration: Code { Code(rawValue: "bad-configuration") }
        /// A peer has the name already.
        public static var nameInUse: Code { Code(rawValue: "name-in-use") }
        /// The daemon is on its way out.
        public static var stopping: Code { Code(rawValue: "stopping") }
        /// The daemon waits for its namespace, and has no sessions yet.
        public static var waiting: Code { Code(rawValue: "waiting") }
        /// A fault of ours.
        public static var `internal`: Code { Code(rawValue: "internal") }
    }
}

extension Failure {
    /// The status code of HTTP that goes with it.
    public var statusCode: Int {
        switch code {
        case .badRequest: 400
        case .badConfiguration: 422
        case .notPermitted: 403
        case .unknownPath, .unknownPeer: 404
        case .unknownMethod: 405
        case .notPossible, .nameInUse: 409
        case .tooLarge: 413
        case .busy, .stopping, .waiting: 503
        default: 500
        }
    }

    /// The answer to what is no request.
    public static func badRequest(_ reason: String) -> Failure {
        Failure(
            code: .badRequest, message: "not a request: \(reason)",
            nextStep: "Use a gatewatch command of the daemon's version, or see /v1/openapi.json.")
    }

    /// The answer to a body that does not end.
    public static func tooLarge() -> Failure {
        Failure(
            code: .tooLarge,
            message: "the request is longer than \(Request.maximumByteCount) octets",
            nextStep: "Send one JSON object of fewer octets.")
    }

    /// The answer when there is no room for one more.
    public static func crowded() -> Failure {
        Failure(
            code: .busy, message: "too many clients are connected",
            nextStep: "Try again, or end clients that do nothing.")
    }

    /// The answer when as many captures are under way as there may be.
    public static func tooManyCaptures() -> Failure {
        Failure(
            code: .busy, message: "too many captures are under way",
            nextStep: "End one of them.")
    }

    /// The answer to a user who may not ask.
    public static func notPermitted() -> Failure {
        Failure(
            code: .notPermitted, message: "only root and the daemon's own user may ask",
            nextStep: "Run it with sudo.")
    }

    /// The answer while the daemon ends.
    public static func stopping() -> Failure {
        Failure(
            code: .stopping, message: "the daemon is stopping", nextStep: "Start it again first.")
    }

    /// The answer to a path that leads nowhere.
    public static func unknownPath() -> Failure {
        Failure(
            code: .unknownPath, message: "the path leads nowhere",
            nextStep: "The control socket has its paths in /v1/openapi.json, the metrics port "
                + "serves /metrics, /healthz and /readyz.")
    }

    /// The answer to a method that a path does not know.
    public static func unknownMethod(_ known: [String]) -> Failure {
        Failure(
            code: .unknownMethod, message: "the path knows no such method",
            nextStep: "Use \(known.joined(separator: ", ")); see /v1/openapi.json.")
    }

    /// The answer to a request about a peer that does not exist.
    public static func unknownPeer(_ name: String) -> Failure {
        Failure(
            code: .unknownPeer, message: "no peer is named \"\(name)\"",
            nextStep: "See the names with: gatewatch status")
    }
}
