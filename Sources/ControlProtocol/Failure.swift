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
    /// The answer to a line that is no request.
    public static func badRequest(_ reason: String) -> Failure {
        Failure(
            code: .badRequest, message: "not a request: \(reason)",
            nextStep: "Use a gatewatch command of the same version as the daemon.")
    }

    /// The answer to a line that does not end.
    public static func tooLarge() -> Failure {
        Failure(
            code: .tooLarge,
            message: "the request is longer than \(Request.maximumByteCount) octets",
            nextStep: "Send one JSON object per line.")
    }

    /// The answer to a request about a peer that does not exist.
    public static func unknownPeer(_ name: String) -> Failure {
        Failure(
            code: .unknownPeer, message: "no peer is named \"\(name)\"",
            nextStep: "See the names with: gatewatch status")
    }
}
