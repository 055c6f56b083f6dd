internal import LinuxSystem

/// Asks `condition` every few milliseconds until it holds.
///
/// Throws when it does not within `seconds`: a limit against hanging, not a claim about speed.
public func eventually(
    _ what: @autoclosure () -> String, within seconds: Double = 30,
    _ condition: () throws -> Bool
) async throws {
    let deadline = Clock.monotonicNanoseconds() + Int64(seconds * 1e9)
    while try !condition() {
        guard Clock.monotonicNanoseconds() < deadline else {
            throw LabError("did not happen within \(seconds) s: \(what())")
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// Waits until `value` yields something, and returns it.
public func eventualValue<Value>(
    _ what: @autoclosure () -> String, within seconds: Double = 30,
    _ value: () throws -> Value?
) async throws -> Value {
    var found: Value?
    try await eventually(what(), within: seconds) {
        found = try value()
        return found != nil
    }
    guard let found else { throw LabError("nothing found: \(what())") }
    return found
}
