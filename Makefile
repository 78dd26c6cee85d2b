# Everything that people type. Needs Python 3.11 or later with venv, and make; brings the rest itself.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
unexport VIRTUAL_ENV PYTHONPATH DJANGO_SETTINGS_MODULE

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
VENV_OLDEST := .venv-7.4
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_OLDEST := $(VENV_OLDEST)/.ready
# An environment that was copied here from elsewhere, or whose Python is gone, is not ready.
$(foreach ready,$(READY) $(READY_OLDEST),$(if $(wildcard $(ready)),$(shell \
	{ $(dir $(ready))bin/python -c '' && grep -qxF '$(CURDIR)' $(ready); } 2>/dev/null || rm -f $(ready))))
MIGRATIONS := wagtail_harassment/migrations site/university/migrations bench/benchsite/migrations

# HOST and PORT say where the demo listens; DATABASE_URL which database it and the tests use.
export HOST ?= 127.0.0.1
export PORT ?= 8000
PYTEST ?= $(BIN)/pytest
WORKERS ?= 2
# The browser tests share one running university: all of them go to one worker.
SPREAD := -n $(WORKERS) --dist loadgroup

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

$(READY): pyproject.toml | tools/environment.sh
	@tools/environment.sh "$(PYTHON)" $(VENV)

$(READY_OLDEST): pyproject.toml | tools/environment.sh
	@tools/environment.sh "$(PYTHON)" $(VENV_OLDEST) "wagtail>=7.4,<7.5"

demo-setup: $(READY) ## Make the demo's database, keys, people and cases in site/var/
	@$(BIN)/python site/demo.py setup

demo: demo-setup ## Serve the demo university at HOST:PORT, web and worker
	@exec $(BIN)/python site/demo.py serve

lint: $(READY) ## Style, types of import and forgotten migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@DJANGO_SETTINGS_MODULE=tests.settings PYTHONPATH=.:site $(BIN)/python -m django makemigrations --check --dry-run

browser: $(READY)
	@tools/browser.sh $(VENV)

scanner:
	@tools/clamd.sh

printer:
	@tools/pango.sh

test: lint browser scanner printer ## Everything, in a real browser too; DATABASE_URL runs it on PostgreSQL
	@$(PYTEST) $(SPREAD) -m "not torture"

test-fast: $(READY) scanner printer ## What needs no browser
	@$(PYTEST) $(SPREAD) -m "not browser and not torture"

test-oldest: $(READY_OLDEST) scanner printer ## The fast ones on the oldest Wagtail we support; the vault knows no Wagtail
	@DJANGO_SETTINGS_MODULE=tests.settings PYTHONPATH=.:site $(VENV_OLDEST)/bin/python -m django makemigrations --check --dry-run
	@$(VENV_OLDEST)/bin/pytest $(SPREAD) -m "not browser and not slow and not torture" --ignore=tests/vault

torture: browser scanner ## Long rounds of faults and load
	@$(PYTEST) -n 0 -m torture

bench: $(READY) ## Measure, beside a bare Wagtail page and wagtail.contrib.forms; writes build/bench.json
	@$(BIN)/python -m bench

migration: $(READY_OLDEST) ## Make the one initial migration anew, under the oldest Wagtail (until the first release)
	@rm -f $(addsuffix /0001_initial.py,$(MIGRATIONS))
	@DJANGO_SETTINGS_MODULE=bench.benchsite.settings DEMO_VAR=build/migration PYTHONPATH=.:site $(VENV_OLDEST)/bin/python -m django makemigrations wagtail_harassment university benchsite
	@$(VENV_OLDEST)/bin/python tools/page_model.py $(addsuffix /0001_initial.py,$(MIGRATIONS))

docs: $(READY) ## Make docs/reference/settings.md anew
	@$(BIN)/python tools/settings_reference.py

messages: $(READY) ## Collect the words to translate anew, and compile the translations
	@$(BIN)/python -m tools.messages $(LANGUAGES)

reading-age: $(READY) ## How old a reader of the public pages has to be, page by page
	@$(BIN)/python -m tools.reading_age

.PHONY: help docs messages reading-age demo-setup demo lint browser scanner printer test test-fast test-oldest torture bench migration
