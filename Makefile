# Every target sets itself up: the first use makes .venv, later ones re-install only when what is pinned has changed.
PYTHON ?= $(firstword $(foreach python,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	command -v $(python) >/dev/null && $(python) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(python))))
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
NODE_MODULES := $(if $(shell command -v npm),tests/node/node_modules/.installed)
ARGS ?=
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help serve test check fmt dist bench coverage lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: $(INSTALLED) ## Start the inspector (options: make serve ARGS="--port 0")
	@exec $(BIN)/callback-inspector serve $(ARGS)

test: check $(NODE_MODULES) ## Run every check and every test (one process per core, four at most)
	$(BIN)/pytest -n $(WORKERS) --maxprocesses 4 --maxschedchunk 2 $(ARGS)

check: $(INSTALLED) ## Formatting, lint, types and import floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(INSTALLED) ## Format the code and mend what lint can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

dist: $(INSTALLED) ## Build wheel and source distribution into dist/
	$(BIN)/python -m build --no-isolation

bench: $(INSTALLED) ## Measure speed as ratios to a bare server in the same run, and how long pages take
	$(BIN)/python -m benchmarks.signing
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.diagnosis
	$(BIN)/python -m benchmarks.diagnosing
	$(BIN)/python -m benchmarks.testing
	$(BIN)/python -m benchmarks.wire
	$(BIN)/python -m benchmarks $(ARGS)

coverage: $(INSTALLED) ## Prove that every branch of the wire is tested
	$(BIN)/coverage run --branch --source inspector/receive/wire -m pytest -q tests/receive tests/server/test_as_it_came.py
	$(BIN)/coverage report --show-missing --fail-under 100

lock: $(INSTALLED) ## Pin requirements-dev.txt anew from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--group dev --all-extras --upgrade pyproject.toml -o requirements-dev.txt

clean: ## Remove .venv and everything built
	rm -rf $(VENV) tests/node/node_modules dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage

$(INSTALLED): pyproject.toml requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it with make PYTHON=/path/to/python" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make a virtual environment (on Debian: apt install python3-venv)" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

tests/node/node_modules/.installed: tests/node/package-lock.json
	@cd tests/node && npm ci --silent --no-audit --no-fund
	@touch $@
