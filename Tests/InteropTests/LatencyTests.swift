internal import TestSupport
internal import Testing

extension Interop {
    /// What the daemon asks of the processors' sleep.
    @Suite struct LatencyTests {
        /// How long processors may take to wake up, in microseconds, as all that ask have it.
        private func latency() throws -> Int {
            let text = try Command.run(["od", "-An", "-td4", "-N4", "/dev/cpu_dma_latency"])
            guard let number = Int(text.filter { !$0.isWhitespace }) else { throw LabError(text) }
            return number
        }

        @Test func `Processors are kept from deep sleep while the daemon runs and wants it`()
            async throws
        {
            try await withLab { lab in
                let node = try lab.namespace("node")
                let others = try latency()
                try #require(others > 7_000, "somebody asks for \(others) µs")
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(node.name)
                        stop-hold: 100ms
                        realtime: {cpu-dma-latency: 7ms}
                        peers: [{dest-addr: 10.9.1.1}]
                        """)
                try await daemon.start()
                #expect(try latency() == 7_000)
                try daemon.rewrite("7ms", to: "6ms")
                try await eventually("the new value holds") { try latency() == 6_000 }
                try daemon.rewrite("cpu-dma-latency: 6ms", to: "cpu-dma-latency: none")
                try await eventually("nothing is asked any more") { try latency() == others }
                try daemon.rewrite("cpu-dma-latency: none", to: "cpu-dma-latency: 5ms")
                try await eventually("the new value holds") { try latency() == 5_000 }
                try await daemon.kill9()
                try await eventually("the kernel has forgotten it") { try latency() == others }
            }
        }
    }
}
