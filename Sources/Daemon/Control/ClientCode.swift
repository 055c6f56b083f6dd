internal import LinuxSystem
internal import NIOCore

/// Gives back the memory of the code that answers take, once nobody has asked for a while.
///
/// Serving takes megabytes of code that sessions and routes have no use for. What was there before
/// anybody asked stays: no packet waits for code to come back. Confined to the service's loop.
final class ClientCode {
    /// How long nobody has asked then; less than there is between two readings of the metrics.
    private static let idleTime = TimeAmount.seconds(5)

    private let loop: any EventLoop
    /// What was there before; nil when it is given back.
    private var before: ResidentCode?
    private var isInUse = false
    private var lastUse = NIODeadline.now()

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    /// Notes that somebody asks.
    func isNeeded() {
        lastUse = .now()
        guard !isInUse else { return }
        isInUse = true
        before = ResidentCode()
        // Where nobody tells, all of it stays.
        if before != nil { lookLater(.now() + Self.idleTime) }
    }

    private func lookLater(_ time: NIODeadline) {
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleTask(deadline: time) { bound.value.look() }
    }

    private func look() {
        let due = lastUse + Self.idleTime
        guard NIODeadline.now() >= due else { return lookLater(due) }
        before?.releaseOthers()
        before = nil
        isInUse = false
    }
}
