# Everything that can be asked of this checkout; `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help setup up down lab test test-unit test-galera chaos check format screenshots lock clean
SHELL := /bin/sh
PYTHON := .venv/bin/python
REGION ?= lab
CODE := src lab deploy bench tests

help: ## List what can be made
	@grep -hE '^[a-z%-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 22

PAGES := src/jinyun/web/pages/index.html
CONSOLE := $(shell find console -path console/node_modules -prune -o -type f ! -name schema.d.ts ! -name openapi.json -print)

setup: .venv/ready $(PAGES) ## Make the Python environment of this checkout, and the pages of the console
$(PAGES): $(CONSOLE) deploy/console | .venv/ready
	@deploy/console
.venv/ready: requirements.lock requirements-ldap.lock pyproject.toml deploy/setup
	@deploy/setup

up: setup ## Bring a real cloud and Jinyun to life and deliver a first server (REGION=simulated: without a cloud, without root)
	@$(PYTHON) -m deploy.local up --region $(REGION)

down: setup ## End what `make up` started; what was delivered is kept
	@$(PYTHON) -m deploy.local down

lab: setup ## Bring up the cloud alone
	@bin/lab up

test: check ## Run every test there is; the cloud is brought up for it and taken down again
	@deploy/test

test-unit: setup ## Run the tests that need nothing but Python
	@.venv/bin/pytest tests/unit -n 2 --dist loadfile

test-galera: setup ## Kill the writing node of a database cluster under orders and deliveries (needs root, 3 minutes)
	@.venv/bin/pytest -s -m galera tests/galera

chaos: setup ## A thousand deliveries while workers and their database are killed again and again (7 minutes)
	@.venv/bin/pytest -s -m chaos tests/chaos

check: setup ## Format, lint, types, room order, READMEs in step
	@.venv/bin/ruff format --check $(CODE)
	@.venv/bin/ruff check $(CODE)
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PYTHON) -m deploy.readmes
	@deploy/console check

format: setup ## Format the code and mend what can be mended by itself
	@.venv/bin/ruff check --fix $(CODE)
	@.venv/bin/ruff format $(CODE)
	@$(PYTHON) -m deploy.problem_codes
	@$(PYTHON) -m deploy.access_table

bench-%: setup ## Run a benchmark of bench/ with all that it needs: `make bench-delivery`
	@$(PYTHON) -m bench.$*

screenshots: setup ## Take pictures of every page of the console, in both languages and looks, into .run/screenshots
	@$(PYTHON) -m tests.browser.screenshots

lock: setup ## Choose the newest versions that fit pyproject.toml
	@.tools/bin/uv pip compile -q --upgrade --universal --generate-hashes --no-header \
		pyproject.toml --group dev --group lab -o requirements.lock
	@.tools/bin/uv pip compile -q --upgrade --universal --generate-hashes --no-header \
		--group ldap -c requirements.lock -o requirements-ldap.lock

clean: ## Take everything down and remove what was built, downloaded and stored
	@if [ -e .venv/ready ]; then bin/lab reset --all || true; fi
	rm -rf console/node_modules src/jinyun/web/pages
	rm -rf .venv .tools .run .lab .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
