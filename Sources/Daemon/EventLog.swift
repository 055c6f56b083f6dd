internal import ControlProtocol

/// The last events, numbered from 1 on.
struct EventLog {
    private var records: [EventRecord] = []
    private var start = 0
    private let capacity: Int
    private(set) var lastSequence: UInt64 = 0

    init(capacity: Int = 10_000) {
        self.capacity = capacity
    }

    /// Numbers an event and keeps it in the place of the oldest.
    mutating func append(_ make: (UInt64) -> EventRecord) -> EventRecord {
        lastSequence += 1
        let record = make(lastSequence)
        if records.count < capacity {
            records.append(record)
        } else {
            records[start] = record
            start = (start + 1) % capacity
        }
        return record
    }

    /// What is kept from a number on, the oldest first.
    func since(_ sequence: UInt64) -> [EventRecord] {
        (records[start...] + records[..<start]).filter { $0.sequence >= sequence }
    }
}
