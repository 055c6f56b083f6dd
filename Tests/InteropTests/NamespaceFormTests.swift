internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// The forms of a namespace's name, built in a mount namespace that nobody else sees.
    @Suite struct NamespaceFormTests {
        private func codes(_ script: String) async throws -> [String] {
            try await withLab { lab in try FormLab.verdicts(in: lab, script).map(\.code) }
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
                hold -m --propagation private sh -c "unshare --net=$P sh -c '$(plug gwtb)';
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
                touch $P; hold -n sh -c "$(plug gwtc); exec sleep 50"
                show --interface gwtc
                $G namespace ensure $N --interface gwtc >&2
                show --interface gwtc
                """)
            #expect(found == ["namespace-C", "ok"])
        }

        @Test func `C: only a descriptor keeps it; adopted, and its file never unlinked`()
            async throws
        {
            let found = try await codes(
                """
                $G namespace ensure $N >&2; near sh -c "$(plug gwtc)"
                I=$(stat -Lc %i $P); hold --uts sh -c "exec sleep 50 9<$P"
                umount --lazy $P; F=$(stat -c %i $P); show --interface gwtc
                $G namespace ensure $N --interface gwtc >&2
                test $I = $(stat -Lc %i $P) && echo same inode
                show --interface gwtc
                umount --lazy $P; test $F = $(stat -c %i $P) && echo same file
                """)
            #expect(found == ["namespace-C", "same inode", "ok", "same file"])
        }

        @Test func `C: an adoption that the kernel refuses leaves no file behind`() async throws {
            let found = try await codes(
                """
                hold -n sh -c "$(plug gwtc); exec sleep 50"
                $L refuse mount $G namespace adopt $N --interface gwtc >&2 || echo refused
                test -e $P || echo nothing is there
                """)
            #expect(found == ["refused", "nothing is there"])
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

        @Test func `F: without CAP_SYS_ADMIN, or where seccomp refuses, nothing can be entered`()
            async throws
        {
            let found = try await codes(
                """
                nobody() { setpriv --bounding-set -all --inh-caps -all --reuid 65534 \
                  --clear-groups "$@"; }
                touch $P; chmod 700 ${P%/*}; nobody $G namespace show $N --json || true
                chmod 755 ${P%/*}; rm $P
                $G namespace ensure $N >&2; nobody $G namespace show $N --json || true
                unshare --user --map-root-user $G namespace show $N --json || true
                $L refuse setns $G namespace show $N --json || true
                """)
            #expect(found == Array(repeating: "namespace-F", count: 4))
        }

        @Test func `G: the interface is in another namespace, kept by a process`() async throws {
            let found = try await codes(
                """
                $G namespace ensure $N >&2
                hold -n sh -c "$(plug gwtg); exec sleep 50"
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
