internal import Foundation

/// Executables that the same build made as the tests.
public enum BuiltProduct {
    /// The path of executable `name`, next to the test bundle.
    public static func path(of name: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folders = ([own] + CommandLine.arguments).map {
            URL(filePath: $0).deletingLastPathComponent()
        }
        let candidates = folders.map { $0.appending(path: name).path }
        guard let found = candidates.first(where: FileManager.default.isExecutableFile) else {
            throw LabError("no \(name) next to \(own): run swift build first")
        }
        return found
    }
}
