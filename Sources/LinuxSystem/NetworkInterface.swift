internal import Glibc

/// The interfaces of the calling thread's network namespace.
public enum NetworkInterface {
    /// The index of an interface; `nil` when there is none of that name.
    public static func index(named name: String) -> UInt32? {
        let index = unsafe if_nametoindex(name)
        return index == 0 ? nil : index
    }
}
