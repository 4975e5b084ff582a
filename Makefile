# Each target does all of its own set-up; a fresh clone with Python 3.11 or later is enough.
# PORT, MICROCREDS_HOME (run), ARGS (test), NAME and ROWS (bench) may be given on the command line.
.PHONY: run test lint bench format lock install install-dev
.DEFAULT_GOAL := run

PYTHON ?= python3
BIN := .venv/bin
INSTALL = @command -v $(PYTHON) >/dev/null || { echo "microcreds: Python 3.11 or later is needed: install python3" >&2; exit 1; }; \
	exec $(PYTHON) microcreds/services/install.py

run: install
	@exec $(BIN)/python -m microcreds.services --with-parent

# Two processes by default; a file's tests stay together, because some share what they set up.
test: install-dev
	@exec $(BIN)/python -m pytest $(or $(ARGS),-n 2 --dist loadfile)

# Django does not load without a secret, and linting needs none of its own.
lint: export SECRET_KEY = no-secret-at-all-for-lint-serves-nobody-and-signs-nothing
lint: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python manage.py makemigrations --check --dry-run
	BASE_URL=https://example.org $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: install-dev
	@exec $(BIN)/python -m bench

format: install-dev
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

LOCK = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate $(ARGS) pyproject.toml

# ARGS=--upgrade takes newer versions; without it only what pyproject.toml forces is changed.
lock: install-dev
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(LOCK) --extra embedded --output-file requirements.lock
	$(LOCK) --all-extras --constraints requirements.lock --output-file requirements-dev.lock

install:
	$(INSTALL) run

install-dev:
	$(INSTALL) dev
