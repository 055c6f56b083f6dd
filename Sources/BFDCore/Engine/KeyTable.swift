/// An open-addressing table from 64-bit keys to slot numbers, in fixed memory.
///
/// At most half full, so a look-up touches few entries; removal shifts the run back, so there are
/// no tombstones and the cost does not grow with time.
@safe
struct KeyTable: ~Copyable {
    private struct Entry: BitwiseCopyable {
        var key: UInt64 = 0
        var slot: Int32 = -1
    }

    private let entries: UnsafeMutablePointer<Entry>
    private let mask: Int
    private let seed: UInt64

    /// Room for `capacity` keys; `seed` keeps strangers from choosing colliding ones.
    init(capacity: Int, seed: UInt64) {
        var size = 8
        while size < capacity * 2 { size *= 2 }
        unsafe entries = UnsafeMutablePointer<Entry>.allocate(capacity: size)
        unsafe entries.initialize(repeating: Entry(), count: size)
        mask = size - 1
        self.seed = seed
    }

    deinit {
        unsafe entries.deallocate()
    }

    @_noAllocation @_noLocks
    func slot(for key: UInt64) -> Int? {
        var index = home(of: key)
        while true {
            let entry = unsafe entries[index]
            if entry.slot < 0 { return nil }
            if entry.key == key { return Int(entry.slot) }
            index = (index + 1) & mask
        }
    }

    /// Adds a key that is not there yet.
    @_noAllocation @_noLocks
    mutating func insert(_ key: UInt64, slot: Int) {
        var index = home(of: key)
        while unsafe entries[index].slot >= 0 {
            precondition(unsafe entries[index].key != key)
            index = (index + 1) & mask
        }
        unsafe entries[index] = Entry(key: key, slot: Int32(truncatingIfNeeded: slot))
    }

    /// Takes a key out, if it is there.
    @_noAllocation @_noLocks
    mutating func remove(_ key: UInt64) {
        var hole = home(of: key)
        while true {
            let entry = unsafe entries[hole]
            if entry.slot < 0 { return }
            if entry.key == key { break }
            hole = (hole + 1) & mask
        }
        var index = hole
        while true {
            index = (index + 1) & mask
            let entry = unsafe entries[index]
            if entry.slot < 0 { break }
            // An entry may fill the hole unless its home lies between the hole and itself.
            if (index - home(of: entry.key)) & mask >= (index - hole) & mask {
                unsafe entries[hole] = entry
                hole = index
            }
        }
        unsafe entries[hole].slot = -1
    }

    private func home(of key: UInt64) -> Int {
        Int(truncatingIfNeeded: SplitMix64.mix(key ^ seed)) & mask
    }
}
