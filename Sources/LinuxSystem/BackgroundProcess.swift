internal import CLinux
internal import Glibc

/// A process that goes on by itself while the one that was called waits for it to be ready.
public final class BackgroundProcess: Sendable {
    private let ready: OwnedDescriptor

    private init(_ ready: consuming OwnedDescriptor) {
        self.ready = ready
    }

    /// Goes on in a process of its own; to be called before there is a second thread.
    ///
    /// The process that called ends with 0 once `becomeReady` is called, or with another status
    /// when this one ends without.
    public static func begin() throws(SystemError) -> BackgroundProcess {
        let descriptor = try SystemError.check(gw_detach(), "begin a process in the background")
        return BackgroundProcess(OwnedDescriptor(owning: descriptor))
    }

    /// Lets the process that called end, and its standard streams go.
    public func becomeReady() {
        _ = gw_close_standard_streams()
        var octet: UInt8 = 0
        _ = unsafe Glibc.write(ready.rawValue, &octet, 1)
    }

    /// Has what goes to standard error go to standard output.
    public static func joinStandardStreams() {
        _ = gw_join_standard_streams()
    }
}
