# One word for each thing a person does here. Nothing but make, a POSIX shell and Python is needed.

PYTHON ?= python3
VENV ?= .venv
TOOLS ?= .tools
ARGS ?=
PY := $(VENV)/bin/python
SAM := $(TOOLS)/bin/sam
LOCK := uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11
# What Alembic shares with the functions is in the other layer.
ELSEWHERE := --no-emit-package sqlalchemy --no-emit-package typing-extensions

# Zones come from the pinned tzdata package, as they do in the cloud, and not from the machine.
export PYTHONTZPATH :=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export SAM_CLI_TELEMETRY := 0
# The template is checked and built without an account.
$(TOOLS)/% template build: export AWS_DEFAULT_REGION ?= us-east-1
$(TOOLS)/% template build: export AWS_EC2_METADATA_DISABLED := true

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

##@ Work
.PHONY: install run demo test races fuzz fuzz-life fuzz-sync
install: $(VENV)/.installed ## install everything that runs, tests and lints, pinned by hash

run: install ## run the whole service on this machine
	@$(PY) -m local $(ARGS)

demo: install ## the whole story without a person, on a fresh run; exits 0 only when all of it held
	@$(PY) -m local.demo

test: install ## run the tests in parallel; ARGS='-k words -x' goes to pytest
	@$(PY) -m pytest $(ARGS)

races: install ## each race a hundred times; ARGS='--rounds 1000' for more
	@$(PY) -m pytest -m race --rounds 100 $(ARGS)

fuzz: install ## every property test with two thousand fresh examples, every operation with two hundred; FUZZ_EXAMPLES=20000 for more
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-2000} $(PY) -m pytest -m hypothesis $(ARGS)

fuzz-life: install ## two thousand lives of bookings, with fresh luck (minutes); LIFE_EXAMPLES=20000 for more
	@LIFE_EXAMPLES=$${LIFE_EXAMPLES:-2000} $(PY) -m pytest tests/life $(ARGS)

fuzz-sync: install ## a thousand lives of a school and its Immersio (minutes); SYNC_SEED=5000 for others
	@SYNC_RUNS=$${SYNC_RUNS:-1000} $(PY) -m pytest tests/immersio/test_simulation.py $(ARGS)

##@ The gate
.PHONY: check lint format types template openapi migrations
check: lint types template openapi migrations ## all of the below but the rewriting one

lint: install ## style
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .

format: install ## rewrite to the style
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

types: install ## types
	@$(PY) -m mypy

template: $(TOOLS)/.installed ## template.yaml, with both linters
	@$(TOOLS)/bin/cfn-lint template.yaml
	@$(SAM) validate --lint

openapi: install ## the API document and the code agree
	@$(PY) -m shared.openapi --check

migrations: install ## the revisions and the models agree
	@$(PY) -m migrations.check

##@ Costs
.PHONY: bench-imports bench-import bench-booking bench-growth bench-seats bench-slots bench-adoption bench-reset bench-sync
bench-imports: install ## what a cold start loads, against boto3; ARGS='--rounds 25' for steadier ratios
	@$(PY) -m bench.imports $(ARGS)

bench-booking: install ## a booking against its floor, with a database of its own
	@$(PY) -m bench.booking $(ARGS)

bench-growth: install ## bookings and free times among a million bookings, against ten thousand; ARGS='--rows 10000000'
	@$(PY) -m bench.growth $(ARGS)

bench-seats: install ## two hundred at once for fifty seats, against plain inserts
	@$(PY) -m bench.seats $(ARGS)

bench-slots: install ## the free times of a month, for one teacher and for fifty
	@$(PY) -m bench.slots $(ARGS)

bench-import: install ## a million lines from S3 into a whitelist, against psql (minutes); ARGS='--lines 100000'
	@$(PY) -m bench.whitelist_import $(ARGS)

bench-adoption: install ## adopt a Cal.com with a million bookings, which goes on booking (minutes)
	@$(PY) -m bench.adoption $(ARGS)

bench-sync: install ## pull 100,000 students of a school, and look again; ARGS='--students 1000000'
	@$(PY) -m bench.sync $(ARGS)

bench-reset: install ## a new month for 100,000 schools while they book; ARGS='--batch 5000'
	@$(PY) -m bench.reset $(ARGS)

##@ Operate
.PHONY: build layers-smoke migrate migrate-plan recount drill lock clean distclean
build: $(TOOLS)/.installed ## package functions and layers into .aws-sam
	@LAYER_PYTHON="$(abspath $(TOOLS)/bin/python)" $(SAM) build $(ARGS)

# The layers of this machine's kind instead of the cloud's, so that they can be loaded here.
layers-smoke: install $(TOOLS)/.installed ## load every function from nothing but its layers (needs Python 3.13)
	@python="$$(layers/python313)" || { echo "No Python 3.13 here" >&2; exit 2; }; \
	  $(PY) -m layers.smoke --python "$$python" --pip "$(abspath $(TOOLS)/bin/python)" $(ARGS)

migrate: install ## bring a database to the newest revision: DATABASE_URL=postgresql://…
	@$(PY) -m migrations.run

drill: install ## back up and restore a school of 100,000 bookings; ARGS='--source postgresql://… --tenant 2' for one of yours
	@$(PY) -m bench.drill $(ARGS)

migrate-plan: install ## say what that will do, and change nothing: DATABASE_URL=postgresql://…
	@$(PY) -m migrations.plan

recount: install ## repair the counters of usage from the rows: DATABASE_URL=postgresql://booking_ops@…
	@$(PY) -m shared.usage

lock: ## resolve the newest versions anew and pin them (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv" >&2; exit 2; }
	cd layers/dependencies && $(LOCK) --upgrade requirements.in -o requirements.txt
	cd layers/migrations && $(LOCK) --upgrade $(ELSEWHERE) requirements.in -o requirements.txt
	cd tests && $(LOCK) --upgrade requirements.in -o requirements.txt
	cd .ci && $(LOCK) --upgrade requirements.in -o requirements.txt

clean: ## forget the local run's data, builds and caches
	@rm -rf "$$(readlink -f .local/postgres 2>/dev/null || echo .local/postgres)" .local .aws-sam .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
	@find . -name __pycache__ -not -path './.venv*' -not -path './.tools*' -prune -exec rm -rf {} +

distclean: clean ## forget the environments too
	@rm -rf .venv .venv-* $(VENV) $(TOOLS)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ── Environments ────────────────────────────────────────────────────────────────────────────────
# Made anew when the lock changes, so that nothing of an older one stays behind.
define install_environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is not. Name one: make $(MAKECMDGOALS) PYTHON=python3.13" >&2; exit 2; }
	@echo "Installing $< into $(@D) (once, and whenever that file changes)"
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --no-input --require-hashes --no-deps -r $<
	@$(@D)/bin/python -m pip check
	@touch $@
endef

$(VENV)/.installed: tests/requirements.txt
	$(install_environment)

$(TOOLS)/.installed: .ci/requirements.txt
	$(install_environment)
