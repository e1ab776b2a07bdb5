# Two commands set up everything on a fresh machine that has Python 3.11 or later, make and git:
#   make demo    writes the demo city and runs the main job on it
#   make test    runs every check that CI runs
#   make docs    builds the documentation in docs/_build/html
#   make fuzz MINUTES=13    has files damaged in new ways read, a minute for each of 13 formats
#   make sbom    lists every package of the environment in the CycloneDX format
#   make lock    pins every package, with the checksums of its files, in requirements.lock
#   make test-oldest    runs the core tests on the oldest packages that pyproject.toml allows
#   make oldest         its short form, which is part of make test
PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
BIN := $(VENV)/bin

# What the oldest packages are tried on: rooms that call them most. OLDEST_TESTS=tests tries everything.
OLDEST := .venv-oldest
OLDEST_QUICK := tests/tables tests/measures tests/project/test_public_names.py
OLDEST_TESTS ?= tests/tables tests/measures tests/network tests/sources tests/siting tests/assessment tests/outputs/gis

.PHONY: checks clean compiled demo docs fuzz lint lock oldest sbom test test-all test-oldest types unit

$(VENV)/.base: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[all]"
	@touch $@

$(VENV)/.test: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test --group docs
	@touch $@

demo: $(VENV)/.base
	$(BIN)/lifecircle demo --output data/processed/demo

# What one processor can do, two at a time, while compiled code is made ready for the tests; then the tests, on both.
test: checks unit

checks: $(VENV)/.test
	$(MAKE) --no-print-directory --jobs 2 compiled lint types docs oldest

compiled: $(VENV)/.test
	$(BIN)/lifecircle warm-up >/dev/null

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.test
	$(BIN)/mypy

docs: $(VENV)/.test
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --builder html docs docs/_build/html

unit: $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

$(OLDEST)/.test: pyproject.toml tests/support/lowest_bounds.py
	@test -x $(OLDEST)/bin/python || $(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1" packaging
	$(OLDEST)/bin/python tests/support/lowest_bounds.py > $(OLDEST)/constraints.txt
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check --constraint $(OLDEST)/constraints.txt \
		--editable ".[all]" hypothesis packaging pytest pytest-xdist pyyaml
	@touch $@

test-oldest: $(OLDEST)/.test
	NUMBA_CACHE_DIR=$(OLDEST)/numba $(OLDEST)/bin/python -m pytest --numprocesses $(WORKERS) --dist loadfile $(OLDEST_TESTS)

# The oldest packages have wheels for Python 3.11; elsewhere, or without a network, this says so and goes on. Bounds that
# cannot be installed together fail, and so do tests: where a package can be fetched, the network is no excuse.
oldest:
	@if ! $(PYTHON) -c "import sys; sys.exit(sys.version_info[:2] != (3, 11))"; then \
		echo "oldest packages: tried on Python 3.11 only, left out here"; \
	elif $(MAKE) --no-print-directory $(OLDEST)/.test; then \
		$(MAKE) --no-print-directory test-oldest OLDEST_TESTS="$(OLDEST_QUICK)"; \
	elif test -x $(OLDEST)/bin/python && ! $(OLDEST)/bin/python -m pip download --quiet --disable-pip-version-check \
			--no-cache-dir --no-deps --retries 1 --timeout 20 --dest $(OLDEST)/probe packaging; then \
		echo "oldest packages: no network to fetch them, left out here"; \
	else \
		echo "oldest packages: the lower bounds of pyproject.toml cannot be installed together (see above)" >&2; \
		exit 1; \
	fi

# Everything, with new and more random examples, and the whole suite on the oldest packages.
test-all: lint types docs
	LIFECIRCLE_THOROUGH=1 $(MAKE) unit
	$(MAKE) test-oldest OLDEST_TESTS=tests

# For installations that must be the same everywhere: pip install --require-hashes -r requirements.lock
lock:
	@test -x .venv-lock/bin/uv || $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check --upgrade uv
	.venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra all --upgrade \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

# What comes to light is kept in a folder that the command names, and becomes a case in tests/faults.
MINUTES ?= 10
fuzz: $(VENV)/.test
	PYTHONPATH=tests/support:tests/fuzz $(BIN)/python tests/fuzz/run.py --minutes $(MINUTES)

# The list of parts of a release: names, versions, licences and check sums of all packages that it runs with.
sbom: $(VENV)/.base
	@test -x .venv-sbom/bin/cyclonedx-py || $(PYTHON) -m venv .venv-sbom
	.venv-sbom/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom
	mkdir -p dist
	.venv-sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-file dist/lifecircle.cdx.json $(BIN)/python

clean:
	rm -rf $(VENV) $(OLDEST) .venv-sbom build dist docs/_build .pytest_cache .mypy_cache .ruff_cache
