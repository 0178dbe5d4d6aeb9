# The front door. `make help` lists everything.
SHAPE ?= services
BROKER ?= embedded
STORE ?= sqlite
LOGS ?=
DATA ?= .
CUSTOMER ?= ada
ONLY ?=
ORDERS ?= 200
SEED ?=
MINUTES ?= 30
KILL ?=
SCALE ?=
SPEED ?=
MAX ?=
SIDECAR ?=
CURVE ?= article
FROM ?=
HOURS ?=
ORDERS_PER_DAY ?=
VEHICLES ?=

CLI := sidecar/Eventide.Sidecar.Cli/bin/Release/net10.0/eventide.dll
SIDECAR_TESTS := tests/fast/Eventide.Sidecar.Tests/bin/Release/net10.0/Eventide.Sidecar.Tests.dll
CHART_TESTS := tests/charts/Eventide.Charts.Tests/bin/Release/net10.0/Eventide.Charts.Tests.dll
TOOLS := tools/Eventide.Tools/bin/Release/net10.0/Eventide.Tools.dll
LOCAL_SCALING := scaling/Eventide.Scaling.Local/bin/Release/net10.0/Eventide.Scaling.Local.dll
LOAD := scaling/Eventide.Scaling.Load/bin/Release/net10.0/Eventide.Scaling.Load.dll
BROKERS := tools/Eventide.Brokers/bin/Release/net10.0/Eventide.Brokers.dll

RUN_FILE_services := dapr.yaml
RUN_FILE_monolith := monolith.yaml
RUN_FILE = $(or $(RUN_FILE_$(SHAPE)),$(error SHAPE is "$(SHAPE)"; it is services or monolith))

# Starts what BROKER and STORE need, and stops it after the command; the two that need nothing do without.
ifeq ($(BROKER)/$(STORE),embedded/sqlite)
WITH :=
RESOURCES := --resources components/brokers/embedded --resources components/stores/sqlite --resources components/shared
else
WITH := dotnet $(BROKERS) with --broker $(BROKER) --store $(STORE) --data $(DATA) --
RESOURCES := '{resources}'
endif

.DEFAULT_GOAL := help
.PHONY: help build run scale autoscale order demo chaos soak token brokers test docs conformance bench measure scaling-report verify-scaling lint chart lint-chart clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | while IFS="$$(printf '\t')" read -r t d; do printf '  make %-14s %s\n' "$$t" "$$d"; done
	@printf '\n  SHAPE=services    an app per service; SHAPE=monolith: one for all that is .NET, for run, order, demo, chaos and dlq\n  BROKER=embedded   which folder of components/brokers/ is loaded; its server is started, unless REDIS_HOST, RABBITMQ_URL or KAFKA_BROKERS names one\n  STORE=sqlite      which folder of components/stores/ is loaded; likewise with REDIS_HOST and POSTGRES_URL\n  LOGS=ordering     show only these logs (comma-separated)\n  DATA=DIR          where state and logs are kept\n  SCALE=payment=2   how many processes of an app (comma-separated), for run and scale\n  SPEED=60          how many times as fast the controllers of autoscale look, those of verify-scaling, and the day of load goes\n  MAX=4             the most processes that they give an app\n  SIDECAR=PATH      a daprd in the place of the embedded sidecar (needs another BROKER)\n  ONLY=workflow     run only this benchmark\n  ORDERS=200        how many orders demo, chaos and a round of soak drive\n  MINUTES=30        how long soak goes on\n  SEED=1            which orders: the same seed gives the same ones\n  KILL=1            the demo kills every service once, and once everything\n  CURVE=article     how the day of load goes: article, oberlo, salecycle, black-friday; FROM=17:00 HOURS=4 ORDERS_PER_DAY=5000 VEHICLES=100\n'

build: ## Build everything
	@eng/build.sh

run: ## Start the shop; Ctrl-C stops it
	@eng/build.sh --if-changed
	@$(WITH) dotnet $(CLI) run -f $(RUN_FILE) $(RESOURCES) --data $(DATA) $(if $(LOGS),--logs $(LOGS)) $(if $(SCALE),--scale $(SCALE)) $(if $(SIDECAR),--sidecar $(SIDECAR)) \
	  --hint "Place an order: make order (in another terminal)."

scale: ## Change the number of processes in the running shop: SCALE=inventory=4,payment=2
	@eng/build.sh --if-changed
	@dotnet $(CLI) scale --data $(DATA) $(SCALE)

autoscale: ## Let the chart's autoscalers scale the running shop by its real load until Ctrl-C: SPEED=60, MAX=4; ARGS=--help
	@eng/build.sh --if-changed
	@dotnet $(LOCAL_SCALING) autoscale --data $(DATA) $(if $(SPEED),--speed $(SPEED)) $(if $(MAX),--max $(MAX)) $(ARGS)

order: ## Place one order in the running shop and follow it until it has ended; ARGS=--help lists options
	@eng/build.sh --if-changed
	@dotnet $(TOOLS) order --data $(DATA) --shape $(SHAPE) $(ARGS)

demo: ## Start a shop of its own, drive ORDERS through it, check the invariants
	@eng/build.sh --if-changed
	@dotnet $(TOOLS) demo --orders $(ORDERS) --shape $(SHAPE) --broker $(BROKER) --store $(STORE) $(if $(SEED),--seed $(SEED)) $(if $(KILL),--kill) $(if $(SIDECAR),--sidecar $(SIDECAR)) $(ARGS)

chaos: ## The demo while services, sidecars and the broker are killed and stopped, messages come twice, and services scale
	@eng/build.sh --if-changed
	@dotnet $(TOOLS) chaos --orders $(ORDERS) --shape $(SHAPE) --broker $(BROKER) --store $(STORE) $(if $(SEED),--seed $(SEED)) $(if $(SIDECAR),--sidecar $(SIDECAR)) $(ARGS)

soak: ## Chaos, round after round of ORDERS through the same shop, for MINUTES
	@$(MAKE) --no-print-directory chaos ARGS="--minutes $(MINUTES) $(ARGS)"

token: ## Print a development token of CUSTOMER, for curl
	@eng/build.sh --if-changed >&2
	@dotnet $(TOOLS) token $(CUSTOMER)

.PHONY: dlq
dlq: ## Dead letters: what no service could handle; ARGS="inspect ID", "redrive --all --app payment", --help
	@eng/build.sh --if-changed >&2
	@dotnet $(TOOLS) dlq --data $(DATA) --shape $(SHAPE) $(or $(ARGS),list)

brokers: ## Install the servers that BROKER and STORE may need (Redis, RabbitMQ, PostgreSQL, Kafka)
	@eng/brokers.sh

test: ## Every test; the last line sums them up. Installs what brokers installs, where it may
	@eng/restore.sh
	@eng/brokers.sh || true
	@eng/charts.sh || true
	@eng/containers.sh || true
	@eng/test.sh

docs: ## Write what the last tests found about each broker and store into docs/brokers.md
	@eng/build.sh --if-changed
	@dotnet $(BROKERS) table

conformance: ## Run the tests of Dapr's API against the executable SIDECAR: a real daprd; without SIDECAR our own in its place
	@eng/build.sh --if-changed
	@test -f "$(or $(SIDECAR),$(CLI))" || { echo "There is no file $(SIDECAR); SIDECAR names a daprd."; exit 1; }
	@SIDECAR=$(abspath $(or $(SIDECAR),$(CLI))) dotnet $(SIDECAR_TESTS) -noColor -trait category=conformance $(ARGS)

bench: build ## Measure: workflows/s, latency of the sidecar, the whole saga, the fleet; ARGS=--help lists options
	@dotnet tests/benchmarks/Eventide.Benchmarks/bin/Release/net10.0/Eventide.Benchmarks.dll $(if $(ONLY),--only $(ONLY)) $(ARGS)

measure: build ## Measure what each service takes, for the scaling model; needs Redis
	@dotnet tests/benchmarks/Eventide.Benchmarks/bin/Release/net10.0/Eventide.Benchmarks.dll --only services --keep scaling/measurements/shop.json $(ARGS)

scaling-report: ## Simulate days of the shop and write one page about them, artifacts/scaling/index.html; ARGS=--help lists options
	@eng/build.sh --if-changed
	@dotnet scaling/Eventide.Scaling.Report/bin/Release/net10.0/Eventide.Scaling.Report.dll $(ARGS)

verify-scaling: ## Compare the scaling model with a real run of the same scenario; exit code 1 when they disagree
	@eng/build.sh --if-changed
	@dotnet $(LOCAL_SCALING) verify $(if $(SPEED),--speed $(SPEED)) $(if $(MAX),--max $(MAX)) $(ARGS)

.PHONY: load
load: ## Drive the running shop as its customers and vehicles would, along CURVE, and say what was lost or late; ARGS=--help lists options
	@eng/build.sh --if-changed
	@dotnet $(LOAD) --data $(DATA) --curve $(CURVE) $(if $(FROM),--from $(FROM)) $(if $(HOURS),--hours $(HOURS)) $(if $(SPEED),--speed $(SPEED)) \
	  $(if $(ORDERS_PER_DAY),--orders-per-day $(ORDERS_PER_DAY)) $(if $(VEHICLES),--vehicles $(VEHICLES)) $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: economics
economics: ## Services or monolith: processor time, memory, replicas and cost of both, and the load at which services begin to pay; ARGS=--help lists options
	@eng/build.sh --if-changed
	@dotnet scaling/Eventide.Scaling.Report/bin/Release/net10.0/Eventide.Scaling.Report.dll economics $(ARGS)

lint: ## Check the formatting
	@dotnet format Dapr.sln --verify-no-changes

.PHONY: images aspire
images: ## Build an OCI image per service: SERVICES="payment fleet", TAG, REGISTRY, ARCHIVE, BASE_IMAGE (docs/kind.md)
	@SERVICES="$(SERVICES)" TAG="$(TAG)" REGISTRY="$(REGISTRY)" ARCHIVE="$(ARCHIVE)" BASE_IMAGE="$(BASE_IMAGE)" NODE_BASE_IMAGE="$(NODE_BASE_IMAGE)" eng/images.sh

aspire: ## Start the shop under Aspire, where its packages are; needs Docker or Podman and `dapr init`
	@eng/aspire.sh

chart: ## Renew what is derived in charts/eventide: component files, values table, golden renders; then check it
	@eng/charts.sh
	@eng/build.sh --if-changed
	@cd charts/eventide/files/components && find . -type f | while read -r file; do [ ! -f ../../../../components/$$file ] || cp ../../../../components/$$file $$file; done
	@RENEW=1 dotnet $(CHART_TESTS) -noColor

lint-chart: ## Check the chart with Helm, and against Kubernetes' own models
	@eng/charts.sh
	@eng/build.sh --if-changed
	@dotnet $(CHART_TESTS) -noColor

clean: ## Remove what was built and the shop's data
	@dotnet clean Dapr.sln -c Release -v q -nologo
	@rm -rf artifacts data
