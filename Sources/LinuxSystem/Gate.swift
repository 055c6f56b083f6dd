internal import CLinux

/// What threads wait at until another one opens it, once and for good.
///
/// It takes no descriptor, so that whoever has none left still gets an answer.
public struct Gate: ~Copyable, Sendable {
    private let raw: UInt

    /// A gate that is closed.
    public init() throws(SystemError) {
        let made = gw_gate_create()
        guard made != 0 else { throw SystemError(operation: "semaphore", errno: .outOfMemory) }
        raw = UInt(made)
    }

    deinit {
        gw_gate_free(raw)
    }

    /// Opens it. Any thread may call it.
    public func open() {
        gw_gate_open(raw)
    }

    /// Whether it is open, after `milliseconds` at the latest.
    public func wait(milliseconds: Int32) -> Bool {
        gw_gate_wait(raw, milliseconds) == 1
    }
}
