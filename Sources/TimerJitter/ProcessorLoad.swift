internal import LinuxSystem
internal import Synchronization

/// A thread of ordinary priority for each core, which does nothing and does it all the time.
final class ProcessorLoad: Sendable {
    private let isStopped = Atomic<Bool>(false)

    private init() {}

    static func started() throws(SystemError) -> ProcessorLoad {
        let load = ProcessorLoad()
        for _ in 0..<ProcessorCount.online {
            do throws(SystemError) {
                _ = try SystemThread.start(name: "gw-load", stackByteCount: 1 << 16) {
                    while !load.isStopped.load(ordering: .relaxed) {}
                }
            } catch {
                load.stop()
                throw error
            }
        }
        return load
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }
}
