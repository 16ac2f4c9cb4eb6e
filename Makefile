# The two commands to know: make demo, make test. README.md names what they need.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
COMMIT ?= $(shell git rev-parse HEAD 2>/dev/null)
CLI := github.com/floorkeeper/floorkeeper/cmd/internal/cli
LDFLAGS := -s -w -X $(CLI).Version=$(VERSION) -X $(CLI).Commit=$(COMMIT)

# The race detector needs a C compiler; without one the tests run only without it.
RACE ?= $(if $(shell command -v gcc 2>/dev/null),-race)
TOOL := go tool -modfile=tools/go.mod
# make lint runs go vet, and nobody debugs these binaries: they link in half the time.
TEST := go test -vet=off -ldflags=-s
BIN ?= bin
# What make image takes and makes. The time is that of the commit, so that the same commit gives the same digest.
IMAGE ?= $(BIN)/image
PLATFORMS ?= linux/amd64 linux/arm64
CERTIFICATES ?= /etc/ssl/certs/ca-certificates.crt
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
FUZZTIME ?= 30s
SOAK ?= 1h
SEED ?= 1
SCREENSHOTS ?= bin/screenshots
FAULTS_TIME ?= 10m
FAULTS_OUTAGE ?= 10m

UNIT := cmd controller config schedules text zones
# The packages that start goroutines, lock or wait for channels run under the race detector too. It makes property tests
# ten times as slow: there they try a fifth of their cases (-short). The other packages have nothing that could race.
RACY = $(shell grep -rlE --include='*.go' --exclude='*_test.go' '^[[:space:]]*go |"sync|\<chan\>' $(UNIT) | xargs -n 1 dirname | sort -u)

# These suites play dozens of scenes at once and measure how soon floorkeeper acts: they have the machine for themselves.
# The others mostly wait, and share it two by two.
BUSY := ./test/e2e ./test/faults
CALM = $(filter-out $(shell go list $(BUSY)),$(shell go list ./test/...))

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Watch floors rise and fall on a real Kubernetes control plane (first run downloads it, or builds it: 15 core minutes)
	@echo "Compiling the demo (a minute or two the first time) ..."
	@go run ./test/demo

.PHONY: test
test: unit image-test e2e ## Run every test (first run downloads or builds a control plane)

.PHONY: unit
unit: ## Run the tests that need no control plane
	$(TEST) -timeout 15m $(UNIT:%=./%/...)
	$(if $(RACE),$(TEST) $(RACE) -short -timeout 15m $(RACY:%=./%))

.PHONY: e2e
e2e: controlplane writers browser-tools monitoring-tools ## Run the tests on a real control plane
	$(TEST) -p 2 -count 1 -timeout 30m $(CALM)
	$(TEST) -p 1 -count 1 -timeout 30m $(BUSY)

.PHONY: image-test
image-test: ## Assemble the image, run it without a container engine, and play the Dockerfile
	cd tools/image && $(TEST) -count 1 ./...

.PHONY: test-matrix
test-matrix: writers ## Run e2e, gitops and policies on each supported release of Kubernetes, or on VERSIONS; goes on where it stopped
	go run ./test/matrix $(VERSIONS)

.PHONY: controlplane
controlplane: ## Download or, with FLOORKEEPER_BUILD=1, build the control plane of tests and demo, unless it is in the cache
	@go run ./test/kit/controlplane/cmd/build

.PHONY: writers
writers: ## Build the Helm and Flux programs that tests use, unless they are in the cache
	@go run ./test/gitops/writers/cmd/build

.PHONY: browser
browser: browser-tools ## Look at the page in headless Chromium; screenshots are in SCREENSHOTS (bin/screenshots)
	SCREENSHOTS=$(abspath $(SCREENSHOTS)) go test -count 1 -timeout 30m ./test/browser

# A browser comes from the system: it is no Go program. Without a font it would draw pages without text. The shell draws
# no window and is twice as fast as a whole Chromium, which serves where there is no shell.
FONT := /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
.PHONY: browser-tools
browser-tools:
	@if ! command -v chromium-headless-shell >/dev/null || ! [ -e $(FONT) ]; then \
		install="apt-get install -y --no-install-recommends chromium-headless-shell fonts-dejavu-core"; \
		if [ "$$(id -u)" = 0 ]; then sudo=; else sudo="sudo -n"; fi; \
		{ $$sudo apt-get update -q && $$sudo $$install; } || { command -v chromium >/dev/null && [ -e $(FONT) ]; } \
			|| { echo "The tests of the page need Chromium and a font. As root: $$install" >&2; exit 1; }; \
	fi

# Prometheus and Alertmanager come from Debian too. The packages are unpacked and not installed: that would start services.
PROMETHEUS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/floorkeeper/prometheus
.PHONY: monitoring-tools
monitoring-tools:
	@if ! { command -v prometheus && command -v promtool && command -v amtool; } >/dev/null && ! [ -e $(PROMETHEUS)/usr/bin/amtool ]; then \
		packages="prometheus prometheus-alertmanager"; \
		if [ "$$(id -u)" = 0 ]; then sudo=; else sudo="sudo -n"; fi; \
		mkdir -p $(PROMETHEUS) && dir=$$(mktemp -d -p $(PROMETHEUS)) && cd "$$dir" \
			&& { apt-get download -q $$packages || { $$sudo apt-get update -q && apt-get download -q $$packages; }; } \
			&& for package in *.deb; do dpkg-deb --extract $$package unpacked || exit 1; done \
			&& rm -rf $(PROMETHEUS)/usr && mv unpacked/usr $(PROMETHEUS)/ && rm -r "$$dir" \
			|| { echo "The tests of alerts need Prometheus and Alertmanager: install the Debian packages $$packages" >&2; exit 1; }; \
	fi

.PHONY: build
build: ## Build bin/floorkeeper, and bin/kubectl-floorkeeper, which is the same for kubectl floorkeeper
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o $(BIN)/floorkeeper ./cmd/floorkeeper
	ln -sf floorkeeper $(BIN)/kubectl-floorkeeper

.PHONY: image
image: ## Assemble the container image for PLATFORMS in IMAGE (bin/image), an OCI layout, without a container engine
	@for platform in $(PLATFORMS); do \
		echo "Compiling for $$platform (some minutes the first time) ..."; \
		GOOS=$${platform%/*} GOARCH=$${platform#*/} $(MAKE) --no-print-directory build BIN=$(BIN)/$$platform; \
	done
	@go run -C tools/image . -dockerfile $(CURDIR)/Dockerfile -build-arg 'VERSION=$(VERSION)' -build-arg 'COMMIT=$(COMMIT)' \
		-programs $(abspath $(BIN)) -certificates $(abspath $(CERTIFICATES)) -created $(SOURCE_DATE_EPOCH) \
		-output $(abspath $(IMAGE)) $(PLATFORMS)

.PHONY: lint
lint: ## Run the linters
	$(TOOL) golangci-lint run ./...
	cd tools/image && go tool -modfile=../go.mod golangci-lint run ./...
	go tool -modfile=tools/actionlint/go.mod actionlint -shellcheck= -pyflakes= .github/workflows/*.yaml docs/ci-examples/github*.yaml

.PHONY: fmt
fmt: ## Format the code
	$(TOOL) golangci-lint fmt ./...

# A release is what .github/workflows/release.yaml makes of a tag, with these targets: VERSION is the tag, such as v0.1.0.
CHART := deploy/helm/floorkeeper
REGISTRY ?= ghcr.io/floorkeeper
HELM ?= go tool -modfile=test/gitops/writers/helm4/go.mod helm
CRANE ?= go tool -modfile=tools/image/go.mod crane
PLAIN_HTTP ?=

.PHONY: release-notes
release-notes: ## Print what CHANGELOG.md has on VERSION (v0.1.0); of a release candidate (v0.1.0-rc.1), what is unreleased
	@awk -v of=$(if $(findstring -rc.,$(VERSION)),Unreleased,$(VERSION:v%=%)) \
		'/^## / {on = $$2 == of && (of == "Unreleased" || $$3 == "-"); next} on && (NF || lines) {print; lines = lines || NF} END {exit !lines}' CHANGELOG.md \
		|| { echo "CHANGELOG.md has no lines for $(VERSION): write ## $(VERSION:v%=%) - DATE and what has changed, see RELEASING.md" >&2; exit 1; }

.PHONY: chart
chart: ## Package the Helm chart for VERSION (v0.1.0) in bin
	@grep -qx 'version: $(firstword $(subst -rc., ,$(VERSION:v%=%)))' $(CHART)/Chart.yaml \
		|| { echo "$(CHART)/Chart.yaml does not have the version of $(VERSION): write it there, see RELEASING.md" >&2; exit 1; }
	$(HELM) package --version $(VERSION:v%=%) --app-version $(VERSION) --destination $(BIN) $(CHART)

.PHONY: push
push: ## Push the image and the chart of VERSION to REGISTRY; bin/image.ref and bin/chart.ref have their digests
	$(CRANE) push $(IMAGE) $(REGISTRY)/floorkeeper:$(VERSION) > $(BIN)/image.ref
	$(HELM) push $(PLAIN_HTTP) $(BIN)/floorkeeper-$(VERSION:v%=%).tgz oci://$(REGISTRY)/charts 2>&1 | tee $(BIN)/chart.push
	sed -n 's|^Digest: |$(REGISTRY)/charts/floorkeeper@|p' $(BIN)/chart.push | grep . > $(BIN)/chart.ref

.PHONY: bench
bench: controlplane ## Measure floorkeeper against what is possible here, almost an hour on an idle machine of 2 cores; BENCH has flags
	go run ./test/bench -out bin/bench.json $(BENCH)

.PHONY: bench-short
bench-short: controlplane ## The same with fewer and smaller rows, at most 5 minutes; fails only far from a target
	go run ./test/bench -short -out bin/bench-short.json $(BENCH)

.PHONY: bench-docs
bench-docs: ## Write the results of make bench into docs/performance.md and its plot
	go run ./test/bench -publish bin/bench.json

.PHONY: bench-go
bench-go: ## Run the Go benchmarks
	go test -run '^$$' -bench . -benchmem ./schedules ./cmd/internal/plan
	go test -run '^$$' -bench PlanYear -benchtime 5x ./cmd/floorkeeper # as shares of 2 s and of 200 MiB

.PHONY: fuzz
fuzz: ## Fuzz the parser and the decisions, FUZZTIME each (30s)
	go test -run '^$$' -fuzz FuzzParse -fuzztime $(FUZZTIME) ./config
	go test -run '^$$' -fuzz FuzzAt -fuzztime $(FUZZTIME) -fuzzminimizetime 20x ./schedules
	go test -run '^$$' -fuzz FuzzTimeline -fuzztime $(FUZZTIME) -fuzzminimizetime 20x ./schedules

.PHONY: soak
soak: controlplane ## Simulate years of nights for SOAK (1h), with the seeds from SEED (1) on
	SOAK=$(SOAK) SEED=$(SEED) go test -count 1 -timeout 0 -v ./test/year

.PHONY: faults
faults: controlplane ## Let faults strike in any order for FAULTS_TIME (10m); FAULTS_SEED repeats an order
	FAULTS_TIME=$(FAULTS_TIME) go test -count 1 -timeout 24h -v -run 'TestFaults/side_by_side/storms|TestFaults/history' ./test/faults

.PHONY: outages
outages: controlplane ## Measure the recovery from outages of FAULTS_OUTAGE (10m): no API server, no etcd, a hung API server
	FAULTS_OUTAGE=$(FAULTS_OUTAGE) go test -count 1 -timeout 24h -v -run TestOutages ./test/faults

.PHONY: mutants
mutants: ## Change one thing at a time in controller/ and count what its unit tests notice; MUTANTS='-only write.go' for a file
	cd tools && go run ./mutants -C .. $(MUTANTS) ./controller/...

.PHONY: golden
golden: ## Rewrite the golden files from what the code prints now; read the diff
	go test $$(grep -rl --include='*_test.go' test/kit/golden . | xargs -n 1 dirname | sort -u) -update

.PHONY: zones
zones: ## Update the time zones from the Go release, or from TZDATA, the tzdata.zi of a newer tzdata package
	zones/update $(TZDATA)
	go test ./config -run TestSchemaHasTheZones -update

.PHONY: clean
clean: ## Remove what make built in this folder
	rm -rf bin
