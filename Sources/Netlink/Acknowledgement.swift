internal import CNetlinkRoute
internal import LinuxSystem

/// The end of an exchange: success, or the kernel's error number and its own words.
struct Acknowledgement {
    private let code: Int32
    private let text: String?

    /// From an `NLMSG_ERROR` or `NLMSG_DONE`; nil when it carries no code.
    init?(_ message: ReceivedMessage) {
        guard let code = message.payload.load(Int32.self) else { return nil }
        self.code = code
        guard message.flags & Int32(NLM_F_ACK_TLVS) != 0 else {
            text = nil
            return
        }
        var rest = message.payload.dropFirst(MemoryLayout<Int32>.size)
        if message.type == Int(NLMSG_ERROR) {
            // The header of what was refused, and all of it unless the kernel capped it.
            guard let header = rest.load(nlmsghdr.self) else { return nil }
            let isCapped = message.flags & Int32(NLM_F_CAPPED) != 0
            rest = rest.dropFirst(
                isCapped ? MemoryLayout<nlmsghdr>.size : aligned(Int(header.nlmsg_len)))
        }
        text = Attributes(rest).text(Int(NLMSGERR_ATTR_MSG.rawValue))
    }

    func check(_ operation: @autoclosure () -> String) throws(NetlinkError) {
        guard code < 0 else { return }
        throw .refused(operation: operation(), errno: Errno(rawValue: -code), text: text)
    }
}
