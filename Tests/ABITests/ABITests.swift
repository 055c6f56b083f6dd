import Foundation
import TestSupport
import Testing

/// The C library, as a C program sees it.
@Suite(.serialized) struct ABITests {
    @Test func `nothing is visible but what the header has`() throws {
        let library = "\(try BuiltLibrary.folder.get())/libgatewatch.so.0"
        let text = try Command.run(["nm", "--dynamic", "--defined-only", library])
        let names = text.split(separator: "\n").compactMap { $0.split(separator: " ").last }
            .filter { $0 != "GATEWATCH_0" }
        #expect(names.allSatisfy { $0.hasSuffix("@@GATEWATCH_0") }, "\(names)")
        let promised = try BuiltLibrary.interface()
            .matches(of: /\n[a-z][a-z0-9_ *]*[ *](gatewatch_[a-z_]+)\(/).map(\.output.1)
        #expect(promised.count > 30)
        #expect(Set(names.compactMap { $0.split(separator: "@").first }) == Set(promised))
    }

    @Test func `the library has its name, and needs nothing of Swift's`() throws {
        let library = "\(try BuiltLibrary.folder.get())/libgatewatch.so"
        let text = try Command.run(["readelf", "--dynamic", "--wide", library])
        #expect(text.contains("Library soname: [libgatewatch.so.0]"))
        let needed = text.matches(of: /\(NEEDED\).*\[(.*)\]/).map { String($0.output.1) }
        #expect(needed.contains { $0.hasPrefix("libc.so") })
        #expect(needed.filter { $0.contains("swift") || $0.contains("Foundation") } == [])
    }

    @Test(arguments: ["c11", "c17", "c++11", "c++17"], BuiltLibrary.headers)
    func `each header compiles by itself without a warning`(
        _ standard: String, _ header: String
    ) throws {
        let isC = !standard.contains("+")
        try Command.run(
            [isC ? "cc" : "c++", "-x", isC ? "c" : "c++", "-std=\(standard)", "-fsyntax-only"]
                + BuiltLibrary.warnings + ["\(BuiltLibrary.header)/\(header)"])
    }

    @Test func `installed, pkg-config finds it, and a program needs nothing else`() throws {
        let flags = try Command.run(
            ["env"] + BuiltLibrary.packageVariables()
                + ["pkg-config", "--cflags", "--libs", "gatewatch"]
        ).split(whereSeparator: \.isWhitespace).map(String.init)
        let root = try BuiltLibrary.root.get()
        let program = "\(root)/program"
        let source = BuiltLibrary.path("\(BuiltLibrary.programs)/pure.c")
        try Command.run(["cc", "-std=c11", "-o", program, source] + flags)
        let needed = try Command.run(["readelf", "--dynamic", "--wide", program])
            .matches(of: /\(NEEDED\).*\[(.*)\]/).map { String($0.output.1) }
        #expect(needed == ["libgatewatch.so.0", "libc.so.6"])
        let output = try Command.run(["env", "LD_LIBRARY_PATH=\(root)/usr/lib", program])
        #expect(output == "pure: all is well\n")
    }

    @Test func `a C program keeps sessions with its own packets and its own clock`() throws {
        let program = try BuiltLibrary.compile("\(BuiltLibrary.programs)/pure.c")
        let result = try Command.result(BuiltLibrary.command(program))
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output == "pure: all is well\n")
    }
}

extension ABITests {
    /// The same on real sockets.
    @Suite(.enabled(if: LabRequirements.areTestsEnabled, "\(LabRequirements.reason)"))
    struct OnAMachine {
        @Test func `a managed and a driven end keep a session between namespaces`() async throws {
            let program = try BuiltLibrary.compile("\(BuiltLibrary.programs)/pair.c")
            try await withLab { lab in
                let (here, there) = try Self.pair(in: lab)
                let result = try Command.result(
                    BuiltLibrary.command(program, [there.path, "10.9.0.1", "10.9.0.2", "cable"]),
                    in: here)
                #expect(result.status == 0, "\(result.output)\(result.errors)")
                #expect(result.output.hasSuffix("pair: all is well\n"))
            }
        }

        @Test func `a host that has many of them, forks and does not listen harms none`()
            async throws
        {
            let program = try BuiltLibrary.compile("\(BuiltLibrary.programs)/hostile.c")
            try await withLab { lab in
                let namespaces = try (1...6).map { try lab.namespace("node\($0)") }
                let result = try Command.result(
                    BuiltLibrary.command(program, namespaces.map(\.path)))
                #expect(result.status == 0, "\(result.output)\(result.errors)")
            }
        }

        @Test func `handles come and go, and leave nothing behind`() async throws {
            let program = try BuiltLibrary.compile("\(BuiltLibrary.programs)/churn.c")
            try await withLab { lab in
                let result = try Command.result(
                    BuiltLibrary.command(program, ["20"]), in: lab.namespace("here"))
                #expect(result.status == 0, "\(result.output)\(result.errors)")
            }
        }

        @Test func `a secret is overwritten when it is not needed any more`() async throws {
            let program = try BuiltLibrary.compile("\(BuiltLibrary.programs)/secrecy.c")
            try await withLab { lab in
                // Without valgrind, whose own memory would be searched, too.
                let result = try Command.result(
                    BuiltLibrary.loading + [program], in: lab.namespace("here"))
                #expect(result.status == 0, "\(result.output)\(result.errors)")
            }
        }

        @Test(arguments: ExampleAgent.allCases)
        func `the examples tell of BIRD: Up, Down, Up`(_ example: ExampleAgent) async throws {
            let command = try example.command(["cable/10.9.0.2"])
            try await withLab { lab in
                let (here, there) = try Self.pair(in: lab)
                let bird = try BirdPeer(
                    in: lab, there,
                    links: [PeerLink(local: "10.9.0.2", remote: "10.9.0.1", interface: "cable")],
                    timers: PeerTimers(intervalMilliseconds: 100))
                try await bird.start()
                let agent = try lab.start("agent", command, in: here)
                func waitFor(_ state: String) async throws {
                    try await eventually("the agent says \(state), not \(agent.output)") {
                        let told = agent.output.split(separator: "\n")
                        return told.last { $0.hasPrefix("10.9.0.2 ") } == "10.9.0.2 \(state)"
                    }
                    guard example == .swift else { return }
                    try await eventually("the route is as the session is: \(state)") {
                        let routes = try here.run("ip", "route", "show", ExampleAgent.prefix)
                        return routes.contains("via 10.9.0.2 dev cable") == (state == "Up")
                    }
                }
                try await waitFor("Up")
                _ = try await bird.kill9()
                try await waitFor("Down")
                try await bird.start()
                try await waitFor("Up")
                agent.signal(SIGTERM)
                try await waitFor("AdminDown")
                #expect(try await agent.waitForEnd() == 0)
            }
        }

        private static func pair(in lab: Lab) throws -> (here: Namespace, there: Namespace) {
            let (here, there) = (try lab.namespace("here"), try lab.namespace("there"))
            try lab.link(
                LinkEnd(here, "cable", "10.9.0.1/24"), LinkEnd(there, "cable", "10.9.0.2/24"))
            return (here, there)
        }
    }
}
