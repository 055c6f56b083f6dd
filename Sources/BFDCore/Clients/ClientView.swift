/// What one client has been told of a session, and what it is told next (RFC 5882 §3 and §4.2).
///
/// A session that has not been Up yet has not failed (§3.3). A failure waits for the hold time, and
/// is forgotten when the session is Up again before.
public struct ClientView: Sendable, BitwiseCopyable {
    /// What the client takes the session for.
    public enum Standing: UInt8, Sendable, Hashable, BitwiseCopyable {
        /// Not Up yet since the client came.
        case startingUp
        /// Up.
        case up
        /// Failed.
        case down
        /// Switched off at one end.
        case adminDown
    }

    /// What the client wants to hear.
    public private(set) var policy: ClientPolicy
    /// What it was told last.
    public private(set) var standing = Standing.startingUp
    private var held: StateChange?
    private var heldUntil: Instant = .distantFuture

    /// The view of a client that has heard nothing yet.
    public init(_ policy: ClientPolicy = ClientPolicy()) {
        self.policy = policy
    }

    /// When `handleTimeout(at:)` is to be called; `nil` while nothing is held back.
    public var nextDeadline: Instant? { held == nil ? nil : heldUntil }

    /// Takes a change of state; what to tell the client, if anything.
    public mutating func apply(_ change: StateChange, at now: Instant) -> ClientEvent? {
        if change.to == .up {
            release()
            return tell(.up, change)
        }
        if change.isAdministrative {
            guard policy.hasOwnLiveness else { return fail(change, at: now) }
            release()
            return tell(.adminDown, change)
        }
        return change.isFailure ? fail(change, at: now) : nil
    }

    /// Tells of a failure that has lasted for the hold time.
    public mutating func handleTimeout(at now: Instant) -> ClientEvent? {
        guard let change = held, !(now < heldUntil) else { return nil }
        release()
        return tell(.down, change)
    }

    /// Takes over a standing that no change of state told of.
    public mutating func set(_ standing: Standing) {
        release()
        self.standing = standing
    }

    /// Goes on with another policy: a failure that is held back waits for the new hold time.
    public mutating func setPolicy(_ policy: ClientPolicy) {
        self.policy = policy
        if let held { heldUntil = held.at + policy.holdTime }
    }

    private mutating func release() {
        held = nil
        heldUntil = .distantFuture
    }

    private mutating func fail(_ change: StateChange, at now: Instant) -> ClientEvent? {
        switch standing {
        case .up: break
        case .startingUp:
            // Word from outside BFD is no trouble of coming up.
            guard change.cause == .pathDown else { return nil }
        case .down, .adminDown: return nil
        }
        guard policy.holdTime > .zero else { return tell(.down, change) }
        if held == nil { heldUntil = change.at + policy.holdTime }
        held = held ?? change
        return heldUntil > now ? nil : handleTimeout(at: now)
    }

    private mutating func tell(_ new: Standing, _ change: StateChange) -> ClientEvent? {
        if new == standing { return nil }
        standing = new
        switch new {
        case .up: return .up(change)
        case .adminDown: return .adminDown(change)
        case .down, .startingUp: return .down(change)
        }
    }
}
