import NodeCore
import NodeSurvey
import Testing

/// NetworkManager's traces, looked for in trees made for it.
@Suite struct NetworkManagerSurveyTests {
    @Test func `Without a process and without files it does not run`() throws {
        let fake = try FakeTree()
        try fake.write("/proc/7/comm", "NetworkManagerX\n")
        #expect(!fake.survey.traces(inNamespace: 5).isAlive)
    }

    @Test func `Its namespace is compared with the links'`() throws {
        let fake = try FakeTree()
        try fake.runNetworkManager(process: 7, namespace: 5)
        #expect(fake.survey.traces(inNamespace: 5).sharesNamespace == true)
        #expect(fake.survey.traces(inNamespace: 6).sharesNamespace == false)
        #expect(fake.survey.traces(inNamespace: nil).sharesNamespace == nil)
    }

    @Test func `Of several the one in the namespace counts, with the files it sees`() throws {
        let fake = try FakeTree()
        try fake.runNetworkManager(process: 7, namespace: 5)
        try fake.runNetworkManager(process: 8, namespace: 6)
        try fake.write("/run/NetworkManager/devices/2", "host")
        try fake.write("/proc/8/root/run/NetworkManager/devices/2", "container")
        #expect(fake.survey.traces(inNamespace: 5).deviceFiles == [2: "host"])
        #expect(fake.survey.traces(inNamespace: 6).deviceFiles == [2: "container"])
    }

    @Test func `Its files count where the host's processes are out of sight`() throws {
        let device = "/run/NetworkManager/devices/2"
        let host = try FakeTree()
        try host.write(device, "left behind")
        try host.link("/proc/self/ns/pid", to: "pid:[4026531836]")
        #expect(!host.survey.traces(inNamespace: 5).isAlive)
        let pod = try FakeTree()
        try pod.write(device, "managed")
        try pod.link("/proc/self/ns/pid", to: "pid:[4026532999]")
        let traces = pod.survey.traces(inNamespace: 5)
        #expect(traces.isAlive)
        #expect(traces.sharesNamespace == nil)
        #expect(traces.deviceFiles == [2: "managed"])
    }

    @Test func `Files are read from all places, an operator's before a package's`() throws {
        let fake = try FakeTree()
        try fake.runNetworkManager(process: 7, namespace: 5)
        let conf = "/NetworkManager/conf.d/"
        try fake.write("/usr/lib\(conf)10-a.conf", "hidden")
        try fake.write("/usr/lib\(conf)20-b.conf", "packaged")
        try fake.write("/run\(conf)15-c.conf", "made at run time")
        try fake.write("/etc/NetworkManager/NetworkManager.conf", "main")
        try fake.write("/etc\(conf)10-a.conf", "own")
        try fake.write("/etc\(conf)10-a.conf~", "no configuration")
        let profiles = "/NetworkManager/system-connections/"
        try fake.write("/etc\(profiles)wired.nmconnection", "one")
        try fake.write("/run\(profiles)other.nmconnection", "two")
        try fake.write("/run/NetworkManager/devices/12", "device")
        try fake.write("/run/NetworkManager/devices/12.Q3K", "being written")
        let traces = fake.survey.traces(inNamespace: 5)
        #expect(traces.configuration == ["made at run time", "packaged", "main", "own"])
        #expect(traces.profiles == ["one", "two"])
        #expect(traces.deviceFiles == [12: "device"])
    }
}
