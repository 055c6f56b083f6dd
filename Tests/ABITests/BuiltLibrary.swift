import Foundation
import TestSupport

/// `libgatewatch.so` of this build, and the C programs that are made with it.
enum BuiltLibrary {
    static let tree = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let header = tree.appending(path: "Sources/CGatewatch/include").path
    static let programs = "Tests/ABITests/Programs"

    /// What every program is compiled with.
    static let warnings = ["-Wall", "-Wextra", "-Werror", "-pedantic"]

    /// The folder with the library, linked once as `make install` does; beside the build.
    static let folder = Result { () throws -> String in
        let build = try URL(filePath: BuiltProduct.path(of: "gatewatch"))
            .deletingLastPathComponent()
        let folder = build.appending(path: "library").path
        try Command.run([
            "sh", tree.appending(path: "deploy/library/link.sh").path,
            build.appending(path: "libGatewatchABI.a").path, folder,
        ])
        return folder
    }

    /// Compiles a program, by its path below the tree, and returns where it is.
    static func compile(_ path: String, _ libraries: String...) throws -> String {
        let folder = try folder.get()
        let source = tree.appending(path: path)
        let program = "\(folder)/\(source.deletingPathExtension().lastPathComponent)"
        try Command.run(
            ["cc", "-std=c11", "-D_GNU_SOURCE", "-g", "-I\(header)"] + warnings
                + ["-o", program, source.path, "-L\(folder)", "-lgatewatch"] + libraries)
        return program
    }

    /// How to run a program with the library of this build, under valgrind where it is installed.
    static func command(_ program: String, _ arguments: [String] = []) throws -> [String] {
        let valgrind = "/usr/bin/valgrind"
        let hasValgrind = FileManager.default.isExecutableFile(atPath: valgrind)
        // What Swift keeps for ever it holds by pointers into the middle, which look lost.
        let check = [
            valgrind, "--quiet", "--error-exitcode=3", "--leak-check=full",
            "--show-leak-kinds=definite,indirect", "--errors-for-leak-kinds=definite,indirect",
        ]
        return ["env", "LD_LIBRARY_PATH=\(try folder.get())"] + (hasValgrind ? check : [])
            + [program] + arguments
    }

    /// How to run a Python program, by its path below the tree, with the library of this build.
    static func interpreted(_ path: String, _ arguments: [String]) throws -> [String] {
        ["env", "LD_LIBRARY_PATH=\(try folder.get())", "/usr/bin/python3"]
            + [tree.appending(path: path).path] + arguments
    }
}
