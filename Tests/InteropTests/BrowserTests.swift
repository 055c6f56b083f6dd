internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// The status page as people see it, in Chromium.
    @Suite(.enabled(if: LabRequirements.areBrowsingTestsEnabled))
    struct BrowserTests {
        private static let headline = "document.getElementById('headline').textContent"
        private static let hostile = "<img src=x onerror='window.hit=1'>"

        /// The row of a session, as text on one line.
        private static func row(_ name: String) -> String {
            "[...document.querySelectorAll('#session-rows tr')]"
                + ".filter((row) => row.querySelector('.name').textContent === '\(name)')"
                + ".map((row) => row.innerText.replace(/\\s+/g, ' ')).join('')"
        }

        @Test func `The page follows sessions, routes and the daemon's end without a reload`()
            async throws
        {
            try await withLab { lab in
                let port = UInt16.random(in: 20_000..<30_000)
                let network = try ManyGateways(
                    in: lab, count: 3, settings: "metrics: {listen: \"127.0.0.1:\(port)\"}")
                try await network.start()
                let browser = try await Browser(in: lab)
                try await browser.resize(width: 1_280, height: 900)
                try await browser.open("http://127.0.0.1:\(port)/")
                try await browser.wait(until: "\(Self.headline) === 'All 3 sessions are up'")
                _ = try await browser.text("window.isSamePage = true")
                _ = try await browser.text(Self.listening)
                try await browser.wait(
                    until: "\(Self.row("gw-2")).startsWith('Up gw-2 10.9.1.2')")
                let route = "document.getElementById('route-rows').innerText"
                try await browser.wait(until: "\(route).includes('Complete')")
                try await browser.wait(until: "document.querySelectorAll('svg.plot').length === 2")
                try await browser.wait(until: "document.title.startsWith('3/3 up · ')")

                try network.peers.command("peer", "disable", "node-2")
                try await browser.wait(until: "\(Self.headline) === '2 of 3 sessions are up'")
                try await browser.wait(until: "\(Self.row("gw-2")).startsWith('Down, peer off')")
                try await browser.wait(
                    until: "\(route).includes('In part') && /Out\\s+gw-2/.test(\(route))")
                // Trouble stands first, and is told to those who do not see it.
                try await browser.wait(
                    until: "document.querySelector('#session-rows .name').textContent === 'gw-2'")
                try await browser.wait(until: "told.includes('gw-2 is Down, peer off')")
                try await browser.wait(
                    until: "document.getElementById('event-rows').innerText"
                        + ".includes('next-hop-removed (gw-2)')")
                try network.peers.command("peer", "enable", "node-2")
                try await browser.wait(until: "\(Self.headline) === 'All 3 sessions are up'")

                #expect(browser.complaints == [])
                let own = "http://127.0.0.1:\(port)/"
                #expect(
                    Set(browser.requests.filter { !$0.hasPrefix("data:") })
                        == [own, own + "status.json"])

                try await network.daemon.kill9()
                try await browser.wait(
                    until: "!document.getElementById('banner').hidden && document"
                        + ".getElementById('banner').textContent.includes('does not answer')")
                #expect(try await browser.text("document.body.className") == "stale")
                try await network.daemon.start()
                try await browser.wait(
                    until: "document.getElementById('banner').hidden"
                        + " && \(Self.headline) === 'All 3 sessions are up'")
                #expect(try await browser.text("window.isSamePage") == "true")
            }
        }

        @Test func `What a daemon waits for is told, and stays text`() async throws {
            try await withLab { lab in
                let port = UInt16.random(in: 20_000..<30_000)
                let place = try lab.makeFolder("x").appending(path: Self.hostile).path
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: "\(place)"
                        peers: [{name: tor-a, dest-addr: 10.9.0.1}]
                        metrics: {listen: "127.0.0.1:\(port)"}
                        """)
                try daemon.begin()
                let browser = try await Browser(in: lab)
                try await eventually("the port is there", within: 60) {
                    try Command.result(["curl", "--silent", "http://127.0.0.1:\(port)/"])
                        .status == 0
                }
                try await browser.open("http://127.0.0.1:\(port)/")
                try await browser.wait(
                    until: "document.getElementById('banner').textContent.includes(\""
                        + "\(Self.hostile)\")")
                #expect(try await browser.text(Self.headline) == "The daemon is not ready")
                #expect(try await browser.text("document.images.length") == "0")
                #expect(try await browser.text("window.hit") == "undefined")
            }
        }

        @Test func `Names and causes stay text, and a thousand sessions fit on a phone`()
            async throws
        {
            try await withLab { lab in
                let (daemon, port) = try GatewatchDaemon.idle(
                    in: lab, peers: "[{name: tor-a, dest-addr: 10.9.0.1}]",
                    "routes: [{prefix: 10.1.0.0/16, next-hops: [{peer: tor-a}]}]")
                try await daemon.start()
                let browser = try await Browser(in: lab)
                try await browser.runFirst(Self.crowd)
                try await browser.resize(width: 360, height: 740)
                try await browser.open("http://127.0.0.1:\(port)/")
                try await browser.wait(
                    until: "\(Self.headline) === 'None of 1,000 sessions is up'")
                #expect(try await browser.text("document.images.length") == "0")
                #expect(try await browser.text("window.hit") == "undefined")
                for part in ["session-rows", "route-rows", "event-rows", "remarks"] {
                    let text = try await browser.text(
                        "document.getElementById('\(part)').textContent")
                    #expect(text.contains(Self.hostile), "\(part)")
                }
                for width in [360, 390, 768, 1_280] {
                    try await browser.resize(width: width, height: 740)
                    try await browser.wait(
                        until: "innerWidth === \(width)"
                            + " && document.documentElement.scrollWidth <= innerWidth",
                        evidence: "[innerWidth, document.documentElement.scrollWidth]")
                }
                let rows = "document.querySelectorAll('#session-rows > tr').length"
                #expect(try await browser.text(rows) == "30")
                try await browser.press("/")
                #expect(try await browser.text("document.activeElement.id") == "filter")
                for key in "-77" { try await browser.press(key) }
                // 77 and 770 to 779.
                try await browser.wait(until: "\(rows) === 11")
                _ = try await browser.text(
                    "document.getElementById('tools').reset(), showSessions()")
                _ = try await browser.text("document.getElementById('sessions-more').click()")
                #expect(try await browser.text(rows) == "130")
                #expect(browser.complaints == [])
            }
        }

        @Test func `A clock that is set back and a report that cannot be shown pass for no truth`()
            async throws
        {
            try await withLab { lab in
                let (daemon, port) = try GatewatchDaemon.idle(
                    in: lab, peers: "[{name: tor-a, dest-addr: 10.9.0.1}]")
                try await daemon.start()
                let browser = try await Browser(in: lab)
                try await browser.open("http://127.0.0.1:\(port)/")
                try await browser.wait(until: "\(Self.headline) === 'The session is not up'")
                // From here on only this test reports, in the daemon's place.
                try await browser.wait(
                    until: "!view.isAsking && (clearTimeout(view.timer), view.isAsking = true)")
                let report = { (change: String) in
                    "(attempt({ ...view.report, \(change) }), showLife(), "
                        + "document.getElementById('tiles').innerText)"
                }
                let earlier =
                    "time: new Date(Date.parse(view.report.time) - 3600e3).toISOString(), "
                    + "summary: { ...view.report.summary, 'number-of-sessions-up': 1, "
                    + "'number-of-sessions-down': 0 }"
                #expect(try await browser.text(report(earlier)).contains("1 of 1"))
                #expect(try await browser.text("view.history.samples.length") == "1")

                _ = try await browser.text(report("sessions: [{}]"))
                let banner = "document.getElementById('banner')"
                #expect(try await browser.text("\(banner).hidden") == "false")
                #expect(try await browser.text("\(banner).textContent").contains("cannot show"))
                let isStale = "document.body.classList.contains('stale')"
                #expect(try await browser.text(isStale) == "true")
            }
        }

        @Test func `Text can be read in the light and in the dark, also with no sessions`()
            async throws
        {
            try await withLab { lab in
                let (daemon, port) = try GatewatchDaemon.idle(in: lab, peers: "[]")
                try await daemon.start()
                let browser = try await Browser(in: lab)
                try await browser.open("http://127.0.0.1:\(port)/")
                try await browser.wait(until: "\(Self.headline) === 'No sessions yet'")
                var grounds: Set<String> = []
                for isDark in [false, true] {
                    try await browser.resize(width: 390, height: 800, isDark: isDark)
                    grounds.insert(
                        try await browser.text("getComputedStyle(document.body).backgroundColor"))
                    let poor = try await browser.text(Self.poorContrasts)
                    #expect(poor == "", "dark: \(isDark)")
                }
                #expect(grounds.count == 2)
                #expect(browser.complaints == [])
            }
        }

        /// Keeps what is told to those who do not see the page.
        private static let listening = """
            window.told = [],
            new MutationObserver(() => told.push(byId("announcement").textContent))
              .observe(byId("announcement"), { childList: true, characterData: true })
            """

        /// Makes of what the daemon says a thousand sessions whose texts are markup.
        private static let crowd = """
            const honest = window.fetch;
            window.fetch = async (...all) => {
              const report = await (await honest(...all)).json();
              const bad = "\(hostile)";
              const [session] = report.sessions;
              report.sessions = [...Array(1000).keys()].map((number) => ({
                ...session, name: bad + "x".repeat(60) + "-" + (number + 1), "last-cause": bad,
                interface: bad, routes: [bad, bad + 2],
              }));
              report.summary["number-of-sessions"] = 1000;
              report.host = report.version.namespace = bad;
              for (const route of report.routes) {
                route.prefix = route.error = bad;
                for (const hop of route["next-hops"]) hop.peer = hop.via = hop.reason = bad;
              }
              for (const event of report.events.events) event.cause = event.peer = bad;
              return { ok: true, json: async () => report };
            };
            """

        /// Texts whose contrast with what is behind them is less than 4.5 (WCAG 2, AA).
        private static let poorContrasts = """
            (() => {
              const numbers = (color) => color.match(/[0-9.]+/g).map(Number);
              const light = (color) => numbers(color).slice(0, 3).map((part) => part / 255)
                .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
                .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
              const behind = (node) => {
                const color = getComputedStyle(node).backgroundColor;
                const isClear = numbers(color)[3] === 0;
                return isClear && node.parentElement ? behind(node.parentElement) : color;
              };
              for (const kind of ["good", "warn", "bad", "off"]) {
                const one = pill();
                one.set(kind, "sample " + kind);
                byId("facts").append(one.node);
              }
              const poor = [];
              for (const node of document.body.querySelectorAll("*")) {
                const isText = [...node.childNodes].some(
                  (child) => child.nodeType === 3 && child.data.trim() !== "");
                if (!isText || node.closest("svg, script, noscript, [hidden], .unseen")) continue;
                const pair = [getComputedStyle(node).color, behind(node)].map(light)
                  .sort((one, other) => one - other);
                const contrast = (pair[1] + 0.05) / (pair[0] + 0.05);
                if (contrast < 4.5) poor.push(node.textContent.slice(0, 30) + " " + contrast);
              }
              return poor.join("; ");
            })()
            """
    }
}
