import Foundation
import TestSupport

/// `libgatewatch.so` of this build, and the C programs that are made with it.
enum BuiltLibrary {
    static let tree = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let header = tree.appending(path: "Sources/CGatewatch/include").path
    static let programs = tree.appending(path: "Tests/ABITests/Programs").path

    /// What every program is compiled with.
    static let warnings = ["-Wall", "-Wextra", "-Werror", "-pedantic"]

    /// The folder with the library, linked once as `make install` does.
    static let folder = Result { () throws -> String in
        let archive = try URL(filePath: BuiltProduct.path(of: "gatewatch"))
            .deletingLastPathComponent().appending(path: "libGatewatchABI.a").path
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "gatewatch-library-\(getpid())").path
        let script = tree.appending(path: "deploy/library/link.sh").path
        try Command.run(["sh", script, archive, folder])
        return folder
    }

    /// Compiles a program of `Programs`, and returns its path.
    static func compile(_ name: String) throws -> String {
        let folder = try folder.get()
        let program = "\(folder)/\(name)"
        try Command.run(
            ["cc", "-std=c11", "-D_GNU_SOURCE", "-g", "-I\(header)"] + warnings
                + ["-o", program, "\(programs)/\(name).c", "-L\(folder)", "-lgatewatch"])
        return program
    }

    /// Runs a program with the library of this build, under valgrind where that is installed.
    static func run(
        _ program: String, _ arguments: [String] = [], in namespace: Namespace? = nil
    ) throws -> CommandResult {
        let valgrind = "/usr/bin/valgrind"
        let hasValgrind = FileManager.default.isExecutableFile(atPath: valgrind)
        let check = [
            valgrind, "--quiet", "--error-exitcode=3", "--leak-check=full",
            "--errors-for-leak-kinds=definite,indirect,possible",
        ]
        return try Command.result(
            ["env", "LD_LIBRARY_PATH=\(try folder.get())"] + (hasValgrind ? check : [])
                + [program] + arguments, in: namespace)
    }
}
