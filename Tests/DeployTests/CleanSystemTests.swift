import Foundation
import TestSupport
import Testing

/// A Debian with nothing in it but what its package manager needs.
struct CleanSystem {
    let root: String

    /// Fetched from the mirror that this machine uses.
    init(at root: String) throws {
        self.root = root
        let release = "bookworm"
        let mirrors = try Command.run([
            "apt-get", "indextargets", "--format", "$(SITE)", "Identifier: Packages",
            "Codename: \(release)",
        ])
        let mirror = try #require(mirrors.split(separator: "\n").first.map(String.init))
        try Command.run(["debootstrap", "--variant=minbase", release, root, mirror])
    }

    private init(existing root: String) {
        self.root = root
    }

    /// The same once more.
    func copy(to other: String) throws -> CleanSystem {
        try Command.run(["cp", "--archive", "--reflink=auto", root, other])
        return CleanSystem(existing: other)
    }

    /// Runs a command in it, as root.
    @discardableResult
    func run(_ arguments: String...) throws -> String {
        try run(arguments)
    }

    /// The same.
    @discardableResult
    func run(_ arguments: [String]) throws -> String {
        try Command.run(inside(["chroot", root] + arguments))
    }

    /// Runs a command in it as a container's user does, with three capabilities to be had.
    func runAsNobody(_ arguments: String...) throws -> CommandResult {
        let user = [
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
            "--bounding-set=-all,+net_admin,+net_bind_service,+net_raw", "--",
        ]
        return try Command.result(inside(["chroot", root] + user + arguments))
    }

    /// With a `/proc` of its own for as long as the command runs: Swift reads arguments there.
    private func inside(_ arguments: [String]) -> [String] {
        let script = "mount -t proc proc \"$0/proc\"; exec \"$@\""
        return [
            "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "unshare", "--mount",
            "--propagation=private", "sh", "-ec", script, root,
        ] + arguments
    }

    /// Everything that has our name in it.
    func traces() throws -> [String] {
        try run(
            "find", "/etc", "/usr", "/var/lib", "/run", "/opt", "-xdev", "-name", "*gatewatch*"
        ).split(separator: "\n").map(String.init).sorted()
    }
}

extension OnAMachine {
    /// The Debian package and the steps of the image, in a clean system each.
    @Suite struct CleanSystemTests {
        @Test func `Package and image work in a system that has nothing else`() async throws {
            try await withLab { lab in
                let first = lab.folder.appending(path: "first").path
                let system = try CleanSystem(at: first)
                try system.run("apt-get", "update", "--quiet=2")
                let other = try system.copy(to: lab.folder.appending(path: "second").path)
                let tree = lab.folder.appending(path: "tree").path
                try Deployment.install(into: tree, in: lab)
                try Deployment.installLibrary(into: tree)
                try buildImage(other, from: tree)
                // As "make deb" calls it, whose paths begin where it runs.
                let made = try Command.run([
                    "env", "--chdir=\(lab.folder.path)", "COMPRESSION=none", "sh",
                    Deployment.folder.appending(path: "debian/package.sh").path, "tree", ".",
                ]).split(separator: "\n").map { URL(filePath: String($0)).lastPathComponent }
                #expect(made.allSatisfy { $0.hasSuffix(".deb") })
                #expect(
                    made.map { String($0.prefix { $0 != "_" }) }
                        == ["libgatewatch0", "libgatewatch-dev", "gatewatch"])
                for name in made {
                    try Command.run([
                        "mv", lab.folder.appending(path: name).path, "\(system.root)/root/",
                    ])
                }
                try checkLibrary(system, Array(made.dropLast()), in: lab)
                try checkPackage(system, try #require(made.last))
            }
        }

        /// A program in C is made with one package, and runs with the other one alone.
        private func checkLibrary(
            _ system: CleanSystem, _ names: [String], in lab: Lab
        ) throws {
            let install = ["apt-get", "install", "--quiet=2", "--yes"]
            try system.run(install + names.map { "/root/\($0)" })
            #expect(try system.run("dpkg", "--verify", "libgatewatch0", "libgatewatch-dev") == "")
            let source = lab.folder.appending(path: "version.c")
            try "#include <gatewatch.h>\nint main(void) { return gatewatch_version() != 1; }\n"
                .write(to: source, atomically: true, encoding: .utf8)
            let flags = try Command.run([
                "env", "PKG_CONFIG_SYSROOT_DIR=\(system.root)", "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1",
                "PKG_CONFIG_ALLOW_SYSTEM_LIBS=1",
                "PKG_CONFIG_LIBDIR=\(system.root)/usr/lib/pkgconfig",
                "pkg-config", "--cflags", "--libs", "gatewatch",
            ]).split(whereSeparator: \.isWhitespace).map(String.init)
            try Command.run(
                ["cc", "-o", "\(system.root)/root/version", source.path] + flags)
            #expect(try system.run("ls", "/usr/share/man/man3").contains("gatewatch.3.gz"))
            try system.run("apt-get", "purge", "--quiet=2", "--yes", "libgatewatch-dev")
            try system.run("/root/version")
            try system.run("apt-get", "purge", "--quiet=2", "--yes", "libgatewatch0")
            #expect(try system.traces() == [])
        }

        private func checkPackage(_ system: CleanSystem, _ name: String) throws {
            try system.run("apt-get", "install", "--quiet=2", "--yes", "/root/\(name)")
            #expect(try system.run("gatewatch", "--version").hasPrefix("gatewatch "))
            try system.run("gatewatch", "check", "/etc/gatewatch/gatewatch.yaml")
            #expect(try system.run("bfdd-beacon", "--version").hasPrefix("bfdd-beacon version "))
            #expect(try system.run("id", "gatewatch").contains("gid="))
            #expect(try system.run("dpkg", "--verify", "gatewatch") == "")
            // Whoever installs it has not said yet what it is to run.
            let traces = try system.traces()
            #expect(!traces.contains { $0.contains(".wants/") }, "\(traces)")

            let file = "\(system.root)/etc/gatewatch/gatewatch.yaml"
            try "peers: [{dest-addr: 10.9.0.1}]\n".write(
                toFile: file, atomically: true, encoding: .utf8)
            try system.run("dpkg", "--install", "/root/\(name)")
            try system.run("apt-get", "remove", "--quiet=2", "--yes", "gatewatch")
            #expect(try String(contentsOfFile: file, encoding: .utf8).contains("10.9.0.1"))
            try system.run("apt-get", "purge", "--quiet=2", "--yes", "gatewatch")
            #expect(try system.traces() == [])
        }

        private func buildImage(_ system: CleanSystem, from tree: String) throws {
            let file = try Dockerfile(Deployment.text("Dockerfile"))
            try #require(file.stages.count == 2)
            for instruction in file.stages[1] {
                switch instruction.word {
                case "COPY":
                    let words = instruction.rest.split(separator: " ").map(String.init)
                    try #require(words.count == 3 && words[0] == "--from=build")
                    let source = words[1].replacing(/^\/image/, with: tree)
                    try Command.run(["cp", source, system.root + words[2]])
                case "RUN": try system.run("sh", "-c", instruction.rest)
                default: break
                }
            }
            let rights = try Command.run(["getcap", "\(system.root)/usr/bin/gatewatch"])
            #expect(
                rights.contains("cap_net_bind_service,cap_net_admin,cap_net_raw=ep"), "\(rights)")
            // As the container runs it: its user, three capabilities, and nothing in its folder.
            let started = try system.runAsNobody(
                "/usr/bin/gatewatch", "run", "/etc/gatewatch/gatewatch.yaml")
            #expect(started.status == 1 && started.errors.contains("gatewatch.yaml"))
            #expect(try system.run("/usr/bin/gatewatch", "--version").hasPrefix("gatewatch "))
            let control = try system.runAsNobody("/usr/bin/bfdd-control")
            #expect(control.status == 1 && control.errors.hasPrefix("No command."))
        }
    }
}

/// What can be said of the Dockerfile without building it.
@Suite struct DockerfileTests {
    @Test func `The image is small, runs as nobody, and ends when it is told to`() throws {
        let file = try Dockerfile(Deployment.text("Dockerfile"))
        try #require(file.stages.count == 2)
        #expect(file.all("FROM", inStage: 1) == ["debian:bookworm-slim"])
        #expect(file.all("USER", inStage: 1) == ["65534:65534"])
        #expect(file.all("STOPSIGNAL", inStage: 1) == ["SIGTERM"])
        #expect(file.all("ENTRYPOINT", inStage: 1) == ["[\"/usr/bin/gatewatch\"]"])
        for stage in file.stages.indices {
            #expect(file.all("ADD", inStage: stage) == [])
            #expect(!file.all("FROM", inStage: stage)[0].contains("latest"))
        }
        let runs = file.all("RUN", inStage: 1)
        #expect(runs.count == 1)
        for run in runs {
            #expect(run.contains("--no-install-recommends"))
            #expect(run.contains("rm -rf /var/lib/apt/lists/*"))
        }
    }

    @Test func `It is built with what the Makefile says is needed`() throws {
        let makefile = try String(
            contentsOf: Deployment.tree.appending(path: "Makefile"), encoding: .utf8)
        let line = try #require(
            makefile.split(separator: "\n").first { $0.hasPrefix("LIBRARIES := ") })
        let build = try Dockerfile(Deployment.text("Dockerfile")).all("RUN", inStage: 0)
        for library in line.split(separator: " ").dropFirst(2) {
            #expect(build[0].split(separator: " ").contains(library), "\(library)")
        }
    }
}
