public import NodeCore

/// The body of `ControlOperation.changeSession`.
public struct SessionChange: Codable, Sendable, Hashable {
    /// Whether the session is taken down, or let come up.
    public var isAdministrativelyDown: Bool

    /// A change by its parts.
    public init(isAdministrativelyDown: Bool) {
        self.isAdministrativelyDown = isAdministrativelyDown
    }

    /// Reads what `encode` writes, and nothing else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(onlyKeys: CodingKeys.self)
        isAdministrativelyDown = try container.decode(Bool.self, forKey: .isAdministrativelyDown)
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case isAdministrativelyDown = "admin-down"
    }
}

/// The body of `ControlOperation.signalSession`.
public struct SignalOrder: Codable, Sendable, Hashable {
    /// What the session is told.
    public var signal: PeerSignal

    /// An order by its parts.
    public init(signal: PeerSignal) {
        self.signal = signal
    }

    /// Reads what `encode` writes, and nothing else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(onlyKeys: CodingKeys.self)
        signal = try container.decode(PeerSignal.self, forKey: .signal)
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case signal
    }
}

/// The body of `ControlOperation.doctorWithRows`.
public struct ExplanationOrder: Codable, Sendable, Hashable {
    /// Rows of OVN's table `BFD`.
    public var ovnRows: [OVNBFDRow]

    /// An order by its parts.
    public init(ovnRows: [OVNBFDRow]) {
        self.ovnRows = ovnRows
    }

    /// Reads what `encode` writes, and nothing else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(onlyKeys: CodingKeys.self)
        ovnRows = try container.decode([OVNBFDRow].self, forKey: .ovnRows)
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case ovnRows = "ovn-bfd"
    }
}

extension Decoder {
    /// An object that has no other keys than these: a misspelled one is not passed over.
    func container<Key: CodingKey & CaseIterable & RawRepresentable<String>>(
        onlyKeys keys: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        for key in try container(keyedBy: AnyKey.self).allKeys
        where Key(rawValue: key.stringValue) == nil {
            let known = Key.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: codingPath,
                    debugDescription: "\"\(key.stringValue)\" is none of \(known)"))
        }
        return try container(keyedBy: Key.self)
    }
}

/// Any key of an object.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}
