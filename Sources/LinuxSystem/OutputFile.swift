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

    /// Makes the file, or empties the one that is there; it is for its owner alone from then on.
    public static func created(at path: String) throws(SystemError) -> OutputFile {
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC
        let descriptor = unsafe open(path, flags, 0o600)
        guard descriptor >= 0 else {
            throw SystemError(operation: "open \(path)", errno: Errno(rawValue: errno))
        }
        let owned = OwnedDescriptor(owning: descriptor)
        var status = stat()
        guard unsafe fstat(owned.rawValue, &status) == 0 else {
            throw SystemError(operation: "fstat \(path)", errno: Errno(rawValue: errno))
        }
        // A device or a pipe is not ours to close to others.
        let isRegular = status.st_mode & S_IFMT == S_IFREG
        if isRegular, fchmod(owned.rawValue, 0o600) != 0 || ftruncate(owned.rawValue, 0) != 0 {
            throw SystemError(operation: "fchmod \(path)", errno: Errno(rawValue: errno))
        }
        return OutputFile(owning: owned, isRegular: isRegular)
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
