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

    /// The first page of what is kept from a number on, the oldest first.
    func page(since sequence: UInt64) -> EventsPage {
        let oldest = lastSequence - UInt64(records.count) + 1
        let skipped = Int(clamping: max(sequence, oldest) - oldest)
        let count = min(max(records.count - skipped, 0), EventsPage.maximumEventCount)
        let events = (0..<count).map { records[(start + skipped + $0) % records.count] }
        return EventsPage(events: events, lastSequence: lastSequence)
    }
}
