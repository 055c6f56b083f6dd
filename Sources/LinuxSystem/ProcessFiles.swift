internal import Glibc

/// What `/proc` says of other processes; what is gone or out of reach reads as nothing.
enum ProcessFiles {
    /// The whole of a file of `/proc`.
    static func text(_ path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress, buffer.count)
            }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    /// The entries of a directory whose names are numbers.
    static func numbers(in path: String) -> [Int32] {
        names(in: path).compactMap { Int32($0) }.sorted()
    }

    /// The entries of a directory, in no order.
    static func names(in path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { start in
                    unsafe String(cString: start)
                }
            }
            names.append(name)
        }
        return names
    }

    /// Where a symbolic link leads, unresolved.
    static func target(_ path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return -1 }
            return unsafe readlink(
                path, start.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// The number of the device that all namespaces are on.
    static func namespaceDevice() -> UInt64? {
        var status = stat()
        guard unsafe stat("/proc/thread-self/ns/net", &status) == 0 else { return nil }
        return UInt64(status.st_dev)
    }

    /// The inode of the network namespace that a descriptor of a process is of, whatever its link
    /// says: one that was opened by its name shows the name, even if that is gone.
    static func networkInode(ofDescriptor path: String, device: UInt64?) -> UInt64? {
        var status = stat()
        guard unsafe stat(path, &status) == 0, UInt64(status.st_dev) == device else { return nil }
        return try? NetworkNamespace.open(path: path).inode
    }

    /// The inode in a text such as `net:[4026531840]`.
    static func networkInode(_ text: some StringProtocol) -> UInt64? {
        guard text.hasPrefix("net:["), text.hasSuffix("]") else { return nil }
        return UInt64(text.dropFirst(5).dropLast())
    }
}
