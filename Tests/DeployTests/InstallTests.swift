import Foundation
import TestSupport
import Testing

extension OnAMachine {
    /// What `make install` leaves, and `make uninstall` takes away.
    @Suite struct InstallTests {
        @Test func `Manual pages say what the help says, for every command`() async throws {
            try await withLab { lab in
                let root = lab.folder.appending(path: "root").path
                try Deployment.install(into: root, in: lab)
                let binary = "\(root)/usr/bin/gatewatch"
                let pages = try Deployment.files(below: "\(root)/usr/share/man/man1").sorted()
                #expect(pages.contains("gatewatch.1") && pages.count > 10, "\(pages)")
                for page in pages {
                    let rendered = try Command.result([
                        "groff", "-k", "-man", "-Tutf8", "-ww", "-P-cbou", "-rLL=100n",
                        "\(root)/usr/share/man/man1/\(page)",
                    ])
                    #expect(rendered.status == 0 && rendered.errors == "", "\(rendered.errors)")
                    let command = page.dropLast(2).split(separator: "-").dropFirst().map(
                        String.init)
                    let help = try Command.run([binary] + command + ["--help"])
                    for option in help.matches(of: /\ \ (--[a-z-]+)/).map(\.output.1) {
                        #expect(rendered.output.contains(option), "\(page): \(option)")
                    }
                }
            }
        }

        @Test func `OpenBFDD's names are there, each with its manual page`() async throws {
            try await withLab { lab in
                let root = lab.folder.appending(path: "root").path
                try Deployment.install(into: root, in: lab)
                for name in ["bfdd-beacon", "bfdd-control"] {
                    let link = "\(root)/usr/bin/\(name)"
                    let target = try FileManager.default.destinationOfSymbolicLink(atPath: link)
                    #expect(target == "gatewatch")
                    let rendered = try Command.result([
                        "groff", "-k", "-man", "-Tutf8", "-ww", "-P-cbou", "-rLL=100n",
                        "\(root)/usr/share/man/man8/\(name).8",
                    ])
                    #expect(rendered.status == 0 && rendered.errors == "", "\(rendered.errors)")
                    #expect(rendered.output.contains(name))
                }
            }
        }

        @Test func `Completions are what the shells read`() async throws {
            try await withLab { lab in
                let root = lab.folder.appending(path: "root").path
                try Deployment.install(into: root, in: lab)
                let bash = "\(root)/usr/share/bash-completion/completions/gatewatch"
                try Command.run(["bash", "-n", bash])
                let found = try Command.run([
                    "bash", "-c",
                    """
                    PATH=\(root)/usr/bin:$PATH; . \(bash)
                    COMP_WORDS=(gatewatch sta) COMP_CWORD=1 COMP_LINE="gatewatch sta" COMP_POINT=13
                    _gatewatch gatewatch sta gatewatch; echo "${COMPREPLY[@]}"
                    """,
                ])
                #expect(found.contains("status"), "\(found)")
                let zsh = try String(
                    contentsOfFile: "\(root)/usr/share/zsh/vendor-completions/_gatewatch",
                    encoding: .utf8)
                #expect(zsh.hasPrefix("#compdef gatewatch"))
            }
        }

        @Test func `Uninstall leaves nothing behind`() async throws {
            try await withLab { lab in
                let root = lab.folder.appending(path: "root").path
                try Deployment.install(into: root, in: lab)
                try Deployment.installLibrary(into: root)
                let files = try Deployment.files(below: root)
                #expect(files.count > 15 && files.contains("usr/lib/libgatewatch.so.0"))
                try Deployment.make("uninstall", root)
                #expect(try Deployment.files(below: root) == [])
            }
        }
    }
}
