internal import CLinux

/// A right of root's that a thread can have by itself (capabilities(7)), as far as we use one.
public enum Capability: Int, Sendable, Hashable, CaseIterable {
    /// Listening by ports below 1024.
    case netBindService = 10
    /// Routes, next hops and rules; receive buffers beyond the node's limit.
    case netAdmin = 12
    /// Raw and packet sockets.
    case netRaw = 13
    /// Locking memory beyond the limit.
    case ipcLock = 14
    /// Looking into other processes.
    case sysPtrace = 19
    /// Entering network namespaces.
    case sysAdmin = 21
    /// Real-time priority.
    case sysNice = 23
    /// Raising limits of resources.
    case sysResource = 24

    /// As the manual writes it.
    public var name: String { CapabilitySet.names[rawValue] }
}

/// Some capabilities, as the kernel numbers them.
public struct CapabilitySet: OptionSet, Sendable, Hashable {
    /// A bit for each.
    public let rawValue: UInt64

    /// A set by its bits.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// A set by what is in it.
    public init(_ capabilities: some Sequence<Capability>) {
        rawValue = capabilities.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    }

    static let names = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID",
        "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW",
        "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT",
        "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD",
        "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG",
        "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
    ].map { "CAP_\($0)" }

    /// What is in it, as the manual writes it; numbers that are newer than the manual as such.
    public var memberNames: [String] {
        (0..<64).filter { rawValue >> UInt64($0) & 1 == 1 }.map { number in
            number < Self.names.count ? Self.names[number] : "CAP_\(number)"
        }
    }

    /// Whether one of them is in it.
    public func contains(_ capability: Capability) -> Bool {
        rawValue >> UInt64(capability.rawValue) & 1 == 1
    }
}

/// What a thread keeps of the rights that its process was started with.
public struct KeptCapabilities: Sendable, Hashable {
    /// What it may use at any time.
    public let effective: CapabilitySet
    /// What it may raise for a moment, beside those.
    public let raisable: CapabilitySet

    /// Rights by when they can be used.
    public init(effective: CapabilitySet, raisable: CapabilitySet = []) {
        self.effective = effective
        self.raisable = raisable
    }
}

/// The rights of the calling thread.
///
/// They belong to a thread, not to its process; a new thread has those of the one that starts it.
public enum ThreadCapabilities {
    /// What it may use now, and what it may raise.
    public static func held() throws(SystemError) -> (
        permitted: CapabilitySet, effective: CapabilitySet
    ) {
        var permitted: UInt64 = 0
        var effective: UInt64 = 0
        try SystemError.check(unsafe gw_capabilities(&permitted, &effective), "capget")
        return (CapabilitySet(rawValue: permitted), CapabilitySet(rawValue: effective))
    }

    /// Gives up all others for good; what it does not have it does not get.
    public static func reduce(to kept: KeptCapabilities) throws(SystemError) {
        let permitted = try held().permitted
        let all = permitted.intersection(kept.effective.union(kept.raisable))
        try SystemError.check(
            gw_set_capabilities(all.rawValue, all.intersection(kept.effective).rawValue), "capset")
    }

    /// Has neither this thread nor what it starts gain rights by a program it executes.
    ///
    /// Of the bounding set all but `kept` goes, where the thread has the right to change it.
    public static func renounceNew(beyond kept: CapabilitySet) throws(SystemError) {
        try SystemError.check(gw_renounce_new_privileges(), "no_new_privs")
        try SystemError.check(gw_limit_capabilities(kept.rawValue), "bounding set")
    }

    /// Whether no program that this thread executes can gain rights.
    public static var hasRenouncedNew: Bool { gw_has_renounced_new_privileges() == 1 }

    /// Does something with a capability that is kept for such moments only.
    ///
    /// Without the capability it is done as well, for the kernel to refuse.
    public static func raising<Value>(_ capability: Capability, _ body: () -> Value) -> Value {
        guard let (permitted, effective) = try? held(), permitted.contains(capability),
            !effective.contains(capability)
        else { return body() }
        let raised = effective.union(CapabilitySet([capability]))
        guard gw_set_capabilities(permitted.rawValue, raised.rawValue) == 0 else { return body() }
        defer { _ = gw_set_capabilities(permitted.rawValue, effective.rawValue) }
        return body()
    }
}
