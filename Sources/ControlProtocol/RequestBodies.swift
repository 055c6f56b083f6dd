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

/// The body of `ControlOperation.addSession`.
public struct SessionAddition: Codable, Sendable, Hashable {
    /// The peer's name.
    public var name: String
    /// Keys and values of the configuration file, `dest-addr` among them.
    public var settings: [String: String]

    /// An addition by its parts.
    public init(name: String, settings: [String: String]) {
        self.name = name
        self.settings = settings
    }

    /// Reads what `encode` writes, and nothing else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(onlyKeys: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        settings = try container.decode([String: String].self, forKey: .settings)
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case name
        case settings
    }
}

/// The body of `ControlOperation.configureSession`.
public struct SessionSettings: Codable, Sendable, Hashable {
    /// Keys and values of the configuration file.
    public var settings: [String: String]

    /// Settings by keys and values.
    public init(settings: [String: String]) {
        self.settings = settings
    }

    /// Reads what `encode` writes, and nothing else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(onlyKeys: CodingKeys.self)
        settings = try container.decode([String: String].self, forKey: .settings)
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case settings
    }
}

extension PeerEdit {
    /// What carries it over HTTP.
    var operation: ControlOperation {
        switch action {
        case .add: .addSession
        case .set: .configureSession
        case .remove: .removeSession
        }
    }

    /// The body as it is sent; nil for none.
    var body: (any Encodable & Sendable)? {
        switch action {
        case .add: SessionAddition(name: peer, settings: table)
        case .set: SessionSettings(settings: table)
        case .remove: nil
        }
    }

    private var table: [String: String] {
        Dictionary(settings.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
    }

    /// A change by the table that came; the address stands first, as people write it.
    public init(
        _ action: Action, peer: String, table: [String: String], saves: Bool
    ) {
        let order = table.sorted { one, other in
            one.key == "dest-addr" || (other.key != "dest-addr" && one.key < other.key)
        }
        self.init(
            action, peer: peer, settings: order.map { Setting(key: $0.key, value: $0.value) },
            saves: saves)
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
