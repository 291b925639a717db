# Position Manager: `make help` lists what there is. Everything is kept in .venv/ and .stack/.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
POSTGREST := .stack/bin/postgrest
VIEWER := .venv/share/swagger-ui/LICENSE
# A bare Debian has nginx and the like where only root looks.
export PATH := $(PATH):/usr/sbin:/sbin

.PHONY: help up down status clean demo test lint format bench house golden load setup packages

help: ## What there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | column -t -s $$'\t'

up: setup ## Install missing packages and start the private stack
	@$(BIN)/position-manager up

down: ## Stop the private stack; the data stay
	@if [ -x $(BIN)/position-manager ]; then $(BIN)/position-manager down; fi

status: setup ## What runs, since when and on which port
	@$(BIN)/position-manager status

clean: ## Stop the private stack and delete its data
	@if [ -x $(BIN)/position-manager ]; then $(BIN)/position-manager down --delete; \
	elif [ -e .stack ]; then echo "run  make setup  first: .venv has what stops it"; exit 1; fi

load: ## Put edited functions and views into the running private stack
	@$(BIN)/python -m position_manager.stack.load

demo: up ## A simulated trading session, proved against an independent computation
	@$(BIN)/position-manager demo

test: setup lint ## Everything that must pass, on stacks of its own
	@$(BIN)/python -m pytest -n 2 tests

lint: setup ## ruff, mypy, sqlfluff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar db

format: setup ## Lay out Python as the linter wants it
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(if $(AGAINST),setup,up) ## Rates and times; AGAINST=REF compares them with another commit's
	@$(BIN)/python -m bench $(if $(AGAINST),--against '$(AGAINST)')

house: setup ## Figures of the code and their bounds; ISSUE=1 adds those of issue 10
	@$(BIN)/python -m tests.helpers.house $(if $(ISSUE),--issue)

golden: setup ## Write what is generated and kept: db/schema.sql, the map in db/README.md
	@GOLDEN=write $(BIN)/python -m pytest -q tests/unit/base/test_golden.py

setup: packages .venv/.ready $(POSTGREST) $(VIEWER)

packages:
	@ops/install

# The stamp is older than pyproject.toml when the dependencies may have changed.
.venv/.ready: pyproject.toml | packages
	@echo "setting up .venv"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || python3 -m venv --clear .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --editable '.[dev]'
	@touch $@

$(POSTGREST): | packages
	@ops/postgrest $@

$(VIEWER): ops/viewer | .venv/.ready
	@ops/viewer $(BIN)/python $(@D)
