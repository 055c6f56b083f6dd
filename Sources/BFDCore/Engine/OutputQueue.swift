/// What the engine has to say and its driver has not fetched yet, in fixed memory.
///
/// Packets are queued as slot numbers, a slot at most once, and built when they are fetched, so
/// they always tell the latest. State changes are kept one by one: none may be lost.
@safe
struct OutputQueue: ~Copyable {
    /// One thing to tell: a state change, a removal, or a session that a peer has started.
    enum Notice: BitwiseCopyable {
        case stateChanged(StateChange)
        case removed(SessionHandle)
        case created(SessionHandle)
    }

    private let notices: UnsafeMutablePointer<Notice>
    private let noticeCapacity: Int
    private var noticeHead = 0
    private var noticeCount = 0
    private let senders: UnsafeMutablePointer<Int32>
    /// By slot: whether it is queued.
    private let isQueued: UnsafeMutablePointer<Bool>
    private let senderCapacity: Int
    private var senderHead = 0
    private var senderCount = 0

    init(sessionCapacity: Int) {
        noticeCapacity = sessionCapacity * 2 + 64
        senderCapacity = sessionCapacity
        unsafe notices = UnsafeMutablePointer<Notice>.allocate(capacity: noticeCapacity)
        unsafe senders = UnsafeMutablePointer<Int32>.allocate(capacity: senderCapacity)
        unsafe isQueued = UnsafeMutablePointer<Bool>.allocate(capacity: senderCapacity)
        unsafe isQueued.initialize(repeating: false, count: senderCapacity)
    }

    deinit {
        unsafe notices.deallocate()
        unsafe senders.deallocate()
        unsafe isQueued.deallocate()
    }

    /// Whether a packet or a deadline may still change a state.
    var hasRoomForNotices: Bool {
        @_noAllocation @_noLocks get { noticeCount + 2 <= noticeCapacity }
    }

    @_noAllocation @_noLocks
    mutating func append(_ notice: Notice) {
        precondition(noticeCount < noticeCapacity)
        var tail = noticeHead + noticeCount
        if tail >= noticeCapacity { tail -= noticeCapacity }
        unsafe (notices + tail).initialize(to: notice)
        noticeCount += 1
    }

    @_noAllocation @_noLocks
    mutating func popNotice() -> Notice? {
        guard noticeCount > 0 else { return nil }
        let notice = unsafe notices[noticeHead]
        noticeHead += 1
        noticeCount -= 1
        // From the front again whenever all is told: room that is not needed is not touched.
        if noticeHead == noticeCapacity || noticeCount == 0 { noticeHead = 0 }
        return notice
    }

    /// Queues a slot, unless it is queued already.
    @_noAllocation @_noLocks
    mutating func appendSender(_ slot: Int) {
        precondition(slot >= 0 && slot < senderCapacity)
        if unsafe isQueued[slot] { return }
        unsafe isQueued[slot] = true
        var tail = senderHead + senderCount
        if tail >= senderCapacity { tail -= senderCapacity }
        unsafe (senders + tail).initialize(to: Int32(truncatingIfNeeded: slot))
        senderCount += 1
    }

    /// The slot whose turn it is; it stays queued.
    var firstSender: Int? {
        @_noAllocation @_noLocks get {
            senderCount > 0 ? Int(unsafe senders[senderHead]) : nil
        }
    }

    @_noAllocation @_noLocks
    mutating func removeFirstSender() {
        precondition(senderCount > 0)
        unsafe isQueued[Int(senders[senderHead])] = false
        senderHead += 1
        if senderHead == senderCapacity { senderHead = 0 }
        senderCount -= 1
    }
}
