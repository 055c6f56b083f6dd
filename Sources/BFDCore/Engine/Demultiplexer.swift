/// Finds the session of a packet (RFC 5880 §6.3).
///
/// By Your Discriminator alone once the peer knows it; before that by addresses, interface and
/// port, the most specific path first.
struct Demultiplexer: ~Copyable {
    private var discriminators: KeyTable
    private var paths: KeyTable

    init(capacity: Int, seed: UInt64) {
        discriminators = KeyTable(capacity: capacity, seed: seed)
        paths = KeyTable(capacity: capacity, seed: ~seed)
    }

    @_noAllocation @_noLocks
    func slot(discriminator: UInt32) -> Int? {
        discriminators.slot(for: UInt64(discriminator))
    }

    @_noAllocation @_noLocks
    func slot(path: Path) -> Int? {
        paths.slot(for: path.key)
    }

    @_noAllocation @_noLocks
    mutating func insert(discriminator: UInt32, slot: Int) {
        discriminators.insert(UInt64(discriminator), slot: slot)
    }

    @_noAllocation @_noLocks
    mutating func remove(discriminator: UInt32) {
        discriminators.remove(UInt64(discriminator))
    }

    /// Adds a path; one whose interface does not exist is found by nothing.
    @_noAllocation @_noLocks
    mutating func insert(path: Path, slot: Int) {
        guard path.isReachable else { return }
        paths.insert(path.key, slot: slot)
    }

    @_noAllocation @_noLocks
    mutating func remove(path: Path) {
        guard path.isReachable else { return }
        paths.remove(path.key)
    }
}
