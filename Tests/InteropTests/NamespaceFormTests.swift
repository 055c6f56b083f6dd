internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// The forms of a namespace's name, built in a mount namespace that nobody else sees.
    @Suite struct NamespaceFormTests {
        private struct Report: Decodable {
            let code: String
        }

        /// Runs a script over a `/run/netns` of its own; `show` prints a verdict, a line each.
        private func codes(_ script: String) async throws -> [String] {
            try await withLab { lab in
                let gatewatch = try BuiltProduct.path(of: "gatewatch")
                let prelude = """
                    N=gwt-\(lab.identifier); P=/run/netns/$N; G=\(gatewatch)
                    mkdir -p /run/netns; mount -t tmpfs tmpfs /run/netns
                    mount --make-shared /run/netns
                    show() { $G namespace show $N --json "$@" || true; }
                    hold() { timeout 60 unshare "$@" & H=$!; sleep 1; }
                    trap 'test -n "$H" && kill $H' EXIT

                    """
                let output = try Command.run(
                    ["unshare", "-m", "--propagation", "private", "sh", "-ec", prelude + script])
                return try output.split(separator: "\n").map { line in
                    guard line.hasPrefix("{") else { return String(line) }
                    return try JSONDecoder().decode(Report.self, from: Data(line.utf8)).code
                }
            }
        }

        @Test func `A, E: nothing, a directory, a dangling link, another type`() async throws {
            let found = try await codes(
                """
                show; mkdir $P; show; rmdir $P; ln -s /nowhere $P; show; rm $P
                ln -s /proc/self/ns/mnt $P; show
                """)
            #expect(found == ["namespace-A"] + Array(repeating: "namespace-E", count: 3))
        }

        @Test func `B: mounted in a pod only; adopted alive, its file never unlinked`() async throws
        {
            let found = try await codes(
                """
                touch $P; F=$(stat -c %i $P)
                hold -m --propagation private sh -c "unshare --net=$P ip link add gwtb type bridge;
                  stat -Lc %i $P > /run/netns/pod; exec sleep 50"
                show --interface gwtb
                $G namespace adopt $N --interface gwtb >&2
                test $(cat /run/netns/pod) = $(stat -Lc %i $P) && echo same inode
                show --interface gwtb
                kill $H; wait $H || true; H=
                show --interface gwtb
                umount $P; test $F = $(stat -c %i $P) && echo same file
                """)
            #expect(found == ["namespace-B", "same inode", "ok", "ok", "same file"])
        }

        @Test func `C: only a process lives in it; adopted from there`() async throws {
            let found = try await codes(
                """
                touch $P; hold -n sh -c "ip link add gwtc type bridge; exec sleep 50"
                show --interface gwtc
                $G namespace ensure $N --interface gwtc >&2
                show --interface gwtc
                """)
            #expect(found == ["namespace-C", "ok"])
        }

        @Test func `D: nothing lives; replaced, and left alone from then on`() async throws {
            let found = try await codes(
                """
                touch $P; show --interface gwtd0
                $G namespace ensure $N --interface gwtd0 >&2
                show --interface gwtd0; show; I=$(stat -Lc %i $P)
                $G namespace ensure $N >&2; test $I = $(stat -Lc %i $P) && echo same inode
                """)
            #expect(found == ["namespace-D", "namespace-H", "ok", "same inode"])
        }

        @Test func `F: without CAP_SYS_ADMIN nothing can be entered`() async throws {
            let found = try await codes(
                """
                touch $P; chmod 000 $P
                setpriv --bounding-set -all --inh-caps -all --reuid 65534 --clear-groups \
                  $G namespace show $N --json || true
                """)
            #expect(found == ["namespace-F"])
        }

        @Test func `G: the interface is in another namespace, kept by a process`() async throws {
            let found = try await codes(
                """
                $G namespace ensure $N >&2
                hold -n sh -c "ip link add gwtg type bridge; exec sleep 50"
                show --interface gwtg
                """)
            #expect(found == ["namespace-G"])
        }

        @Test func `P: a directory that is not shared is made so`() async throws {
            let found = try await codes(
                """
                $G namespace ensure $N >&2; mount --make-private /run/netns; show
                $G namespace ensure $N >&2; show
                """)
            #expect(found == ["namespace-P", "ok"])
        }
    }
}
