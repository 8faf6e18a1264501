# Everything by one command each. Python 3.11 or newer and make are all that is assumed;
# what else a target needs, it installs.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
#: Test processes side by side on each database; more cost more than they win on two processors.
WORKERS ?= 2
#: And beside them on PostgreSQL, where a third of the work is.
WORKERS_BESIDE ?= 1
PACKAGES := quittance.py starting.py receivables monitoring portal backoffice sandbox demo migrations
#: What `quittance demo` loads, and with it the libraries under it.
LOADED := quittance, portal.app, backoffice.app, demo.running
#: `make lock UPGRADE=--upgrade` takes the newest of everything.
UPGRADE ?=

# Compiled code is kept: two workers and every process they start would compile it all again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install install-dev demo test test-sqlite test-what-differs test-postgresql lint check-migrations judge bench proof lock texts

help:
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 28

install: .venv/installed ## the command .venv/bin/quittance, hash-checked

install-dev: .venv/installed .venv/installed-dev ## and what tests and checks need

# A pip of its own: the one that comes with Python 3.11 takes twice as long to choose files.
.venv/bin/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Quittance needs Python 3.11 or newer (PYTHON=/path/to/python make ...)" >&2; exit 1; }
	@"$(PYTHON)" -m venv .venv
	@$(PIP) install --require-hashes -r requirements-pip.lock

# The two locks have no package in common, and are taken side by side by `make test`.
.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "installing into .venv"
	@$(PIP) install --no-compile --require-hashes --no-deps -r requirements.lock
	@# Of an editable installation setuptools warns that it is one.
	@PYTHONWARNINGS=ignore $(PIP) install --no-deps --no-build-isolation -e .
	@# The first start would compile it all; of what was installed, only what is loaded then.
	@$(BIN)/python -m compileall -q -j 0 $(PACKAGES)
	@$(BIN)/python -c 'import $(LOADED)'
	@touch $@

.venv/installed-dev: requirements-dev.lock | .venv/bin/python
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

demo: install ## everything on this machine, with a story to live
	@exec $(BIN)/quittance demo

lint: install-dev ## format, lint, types, who may import whom
	@$(PIP) check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

check-migrations: install-dev ## migrations, models and guards agree, on both databases
	$(BIN)/python -m tools.check_migrations

# In the order of the files: by number of tests, the long ones with few would come last and alone.
IN_PARALLEL = -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test: ## the gate: lint, migrations, all tests on SQLite, what can differ on PostgreSQL
	@$(MAKE) --no-print-directory --jobs=2 install-dev
	@tools/install-chromium.sh
	@if [ "$$CI" = true ]; then tools/install-rabbitmq.sh; fi
	@$(MAKE) --no-print-directory --jobs=3 test-sqlite test-what-differs lint check-migrations

test-what-differs: install-dev
	$(BIN)/python -m pytest $(IN_PARALLEL) -n $(WORKERS_BESIDE) --db postgresql

test-sqlite: install-dev ## every test on SQLite, and all that needs no database
	$(BIN)/python -m pytest $(IN_PARALLEL)

test-postgresql: install-dev ## every test that touches a database on PostgreSQL, the dear ones too
	$(BIN)/python -m pytest $(IN_PARALLEL) --db postgresql --whole

proof: install-dev ## the long runs, on both databases (an hour)
	@tools/install-chromium.sh
	@tools/install-rabbitmq.sh
	$(BIN)/python -m pytest --full
	$(BIN)/python -m pytest --full --db postgresql
	$(BIN)/python -m benchmarks.monitoring_flood

judge: install-dev ## outside judges of the pages; needs Node 20
	@tools/install-chromium.sh
	@tools/judge.sh

bench: install-dev ## what pages, jobs and imports cost, beside their limits (twenty minutes)
	@$(BIN)/python -m benchmarks.pages
	@$(BIN)/python -m benchmarks.jobs
	@$(BIN)/python -m benchmarks.instalments
	@$(BIN)/python -m benchmarks.intake
	@$(BIN)/python -m benchmarks.statements
	@$(BIN)/python -m benchmarks.dunning
	@$(BIN)/python -m benchmarks.mails
	@$(BIN)/python -m benchmarks.letters
	@"$(PYTHON)" -m venv .venv-bench
	@$(BIN)/python -m pip --quiet --disable-pip-version-check --python .venv-bench/bin/python \
	    install --group bench
	@$(BIN)/python -m benchmarks.portfolio --peers .venv-bench/bin/python

texts: install-dev ## bring the catalogues of translated texts up to date with the code
	$(BIN)/python tools/texts.py

lock: .venv/bin/python ## resolve the dependencies anew, with hashes
	@$(PIP) install uv
	@$(BIN)/uv pip compile $(LOCK) --group build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile $(LOCK) --group dev -c requirements.lock pyproject.toml \
	    $$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.lock) \
	    -o requirements-dev.lock
	@echo pip | $(BIN)/uv pip compile $(LOCK) --no-annotate - -o requirements-pip.lock

LOCK = --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE)
