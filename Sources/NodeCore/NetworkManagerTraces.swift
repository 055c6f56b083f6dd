/// What NetworkManager left to be read: raw texts of its files, and its words on the system bus.
///
/// The files speak of the links by index, in NetworkManager's own namespace.
public struct NetworkManagerTraces: Sendable, Hashable {
    /// A device as NetworkManager tells of it on the system bus.
    public struct Device: Sendable, Hashable {
        /// The link's name.
        public var interface: String
        /// Whether NetworkManager manages it.
        public var isManaged: Bool

        /// A device by its parts.
        public init(interface: String, isManaged: Bool) {
            self.interface = interface
            self.isManaged = isManaged
        }
    }

    /// Whether it runs.
    public var isAlive: Bool
    /// Whether its network namespace is the one of the links; nil when unknown.
    public var sharesNamespace: Bool?
    /// Its version, as it says itself on the bus.
    public var version: String?
    /// What it says on the system bus; nil when it could not be asked.
    public var devices: [Device]?
    /// Its files of `/run/NetworkManager/devices`, by index.
    public var deviceFiles: [UInt32: String] = [:]
    /// The texts of its connection profiles.
    public var profiles: [String] = []
    /// The texts of its configuration, in the order in which it reads them.
    public var configuration: [String] = []

    /// Traces of which there are none yet.
    public init(isAlive: Bool, sharesNamespace: Bool?) {
        self.isAlive = isAlive
        self.sharesNamespace = sharesNamespace
    }

    /// What the traces say of the links of a namespace.
    ///
    /// Its own word on the bus counts first, then its device file, unless that is about another
    /// link which had the index before. Failing both, a profile that names the link and a
    /// configuration that leaves it alone count, unless they contradict each other.
    ///
    /// As long as it is not known that the namespaces are the same, a name or an index may be
    /// another link's: nothing is free then because NetworkManager leaves one of that name alone.
    public func evidence(of links: [LinkEvidence]) -> NetworkManagerEvidence {
        var evidence = NetworkManagerEvidence(isAlive: isAlive, sharesNamespace: sharesNamespace)
        evidence.version = version
        guard isAlive, sharesNamespace != false else { return evidence }
        let profiles = profiles.compactMap(ConnectionProfile.init)
        let settings = DeviceSettings(configuration)
        for link in links {
            guard let (word, source) = word(of: link, profiles, settings),
                word == .managed || sharesNamespace == true
            else { continue }
            evidence.words[link.index] = word
            evidence.sources[link.index] = source
        }
        return evidence
    }

    private func word(
        of link: LinkEvidence, _ profiles: [ConnectionProfile], _ settings: DeviceSettings
    ) -> (NetworkManagerEvidence.Word, NetworkManagerEvidence.Source)? {
        if let device = devices?.first(where: { $0.interface == link.name }) {
            return (device.isManaged ? .managed : .unmanaged, .bus)
        }
        if let text = deviceFiles[link.index] {
            let identifier = KeyFile(text).value("connection-uuid", in: "device")
            let profile = profiles.first { $0.identifier != nil && $0.identifier == identifier }
            if profile?.interface == nil || profile?.interface == link.name {
                return (NetworkManagerEvidence.word(inDeviceFile: text), .deviceFile)
            }
        }
        let profile = profiles.first { !$0.isSynthesized && $0.names(link) }
        switch (profile, settings.leavesAlone(link)) {
        case (.some(let profile), false): return (.managed, .profile(profile.name))
        case (nil, true): return (.unmanaged, .configuration)
        case (.some, true), (nil, false): return nil
        }
    }
}

/// A connection profile, as far as it says which link it is for.
struct ConnectionProfile {
    let name: String
    let identifier: String?
    let interface: String?
    let hardwareAddress: String?
    /// Made by NetworkManager itself for a link that somebody else set up.
    let isSynthesized: Bool

    init?(_ text: String) {
        let file = KeyFile(text)
        guard file.sections.contains(where: { $0.name == "connection" }) else { return nil }
        interface = file.value("interface-name", in: "connection")
        identifier = file.value("uuid", in: "connection")
        name = file.value("id", in: "connection") ?? interface ?? identifier ?? "without a name"
        hardwareAddress =
            file.value("mac-address", in: "ethernet")
            ?? file.value("mac-address", in: "802-3-ethernet")
        isSynthesized = ["nm-generated", "volatile", "external"].contains {
            file.flag($0, in: ".nmmeta") == true
        }
    }

    func names(_ link: LinkEvidence) -> Bool {
        if interface == link.name { return true }
        guard let hardwareAddress, link.kind == nil else { return false }
        return DeviceList("mac:" + hardwareAddress).contains(link)
    }
}

/// Which devices NetworkManager's configuration tells it to leave alone.
struct DeviceSettings {
    private var unmanaged = DeviceList("")
    private var sections: [(devices: DeviceList, isManaged: Bool)] = []

    init(_ texts: [String]) {
        for section in texts.flatMap({ KeyFile($0).sections }) {
            if section.name == "keyfile" { readUnmanaged(section) }
            guard section.name == "device" || section.name.hasPrefix("device-"),
                let devices = section.value("match-device"),
                let isManaged = section.value("managed").flatMap(KeyFile.flag)
            else { continue }
            sections.append((DeviceList(devices), isManaged))
        }
    }

    private mutating func readUnmanaged(_ section: KeyFile.Section) {
        for (key, value) in section.entries {
            switch key {
            case "unmanaged-devices": unmanaged = DeviceList(value)
            case "unmanaged-devices+": unmanaged.add(value)
            case "unmanaged-devices-": unmanaged.remove(value)
            default: break
            }
        }
    }

    /// Sections that disagree about a link say nothing of it.
    func leavesAlone(_ link: LinkEvidence) -> Bool {
        let matching = sections.filter { $0.devices.contains(link) }
        if matching.contains(where: \.isManaged) { return false }
        return unmanaged.contains(link) || !matching.isEmpty
    }
}
