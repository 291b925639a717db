# Position Manager: `make help` lists the targets. All files it creates are in .venv/ and .stack/.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
POSTGREST := .stack/bin/postgrest
# Not the golden dump, which PostgreSQL writes.
SQL := db/bootstrap.sql db/functions db/views db/migrations db/sqitch
PAGES := .venv/share/pages
AXE := .venv/share/axe
GENERATORS := .venv/share/generators
# On Debian, nginx and other servers are on root's PATH only.
export PATH := $(PATH):/usr/sbin:/sbin

.PHONY: help up down status clean demo test soak timing lint format bench faults profile worst house golden \
	load lock install-test docker-test setup service packages browser generators screenshots upgrade drill pitr failover

help: ## List the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

up: service ## Install missing packages and start the private stack
	@$(BIN)/position-manager up

down: ## Stop the private stack; keep its data
	@if [ -x $(BIN)/position-manager ]; then $(BIN)/position-manager down; fi

status: service ## Show the state, uptime and ports of each part
	@$(BIN)/position-manager status

clean: ## Stop the private stack and delete its data
	@if [ -x $(BIN)/position-manager ]; then $(BIN)/position-manager down --delete; \
	elif [ -e .stack ]; then echo "cannot stop the stack without .venv: run  make setup  first"; exit 1; fi

load: ## Put edited functions and views into the running private stack
	@$(BIN)/python -m position_manager.stack.load

demo: up ## Run a simulated trading session and check its positions
	@$(BIN)/position-manager demo

test: setup browser generators lint ## Run the linters and all tests, on separate stacks
	@ops/install prometheus
	@$(BIN)/python -m pytest -n 2 tests

soak: setup ## Run the load and property tests in their long forms; ONLY=NAME some of them; SEED=N
	@SOAK=1 $(BIN)/python -m pytest -n 2 $(if $(ONLY),-k '$(ONLY)') $$(grep -rlF 'tests.helpers.soak' tests)

timing: setup ## Measure whether foreign rows change times of a bound key; SEED=N repeats a run
	@$(BIN)/python -m tests.timing $(if $(SEED),--seed '$(SEED)')

lint: setup ## Run ruff, mypy, sqlfluff, codespell and the check of wording
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar $(SQL)
	@$(BIN)/codespell
	@$(BIN)/python -m tests.helpers.prose

format: setup ## Format the Python code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup $(if $(AGAINST),,up) ## Run the benchmarks; ONLY=GROUPS some of them; AGAINST=REF compares with another commit
	@$(BIN)/python -m bench $(if $(AGAINST),--against '$(AGAINST)') $(if $(ONLY),--only '$(ONLY)') \
		$(if $(ENTRIES),--entries '$(ENTRIES)') $(if $(SCALE),--scale '$(SCALE)')

profile: setup up ## Print where a batch of fills and a request spend their time
	@$(BIN)/python -m bench.profile $(if $(FILLS),--fills '$(FILLS)')

worst: setup ## Send the worst queries of one key and half-sent requests, beside another client
	@$(BIN)/python -m bench.worst

faults: setup ## Cause faults under a stream and compare; SEED=, MINUTES=, ONLY=
	@nice $(BIN)/python -m faults $(if $(SEED),--seed '$(SEED)') \
		$(if $(MINUTES),--minutes '$(MINUTES)') $(if $(ONLY),--only '$(ONLY)')

upgrade: setup ## Upgrade a stack of the last release under load; FILLS=100000
	@$(BIN)/python -m tests.drills.upgrade $(if $(FILLS),--fills '$(FILLS)')

drill: setup ## Back up, destroy and restore a stack under load; FILLS=100000
	@$(BIN)/python -m tests.drills.restore $(if $(FILLS),--fills '$(FILLS)')

pitr: setup ## Recover a cluster to a point in time with pgBackRest
	@$(BIN)/python -m tests.drills.pitr

failover: setup ## Promote a standby with Patroni under load, and count what was acknowledged
	@ops/install patroni etcd-server
	@$(BIN)/python -m tests.drills.failover

house: setup ## Figures of the code and their bounds; ISSUE=1 adds those of issue 10
	@$(BIN)/python -m tests.helpers.house $(if $(ISSUE),--issue)

golden: setup ## Write what is generated and kept: db/schema.sql, the map in db/README.md
	@GOLDEN=write $(BIN)/python -m pytest -q tests/unit/base/test_golden.py

screenshots: setup browser ## Take the pictures of the page in docs/, of the running private stack
	@$(BIN)/python -m tests.helpers.screenshots

lock: ## Renew the locks of the Python packages from pyproject.toml
	@ops/lock

install-test: ## Run the demo on a bare Debian 12 and 13, as root and as a user; see tests/install
	@for suite in bookworm trixie; do for account in root user; do \
		tests/install/run $$suite $$account; done; done

docker-test: service ## As root: run the Docker commands on an engine of its own; OPTIONS= for tests/docker/run
	@tests/docker/run $(OPTIONS)

setup: service .venv/.dev

# What runs the service, without the tools of its development.
service: packages .venv/.ready $(POSTGREST) .venv/.pages

packages:
	@ops/install

# Reinstall when one of these is newer than the stamp: dependencies may have changed.
.venv/.ready: pyproject.toml requirements.lock | packages
	@ops/python requirements.lock
	@touch $@

.venv/.dev: pyproject.toml requirements-dev.lock | .venv/.ready
	@ops/python requirements-dev.lock
	@touch $@

$(POSTGREST): | .venv/.ready
	@ops/postgrest $(BIN)/python $(@D)

# What the pages load; see ops/npm.
.venv/.pages: ops/packages/pages | .venv/.ready
	@ops/npm $(BIN)/python $< $(PAGES)
	@touch $@

# What the tests of the pages need beside Python packages.
browser: .venv/.axe
	@ops/install chromium

.venv/.axe: ops/packages/axe | .venv/.ready
	@ops/npm $(BIN)/python $< $(AXE)
	@touch $@

# What generates clients from the documents, for the tests of those.
generators: .venv/.generators

.venv/.generators: requirements-clients.lock | .venv/.ready
	@ops/python $< $(GENERATORS)
	@touch $@
