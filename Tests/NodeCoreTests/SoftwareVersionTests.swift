import NodeCore
import Testing

/// What is known of the programs around us, by version.
@Suite struct SoftwareVersionTests {
    private func notes(_ product: SoftwareVersion.Product, _ text: String) -> String {
        SoftwareVersion(product, text, source: "x").notes.joined(separator: "\n")
    }

    @Test(arguments: [
        ("v1.11.9", false), ("v1.12.19", false), ("v1.12.20", true), ("v1.13.0", true),
        ("v1.14.0", true), ("v2.0.1", true),
    ])
    func `Since 1.13, and 1.12.20, the host does not see what kube-ovn-cni mounts`(
        _ version: String, _ isHidden: Bool
    ) {
        #expect(notes(.kubeOVN, version).contains("in its own pod only") == isHidden)
        #expect(notes(.kubeOVN, version).contains("for the host, too") != isHidden)
    }

    @Test func `A version that is none has no notes`() {
        #expect(notes(.kubeOVN, "unknown").isEmpty)
        #expect(SoftwareVersion(.kernel, "6.1.0-18-amd64", source: "").numbers == [6, 1, 0])
    }

    @Test func `NetworkManager's notes follow what kube-ovn-cni checks`() {
        #expect(notes(.networkManager, "1.4.2").contains("older than 1.6"))
        #expect(notes(.networkManager, "1.18.8-2.el7").contains("DNS"))
        #expect(notes(.networkManager, "1.42.4").isEmpty)
    }

    @Test func `Versions are read as the programs write them`() {
        let log = """
            I0321 09:14:05.1 7 cniserver.go:42]
            -------------------------------------------------------------------------------
            Kube-OVN:
              Version:       v1.12.4
              Build:         2023-12-14_09:21:11
            -------------------------------------------------------------------------------
            """
        #expect(
            SoftwareVersion.kubeOVN(inLog: log + log.replacing("v1.12.4", with: "v1.13.0"))
                == "v1.13.0")
        #expect(SoftwareVersion.kubeOVN(inLog: "Version: 1.2") == nil)
        #expect(
            SoftwareVersion.ovn(
                inLog: "00003|main|INFO|OVN internal version is : [23.03.1-20.27.0-70.6]")
                == "23.03.1")
        #expect(
            SoftwareVersion.openVSwitch(
                inLog: "00010|bridge|INFO|ovs-vswitchd (Open vSwitch) 3.1.0\n") == "3.1.0")
        #expect(SoftwareVersion.openVSwitch(inLog: "{\"ovs_version\":\"2.17.9\"}") == "2.17.9")
        #expect(SoftwareVersion.openVSwitch(inLog: "nothing") == nil)
    }

    @Test(arguments: PreflightFeature.allCases)
    func `What fails has words, what works or was not tried has none`(
        _ feature: PreflightFeature
    ) throws {
        let words = try #require(feature.explanation(.fails("Operation not permitted")))
        #expect(words.evidence.contains("Operation not permitted"))
        #expect(words.code.hasPrefix("preflight-"))
        #expect(!words.meaning.hasSuffix(".") && words.nextStep.hasSuffix("."))
        #expect(feature.explanation(.works("")) == nil)
        #expect(feature.explanation(.notTried("")) == nil)
    }
}
