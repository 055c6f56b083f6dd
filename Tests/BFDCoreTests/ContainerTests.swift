import Testing

@testable import BFDCore

@Suite("Tables and queues of the engine")
struct ContainerTests {
    @Test(arguments: [UInt64](1...5))
    func `the deadline queue always knows the earliest`(_ seed: UInt64) {
        let capacity = 50
        var queue = DeadlineQueue(capacity: capacity)
        var expected = [Int64](repeating: .max, count: capacity)
        var random = SplitMix64(seed: seed)
        for _ in 0..<5_000 {
            let member = Int(random.next(below: UInt64(capacity)))
            let isRemoval = random.next(below: 4) == 0
            let moment = isRemoval ? Int64.max : Int64(random.next(below: 1_000))
            queue.set(member, to: Instant(nanoseconds: moment))
            expected[member] = moment
            let least = expected.min() ?? .max
            let count = expected.count { $0 != .max }
            let (found, kept) = (queue.count, queue.deadline(of: member))
            #expect(found == count && kept.nanoseconds == moment)
            if let first = queue.first {
                let earliest = queue.deadline(of: first)
                #expect(earliest.nanoseconds == least)
            } else {
                #expect(count == 0)
            }
        }
    }

    @Test(arguments: [UInt64](1...50))
    func `the deadline queue stays in order when members leave from its middle`(_ seed: UInt64) {
        let capacity = 60
        var queue = DeadlineQueue(capacity: capacity)
        var random = SplitMix64(seed: seed)
        for member in 0..<capacity {
            queue.set(member, to: Instant(nanoseconds: Int64(random.next(below: 10_000))))
        }
        for _ in 0..<20 {
            queue.set(Int(random.next(below: UInt64(capacity))), to: .distantFuture)
        }
        var order: [Int64] = []
        while let first = queue.first {
            order.append(queue.deadline(of: first).nanoseconds)
            queue.set(first, to: .distantFuture)
        }
        #expect(order.count >= 40)
        #expect(order == order.sorted())
    }

    @Test(arguments: [UInt64](1...5))
    func `the key table holds what a dictionary holds`(_ seed: UInt64) {
        let capacity = 64
        var table = KeyTable(capacity: capacity, seed: seed)
        var expected: [UInt64: Int] = [:]
        var random = SplitMix64(seed: seed)
        for step in 0..<10_000 {
            let key = random.next(below: 200)
            if expected[key] != nil {
                table.remove(key)
                expected[key] = nil
            } else if expected.count < capacity {
                table.insert(key, slot: step)
                expected[key] = step
            }
            let probe = random.next(below: 200)
            let found = table.slot(for: probe)
            #expect(found == expected[probe])
        }
        for key in UInt64(0)..<200 {
            let found = table.slot(for: key)
            #expect(found == expected[key])
        }
    }

    @Test func `notices come out in order, and the room for them is known`() {
        var queue = OutputQueue(sessionCapacity: 1)
        var count = 0
        while queue.hasRoomForNotices {
            queue.append(.removed(SessionHandle(index: count, generation: 1)))
            count += 1
        }
        #expect(count >= 64)
        for index in 0..<count {
            guard case .removed(let handle) = queue.popNotice() else {
                Issue.record("a notice is missing")
                return
            }
            #expect(handle.index == index)
        }
        let hasRoom = queue.hasRoomForNotices
        #expect(hasRoom)
    }

    @Test func `a slot is queued for sending once`() {
        var queue = OutputQueue(sessionCapacity: 3)
        for slot in [2, 0, 2, 1, 0] { queue.appendSender(slot) }
        var order: [Int] = []
        while let slot = queue.firstSender {
            order.append(slot)
            queue.removeFirstSender()
        }
        #expect(order == [2, 0, 1])
        queue.appendSender(2)
        let first = queue.firstSender
        #expect(first == 2)
    }

    @Test func `a bounded random number stays within its bound and reaches all of it`() {
        var random = SplitMix64(seed: 1)
        var seen = Set<UInt64>()
        for _ in 0..<1_000 { seen.insert(random.next(below: 10)) }
        #expect(seen == Set(0..<10))
    }
}
