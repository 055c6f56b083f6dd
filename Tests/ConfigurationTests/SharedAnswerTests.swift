import Synchronization
import Testing

@testable import Daemon

/// Probes and pages that many ask for at once.
@Suite struct SharedAnswerTests {
    private final class Maker: Sendable {
        let count = Atomic<Int>(0)
        let asked = Atomic<Int>(0)
        private let isOpen = Atomic<Bool>(false)

        func open() { isOpen.store(true, ordering: .releasing) }

        func make() async -> Int {
            count.add(1, ordering: .relaxed)
            while !isOpen.load(ordering: .acquiring) { await Task.yield() }
            return count.load(ordering: .relaxed)
        }
    }

    @Test func `However many ask while an answer is made, it is made once`() async throws {
        let (maker, shared) = (Maker(), SharedAnswer<Int>(globalConcurrentExecutor) { 0 })
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    maker.asked.add(1, ordering: .releasing)
                    return try await shared.value { await maker.make() }
                }
            }
            while maker.asked.load(ordering: .acquiring) < 100 { await Task.yield() }
            maker.open()
            for try await value in group { #expect(value <= maker.count.load(ordering: .relaxed)) }
        }
        // Who had not got to the answer when it was ready has made another one.
        let count = maker.count.load(ordering: .relaxed)
        #expect(count < 100)
        _ = try await shared.value { await maker.make() }
        #expect(maker.count.load(ordering: .relaxed) == count + 1)
    }

    @Test func `An answer is kept for its time, and one that failed as well`() async throws {
        struct Refused: Error {}
        let maker = Maker()
        maker.open()
        let kept = SharedAnswer<Int>(globalConcurrentExecutor) { .max }
        for _ in 0..<3 { #expect(try await kept.value { await maker.make() } == 1) }
        let failed = SharedAnswer<Int>(globalConcurrentExecutor) { .max }
        for _ in 0..<3 {
            await #expect(throws: Refused.self) { try await failed.value { throw Refused() } }
        }
        #expect(maker.count.load(ordering: .relaxed) == 1)
    }
}
