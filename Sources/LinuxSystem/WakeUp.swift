internal import CLinux

/// An eventfd with which one thread wakes another's loop.
public struct WakeUp: ~Copyable, Sendable {
    private let owned: OwnedDescriptor

    /// Makes an unsignalled eventfd.
    public init() throws(SystemError) {
        owned = OwnedDescriptor(owning: try SystemError.check(gw_eventfd_create(), "eventfd"))
    }

    /// The descriptor to watch for readability.
    public var descriptor: Int32 { owned.rawValue }

    /// Makes the descriptor readable. Any thread may call it.
    public func signal() {
        gw_eventfd_signal(owned.rawValue)
    }

    /// Makes the descriptor unreadable again.
    public func acknowledge() {
        gw_counter_acknowledge(owned.rawValue)
    }
}
