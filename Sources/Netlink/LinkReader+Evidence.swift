internal import CNetlinkRoute
public import NodeCore

extension LinkReader {
    /// All links of the socket's namespace, in ascending order of index.
    public static func links(
        through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) -> [LinkEvidence] {
        let messages = try socket.dump { () throws(NetlinkError) in
            try NetlinkMessage.request(
                .listLinks, flags: NLM_F_DUMP, header: ifinfomsg(), operation: "list links")
        }
        return messages.compactMap(LinkEvidence.init).sorted { $0.index < $1.index }
    }

    /// The links in recorded messages of the kernel's, in their order.
    public static func links(recorded bytes: [UInt8]) -> [LinkEvidence] {
        ReceivedMessage.all(in: bytes).compactMap(LinkEvidence.init)
    }
}

extension LinkEvidence {
    init?(_ message: ReceivedMessage) {
        guard message.type == Int(RTM_NEWLINK),
            let (header, attributes) = message.body(ifinfomsg.self),
            let name = attributes.text(Int(IFLA_IFNAME))
        else { return nil }
        self.init(index: UInt32(bitPattern: header.ifi_index), name: name)
        isUp = header.ifi_flags & UInt32(IFF_UP.rawValue) != 0
        masterIndex = attributes.number(Int(IFLA_MASTER))
        hardwareAddress = attributes[Int(IFLA_ADDRESS)].map { [UInt8]($0) } ?? []
        permanentAddress = attributes[Int(IFLA_PERM_ADDRESS)].map { [UInt8]($0) }
        alternativeNames = Self.names(attributes[Int(IFLA_PROP_LIST)] ?? [])
        let description = Attributes(attributes[Int(IFLA_LINKINFO)] ?? [])
        kind = description.text(Int(IFLA_INFO_KIND))
        portKind = description.text(Int(IFLA_INFO_SLAVE_KIND))
        // An index that comes with a namespace counts there; the same number here is another link.
        farNamespaceID = attributes[Int(IFLA_LINK_NETNSID)]?.load(Int32.self)
        let parent = attributes.number(Int(IFLA_LINK))
        // A tunnel on no link in particular names 0, and the ends of a pair carry each other.
        let isBuiltOnIt = parent != 0 && parent != index && kind != "veth" && kind != "netkit"
        parentIndex = farNamespaceID == nil && isBuiltOnIt ? parent : nil
    }

    /// A list repeats its attribute, so it is no `Attributes`.
    private static func names(_ list: ArraySlice<UInt8>) -> [String] {
        var rest = list
        var names: [String] = []
        let headerLength = MemoryLayout<nlattr>.size
        while let header = rest.load(nlattr.self), Int(header.nla_len) >= headerLength,
            Int(header.nla_len) <= rest.count
        {
            if Int(header.nla_type & 0x3fff) == Int(IFLA_ALT_IFNAME) {
                let bytes = rest.prefix(Int(header.nla_len)).dropFirst(headerLength)
                names.append(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
            }
            rest = rest.dropFirst(aligned(Int(header.nla_len)))
        }
        return names
    }
}
