internal import CLinux

/// How many descriptors the process may have.
public enum DescriptorLimit {
    /// Raises the soft limit to at least `count`, if it is lower; `false` when the hard limit is.
    public static func raise(to count: Int) throws(SystemError) -> Bool {
        let (soft, hard) = try limits()
        if soft >= UInt64(count) { return true }
        guard hard >= UInt64(count) else { return false }
        try SystemError.check(gw_set_descriptor_limit(UInt64(count)), "setrlimit")
        return true
    }

    /// What the process has and what it may raise that to; a limit that is none is very large.
    public static func limits() throws(SystemError) -> (soft: UInt64, hard: UInt64) {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        try SystemError.check(unsafe gw_descriptor_limits(&soft, &hard), "getrlimit")
        return (soft, hard)
    }
}

/// The memory of the process.
public enum ProcessMemory {
    /// Gives what is not in use back to the kernel, such as after much has been read once.
    public static func release() {
        gw_release_memory()
    }
}
