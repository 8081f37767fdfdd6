# The few things one does with this tree. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# a model's linear algebra and its trees run on one thread: two of them on shared cores wait for each other
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
# every worker of the tests, and every process they start, would else compile the whole tree for itself
export PYTHONDONTWRITEBYTECODE :=
# the outer rings mostly wait, for calls and for clocks: more of them at a time than there are processors
WORKERS ?= 4
OUTER := -q -rN --tb=short -n $(WORKERS) --dist loadgroup --timeout 900
# every package by version and hash, from `make lock`; ranges are in pyproject.toml
LOCKED := --quiet --require-hashes --requirement
# a version is not taken before it has been out for so long: most bad releases are withdrawn by then
COOL_DOWN_DAYS := 7
# what the pure rooms' own tests reach, by branches; the floor is in pyproject.toml
COVERED := --cov --cov-config=pyproject.toml --cov-report=term:skip-covered
# of the fast tests, what two commits need to see between them; `make test` takes all of them with all examples
UNIT := -q -n 2 -m 'not slow' --hypothesis-profile=quick
WHOLE_UNIT := -q -n 2

.DEFAULT_GOAL := help
.PHONY: help demo phone test check contract fuzz lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

demo: $(VENV)/.installed ## the main job on embedded parts, with a page on http://127.0.0.1:8000
	$(BIN)/winback demo

phone: ## bring in the library of the phone in agents' pages, by version and hash; once, before installing
	$(PYTHON) requirements/bring_npm.py sip.js

check: $(VENV)/.tested ## lint, types, layers, fast tests: no system packages, under two minutes
	@tests/timed.sh '$(BIN)/ruff check .' '$(BIN)/ruff format --check .' '$(BIN)/mypy' '$(BIN)/lint-imports' \
		"$(BIN)/pytest $(UNIT) tests/unit tests/property"

test: $(VENV)/.tested ## everything: system packages, Asterisk, lint, types, layers, all test rings
	tests/prepare.sh
	$(MAKE) --no-print-directory check UNIT='$(WHOLE_UNIT) $(COVERED)'
	@tests/timed.sh '$(BIN)/pytest $(OUTER) tests/contract tests/integration tests/acceptance tests/browser tests/docs'

contract: $(VENV)/.tested ## one table: telephony scenario by simulated PBX, Asterisk 16, Asterisk 22
	tests/prepare.sh
	$(BIN)/pytest $(OUTER) tests/contract

fuzz: $(VENV)/.tested ## the wires and the call tracker against thousands of examples drawn by chance, some minutes
	$(BIN)/pytest -q -n 2 --timeout 1800 --hypothesis-profile fuzz \
		tests/property/test_ami_wire.py tests/property/test_ami_wall.py tests/property/test_telephony_tracker.py \
		tests/unit/telephony/test_agi_wire.py tests/unit/telephony/test_reconcile.py tests/unit/telephony/test_asterisk_render.py

lock: ## choose anew, within the ranges of pyproject.toml, the version and hash of every package
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet uv
	for parts in 'run --extra all' 'dev --extra all --group dev'; do set -- $$parts; name=$$1; shift; \
		build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			--no-annotate --no-emit-index-url --no-emit-find-links --no-emit-package winback \
			--exclude-newer "$$(date --utc --date='$(COOL_DOWN_DAYS) days ago' +%Y-%m-%d)" \
			"$$@" --output-file requirements/$$name.lock pyproject.toml || exit 1; done

clean: ## remove what the other targets made in this tree
	rm -rf $(VENV) build dist dialer/web/static/npm .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache var

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(VENV)/.installed: pyproject.toml requirements/run.lock | $(VENV)/bin/python
	$(BIN)/pip install $(LOCKED) requirements/run.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	touch $@

$(VENV)/.tested: pyproject.toml requirements/dev.lock | $(VENV)/bin/python
	$(BIN)/pip install $(LOCKED) requirements/dev.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	touch $@ $(VENV)/.installed
