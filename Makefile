# What a person does with this tree. `make` alone prints the list.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift

# Needed to build and to run; and what the tests measure Gatewatch against.
LIBRARIES := libev-dev libnl-3-dev libnl-route-3-dev pkg-config
TEST_TOOLS := abigail-tools binutils bird2 chromium curl dbus debootstrap dpkg-dev frr \
    golang-go groff-base iproute2 libcap2-bin network-manager nftables procps prometheus python3 \
    python3-venv socat strace systemd tmux tshark util-linux valgrind
BENCH_TOOLS := linux-perf python3-matplotlib util-linux valgrind

# Swift's own libraries go into the binary, so that a node needs libev and libnl only.
BUILD := $(SWIFT) build --configuration release --product gatewatch --static-swift-stdlib
SOURCES := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources \
    Benchmarks/EngineBenchmarks

.DEFAULT_GOAL := help
.PHONY: help deps test-deps build demo test test-again soak conformance mutants fuzz sanitize \
    bench bench-check bench-jitter bench-times bench-agent lint library docs install \
    install-files install-library uninstall deb clean
# Every recipe drives one package manager that locks its folder: side by side they would only wait.
.NOTPARALLEL:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

help: ## print this list
	@echo 'Gatewatch: BFD sessions that move routes. Targets:'
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)$$/\1|\2/p' $(firstword $(MAKEFILE_LIST)) \
	| while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done
	@echo 'Variables: PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) SWIFT=$(SWIFT)'

# install_missing PACKAGES: asks dpkg first, so that nothing is fetched when all is there. Services
# of freshly installed packages are not started: a policy-rc.d of ours stands in meanwhile.
define install_missing
	@missing=''; \
	if ! command -v dpkg-query >/dev/null; then \
	    echo 'error: no dpkg here, so install the equivalents of these by hand: $(1)' >&2; exit 1; \
	fi; \
	for name in $(1); do \
	    status=$$(dpkg-query --show --showformat='$${db:Status-Status}' "$$name" 2>/dev/null) || true; \
	    [ "$$status" = installed ] || missing="$$missing $$name"; \
	done; \
	if [ -z "$$missing" ]; then echo 'already installed: $(1)'; exit 0; fi; \
	if [ "$$(id -u)" != 0 ]; then \
	    echo "error: missing$$missing" >&2; \
	    echo "       run this as root: apt-get install$$missing" >&2; exit 1; \
	fi; \
	echo "installing$$missing"; \
	policy=/usr/sbin/policy-rc.d; \
	if [ ! -e $$policy ]; then \
	    trap 'rm -f /usr/sbin/policy-rc.d' EXIT; \
	    trap 'exit 130' INT TERM; \
	    printf '#!/bin/sh\nexit 101\n' >$$policy; chmod 755 $$policy; \
	fi; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get update --quiet=2 && \
	apt-get install --quiet=2 --yes --no-install-recommends $$missing
endef

deps: ## install libev and libnl when they are missing (Debian, as root)
	$(call install_missing,$(LIBRARIES))

# Holds the description of the control API against the daemon.
SCHEMATHESIS := .build/schemathesis

test-deps: deps ## install what the tests run against: BIRD, FRR, NetworkManager, schemathesis
	$(call install_missing,$(TEST_TOOLS))
	@test -x $(SCHEMATHESIS)/bin/schemathesis || { \
	    /usr/bin/python3 -m venv $(SCHEMATHESIS) && \
	    $(SCHEMATHESIS)/bin/pip install --quiet schemathesis==4.32.5; }

build: deps ## build the release binary
	$(BUILD)
	@echo "built $$($(BUILD) --show-bin-path)/gatewatch"

demo: build ## the main job in a lab of network namespaces (as root)
	@"$$($(BUILD) --show-bin-path)/gatewatch" demo

# Labs measure milliseconds, so they run by themselves, after everything that keeps processors busy.
LABS := ^(ABITests|KernelTests|InteropTests)\.
RUN_TESTS := $(SWIFT) test --skip-build --disable-xctest
LAB_RESULTS := .build/labs.xml
RUN_LABS := $(RUN_TESTS) --no-parallel --xunit-output $(LAB_RESULTS)

test: test-deps ## run all tests (as root)
	@rm -f $(LAB_RESULTS)
	$(SWIFT) build --build-tests
	$(RUN_TESTS) --skip '$(LABS)'
	$(RUN_LABS) --filter '$(LABS)'

# All of a name but letters and digits stands for any one character: it is an expression there. An
# expression that finds less than what failed would pass.
test-again: ## run the labs once more, those alone that failed last time (as root)
	@test -s $(LAB_RESULTS) || { echo 'error: no lab has run: make test' >&2; exit 1; }
	@export LC_ALL=C.UTF-8; \
	failed=$$(awk '/<testcase/ { name = $$0 } /<failure/ { print name }' $(LAB_RESULTS) \
	    | sed -E 's/ time=.*//' | sort -u \
	    | sed -E 's/.*classname="(.*)" name="(.*)"$$/\1.\2/; s/[^[:alnum:]]/./g; s/^/^/'); \
	[ -n "$$failed" ] || { echo 'no lab failed'; exit 0; }; \
	$(RUN_LABS) --filter "$$(echo "$$failed" | paste -sd '|')" && \
	[ "$$(grep -c '<testcase' $(LAB_RESULTS))" -ge "$$(echo "$$failed" | wc -l)" ]

SEEDS ?= 10000
HOURS ?= 1
FIRST ?= 1
BUILD_SOAK := $(SWIFT) build --configuration release --product Soak

soak: ## simulate SEEDS=10000 runs of HOURS=1 virtual hours each, and 100,000 live changes
	$(BUILD_SOAK)
	nice "$$($(BUILD_SOAK) --show-bin-path)/Soak" $(SEEDS) $(HOURS) $(FIRST) fixtures/seeds.txt
	nice "$$($(BUILD_SOAK) --show-bin-path)/Soak" changes 100000

# What holds the tests to account, compiled by itself: no product of the package needs it.
PROOF := .build/proof
EVENTS := .build/events
STREAM := --event-stream-version 0 --event-stream-output-path $(EVENTS)
BUILD_PROOF := swiftc -swift-version 6 -parse-as-library -o $(PROOF) Tests/Proof/*.swift

conformance: test-deps ## run all tests, print requirement, test, passed; fail without (as root)
	$(SWIFT) build --build-tests
	@mkdir -p $(EVENTS)
	-$(RUN_TESTS) --skip '$(LABS)' $(STREAM)/core.jsonl
	-$(RUN_TESTS) --filter '$(LABS)' --no-parallel $(STREAM)/labs.jsonl
	$(BUILD_PROOF)
	$(PROOF) conformance $(EVENTS)/core.jsonl $(EVENTS)/labs.jsonl

MUTANTS ?=

mutants: deps ## change the core line by line, show which test notices; MUTANTS='Timers 17'
	$(SWIFT) build --target BFDCoreTests
	$(BUILD_PROOF)
	nice $(PROOF) mutants $(MUTANTS)

# Fuzzers: BFDCore compiled with coverage and address checks; the daemon's two need its libraries
# compiled so, too, which takes a while the first time.
SECONDS ?= 60
TARGETS ?= Codec Engine Configuration Control
FUZZ := .build/fuzz
FUZZ_FLAGS := -O -swift-version 6 -parse-as-library -sanitize=fuzzer,address
FUZZ_FEATURES := $(addprefix -enable-upcoming-feature ,InternalImportsByDefault \
    MemberImportVisibility ExistentialAny)
BUILD_FUZZ := $(SWIFT) build --configuration release --scratch-path .build-fuzz --target Daemon \
    -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address

fuzz: deps ## fuzz each of TARGETS for SECONDS=60; findings go to fixtures/fuzz
	@mkdir -p $(FUZZ)
	@SWIFT='$(SWIFT)' BUILD='$(BUILD_FUZZ)' FLAGS='$(FUZZ_FLAGS)' OUT='$(FUZZ)' \
	FEATURES='$(FUZZ_FEATURES)' sh Tests/Fuzz/fuzz.sh $(SECONDS) $(TARGETS)

# The library compiled for each sanitizer, which takes a while the first time.
SANITIZE := Tests/ABITests/Programs/sanitize.sh
SANITIZED := .build/sanitized
BUILD_SANITIZED = $(SWIFT) build --configuration release --product GatewatchABI -Xswiftc -g \
    --scratch-path .build-$(1) --sanitize=$(1)
RUN_SANITIZED = sh $(SANITIZE) $(1) \
    "$$($(call BUILD_SANITIZED,$(1)) --show-bin-path)/libGatewatchABI.a" $(SANITIZED)/$(1)

sanitize: library ## look for leaks, misused memory and races in the library (as root)
	$(call install_missing,iproute2)
	sh $(SANITIZE) leak "$$PWD/$(LIBRARY)/libgatewatch.so.0" $(SANITIZED)/leak
	$(call BUILD_SANITIZED,address)
	$(call RUN_SANITIZED,address)
	$(call BUILD_SANITIZED,thread)
	$(call RUN_SANITIZED,thread)

# The instruments are a package of their own.
REPEATS ?= 3
SECONDS_EACH ?= 10
RESULTS ?= Benchmarks/Results/latest
HARNESS := /usr/bin/python3 Benchmarks/harness

BUILD_BENCH := $(SWIFT) build --configuration release --package-path Benchmarks --product
BUILD_LAB := for product in observer floor allocations; do $(BUILD_BENCH) $$product || exit 1; done

bench: build ## Gatewatch beside BIRD, FRR and a bare loop, into RESULTS (as root, about 30 min)
	$(call install_missing,$(TEST_TOOLS) $(BENCH_TOOLS))
	$(BUILD_LAB)
	$(HARNESS) matrix gatewatch bird frr floor --repeats $(REPEATS) --seconds $(SECONDS_EACH) \
	    --detection 200 --output $(RESULTS) --gatewatch "$$($(BUILD) --show-bin-path)/gatewatch"

bench-check: deps ## hold allocations and instructions against Benchmarks/Thresholds (as root)
	$(call install_missing,binutils iproute2 procps util-linux valgrind)
	$(BUILD_BENCH) engine-counts
	$(BUILD_LAB)
	$(HARNESS) counts
	$(SWIFT) build --product gatewatch
	$(HARNESS) allocations --gatewatch "$$($(SWIFT) build --show-bin-path)/gatewatch"

bench-jitter: build ## timer sources side by side over a grid, into RESULTS (as root, about 7 min)
	$(call install_missing,python3-matplotlib)
	$(HARNESS) jitter --output $(RESULTS) --gatewatch "$$($(BUILD) --show-bin-path)/gatewatch"

bench-times: deps ## time the engine's operations by the clock
	GATEWATCH_TIMES=1 $(SWIFT) package --package-path Benchmarks --scratch-path .build-times \
	    benchmark --target EngineBenchmarks

bench-agent: build library ## the C agent beside the daemon; size and start of the library (as root)
	$(call install_missing,iproute2 util-linux binutils python3)
	$(BUILD_LAB)
	$(HARNESS) observe gatewatch embedded embedded:managed --sessions 1000 --interval 100000 \
	    --repeats $(REPEATS) --seconds $(SECONDS_EACH) \
	    --gatewatch "$$($(BUILD) --show-bin-path)/gatewatch"
	$(HARNESS) library

lint: ## hold every Swift file against .swift-format
	$(SWIFT) format lint --strict --recursive $(SOURCES)
	@echo 'lint: no finding'

# The library for C: one archive out of the same objects as the program, linked by itself.
BUILD_LIBRARY := $(SWIFT) build --configuration release --product GatewatchABI \
    --static-swift-stdlib
LIBRARY := .build/library

library: deps ## build the library for C programs, libgatewatch.so.0
	$(call install_missing,binutils)
	$(BUILD_LIBRARY)
	sh deploy/library/link.sh "$$($(BUILD_LIBRARY) --show-bin-path)/libGatewatchABI.a" $(LIBRARY)
	@echo 'built $(LIBRARY)/libgatewatch.so.0'

docs: deps ## render the documentation of the library into .build/docs, without a warning
	$(SWIFT) build --target Gatewatch
	sh deploy/library/docs.sh "$$($(SWIFT) build --show-bin-path)" .build/docs
	@echo 'rendered .build/docs/Gatewatch.doccarchive'

install: build library ## install into $(DESTDIR)$(PREFIX): program, manual pages, completions, unit
	$(call install_missing,python3)
	$(MAKE) --no-print-directory install-files BINARY="$$($(BUILD) --show-bin-path)/gatewatch"
	$(MAKE) --no-print-directory install-library LIBRARY=$(LIBRARY)

# What is installed, below $(PREFIX); manual pages are as many as there are commands.
UNIT := lib/systemd/system/gatewatch.service
SYSUSERS := lib/sysusers.d/gatewatch.conf
MANUAL := share/man/man1
MANUAL8 := share/man/man8
# The names by which it stands in OpenBFDD's place.
FACES := bfdd-beacon bfdd-control
BASH := share/bash-completion/completions/gatewatch
ZSH := share/zsh/vendor-completions/_gatewatch
FISH := share/fish/vendor_completions.d/gatewatch.fish
ROOT := $(DESTDIR)$(PREFIX)

# A rule without help: "make install" and "make deb" come here with the BINARY they have built.
install-files:
	@for path in bin/gatewatch $(UNIT) $(SYSUSERS) $(BASH) $(ZSH) $(FISH) $(MANUAL)/x; do \
	    install -d "$(ROOT)/$$(dirname $$path)" || exit 1; \
	done
	install -m 755 -s '$(BINARY)' '$(ROOT)/bin/gatewatch'
	@for name in $(FACES); do ln -sf gatewatch "$(ROOT)/bin/$$name" || exit 1; done
	@install -d '$(ROOT)/$(MANUAL8)'
	install -m 644 $(FACES:%=deploy/man/%.8) '$(ROOT)/$(MANUAL8)'
	'$(BINARY)' --generate-completion-script bash >'$(ROOT)/$(BASH)'
	'$(BINARY)' --generate-completion-script zsh >'$(ROOT)/$(ZSH)'
	'$(BINARY)' --generate-completion-script fish >'$(ROOT)/$(FISH)'
	'$(BINARY)' --experimental-dump-help | python3 deploy/man/manual.py '$(ROOT)/$(MANUAL)'
	sed 's|@PREFIX@|$(PREFIX)|' deploy/systemd/gatewatch.service >'$(ROOT)/$(UNIT)'
	install -m 644 deploy/systemd/gatewatch.sysusers '$(ROOT)/$(SYSUSERS)'
	@chmod 644 '$(ROOT)/$(BASH)' '$(ROOT)/$(ZSH)' '$(ROOT)/$(FISH)' '$(ROOT)/$(UNIT)' \
	    '$(ROOT)/$(MANUAL)'/gatewatch*.1

# What C programs are made with and run with, out of the folder LIBRARY.
HEADERS := gatewatch.h gatewatch_session.h gatewatch_core.h
SHARED := lib/libgatewatch.so
PKGCONFIG := lib/pkgconfig/gatewatch.pc
MANUAL3 := share/man/man3
VERSION = $(shell sed -n 's/.*text: String { "\(.*\)" }.*/\1/p' \
    Sources/ControlProtocol/ProductVersion.swift)

install-library:
	@for path in include/x $(SHARED) $(PKGCONFIG) $(MANUAL3)/x; do \
	    install -d "$(ROOT)/$$(dirname $$path)" || exit 1; \
	done
	install -m 644 $(HEADERS:%=Sources/CGatewatch/include/%) '$(ROOT)/include'
	install -m 644 -s '$(LIBRARY)/libgatewatch.so.0' '$(ROOT)/$(SHARED).0'
	ln -sf libgatewatch.so.0 '$(ROOT)/$(SHARED)'
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' deploy/library/gatewatch.pc.in \
	    >'$(ROOT)/$(PKGCONFIG)'
	python3 deploy/man/header.py '$(VERSION)' Sources/CGatewatch/include/gatewatch.h \
	    Sources/CGatewatch/include/gatewatch_core.h >'$(ROOT)/$(MANUAL3)/gatewatch.3'
	@chmod 644 '$(ROOT)/$(PKGCONFIG)' '$(ROOT)/$(MANUAL3)/gatewatch.3'
	@# Programs find it by the loader's own list, which a tree to be packed has nothing to do with.
	@[ -n '$(DESTDIR)' ] || ! [ -w /etc/ld.so.cache ] || ldconfig

uninstall: ## remove what install installed; configuration and state stay
	@for name in $(FACES); do \
	    rm -f "$(ROOT)/bin/$$name" "$(ROOT)/$(MANUAL8)/$$name.8" || exit 1; done
	rm -f '$(ROOT)/$(MANUAL3)/gatewatch.3'
	@for name in $(HEADERS); do rm -f "$(ROOT)/include/$$name" || exit 1; done
	rm -f '$(ROOT)/$(SHARED)' '$(ROOT)/$(SHARED).0' '$(ROOT)/$(PKGCONFIG)' \
	    '$(ROOT)/bin/gatewatch' '$(ROOT)/$(UNIT)' '$(ROOT)/$(SYSUSERS)' '$(ROOT)/$(BASH)' \
	    '$(ROOT)/$(ZSH)' '$(ROOT)/$(FISH)' '$(ROOT)/$(MANUAL)'/gatewatch.1 \
	    '$(ROOT)/$(MANUAL)'/gatewatch-*.1
	@[ -n '$(DESTDIR)' ] || ! [ -w /etc/ld.so.cache ] || ldconfig

TREE := .build/deb

deb: build library ## make Debian packages: gatewatch, libgatewatch0, libgatewatch-dev in .build
	$(call install_missing,dpkg-dev python3)
	@rm -rf $(TREE)
	@$(MAKE) --no-print-directory install-files install-library DESTDIR=$(TREE) PREFIX=/usr \
	    BINARY="$$($(BUILD) --show-bin-path)/gatewatch" LIBRARY=$(LIBRARY)
	sh deploy/debian/package.sh $(TREE) .build

clean: ## remove everything that was built
	$(SWIFT) package clean
	rm -rf .build .build-fuzz .build-times .build-address .build-thread Benchmarks/.build
