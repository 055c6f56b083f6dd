import NodeCore
import Testing

/// What NetworkManager's traces say of links.
@Suite struct NetworkManagerTracesTests {
    private static let links: [LinkEvidence] = {
        var eth0 = LinkEvidence(index: 2, name: "eth0")
        eth0.hardwareAddress = [2, 0, 0, 0, 0, 1]
        return [
            LinkEvidence(index: 1, name: "lo"), eth0, LinkEvidence(index: 3, name: "eth1"),
            LinkEvidence(index: 7, name: "bond0", kind: "bond"),
        ]
    }()

    private static func words(
        alive isAlive: Bool = true, shares: Bool? = true,
        _ change: (inout NetworkManagerTraces) -> Void
    ) -> [UInt32: NetworkManagerEvidence.Word] {
        var traces = NetworkManagerTraces(isAlive: isAlive, sharesNamespace: shares)
        change(&traces)
        return traces.evidence(of: links).words
    }

    private static func profile(_ lines: String) -> String {
        "[connection]\nid=a\nuuid=1-2\n" + lines
    }

    @Test func `Its word on the bus outranks its files`() {
        let words = Self.words {
            $0.devices = [.init(interface: "eth0", isManaged: true)]
            $0.deviceFiles = [2: "[device]\nmanaged=false\n", 3: "[device]\nmanaged=true\n"]
        }
        #expect(words == [2: .managed, 3: .managed])
    }

    @Test func `A device file about another link that had the index before counts for nothing`() {
        let file = "[device]\nmanaged=true\nconnection-uuid=1-2\n"
        let words = { (name: String) in
            Self.words {
                $0.deviceFiles = [2: file]
                $0.profiles = [Self.profile("interface-name=\(name)\n")]
            }
        }
        #expect(words("eth0") == [2: .managed])
        // The profile is eth1's, and says so of eth1 itself.
        #expect(words("eth1") == [3: .managed])
    }

    @Test func `A profile manages the link that it names, by name or by address`() {
        #expect(
            Self.words { $0.profiles = [Self.profile("interface-name=bond0\n")] } == [7: .managed])
        let byAddress = Self.profile("type=ethernet\n[ethernet]\nmac-address=02:00:00:00:00:01\n")
        #expect(Self.words { $0.profiles = [byAddress] } == [2: .managed])
        let foreign = Self.profile("interface-name=bond0\n[.nmmeta]\nnm-generated=true\n")
        #expect(Self.words { $0.profiles = [foreign] } == [:])
        #expect(Self.words { $0.profiles = ["interface-name=eth0\n"] } == [:])
    }

    @Test(
        arguments: [
            ("[keyfile]\nunmanaged-devices=interface-name:eth*\n", [2, 3]),
            ("[keyfile]\nunmanaged-devices=interface-name:=eth*\n", []),
            ("[keyfile]\nunmanaged-devices=eth1;bond0\n", [3, 7]),
            ("[keyfile]\nunmanaged-devices=mac:02:00:00:00:00:01\n", [2]),
            ("[keyfile]\nunmanaged-devices=*,except:interface-name:eth0\n", [1, 3, 7]),
            ("[keyfile]\nunmanaged-devices=type:bond\n", [7]),
            // A cable or a radio: the exception may mean it.
            ("[keyfile]\nunmanaged-devices=*,except:type:wifi\n", [1, 7]),
            ("[keyfile]\nunmanaged-devices=driver:ixgbe\n", []),
            ("[device-ovn]\nmatch-device=interface-name:eth1\nmanaged=0\n", [3]),
            ("[device]\nmatch-device=interface-name:eth1\nmanaged=1\n", []),
            ("[keyfile]\nunmanaged-devices=eth0\n[keyfile]\nunmanaged-devices+=eth1\n", [2, 3]),
            ("[keyfile]\nunmanaged-devices=eth0;eth1\n[keyfile]\nunmanaged-devices-=eth1\n", [2]),
            ("[keyfile]\nunmanaged-devices=eth0\n[keyfile]\nunmanaged-devices=eth1\n", [3]),
            ("[main]\nunmanaged-devices=eth0\n# unmanaged-devices=eth1\n", []),
        ] as [(String, [UInt32])])
    func `Its configuration leaves links alone`(_ text: String, _ expected: [UInt32]) {
        let words = Self.words { $0.configuration = [text] }
        #expect(words.keys.sorted() == expected)
        #expect(words.values.allSatisfy { $0 == .unmanaged })
    }

    @Test func `A profile and a configuration that contradict each other say nothing`() {
        let words = Self.words {
            $0.profiles = [Self.profile("interface-name=eth0\n")]
            $0.configuration = ["[keyfile]\nunmanaged-devices=eth0\n"]
        }
        #expect(words == [:])
        let sections = "[device-a]\nmatch-device=*\nmanaged=0\n[device-b]\nmatch-device=eth0\n"
        #expect(
            Self.words { $0.configuration = [sections + "managed=true\n"] }.keys.sorted()
                == [1, 3, 7])
    }

    @Test func `In another namespace, or when it is dead, it says nothing of these links`() {
        let files: (inout NetworkManagerTraces) -> Void = {
            $0.deviceFiles = [2: "[device]\nmanaged=true\n"]
        }
        #expect(Self.words(files) == [2: .managed])
        #expect(Self.words(shares: nil, files) == [2: .managed])
        // Perhaps another eth0 is left alone: that frees none here.
        #expect(
            Self.words(shares: nil) { $0.deviceFiles = [2: "[device]\nmanaged=false\n"] } == [:])
        #expect(Self.words(shares: false, files) == [:])
        #expect(Self.words(alive: false, files) == [:])
    }
}
