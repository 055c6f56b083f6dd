internal import Glibc

/// The cores of this machine.
public enum ProcessorCount {
    /// How many there are to run on.
    public static var online: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
