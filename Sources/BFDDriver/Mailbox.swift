public import LinuxSystem
internal import Synchronization

/// A bounded queue from any thread to the one that watches its descriptor.
///
/// Full is an answer: the message is refused and counted, and the reader learns of the loss.
public final class Mailbox<Message: Sendable>: Sendable {
    private struct Contents {
        var messages: [Message] = []
        var lost = 0
    }

    private let contents: Mutex<Contents>
    private let wakeUp: WakeUp
    /// How many messages may wait.
    public let capacity: Int
    /// For how many there is room all the time; what a burst needs beyond is given back after it.
    private let keptCapacity: Int

    /// A queue for `capacity` waiting messages.
    public init(capacity: Int) throws(SystemError) {
        self.capacity = capacity
        keptCapacity = min(capacity, 512)
        var empty = Contents()
        empty.messages.reserveCapacity(keptCapacity)
        contents = Mutex(empty)
        wakeUp = try WakeUp()
    }

    /// The descriptor that is readable while messages wait.
    public var descriptor: Int32 { wakeUp.descriptor }

    /// Leaves a message; `false` when the queue is full.
    @discardableResult
    public func post(_ message: Message) -> Bool {
        let isAccepted = contents.withLock { contents in
            guard contents.messages.count < capacity else {
                contents.lost += 1
                return false
            }
            contents.messages.append(message)
            return true
        }
        wakeUp.signal()
        return isAccepted
    }

    /// Whether it is far from full: what is left is for messages that nobody can be told the loss
    /// of.
    public var hasRoom: Bool {
        contents.withLock { $0.messages.count < capacity - capacity / 4 }
    }

    /// Has the reader learn of losses that it would not hear of otherwise.
    public func noteLost(_ count: Int) {
        contents.withLock { $0.lost += count }
        wakeUp.signal()
    }

    /// Takes all waiting messages; returns how many were refused since the last time.
    ///
    /// `buffer` is the reader's own and goes round with the queue's, so neither grows anew, unless
    /// there is a burst.
    public func takeAll(into buffer: inout [Message]) -> Int {
        wakeUp.acknowledge()
        if buffer.capacity < keptCapacity || buffer.capacity > 2 * keptCapacity {
            buffer = []
            buffer.reserveCapacity(keptCapacity)
        } else {
            buffer.removeAll(keepingCapacity: true)
        }
        return contents.withLock { contents in
            swap(&contents.messages, &buffer)
            defer { contents.lost = 0 }
            return contents.lost
        }
    }
}

/// One answer from another thread.
public final class ReplyBox<Reply: Sendable>: Sendable {
    private let reply = Mutex<Reply?>(nil)
    private let gate: Gate

    /// An empty box.
    public init() throws(SystemError) {
        gate = try Gate()
    }

    /// Gives the answer, once.
    public func fill(_ value: Reply) {
        reply.withLock { $0 = value }
        gate.open()
    }

    /// Waits for the answer; `nil` when it takes longer than `milliseconds`.
    public func wait(milliseconds: Int32) -> Reply? {
        _ = gate.wait(milliseconds: milliseconds)
        return reply.withLock { $0 }
    }
}
