internal import Synchronization

/// A short stay in another network namespace, on a thread of its own: the caller stays where it is.
public enum NamespaceVisit {
    private final class Outcome<Value: Sendable>: Sendable {
        let result = Mutex<Result<Value, NetworkNamespaceError>?>(nil)
    }

    /// Does something in the namespace at a path, and waits for it.
    public static func make<Value: Sendable>(
        _ path: String, _ body: @escaping @Sendable () -> Value
    ) throws(NetworkNamespaceError) -> Value {
        let outcome = Outcome<Value>()
        do throws(SystemError) {
            try SystemThread.start(name: "gw-look") {
                let result = Result { () throws(NetworkNamespaceError) in
                    try NetworkNamespace.open(path: path).enter()
                    return body()
                }
                outcome.result.withLock { $0 = result }
            }.join()
        } catch {
            throw .system(path: path, error: error)
        }
        guard let result = outcome.result.withLock(\.self) else { throw .absent(path: path) }
        return try result.get()
    }
}
