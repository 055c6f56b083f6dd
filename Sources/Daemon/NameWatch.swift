internal import EventLoop
internal import LinuxSystem

/// Has somebody look at a name: soon after its directory changed, and once a second anyway, since a
/// mount on the name changes no directory.
final class NameWatch {
    private static let shortest: Int64 = 1_000_000
    private static let longest: Int64 = 1_000_000_000

    private let directory: String
    private let watch: DirectoryWatch
    private var watcher: DescriptorWatcher?
    private var timer: TimerWatcher?
    private var delay = NameWatch.longest

    init(
        _ path: String, _ loop: EventLoop, onLook: @escaping () -> Void
    ) throws(SystemError) {
        directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        watch = try DirectoryWatch()
        watcher = DescriptorWatcher(loop, descriptor: watch.descriptor) { [unowned self] in
            self.watch.acknowledge()
            // A name comes first and what is mounted on it a little later, so looks grow rare.
            self.delay = Self.shortest
            self.timer?.fire(after: 0)
        }
        timer = TimerWatcher(loop) { [unowned self] in
            // The directory itself may be a new one.
            self.watch.watch(self.directory)
            self.timer?.fire(after: self.delay)
            self.delay = min(self.delay * 2, Self.longest)
            onLook()
        }
        watch.watch(directory)
        timer?.fire(after: delay)
    }
}
