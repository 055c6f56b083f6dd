import Foundation
import TestSupport

/// `libgatewatch.so` of this build, and the C programs that are made with it.
enum BuiltLibrary {
    static let tree = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let header = tree.appending(path: "Sources/CGatewatch/include").path
    static let headers = ["gatewatch.h", "gatewatch_session.h", "gatewatch_core.h"]
    static let programs = "Tests/ABITests/Programs"

    /// What every program is compiled with.
    static let warnings = ["-Wall", "-Wextra", "-Werror", "-pedantic"]

    /// All that is in the headers.
    static func interface() throws -> String {
        try headers.map { try String(contentsOfFile: "\(header)/\($0)", encoding: .utf8) }
            .joined()
    }

    /// Where the build has left what it made.
    static func build() throws -> URL {
        try URL(filePath: BuiltProduct.path(of: "gatewatch")).deletingLastPathComponent()
    }

    /// The folder with the library, linked once as `make install` does; beside the build.
    static let folder = Result { () throws -> String in
        let products = try build()
        let folder = products.appending(path: "library").path
        try Command.run([
            "sh", tree.appending(path: "deploy/library/link.sh").path,
            products.appending(path: "libGatewatchABI.a").path, folder,
        ])
        return folder
    }

    /// Compiles a program, by its path below the tree, and returns where it is.
    static func compile(_ path: String, _ libraries: String...) throws -> String {
        try compile(path, libraries)
    }

    /// The same, with flags.
    static func compile(_ path: String, _ flags: [String]) throws -> String {
        let folder = try folder.get()
        let source = tree.appending(path: path)
        let program = "\(folder)/\(source.deletingPathExtension().lastPathComponent)"
        try Command.run(
            ["cc", "-std=c11", "-D_GNU_SOURCE", "-g", "-I\(header)"] + warnings
                + ["-o", program, source.path, "-L\(folder)", "-lgatewatch"] + flags)
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
        return try loading + (hasValgrind ? check : []) + [program] + arguments
    }

    /// The folder below which it is installed, as `make install` does.
    static let root = Result { () throws -> String in
        let library = try folder.get()
        let root = "\(library)/root"
        try Command.run([
            "make", "--no-print-directory", "-C", tree.path, "install-library",
            "DESTDIR=\(root)", "PREFIX=/usr", "LIBRARY=\(library)",
        ])
        return root
    }

    /// What has pkg-config find it there.
    static func packageVariables() throws -> [String] {
        let root = try root.get()
        return [
            "PKG_CONFIG_SYSROOT_DIR=\(root)", "PKG_CONFIG_PATH=\(root)/usr/lib/pkgconfig",
        ]
    }

    /// What has a program find the library of this build.
    static var loading: [String] {
        get throws { ["env", "LD_LIBRARY_PATH=\(try folder.get())"] }
    }

    /// The full path of a file of the tree.
    static func path(_ path: String) -> String { tree.appending(path: path).path }
}
