internal import LinuxSystem

/// The memory that an engine takes when it starts: all of it, whatever sessions come.
///
/// Asked for before anything is made, because an allocation of Swift's that fails ends the process.
public enum EngineMemory {
    /// What a session takes in the tables, and what it brings about later; more than measured.
    private static let bytesPerSession = 2_048
    /// What threads, their stacks and a first few messages take.
    private static let fixed = 8 << 20

    /// Throws where there is no memory for so many sessions.
    public static func check(sessionCapacity: Int) throws(DriverError) {
        do throws(SystemError) {
            try ProcessMemory.check(byteCount: fixed + sessionCapacity * bytesPerSession)
        } catch {
            throw .system(error)
        }
    }

    /// The same in the thread that is about to make the tables: the C library has reserved room
    /// for the thread's small blocks meanwhile, if it has any to spare.
    static func checkTables(sessionCapacity: Int) throws(SystemError) {
        try ProcessMemory.check(byteCount: fixed / 4 + sessionCapacity * bytesPerSession)
    }
}
