internal import LinuxSystem
internal import Synchronization

/// An answer that many ask for at once: made when it has outlived its time, and shared.
///
/// Who asks while it is being made waits for that one: however many ask, there is never more than
/// one question under way to the threads that have other things to do.
final class SharedAnswer<Value: Sendable>: Sendable {
    private struct Edition {
        let value: Task<Value, any Error>
        let number: UInt64
        let made: Int64
        var isUnderWay = true
    }

    private let executor: any TaskExecutor
    /// In nanoseconds.
    private let lifetime: @Sendable () -> Int64
    private let edition = Mutex<Edition?>(nil)

    init(_ executor: any TaskExecutor, lifetime: @escaping @Sendable () -> Int64) {
        self.executor = executor
        self.lifetime = lifetime
    }

    func value(_ make: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let now = Clock.monotonicNanoseconds()
        let current = edition.withLock { edition in
            if let edition, edition.isUnderWay || now - edition.made < lifetime() {
                return edition
            }
            let number = (edition?.number ?? 0) + 1
            let value = Task(executorPreference: executor) {
                defer { self.end(number) }
                return try await make()
            }
            let new = Edition(value: value, number: number, made: now)
            edition = new
            return new
        }
        return try await current.value.value
    }

    private func end(_ number: UInt64) {
        edition.withLock { if $0?.number == number { $0?.isUnderWay = false } }
    }
}
