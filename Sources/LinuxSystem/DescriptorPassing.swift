internal import CLinux
internal import Glibc

extension UnixStream {
    /// Passes descriptors to the process at the other end, which gets its own; ours stay open.
    ///
    /// Waits for room at most `milliseconds` each time.
    public func pass(_ descriptors: [Int32], milliseconds: Int32) throws(SystemError) {
        var rest = descriptors[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(Int(GW_RIGHTS_MAXIMUM)))
            let result = unsafe some.withUnsafeBufferPointer { numbers in
                unsafe gw_send_descriptors(
                    owned.rawValue, numbers.baseAddress, Int32(numbers.count), milliseconds)
            }
            try SystemError.check(result, "pass descriptors")
            rest = rest.dropFirst(some.count)
        }
    }

    /// Takes so many descriptors that the other end passes, waiting at most `milliseconds` for
    /// each message; they are the caller's then.
    public func takeDescriptors(
        _ count: Int, milliseconds: Int32
    ) throws(SystemError) -> [Int32] {
        var taken: [Int32] = []
        while taken.count < count {
            var some = [Int32](repeating: -1, count: Int(GW_RIGHTS_MAXIMUM))
            let capacity = Int32(min(some.count, count - taken.count))
            let result = unsafe some.withUnsafeMutableBufferPointer { numbers in
                unsafe gw_receive_descriptors(
                    owned.rawValue, numbers.baseAddress, capacity, milliseconds)
            }
            do throws(SystemError) {
                taken += some.prefix(Int(try SystemError.check(result, "take descriptors")))
            } catch {
                for descriptor in taken { close(descriptor) }
                throw error
            }
        }
        return taken
    }
}

/// A file in memory that only descriptors lead to.
public struct MemoryFile: ~Copyable, Sendable {
    private let owned: OwnedDescriptor

    /// Takes over the descriptor of such a file.
    public init(owning descriptor: consuming OwnedDescriptor) {
        owned = descriptor
    }

    /// A file with these octets; the name is for those who look at /proc.
    public static func made(
        named name: String, _ octets: [UInt8]
    ) throws(SystemError) -> MemoryFile {
        let descriptor = try SystemError.check(unsafe gw_memory_file(name), "memfd_create")
        let file = MemoryFile(owning: OwnedDescriptor(owning: descriptor))
        try write(octets, to: descriptor)
        return file
    }

    private static func write(_ octets: [UInt8], to descriptor: Int32) throws(SystemError) {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            if count < 0, Glibc.errno == EINTR { continue }
            guard count > 0 else {
                throw SystemError(
                    operation: "write to memory", errno: Errno(rawValue: Glibc.errno))
            }
            rest = rest.dropFirst(count)
        }
    }

    /// The descriptor, valid while this value lives.
    public var descriptor: Int32 { owned.rawValue }

    /// All its octets, wherever its offset is.
    public func read() throws(SystemError) -> [UInt8] {
        let end = lseek(owned.rawValue, 0, SEEK_END)
        var octets = [UInt8](repeating: 0, count: max(Int(end), 0))
        var count = 0
        while count < octets.count {
            let part = unsafe octets.withUnsafeMutableBytes { bytes in
                unsafe pread(
                    owned.rawValue, bytes.baseAddress?.advanced(by: count), bytes.count - count,
                    off_t(count))
            }
            if part < 0, Glibc.errno == EINTR { continue }
            guard part > 0 else {
                throw SystemError(
                    operation: "read from memory", errno: Errno(rawValue: Glibc.errno))
            }
            count += part
        }
        return octets
    }
}
