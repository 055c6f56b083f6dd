internal import Foundation
internal import Glibc
internal import LinuxSystem

/// Reads a configuration file, and reports everything that is wrong with it at once.
public enum ConfigurationFile {
    /// Reads the file at `path`; `-` is standard input.
    public static func read(path: String) -> ConfigurationReport {
        let name = path == "-" ? "standard input" : path
        let problems = ProblemCollector()
        guard let bytes = bytes(at: path, problems) else {
            return ConfigurationReport(file: name, configuration: nil, problems: problems)
        }
        return read(bytes, name: name, directory: path == "-" ? nil : directory(of: path))
    }

    /// The octets of the file, or what is in the way.
    static func bytes(at path: String, _ problems: ProblemCollector) -> [UInt8]? {
        do {
            let file =
                path == "-"
                ? FileHandle.standardInput
                : try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            return Array(try file.read(upToCount: YAMLReader.maximumByteCount + 1) ?? Data())
        } catch {
            problems.error(nil, "cannot be read: \(reason(error))")
            return nil
        }
    }

    /// Reads the octets of a file called `name`.
    ///
    /// Relative paths in it start from `directory`; nil for the process's own.
    public static func read(
        _ bytes: [UInt8], name: String, directory: String? = nil
    ) -> ConfigurationReport {
        let problems = ProblemCollector()
        var reader = YAMLReader(problems)
        let configuration = reader.read(bytes).flatMap { root in
            var reader = TopLevelReader(problems)
            reader.directory = directory
            return reader.read(root)
        }
        return ConfigurationReport(file: name, configuration: configuration, problems: problems)
    }

    static func directory(of path: String) -> String? {
        path.lastIndex(of: "/").map { String(path[...$0]) }
    }

    /// The kernel's text below an error of the file functions.
    static func reason(_ error: any Error) -> String {
        if error is DecodingError { return "what it holds is damaged" }
        let kernelText = kernelCode(error).map { Errno(rawValue: $0).description }
        return kernelText ?? (error as NSError).localizedDescription
    }

    /// The kernel's code below an error of the file functions, or what theirs stands for.
    private static func kernelCode(_ error: any Error) -> Int32? {
        let outer = error as NSError
        let cause = (outer.userInfo[NSUnderlyingErrorKey] as? any Error) ?? error
        if let cause = cause as? POSIXError { return cause.code.rawValue }
        let inner = cause as NSError
        if inner.domain == NSPOSIXErrorDomain { return Int32(inner.code) }
        guard let cocoa = error as? CocoaError else { return nil }
        return switch cocoa.code {
        case .fileWriteOutOfSpace: ENOSPC
        case .fileWriteVolumeReadOnly: EROFS
        case .fileWriteNoPermission, .fileReadNoPermission: EACCES
        case .fileWriteFileExists: EEXIST
        default: nil
        }
    }
}
