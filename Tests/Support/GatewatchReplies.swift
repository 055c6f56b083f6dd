/// What `gatewatch status --json` prints, as far as tests look at it.
public struct StatusReply: Decodable, Sendable {
    /// All sessions.
    public let sessions: [Session]
    /// Why packets of no session were discarded.
    public let discards: [String: Int]?
    /// How well the daemon keeps up.
    public let punctuality: Punctuality?
    /// Where the sessions live.
    public let namespace: Place?
    /// The links that are not changed.
    public let linkGuard: Links?
    /// Which configuration is in force.
    public let configuration: Configuration?
    /// Whether the node is out of service.
    public let isDrained: Bool?
    /// What the daemon may do.
    public let privileges: Privileges?
    /// Who is connected.
    public let clients: Clients?

    enum CodingKeys: String, CodingKey {
        case sessions, configuration
        case isDrained = "drained"
        case discards = "rx-discard"
        case punctuality
        case namespace
        case linkGuard = "link-guard"
        case privileges
        case clients
    }

    /// The rights of the daemon.
    public struct Privileges: Decodable, Sendable {
        /// The user it runs as.
        public let userID: Int
        /// The names of what it kept.
        public let kept: [Right]
        /// What it would use and was not given.
        public let missing: [Right]

        enum CodingKeys: String, CodingKey {
            case userID = "user-id"
            case kept, missing
        }

        /// One capability.
        public struct Right: Decodable, Sendable {
            /// Such as `CAP_NET_ADMIN`.
            public let capability: String
        }
    }

    /// Who is connected, and who was cut off.
    public struct Clients: Decodable, Sendable {
        /// How many are connected.
        public let count: Int
        /// How many connections were ended, by reason.
        public let ended: [String: Int]
    }

    /// Which configuration is in force.
    public struct Configuration: Decodable, Sendable {
        /// Why the file as it is now is not.
        public let errors: [String]
        /// Keys that only a restart takes over.
        public let needsRestart: [String]
        /// What is in no file.
        public let unsaved: [Unsaved]
        /// How many have been applied.
        public let appliedCount: Int
        /// How many have been refused.
        public let refusedCount: Int

        enum CodingKeys: String, CodingKey {
            case errors, unsaved
            case needsRestart = "needs-restart"
            case appliedCount = "applied-count"
            case refusedCount = "refused-count"
        }

        /// A peer that was changed at run time.
        public struct Unsaved: Decodable, Sendable, Equatable {
            /// Its name.
            public let name: String
            /// `added`, `changed` or `removed`.
            public let change: String
        }
    }

    /// What the link guard keeps, and what it refused.
    public struct Links: Decodable, Sendable {
        /// The configured names.
        public let protectedLinks: [String]
        /// How many changes were refused.
        public let refusalCount: Int

        enum CodingKeys: String, CodingKey {
            case protectedLinks = "protected-links"
            case refusalCount = "refusal-count"
        }
    }

    /// A namespace, and what is wrong with it.
    public struct Place: Decodable, Sendable {
        /// What identifies it.
        public let inode: UInt64
        /// Such as `namespace-H`; nil when nothing is wrong.
        public let code: String?
        /// In words.
        public let cause: String?
        /// What to do.
        public let nextStep: String?

        enum CodingKeys: String, CodingKey {
            case inode, code, cause
            case nextStep = "next-step"
        }
    }

    /// What was lost on arrival and how late the rest was.
    public struct Punctuality: Decodable, Sendable {
        /// Packets that found the receive buffers full.
        public let receiveDropCount: Int?
        /// How late packets left.
        public let transmitLateness: Lateness

        enum CodingKeys: String, CodingKey {
            case receiveDropCount = "receive-queue-drop-count"
            case transmitLateness = "transmit-lateness"
        }
    }

    /// A histogram.
    public struct Lateness: Decodable, Sendable {
        /// How many packets.
        public let count: Int
        /// The largest, in nanoseconds.
        public let maximum: Int
        /// All classes.
        public let buckets: [Bucket]

        /// A class.
        public struct Bucket: Decodable, Sendable {
            /// How many packets.
            public let count: Int
        }
    }

    /// One session.
    public struct Session: Decodable, Sendable {
        /// The peer's name in the configuration.
        public let name: String
        /// `path-ip-sh` or `path-ip-mh`.
        public let pathType: String
        /// Whether the peer has no BFD.
        public let isUnaffiliatedEcho: Bool?
        /// `active` or `passive`.
        public let role: String
        /// Why packets were discarded.
        public let discards: [String: Int]?
        /// Why the state last changed.
        public let lastCause: String?
        /// bfd.LocalDiscr.
        public let localDiscriminator: UInt32
        /// bfd.RemoteDiscr.
        public let remoteDiscriminator: UInt32?
        /// UDP source port.
        public let sourcePort: Int?
        /// What the session is doing.
        public let running: Running
        /// What it has counted.
        public let statistics: Statistics
        /// How it authenticates.
        public let authentication: Authentication?

        enum CodingKeys: String, CodingKey {
            case name, role
            case pathType = "path-type"
            case isUnaffiliatedEcho = "unaffiliated-echo"
            case discards = "rx-discard"
            case lastCause = "last-cause"
            case sourcePort = "source-port"
            case localDiscriminator = "local-discriminator"
            case remoteDiscriminator = "remote-discriminator"
            case running = "session-running"
            case statistics = "session-statistics"
            case authentication
        }
    }

    /// Type and key ids.
    public struct Authentication: Decodable, Sendable, Equatable {
        /// Such as `keyed-sha1`.
        public let type: String
        /// The ids of all keys.
        public let keyIDs: [Int]

        enum CodingKeys: String, CodingKey {
            case type
            case keyIDs = "key-ids"
        }
    }

    /// State and timers in effect.
    public struct Running: Decodable, Sendable {
        /// `up`, `down`, `init` or `adminDown`.
        public let localState: String
        /// The peer's state as last heard.
        public let remoteState: String?
        /// Why the session last left Up.
        public let localDiagnostic: String?
        /// Why the peer last left Up.
        public let remoteDiagnostic: String?
        /// Microseconds.
        public let detectionTime: Int?
        /// Microseconds.
        public let negotiatedTxInterval: Int?
        /// Such as `async-with-echo`.
        public let detectionMode: String?
        /// Microseconds; nil while no Echo packets are sent.
        public let echoInterval: Int?
        /// Whether the peer's packets are authenticated.
        public let remoteAuthenticated: Bool
        /// With what.
        public let remoteAuthenticationType: String?

        enum CodingKeys: String, CodingKey {
            case localState = "local-state"
            case remoteState = "remote-state"
            case localDiagnostic = "local-diagnostic"
            case remoteDiagnostic = "remote-diagnostic"
            case detectionTime = "detection-time"
            case negotiatedTxInterval = "negotiated-tx-interval"
            case detectionMode = "detection-mode"
            case echoInterval = "echo-tx-interval-in-use"
            case remoteAuthenticated = "remote-authenticated"
            case remoteAuthenticationType = "remote-authentication-type"
        }
    }

    /// Counters.
    public struct Statistics: Decodable, Sendable {
        /// How often the session went from Up to Down.
        public let downCount: Int
        /// How many packets the kernel did not take.
        public let failedPacketCount: Int
        /// How many packets of the peer were accepted.
        public let receivedPacketCount: Int

        enum CodingKeys: String, CodingKey {
            case downCount = "down-count"
            case failedPacketCount = "send-failed-packet-count"
            case receivedPacketCount = "receive-packet-count"
        }
    }
}

/// What `gatewatch routes --json` prints, as far as tests look at it.
public struct RoutesReply: Decodable, Sendable {
    /// All routes.
    public let routes: [Route]

    /// One route, wanted next to installed.
    public struct Route: Decodable, Sendable {
        /// The destination.
        public let prefix: String
        /// `installed`, `partial`, `withdrawn`, `blackhole`, `conflict` or `error`.
        public let state: String
        /// The next hops of the configuration.
        public let nextHops: [NextHop]

        enum CodingKeys: String, CodingKey {
            case prefix, state
            case nextHops = "next-hops"
        }
    }

    /// One next hop.
    public struct NextHop: Decodable, Sendable {
        /// The peer whose session it follows.
        public let peer: String
        /// Whether the kernel has it.
        public let installed: Bool
        /// Why it is missing.
        public let reason: String?
    }
}

/// One line of `gatewatch events --json`.
public struct EventLine: Decodable, Sendable {
    /// `session`, `route` or `daemon`.
    public let type: String
    /// The peer's name, for a session's events.
    public let peer: String?
    /// The state before.
    public let oldState: String?
    /// The state after.
    public let newState: String?
    /// Why, for people.
    public let cause: String?

    enum CodingKeys: String, CodingKey {
        case type, peer, cause
        case oldState = "old-state"
        case newState = "new-state"
    }
}

/// What `gatewatch doctor --json` prints, as far as tests look at it.
public struct DoctorReply: Decodable, Sendable {
    /// What was looked at.
    public let checks: [Check]

    /// One thing that was looked at.
    public struct Check: Decodable, Sendable {
        /// Such as `sessions`.
        public let name: String
        /// What was seen.
        public let summary: String
        /// What is wrong.
        public let findings: [Cause]
        /// What is good to know.
        public let notes: [String]
        /// Why it could not be looked at.
        public let failure: String?
    }
}

/// One thing that is wrong.
public struct Cause: Decodable, Sendable {
    /// What it is about.
    public let subject: String?
    /// Its code.
    public let code: String
    /// What it means.
    public let cause: String
    /// What was seen.
    public let evidence: String?
    /// What to do next.
    public let nextStep: String

    enum CodingKeys: String, CodingKey {
        case subject, code, cause, evidence
        case nextStep = "next-step"
    }
}
