/// An operation of the control API: a method on a path.
public enum ControlOperation: String, Sendable, Hashable, CaseIterable {
    /// Who is there.
    case version
    /// All sessions.
    case sessions
    /// One session in full.
    case session
    /// Takes a session down or lets it come up.
    case changeSession
    /// Tells a session what is known outside BFD.
    case signalSession
    /// Starts a session.
    case addSession
    /// Changes a session's configuration.
    case configureSession
    /// Ends a session.
    case removeSession
    /// Reads the configuration again.
    case reload
    /// Takes the node out of service.
    case drain
    /// How far its peers have moved.
    case drainProgress
    /// Takes the node back into service.
    case undrain
    /// Wanted routes next to installed ones.
    case routes
    /// What happened.
    case events
    /// The packets of sessions as they come and go.
    case capture
    /// Why sessions are not Up.
    case doctor
    /// The same with the help of rows of OVN's database.
    case doctorWithRows

    /// A method of HTTP.
    public enum Method: String, Sendable, Hashable, CaseIterable {
        /// Asks, changes nothing.
        case get = "GET"
        /// Adds something, or asks with a body.
        case post = "POST"
        /// Changes something that is there.
        case patch = "PATCH"
        /// Removes something.
        case delete = "DELETE"
    }

    /// Its method.
    public var method: Method {
        switch self {
        case .version, .sessions, .session, .routes, .events, .doctor, .capture,
            .drainProgress:
            .get
        case .changeSession, .configureSession: .patch
        case .signalSession, .doctorWithRows, .addSession, .reload, .drain: .post
        case .removeSession, .undrain: .delete
        }
    }

    /// Its path, with `{peer}` where the name of a peer stands.
    public var path: String {
        switch self {
        case .version: "/v1/version"
        case .sessions, .addSession: "/v1/sessions"
        case .session, .changeSession, .removeSession: "/v1/sessions/{peer}"
        case .configureSession: "/v1/sessions/{peer}/settings"
        case .reload: "/v1/reload"
        case .drain, .drainProgress, .undrain: "/v1/drain"
        case .signalSession: "/v1/sessions/{peer}/signal"
        case .routes: "/v1/routes"
        case .events: "/v1/events"
        case .capture: "/v1/capture"
        case .doctor, .doctorWithRows: "/v1/doctor"
        }
    }

    /// The parameters that its query may have.
    public var queryNames: Set<String> {
        switch self {
        case .events: ["follow", "since"]
        case .doctor, .doctorWithRows, .capture: ["peer"]
        case .addSession, .configureSession, .removeSession: ["save"]
        case .reload: ["dry-run", "discard"]
        case .version, .sessions, .session, .changeSession, .signalSession, .routes: []
        case .drain, .drainProgress, .undrain: []
        }
    }

    /// The parameters that its query may have more than once.
    public var repeatableNames: Set<String> {
        self == .capture ? ["peer"] : []
    }

    /// Where all operations are described.
    public static var descriptionPath: String { "/v1/openapi.json" }

    /// The methods of a path as it was asked for; none when it leads nowhere.
    public static func methods(of path: String) -> [Method] {
        if path == descriptionPath { return [.get] }
        let asked = path.split(separator: "/", omittingEmptySubsequences: false)
        let matching = allCases.filter { operation in
            let own = operation.path.split(separator: "/", omittingEmptySubsequences: false)
            return own.count == asked.count
                && zip(own, asked).allSatisfy { $0 == $1 || ($0 == "{peer}" && !$1.isEmpty) }
        }
        return Method.allCases.filter { method in matching.contains { $0.method == method } }
    }
}
