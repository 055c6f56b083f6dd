import NodeCore
import Testing

/// The forms that a path can have when it should be a network namespace (kube-ovn's list: A to F).
@Suite struct NamespaceDiagnosisTests {
    private static let path = "/run/netns/ovnext"

    private static let objects: [NamespaceObject] = [
        .nothing, .plainFile, .directory, .otherNamespace(type: "mnt"), .somethingElse,
        .outOfReach(operation: "setns"),
        .failing(operation: "open", reason: "Too many levels of symbolic links"),
    ]

    private func finding(_ object: NamespaceObject, path: String = Self.path) -> Finding {
        NamespaceDiagnosis(NamespaceEvidence(path: path, object: object)).finding
    }

    @Test func `Each form has a cause and a next step of its own`() {
        let findings = Self.objects.map { finding($0) }
        #expect(Set(findings.map(\.cause)).count == findings.count)
        #expect(Set(findings.map(\.nextStep)).count == findings.count)
    }

    @Test(arguments: objects)
    func `Every cause names the path, and every next step is a whole sentence`(
        _ object: NamespaceObject
    ) {
        let finding = finding(object)
        #expect(finding.cause.contains(Self.path))
        #expect(!finding.cause.hasSuffix("."))
        #expect(finding.nextStep.first?.isUppercase == true)
        #expect(finding.description.contains("[\(finding.code)]"))
    }

    @Test func `The codes follow the letters of the list of forms`() {
        #expect(
            Self.objects.map { finding($0).code } == [
                "namespace-A", "namespace-BCD", "namespace-E", "namespace-E", "namespace-E",
                "namespace-F", "namespace-X",
            ])
    }

    @Test func `A missing namespace is created by its name`() {
        let finding = finding(.nothing)
        #expect(finding.nextStep.contains("ip netns add ovnext"))
        #expect(finding.nextStep.contains("ip netns list"))
    }

    @Test func `A plain file is never removed before a search for what lives in it`() throws {
        let step = finding(.plainFile).nextStep
        #expect(step.hasPrefix("Do not delete the file yet"))
        let search = try #require(step.firstRange(of: "/proc/[0-9]*/mountinfo"))
        let processes = try #require(step.firstRange(of: "lsns -t net"))
        let removal = try #require(step.firstRange(of: "rm /run/netns/ovnext"))
        #expect(search.upperBound < processes.lowerBound)
        #expect(processes.upperBound < removal.lowerBound)
        #expect(step.contains("/proc/PID/root/run/netns/ovnext"))
    }

    @Test(arguments: [NamespaceObject.nothing, .plainFile, .directory])
    func `Outside iproute2's directory nothing is created or removed`(_ object: NamespaceObject) {
        let step = finding(object, path: "/proc/4711/status").nextStep
        #expect(!step.contains("ip netns add"))
        #expect(!step.contains("rm /"))
        #expect(!step.contains("rmdir"))
    }

    @Test func `A plain file is told with the kernel's own words`() {
        #expect(finding(.plainFile).cause.contains("Invalid argument"))
    }

    @Test func `A directory is only removed when it is empty`() {
        let step = finding(.directory).nextStep
        #expect(step.contains("rmdir"))
        #expect(!step.contains("rm -"))
    }

    @Test func `A mount namespace's file points to the network namespace next to it`() {
        let finding = finding(.otherNamespace(type: "mnt"), path: "/proc/4711/ns/mnt")
        #expect(finding.cause.contains("a mount namespace"))
        #expect(finding.nextStep.contains("/proc/4711/ns/net"))
    }

    @Test func `Another type elsewhere gets no made-up path`() {
        let finding = finding(.otherNamespace(type: "user"), path: "/run/userns/x")
        #expect(finding.cause.contains("a user namespace"))
        #expect(!finding.nextStep.contains("/run/userns/net"))
    }

    @Test func `Missing rights name the capability`() {
        #expect(finding(.outOfReach(operation: "setns")).nextStep.contains("CAP_SYS_ADMIN"))
    }

    @Test func `The kernel's own text is kept`() {
        let object = NamespaceObject.failing(operation: "open", reason: "Too many open files")
        #expect(finding(object).cause.contains("open: Too many open files"))
    }
}
