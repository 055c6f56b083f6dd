/// A list of devices as NetworkManager's configuration writes it, such as
/// `interface-name:eth*;except:mac:00:22:68:1c:59:b1`.
///
/// What cannot be told from a link's evidence, as its driver, never makes a link count as left
/// alone: it matches nothing, and it excepts everything.
struct DeviceList {
    private var specifications: [Substring] = []

    init(_ text: String) {
        add(text)
    }

    mutating func add(_ text: String) {
        specifications += text.split { $0 == ";" || $0 == "," }.map(\.trimmed)
            .filter { !$0.isEmpty }
    }

    mutating func remove(_ text: String) {
        let gone = Set(DeviceList(text).specifications)
        specifications.removeAll { gone.contains($0) }
    }

    /// Whether the list has the link in it; whatever an exception names is not.
    func contains(_ link: LinkEvidence) -> Bool {
        var isNamed = false
        for specification in specifications {
            if specification.hasPrefix("except:") {
                let exception = specification.dropFirst("except:".count)
                if Self.matches(exception, link) != false { return false }
            } else if Self.matches(specification, link) == true {
                isNamed = true
            }
        }
        return isNamed
    }

    /// Whether one entry means the link; nil when its evidence does not tell.
    private static func matches(_ entry: Substring, _ link: LinkEvidence) -> Bool? {
        if entry == "*" { return true }
        if let text = entry.after("interface-name:=") { return text == link.name }
        if let text = entry.after("interface-name:~") ?? entry.after("interface-name:") {
            return NamePattern(String(text)).matches(link.name)
        }
        if let text = entry.after("mac:") { return hasAddress(link, text) }
        if let text = entry.after("type:") { return isOfType(link, text) }
        let isOther = ["driver:", "s390-subchannels:", "dhcp-plugin:", "nm-version"].contains {
            entry.hasPrefix($0)
        }
        if isOther { return nil }
        return entry == link.name || hasAddress(link, entry)
    }

    private static func hasAddress(_ link: LinkEvidence, _ text: Substring) -> Bool {
        let bytes = text.split(separator: ":").map { UInt8($0, radix: 16) }
        guard !bytes.isEmpty, !bytes.contains(nil) else { return false }
        return bytes.compactMap { $0 } == link.permanentAddress ?? link.hardwareAddress
    }

    /// Hardware may be a cable or a radio: the kernel names no kind.
    private static func isOfType(_ link: LinkEvidence, _ text: Substring) -> Bool? {
        if link.name == "lo" { return text == "loopback" }
        guard let kind = link.kind else {
            return ["ethernet", "wifi", "gsm", "cdma"].contains(text) ? nil : false
        }
        return text == (kind == "openvswitch" ? "ovs-interface" : kind)
    }
}

extension Substring {
    /// What follows a beginning; nil without it.
    fileprivate func after(_ beginning: String) -> Substring? {
        hasPrefix(beginning) ? dropFirst(beginning.count) : nil
    }
}
