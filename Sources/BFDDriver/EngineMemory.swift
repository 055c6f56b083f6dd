internal import LinuxSystem

/// The memory that an engine takes when it starts: all of it, whatever sessions come.
public enum EngineMemory {
    /// What a session takes in the tables, and what it brings about later; more than measured.
    private static let bytesPerSession = 2_048
    /// What threads, their stacks and a first few messages take.
    private static let fixed = 8 << 20

    /// Throws where there is no memory for so many sessions.
    ///
    /// Asked before anything is made, because an allocation of Swift's that fails ends the process.
    public static func check(sessionCapacity: Int) throws(DriverError) {
        do throws(SystemError) {
            try ProcessMemory.check(byteCount: fixed + sessionCapacity * bytesPerSession)
        } catch {
            throw .system(error)
        }
    }
}
