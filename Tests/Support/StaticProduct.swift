internal import Foundation

extension BuiltProduct {
    /// Links the `gatewatch` of this build anew, with Swift's libraries inside, as a release is: it
    /// runs where no toolchain is, and for users who may not read one.
    public static func linkStatically(to destination: String) throws {
        let dynamic = try path(of: "gatewatch")
        // What else it needs it needs from the system.
        let libraries = try Command.run(["ldd", dynamic]).split(separator: "\n").compactMap {
            line in
            line.split(separator: " ").map(String.init).first { $0.hasPrefix("/") }
        }
        guard let core = libraries.first(where: { $0.hasSuffix("/libswiftCore.so") }) else {
            throw LabError("\(dynamic) does not load libswiftCore.so")
        }
        let runtime = URL(filePath: core).deletingLastPathComponent().path
        let foundation = try FileManager.default.contentsOfDirectory(
            atPath: runtime.replacing("/lib/swift/", with: "/lib/swift_static/")
        ).filter { $0.hasPrefix("lib") && $0.contains("Foundation") && $0.hasSuffix(".a") }
            .filter { !$0.contains("XML") && !$0.contains("Networking") }
            .map { "-l" + $0.dropFirst(3).dropLast(2) }
        let system = libraries.filter { !$0.hasPrefix(runtime) && !isOfTheCompiler($0) }
        let arguments =
            ["swiftc", "-use-ld=lld", "-static-stdlib", "-o", destination]
            + ["@\(dynamic).product/Objects.LinkFileList"]
            // Executables keep their entry apart, so that tests can link them.
            + ["-Xlinker", "--defsym=main=GatewatchCLI_main"] + foundation
            + system.flatMap { ["-Xlinker", $0] } + ["-lstdc++"]
        try Command.run(arguments)
    }

    private static func isOfTheCompiler(_ library: String) -> Bool {
        ["/libc.so", "/libm.so", "/libgcc_s.so", "/libstdc++.so", "/ld-linux"]
            .contains { library.contains($0) }
    }
}
