import LinuxSystem
import NodeCore
import NodeSurvey
import Testing

/// Versions out of files that other programs leave.
@Suite struct VersionSurveyTests {
    private func tree(_ files: [String: String]) throws -> FakeTree {
        let tree = try FakeTree()
        for (path, text) in files { try tree.write("/" + path, text) }
        return tree
    }

    @Test func `Every product is found where it leaves its version`() throws {
        let files = try tree([
            "proc/sys/kernel/osrelease": "6.1.0-18-amd64\n",
            "var/log/kube-ovn/kube-ovn-cni.log": "Kube-OVN:\n  Version:       v1.13.2\n",
            "var/log/kube-ovn/kube-ovn-cni.log.1": "Kube-OVN:\n  Version:       v1.11.0\n",
            "var/log/ovn/ovn-controller.log": "OVN internal version is : [24.03.2-20.33.0-76.8]",
            "etc/origin/openvswitch/conf.db": "{\"ovs_version\":\"3.3.1\"}",
            "usr/lib64/NetworkManager/1.40.16-1.el8/libnm-team.so": "",
        ])
        let versions = VersionSurvey(files.tree).versions()
        #expect(
            versions.map { "\($0.product.rawValue) \($0.text)" } == [
                "Kube-OVN v1.13.2", "OVN 24.03.2", "Open vSwitch 3.3.1",
                "NetworkManager 1.40.16-1.el8", "Linux 6.1.0-18-amd64",
            ])
        #expect(versions.first?.source == "/var/log/kube-ovn/kube-ovn-cni.log")
    }

    @Test func `Debian's package list names NetworkManager`() throws {
        let files = try tree([
            "var/lib/dpkg/status":
                "Package: network-manager-gnome\nVersion: 9\n\nPackage: network-manager\n"
                + "Status: install ok installed\nVersion: 1.42.4-1\n"
        ])
        #expect(VersionSurvey(files.tree).versions().map(\.text) == ["1.42.4-1"])
    }

    @Test func `An empty tree has no versions`() throws {
        let files = try tree([:])
        #expect(VersionSurvey(files.tree).versions().isEmpty)
    }

    @Test(arguments: [("000001ffffffffff", true), ("0000000000003000", false)])
    func `Missing capabilities are named`(_ bits: String, _ isEnough: Bool) throws {
        let files = try tree(["proc/self/status": "Name:\tx\nCapEff:\t\(bits)\n"])
        let trial = CapabilitySurvey.trial(files.tree)
        if isEnough {
            #expect(trial != .fails(""))
        } else {
            #expect(trial == .fails("CAP_NET_BIND_SERVICE, CAP_SYS_ADMIN missing"))
        }
    }
}
