/// A session state under its YANG name (RFC 9314 `bfd-types:state`).
public enum SessionStateName: String, Codable, Sendable, Hashable, CaseIterable {
    /// AdminDown, 0 in a packet.
    case adminDown
    /// Down, 1 in a packet.
    case down
    /// Init, 2 in a packet.
    case initializing = "init"
    /// Up, 3 in a packet.
    case up

    /// The state that stands as `wireValue`, 0 to 3, in a packet (RFC 5880 §4.1); nil above.
    public init?(wireValue: UInt8) {
        switch wireValue {
        case 0: self = .adminDown
        case 1: self = .down
        case 2: self = .initializing
        case 3: self = .up
        default: return nil
        }
    }
}

/// A diagnostic under its YANG name, or as a number where none is assigned (RFC 5880 §4.1).
public struct DiagnosticName: Sendable, Hashable, CustomStringConvertible {
    /// The code in a packet, 0 to 31.
    public var wireValue: UInt8

    /// A diagnostic by its code in a packet.
    public init(wireValue: UInt8) {
        self.wireValue = wireValue
    }

    /// The names of codes 0 to 9, in order (iana-bfd-types).
    private static var names: [String] {
        [
            "none", "control-expiry", "echo-failed", "neighbor-down", "forwarding-reset",
            "path-down", "concatenated-path-down", "admin-down",
            "reverse-concatenated-path-down", "mis-connectivity-defect",
        ]
    }

    /// The YANG name; nil for an unassigned code.
    public var name: String? {
        Int(wireValue) < Self.names.count ? Self.names[Int(wireValue)] : nil
    }

    /// The name, or the number where there is none.
    public var description: String { name ?? "\(wireValue)" }
}

extension DiagnosticName: Codable {
    /// Reads a name or a number.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(UInt8.self) {
            self.init(wireValue: number)
            return
        }
        let text = try container.decode(String.self)
        guard let index = Self.names.firstIndex(of: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is no diagnostic")
        }
        self.init(wireValue: UInt8(index))
    }

    /// Writes the name, or the number where there is none.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let name {
            try container.encode(name)
        } else {
            try container.encode(wireValue)
        }
    }
}

/// What kind of path a session watches (RFC 9314 `bfd-types:path-type`).
public enum PathType: String, Codable, Sendable, Hashable {
    /// One IP hop (RFC 5881).
    case singleHop = "path-ip-sh"
    /// Any number of IP hops (RFC 5883).
    case multihop = "path-ip-mh"
}

/// Whether a session speaks first (RFC 9468 `role`).
public enum SessionRole: String, Codable, Sendable, Hashable, CaseIterable {
    /// Sends from the start.
    case active
    /// Waits until it is spoken to.
    case passive
}

/// How loss is noticed (RFC 9314 `session-running/detection-mode`).
public enum DetectionMode: String, Codable, Sendable, Hashable {
    /// Asynchronous mode, Echo off.
    case asynchronousWithoutEcho = "async-without-echo"
    /// Asynchronous mode, Echo on.
    case asynchronousWithEcho = "async-with-echo"
    /// Demand mode, Echo off.
    case demandWithoutEcho = "demand-without-echo"
    /// Demand mode, Echo on.
    case demandWithEcho = "demand-with-echo"
}
