# demo, test, lint, bench, serve. `make demo PHOTOS=./photos PORT=8000` shows your own pictures.
PYTHON ?= python3
PORT ?= 8765
PHOTOS ?=
LIBRARY ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
# Programs that need nothing; the others want test sets of their own.
BENCHMARKS = $(filter-out against retrieval people unseen_words drawn_shapes,$(notdir $(basename $(shell grep -l __main__ benchmarks/*.py))))

.PHONY: help demo serve test lint bench clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-6s %s\n", $$1, $$2}' Makefile

demo: $(READY)  ## install, draw a sample (or take PHOTOS=dir), index it, serve the page at PORT
	@$(BIN)/indexer $(if $(LIBRARY),--library "$(LIBRARY)") demo --port $(PORT) $(if $(PHOTOS),--photos "$(PHOTOS)")

serve: $(READY)  ## the page and the API for the library that you have
	@$(BIN)/indexer $(if $(LIBRARY),--library "$(LIBRARY)") serve --port $(PORT)

test: $(READY_DEV)  ## all tests; the browser's where a Chromium is found
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

lint: $(READY_DEV)  ## style, types, who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(READY_DEV)  ## speed and memory, each beside its reference; JSON into benchmarks/results
	@mkdir -p benchmarks/results
	@for name in $(BENCHMARKS); do echo "== $$name"; \
	  $(BIN)/python -m benchmarks.$$name --json benchmarks/results/$$name.json || exit 1; done

clean:  ## throw the virtual environment away
	rm -rf $(VENV)

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Pomona needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo not there)." >&2; \
	  echo "With another one installed: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { \
	  echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@touch $@

$(READY): $(VENV)/.made pyproject.toml
	@echo "Installing into $(VENV): once; on Linux about 3.5 GB to download, most of it CUDA."
	@$(PIP) install -e .
	@touch $@

$(READY_DEV): $(READY)
	@echo "Installing the tools for tests and checks."
	@$(PIP) install --quiet -e '.[dev]'
	@touch $@
