internal import LinuxSystem

/// What the kernel does with packets from and to one of its own addresses.
struct EchoSettings {
    var interface: String
    var isIPv6 = false
    /// Whether packets from our own address are taken from the wire; IPv6 always takes them.
    var acceptsLocal: Bool
    /// 1: the source must be reached by the interface; 2: by any. IPv6 has no such filter.
    var sourceFilter: Int
    var forwards: Bool
    /// Whether redirects can be switched off, and are not; those of IPv6 cannot.
    var sendsRedirects: Bool

    static func read(_ interface: String?, isIPv6: Bool = false) -> EchoSettings {
        let name = interface ?? "all"
        let family = isIPv6 ? "ipv6" : "ipv4"
        func value(_ setting: String, of interface: String) -> Int {
            KernelSetting.value(of: "net/\(family)/conf/\(interface)/\(setting)") ?? 0
        }
        func either(_ setting: String) -> Int {
            max(value(setting, of: "all"), value(setting, of: name))
        }
        return EchoSettings(
            interface: name, isIPv6: isIPv6, acceptsLocal: isIPv6 || either("accept_local") > 0,
            sourceFilter: isIPv6 ? 0 : either("rp_filter"),
            forwards: value("forwarding", of: name) > 0,
            sendsRedirects: !isIPv6 && either("send_redirects") > 0)
    }

    /// What is in the way, each with what to set.
    func problems(sending: Bool, looping: Bool) -> [String] {
        let prefix = "net.\(isIPv6 ? "ipv6" : "ipv4").conf.\(interface)"
        var problems: [String] = []
        if sending && !acceptsLocal {
            problems.append(
                "our own Echo packets are dropped when they come back: set \(prefix).accept_local=1"
            )
        }
        if sending && sourceFilter == 1 {
            problems.append(
                "source filtering may drop our own Echo packets: set \(prefix).rp_filter=0")
        }
        if looping && !forwards {
            problems.append(
                "the peer's Echo packets are not sent back: set \(prefix).forwarding=1")
        }
        if looping && sendsRedirects {
            problems.append(
                "the peer's Echo packets provoke redirects: set \(prefix).send_redirects=0")
        }
        return problems
    }
}
