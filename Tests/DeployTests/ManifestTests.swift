import BFDCore
import Daemon
import Foundation
import Testing

/// What the manifests for Kubernetes must say, whatever else they do.
@Suite struct ManifestTests {
    @Test(arguments: ["configmap", "daemonset", "podmonitor"])
    func `Every object has a kind, the same name and the same label`(_ name: String) throws {
        let object = try Deployment.manifest("kubernetes/\(name).yaml")
        #expect(object["apiVersion"].text != nil && object["kind"].text?.lowercased() == name)
        #expect(object["metadata"]["name"].text == "gatewatch")
        #expect(object["metadata"]["labels"]["app"].text == "gatewatch")
    }

    @Test func `Nothing asks the API server for anything`() throws {
        let files = try FileManager.default.contentsOfDirectory(
            atPath: Deployment.folder.appending(path: "kubernetes").path)
        for file in files {
            let kind = try Deployment.manifest("kubernetes/\(file)")["kind"].text ?? ""
            #expect(!kind.contains("Role") && kind != "ServiceAccount", "\(file)")
        }
        let pod = try pod()
        #expect(pod["automountServiceAccountToken"].flag == false)
        #expect(pod["serviceAccountName"].text == nil)
    }

    @Test func `The container has three capabilities and a root that nobody writes to`() throws {
        let security = try container()["securityContext"]
        #expect(security["privileged"].flag == false)
        #expect(security["allowPrivilegeEscalation"].flag == false)
        #expect(security["readOnlyRootFilesystem"].flag == true)
        #expect(security["capabilities"]["drop"].texts == ["ALL"])
        #expect(security["capabilities"]["add"].texts == ["NET_ADMIN", "NET_RAW", "SYS_ADMIN"])
        #expect(try pod()["securityContext"]["seccompProfile"]["type"].text == "RuntimeDefault")
        for name in ["hostPID", "hostIPC"] { #expect(try pod()[name].flag == nil) }
    }

    @Test func `It gets what Kube-OVN's gateway pods get`() throws {
        let resources = try container()["resources"]
        #expect(resources["requests"]["cpu"].text == "200m")
        #expect(resources["requests"]["memory"].text == "50Mi")
        #expect(resources["limits"]["cpu"].text == "300m")
        #expect(resources["limits"]["memory"].text == "64Mi")
    }

    @Test func `Namespaces that are made later come through, and state outlives the pod`() throws {
        let pod = try pod()
        #expect(pod["hostNetwork"].flag == true)
        let mounts = try container()["volumeMounts"].list
        let names = mounts.compactMap { $0["name"].text }
        #expect(Set(names) == Set(pod["volumes"].list.compactMap { $0["name"].text }))
        let namespaces = try container()["volumeMounts"].named("namespaces")
        #expect(namespaces["mountPath"].text == "/run/netns")
        #expect(namespaces["mountPropagation"].text == "HostToContainer")
        #expect(pod["volumes"].named("namespaces")["hostPath"]["path"].text == "/run/netns")
        #expect(pod["volumes"].named("state")["hostPath"]["path"].text == "/run/gatewatch")
        let configuration = pod["volumes"].named("configuration")["configMap"]["name"].text
        #expect(
            try configuration
                == Deployment.manifest("kubernetes/configmap.yaml")["metadata"]["name"].text)
    }

    @Test func `Every object finds the pods by the label they have`() throws {
        let set = try Deployment.manifest("kubernetes/daemonset.yaml")["spec"]
        let label = set["template"]["metadata"]["labels"]["app"].text
        #expect(label == "gatewatch" && set["selector"]["matchLabels"]["app"].text == label)
        let monitor = try Deployment.manifest("kubernetes/podmonitor.yaml")["spec"]
        #expect(monitor["selector"]["matchLabels"]["app"].text == label)
        #expect(monitor["podMetricsEndpoints"].list.allSatisfy { $0["port"].text == "metrics" })
        #expect(set["updateStrategy"]["rollingUpdate"]["maxUnavailable"].number == 1)
    }

    @Test func `Probes ask the metrics port, which is the one that Prometheus reads`() throws {
        let listen = try #require(try configuration().metrics)
        let port = try #require(try container()["ports"].list.first)
        #expect(port["name"].text == "metrics")
        #expect(port["containerPort"].number == Int(listen.port))
        let probes = [
            ("startupProbe", "/healthz"), ("livenessProbe", "/healthz"),
            ("readinessProbe", "/readyz"),
        ]
        for (name, path) in probes {
            let probe = try container()[name]
            #expect(probe["httpGet"]["path"].text == path, "\(name)")
            #expect(probe["httpGet"]["port"].text == "metrics")
            // The port may listen on the loopback alone.
            #expect(probe["httpGet"]["host"].text == "127.0.0.1")
            // A thread that hangs is told of after 0.8 s.
            #expect(try #require(probe["timeoutSeconds"].number) >= 2)
        }
    }

    @Test func `The page that asks nobody who he is is not open to the network`() throws {
        let metrics = try #require(try configuration().metrics)
        #expect(!metrics.showsPage || "\(metrics.address)" == "127.0.0.1")
    }

    @Test func `The pod is given time to tell its peers that it stops`() throws {
        let configuration = try configuration()
        let grace = try #require(try pod()["terminationGracePeriodSeconds"].number)
        #expect(Int64(grace) * 1_000_000_000 > 2 * configuration.stopHold.count)
    }

    @Test func `What the containers run is valid, and so is what the package installs`() throws {
        #expect(try configuration().peers.count == 2)
        let own = try Deployment.text("gatewatch.yaml")
        let report = ConfigurationFile.read(Array(own.utf8), name: "gatewatch.yaml")
        #expect(report.errorCount == 0, "\(report.lines)")
        // And so it is with its comment taken off.
        let sample = own.replacing("peers: []", with: "").split(separator: "\n")
            .dropFirst().map { $0.hasPrefix("# ") ? String($0.dropFirst(2)) : "" }
        let full = ConfigurationFile.read(
            Array(sample.joined(separator: "\n").utf8), name: "gatewatch.yaml")
        #expect(full.lines == [] && full.configuration?.peers.count == 2, "\(full.lines)")
    }

    private func configuration() throws -> DaemonConfiguration {
        let text = try #require(
            try Deployment.manifest("kubernetes/configmap.yaml")["data"]["gatewatch.yaml"].text)
        let report = ConfigurationFile.read(Array(text.utf8), name: "gatewatch.yaml")
        #expect(report.lines == [])
        return try #require(report.configuration)
    }

    private func pod() throws -> Manifest {
        try Deployment.manifest("kubernetes/daemonset.yaml")["spec"]["template"]["spec"]
    }

    private func container() throws -> Manifest {
        let containers = try pod()["containers"].list
        try #require(containers.count == 1)
        return containers[0]
    }
}
