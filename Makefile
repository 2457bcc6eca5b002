# Needs Python 3.11 or newer, and make. Everything else goes into .venv.
#
#   make demo [PORT=8000]   the example shop, with its data, on 127.0.0.1
#   make plain [PLAIN_PORT=8001] [PORT=8000]  beside `make demo`: a front end without Django, on an address of its own
#   make test [ARGS=…]      the whole suite, on SQLite
#   make test-oscar [DJANGO=6.1]  the tests with a real Oscar shop, in an environment of their own
#   make lint               ruff, mypy, import-linter, missing migrations
#   make bench [ONLY=name]  the benchmarks
#   make migration          write django_ppx/migrations/0001_initial.py anew
#   make messages           collect and compile the translations (needs gettext)
#   make clean              remove the environments, caches and the demo's data

PORT ?= 8000
PLAIN_PORT ?= 8001
ARGS ?=
ONLY ?=
DJANGO ?= 5.2

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
MANAGE := $(BIN)/python example_project/manage.py
OSCAR_VENV := .venv-oscar/django$(DJANGO)
OSCAR_BIN := $(OSCAR_VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo plain test test-oscar lint bench migration messages clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(VENV)/.installed-example
	@$(MANAGE) migrate --verbosity 0
	@PORT=$(PORT) PLAIN_PORT=$(PLAIN_PORT) $(MANAGE) seed_demo
	@PLAIN_PORT=$(PLAIN_PORT) $(MANAGE) runserver 127.0.0.1:$(PORT)

plain: $(BIN)/python
	@PORT=$(PORT) PLAIN_PORT=$(PLAIN_PORT) $(BIN)/python example_project/plain/serve.py

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest $(ARGS)

test-oscar: $(OSCAR_VENV)/.installed
	$(OSCAR_BIN)/python -m pytest tests/oscar $(ARGS)

lint: $(VENV)/.installed-test $(VENV)/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python -m django makemigrations --check --dry-run --settings tests.settings

bench: $(VENV)/.installed-test
	$(BIN)/python -m tests.benchmarks $(ONLY)

# Before 0.1 is published there is one migration, and it is regenerated.
migration: $(VENV)/.installed-test
	rm -f django_ppx/migrations/0*.py
	$(BIN)/python -m django makemigrations django_ppx --name initial --settings tests.settings

messages: $(VENV)/.installed-test
	mkdir -p django_ppx/locale
	cd django_ppx && ../$(BIN)/python -m django makemessages --locale de --no-obsolete --no-location
	cd django_ppx && ../$(BIN)/python -m django compilemessages --locale de

clean:
	rm -rf $(VENV) .venv-oscar .tox .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf build dist *.egg-info
	rm -rf example_project/*.sqlite3* example_project/media

# Make the environment $(1) with the first Python that is 3.$(2) or newer, or with the one that PYTHON= names.
define make_environment
	@for candidate in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	    command -v $$candidate >/dev/null 2>&1 || continue; \
	    $$candidate -c 'import sys; sys.exit(sys.version_info < (3, $(2)))' >/dev/null 2>&1 && { python=$$candidate; break; }; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "This needs Python 3.$(2) or newer; found: $$(command -v $(or $(PYTHON),python3) >/dev/null && $(or $(PYTHON),python3) --version 2>&1 || echo none)." >&2; \
	    echo "Name one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3.$(2)" >&2; exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	    echo "$$python has no venv module. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi; \
	echo "Creating $(1) with $$($$python --version)"; \
	$$python -m venv --clear $(1)
endef

$(BIN)/python:
	$(call make_environment,$(VENV),11)

# Django 6 needs Python 3.12.
$(OSCAR_BIN)/python:
	$(call make_environment,$(OSCAR_VENV),$(if $(filter 5.%,$(DJANGO)),11,12))

$(OSCAR_VENV)/.installed: setup.cfg pyproject.toml | $(OSCAR_BIN)/python
	@echo "Installing django-ppx with its extra 'oscar', and Django $(DJANGO)"
	@$(OSCAR_BIN)/python -m pip --disable-pip-version-check --quiet --quiet install --upgrade "pip>=25.1"
	@$(OSCAR_BIN)/python -m pip --quiet --quiet install --group oscar --editable ".[oscar]" "Django==$(DJANGO).*"
	@touch $@

# A stamp is as old as the last install; a newer setup.cfg installs again.
$(VENV)/.installed-%: setup.cfg | $(BIN)/python
	@echo "Installing django-ppx with its extra '$*'"
	@$(PIP) install --editable ".[$*]"
	@touch $@

$(VENV)/.installed-lint: setup.cfg pyproject.toml | $(BIN)/python
	@echo "Installing the tools that check the code"
	@$(PIP) install --upgrade "pip>=25.1"
	@$(PIP) install --group lint
	@touch $@
