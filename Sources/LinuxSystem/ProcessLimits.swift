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
    /// Throws what the kernel has against so much more memory at once, and takes none.
    ///
    /// For what cannot be refused later: an allocation of Swift's that fails ends the process.
    public static func check(byteCount: Int) throws(SystemError) {
        try SystemError.check(gw_check_memory(UInt64(byteCount)), "memory")
    }

    /// Lifts the limit of locked memory, so that locking it takes no capability from then on.
    public static func unlimitLocking() throws(SystemError) {
        try SystemError.check(gw_unlimit_locked_memory(), "setrlimit")
    }

    /// Whether no limit keeps all of it from being locked, what is allocated later included.
    public static var isLockingUnlimited: Bool { gw_is_locked_memory_unlimited() == 1 }

    /// Has every large block in pages of its own, which go back to the kernel when it is freed.
    ///
    /// Left alone, the C library puts ever larger blocks among the small ones once it has seen some
    /// come and go, and what lies between them then can never be given back.
    public static func separateLargeBlocks() {
        gw_separate_large_memory()
    }

    /// Gives the pages of code and constants back that the start alone has needed; whatever is
    /// needed again is there again at once, from the file.
    public static func releaseCode() {
        gw_release_code()
    }

    /// Gives what is not in use back to the kernel, such as after much has been read once.
    public static func release() {
        gw_release_memory()
    }
}
