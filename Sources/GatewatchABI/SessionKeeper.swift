internal import BFDDriver
internal import CGatewatch

/// Who keeps the sessions of a handle: a thread of the library, or the caller's loop.
protocol SessionKeeper {
    var descriptor: Int32 { get }
    func add(_ request: SessionRequest) throws(Failure) -> Int64
    func remove(_ number: Int64) throws(Failure)
    func setAdministrativelyDown(_ isDown: Bool, _ number: Int64) throws(Failure)
    func update(_ number: Int64, to request: SessionRequest) throws(Failure)
    func setKeys(_ number: Int64, to request: KeyRequest?) throws(Failure)
    func signal(_ signal: SessionSignal, _ number: Int64) throws(Failure)
    func status(_ number: Int64) throws(Failure) -> gatewatch_session_status
    /// The least number above another one.
    func number(after previous: Int64) throws(Failure) -> Int64?
    func setUnsolicited(_ peers: [UnsolicitedPeers]) throws(Failure)
    /// The oldest event that has something to say to a C program.
    func nextEvent() -> gatewatch_event?
}

/// The numbers that callers know sessions by which peers have started, and their names elsewhere.
///
/// Not generic, for valgrind takes what the run time does for such types for errors.
struct GuestNumbers {
    private struct Guest {
        let name: String
        /// Whether its number has been told with its creation.
        var isTold: Bool
    }

    private var guests: [Int64: Guest] = [:]
    private var numbers: [String: Int64] = [:]

    func name(of number: Int64) -> String? { guests[number]?.name }

    func number(of name: String) -> Int64? { numbers[name] }

    /// The numbers of all.
    var all: [Int64] { Array(guests.keys) }

    /// The number of one that has been created: the one after `last`, unless it had one before.
    mutating func welcome(_ name: String, last: inout Int64) -> Int64 {
        if let number = numbers[name], guests[number]?.isTold == false {
            guests[number]?.isTold = true
            return number
        }
        // The end of an earlier one of that name was not heard of.
        forget(name)
        return insert(name, &last, isTold: true)
    }

    /// The number of one that is there, whether or not its creation has been heard of.
    mutating func find(_ name: String, last: inout Int64) -> Int64 {
        numbers[name] ?? insert(name, &last, isTold: false)
    }

    private mutating func insert(_ name: String, _ last: inout Int64, isTold: Bool) -> Int64 {
        last += 1
        numbers[name] = last
        guests[last] = Guest(name: name, isTold: isTold)
        return last
    }

    mutating func forget(_ name: String) {
        if let number = numbers.removeValue(forKey: name) { guests[number] = nil }
    }
}
