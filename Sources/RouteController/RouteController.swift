public import EventLoop
internal import LinuxSystem
internal import Netlink
public import RouteCore

// The way of a change:
//
//     session ──▶ Membership ──▶ wanted ──┐
//                                         ├──▶ RoutePlan ──▶ kernel ──▶ found ──▶ events
//     kernel's notifications ──▶ found ───┘
//
// `found` is a model of our objects in the kernel. It is read at the start and after notifications
// that concern us, and follows our own writes; so a session's change needs no reading, and is one
// message to the group that its routes share.

/// Keeps the kernel's routes equal to what the sessions say.
///
/// Confined to the thread that made it, in whose network namespace it works. Dropping it leaves the
/// routes in the kernel, where the next one adopts them.
public final class RouteController {
    let options: RouteControllerOptions
    let onEvent: (RouteEvent) -> Void
    let socket: NetlinkSocket
    let monitor: RouteMonitor
    let reader: RouteReader
    let writer: RouteWriter

    var sets: [RouteSet]
    /// Counts configurations: places among `sets` are of one of them.
    public internal(set) var setsVersion = 0
    /// Counts changes of ids of next hops and groups.
    var shape = 0
    /// When the session's change began whose shortcuts were taken; nil when none were.
    var shortcutStart: Int64?
    /// Where each session's next hops are.
    var seats: [String: [RouteSet.Seat]]
    var standings: [String: SessionStanding] = [:]
    var found = RouteState()
    var foreignIDs: Set<UInt32> = []
    /// Next hops of ours in groups of others, which are not to lose them.
    var lentIDs: Set<UInt32> = []
    /// Next hops that were taken away to leave their groups, and are to be there for a return.
    var departed: [UInt32: NextHop] = [:]
    /// Links of gateways; emptied when links or addresses change.
    var resolutions: [Place: Result<UInt32, NetlinkError>] = [:]
    var nextHopIDs = NextHopIdentifiers() {
        didSet { shape += 1 }
    }
    var freeNextHopIDs: IdentifierSource
    var freeGroupIDs: IdentifierSource
    var refusals = Refusals()
    /// Keys at which somebody else may have a route next to ours.
    var contestedKeys: Set<RouteKey> = []
    /// Which set each route is of.
    var homes: [RouteKey: Int] = [:]
    /// Routes of ours that are found, and of no set.
    var orphans: Set<RouteKey> = []

    var kernelHasNextHopObjects = false
    var usesNextHopObjects = false
    /// A change of a group makes the kernel walk all routes that lead to it.
    var kernelWalksRoutes = false
    var isActive = false
    /// The kernel has not been read yet, so nothing may be written either.
    var isAdoptionDue = false
    var isGraceOver = false
    /// Something was said that has not been looked at.
    var isStale = false
    var retryNanoseconds: Int64
    /// A next hop may have to wait although its session is up.
    var hasHysteresis: Bool
    /// How many messages may still be sent, in a test that stops after each; nil: any number.
    var messagesLeft: Int?
    /// In a test, the kernel is as one without resilient groups.
    var refusesResilience = false

    let retryTimer: DeadlineTimer
    let graceTimer: DeadlineTimer
    let holdTimer: DeadlineTimer
    private var watchers: [DescriptorWatcher] = []

    /// A controller for these routes; nothing happens before `start()`.
    public init(
        _ routes: [RouteConfiguration], options: RouteControllerOptions = .init(),
        loop: EventLoop, onEvent: @escaping (RouteEvent) -> Void
    ) throws(RouteControllerError) {
        try RouteConfiguration.validate(routes)
        do throws(NetlinkError) {
            socket = try NetlinkSocket.connected()
            monitor = try RouteMonitor(exceptFrom: socket.port)
        } catch { throw .netlink(error) }
        do throws(SystemError) {
            retryTimer = try DeadlineTimer()
            graceTimer = try DeadlineTimer()
            holdTimer = try DeadlineTimer()
        } catch { throw .system(error) }
        self.options = options
        self.onEvent = onEvent
        reader = RouteReader(protocolNumber: options.protocolNumber, ids: options.allIDs)
        writer = RouteWriter(protocolNumber: options.protocolNumber)
        retryNanoseconds = options.firstRetryNanoseconds
        freeNextHopIDs = IdentifierSource(options.nextHopIDs)
        freeGroupIDs = IdentifierSource(options.groupIDs)
        sets = RouteSet.sets(of: routes)
        seats = RouteSet.seats(in: sets)
        hasHysteresis = sets.contains { $0.policy.delaysReturns }
        watchers = [
            DescriptorWatcher(loop, descriptor: monitor.descriptor) { [weak self] in
                self?.readNotifications()
            },
            DescriptorWatcher(loop, descriptor: retryTimer.descriptor) { [weak self] in
                self?.retry()
            },
            DescriptorWatcher(loop, descriptor: graceTimer.descriptor) { [weak self] in
                self?.endGrace()
            },
            DescriptorWatcher(loop, descriptor: holdTimer.descriptor) { [weak self] in
                self?.endHolds()
            },
        ]
    }

    deinit {
        for watcher in watchers { watcher.stop() }
    }

    /// Reads the kernel, adopts what a previous run left, and makes the routes as wanted.
    public func start() {
        kernelHasNextHopObjects = reader.findsNextHopObjects(through: socket)
        usesNextHopObjects = kernelHasNextHopObjects && options.useNextHopObjects == .automatic
        noteMissingResilience()
        setUpCompatibility()
        isActive = true
        isGraceOver = false
        isAdoptionDue = true
        startAfresh(cause: "start")
    }

    /// Few routes do not make the kernel's walk long, and who lists them then still sees their
    /// gateways.
    func setUpCompatibility() {
        guard usesNextHopObjects, sets.contains(where: { $0.keys.count > Self.fewRoutes }) else {
            return
        }
        if options.turnsCompatibilityOff, NextHopCompatibility.isOn() == true {
            do throws(SystemError) {
                try NextHopCompatibility.turnOff()
            } catch { emit(.error, nil, cause: error.description) }
        }
        kernelWalksRoutes = NextHopCompatibility.isOn() ?? true
    }

    /// Up to this many routes on a group, the kernel's walk takes little time.
    static var fewRoutes: Int { 64 }

    /// Follows a session, right now; `cause` says why, where its standing alone does not.
    public func sessionChanged(
        peer: String, to standing: SessionStanding, cause: String? = nil
    ) {
        let start = shortcutStart ?? Clock.monotonicNanoseconds()
        shortcutStart = nil
        guard standings.updateValue(standing, forKey: peer) != standing else { return }
        let mine = seats[peer] ?? []
        for seat in mine { sets[seat.set].membership.apply(standing, to: seat.index, at: start) }
        if isActive, !mine.isEmpty {
            follow(
                Set(mine.map(\.set)).sorted(), cause: cause ?? Self.cause(standing), since: start)
            if standing == .up { tellHeld(mine, at: start) }
        }
        armHoldTimer()
    }

    /// Knows nothing of a session any more: another one of the same name starts up.
    public func forgetSession(peer: String) {
        standings[peer] = nil
    }

    /// Makes the kernel follow these sets' memberships, the shortest way there is.
    func follow(_ changed: [Int], cause: String, since start: Int64) {
        let rest = changed.filter { !replaceGroupAtOnce($0) }
        if rest.isEmpty || reconcileAlone(rest) {
            report(changed, cause: cause, since: start)
        } else {
            reconcile(cause: cause, since: start)
        }
    }

    /// Leaves our routes as they are, whatever sessions and others do, until `start()`.
    public func keepAll() {
        isActive = false
        retryTimer.disarm()
        graceTimer.disarm()
    }

    /// Removes our routes, then groups, then next hops; nothing of others. Nothing is installed any
    /// more until `start()`.
    public func withdrawAll() {
        keepAll()
        let start = Clock.monotonicNanoseconds()
        refusals = Refusals()
        for _ in 0..<2 {
            guard reread() else { break }
            let plan = RoutePlan(from: found, to: RouteState())
            guard let failure = run(plan) else { break }
            refusals.general = failure.error
            emit(.error, nil, cause: failure.error.description)
        }
        updateAllStrays()
        report(Array(sets.indices), cause: "withdrawn on request", since: start)
    }

    private static func cause(_ standing: SessionStanding) -> String {
        switch standing {
        case .startingUp: "session starts anew"
        case .up: "session up"
        case .failed: "session failed"
        case .administrativelyDown: "session administratively down"
        }
    }
}
