internal import CLinux
internal import Glibc

/// A file that is written from its beginning, or standard output.
///
/// What does not fit whole leaves no trace in a file, so what is in it stays readable.
public struct OutputFile: ~Copyable {
    private let owned: OwnedDescriptor
    /// How many octets have been written.
    public private(set) var byteCount = 0
    private let isRegular: Bool

    private init(owning descriptor: consuming OwnedDescriptor, isRegular: Bool) {
        owned = descriptor
        self.isRegular = isRegular
    }

    /// Makes the file, for its owner alone, or empties the one that is there.
    public static func created(at path: String) throws(SystemError) -> OutputFile {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
        let descriptor = unsafe open(path, flags, 0o600)
        guard descriptor >= 0 else {
            throw SystemError(operation: "open \(path)", errno: Errno(rawValue: errno))
        }
        let isRegular = lseek(descriptor, 0, SEEK_CUR) >= 0
        return OutputFile(owning: OwnedDescriptor(owning: descriptor), isRegular: isRegular)
    }

    /// Standard output.
    public static func standardOutput() throws(SystemError) -> OutputFile {
        let descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else {
            throw SystemError(operation: "standard output", errno: Errno(rawValue: errno))
        }
        return OutputFile(owning: OwnedDescriptor(owning: descriptor), isRegular: false)
    }

    /// Writes all of it, or nothing of it to a file that has no room.
    public mutating func write(_ octets: [UInt8]) throws(SystemError) {
        var written = 0
        while written < octets.count {
            let count = unsafe octets.withUnsafeBytes { bytes in
                unsafe Glibc.write(
                    owned.rawValue, bytes.baseAddress?.advanced(by: written),
                    bytes.count - written)
            }
            if count > 0 {
                written += count
                continue
            }
            let errno = Errno(rawValue: Glibc.errno)
            if errno == .interrupted { continue }
            if isRegular, ftruncate(owned.rawValue, byteCount) == 0 {
                lseek(owned.rawValue, byteCount, SEEK_SET)
            }
            throw SystemError(operation: "write", errno: errno)
        }
        byteCount += written
    }
}
