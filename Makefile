# `make` alone lists what there is. Settings (HOST, PORT, DEMO, ...) pass through the environment
# or stand behind the target: make run PORT=8000. They are described in docs/settings.md.

VENV := .venv
PYTHON_IN := $(VENV)/bin/python
FLASK := $(PYTHON_IN) -m flask --app wsgi
LIBRARIES := .cache/bench/libraries/installed
UV := .cache/uv/bin/uv
UV_VERSION := 0.13.9

# The environment carries DB to the tests themselves.
ON_SERVER := $(filter postgresql,$(DB))

.DEFAULT_GOAL := help
.PHONY: help run demo test quick clocks check htmx postgresql chromium checker peers faketime server screenshots translations bench lock clean
# What is compiled once is not compiled again, whatever the machine's own habit: every process of the tests needs it.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/pyc
.DELETE_ON_ERROR:

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/runtime ## Start the portal, with demo data when it is new (DEMO=0 for an empty one)
	@exec $(FLASK) start

demo: $(VENV)/runtime ## Fill an empty portal with the demo organizations
	@$(FLASK) db upgrade
	@$(FLASK) demo

test: $(VENV)/dev $(if $(ON_SERVER),server) chromium checker peers htmx $(if $(CLOCK),faketime) ## Run every test, real browser included (ARGS=tests/rules, CLOCK=+40d; DB=postgresql: of the browser two machines)
ifdef ARGS
	@$(MOVED) $(PYTHON_IN) -m pytest $(ARGS)
else ifdef ON_SERVER
	@$(MOVED) $(PYTHON_IN) -m pytest -n 3 --dist worksteal -m "postgresql or not (browser or slow)"
else
	@$(MOVED) $(PYTHON_IN) -m pytest -n 3 $(WITHOUT_BROWSER)
	@$(MOVED) $(PYTHON_IN) -m pytest -n 3 --dist worksteal -m "browser or slow"
endif

quick: $(VENV)/dev ## Run what needs neither browser nor pages: rules, carriers, words, tables, the house
	@$(PYTHON_IN) -m pytest -q -n 2 tests/rules tests/carriers tests/wording tests/models tests/test_layers.py \
	  tests/test_house.py tests/test_routes.py tests/test_config.py

clocks: $(VENV)/dev checker peers htmx faketime ## Run the tests without browser under every clock of tests/clocks.py (ARGS for some)
	@$(PYTHON_IN) tests/clocks.py all $(PYTHON_IN) -m pytest -q -n 3 $(WITHOUT_BROWSER) $(ARGS)

check: $(VENV)/dev ## Lint, check types, templates and the house rules (quick, no browser)
	@$(PYTHON_IN) -m ruff check .
	@$(PYTHON_IN) -m mypy
	@$(PYTHON_IN) -m pytest -q --noconftest tests/test_house.py
	@$(PYTHON_IN) -c "from portal.rules import area_codes; area_codes.remind_to_renew()"
	@$(PYTHON_IN) -c "from portal.rules import quiet_hours; quiet_hours.remind_to_read_laws()"
	@$(PYTHON_IN) -c "from portal.wording import accessibility; accessibility.remind_to_review_statement()"

htmx: $(VENV)/runtime ## Put htmx under instance/ for HTMX=self (FILE=... to install without internet)
	@$(FLASK) htmx $(FILE)

postgresql: $(VENV)/postgresql ## Install what DATABASE_URL=postgresql://... needs beside the server

screenshots: $(VENV)/dev chromium htmx ## Take the pictures of docs/screenshots/ anew (EVERY=1 for every page, LANGUAGE=de too)
	@$(PYTHON_IN) -m tests.browser.screenshots

chromium: $(VENV)/dev
	@$(PYTHON_IN) tests/browser/chromium.py --install

checker: $(VENV)/dev
	@$(PYTHON_IN) tests/valid_html.py --install

peers: $(VENV)/dev ## Install what tests of carriers start: a message center (npm) and, for root on Debian, Kannel
	@$(PYTHON_IN) -m tests.peers.install

faketime: $(VENV)/dev
	@$(PYTHON_IN) tests/clocks.py --install

server: $(VENV)/dev
	@$(PYTHON_IN) -m tests.database_server --install

translations: $(VENV)/dev ## Bring the catalogs of translations up to date, say what is to translate, and compile them
	@$(PYTHON_IN) -m tests.wording.catalogs

bench: $(VENV)/dev $(LIBRARIES) $(if $(ON_SERVER),server) ## Measure how fast the portal is, beside ceilings and peers (ARGS="pages wire" for some, DB=postgresql)
	@$(PYTHON_IN) -m bench $(ARGS)

lock: ## Pin what is installed anew from pyproject.toml (UPGRADE=1 for newer versions)
	@test -x $(UV) || { $(FIND_PYTHON) -m venv .cache/uv && .cache/uv/bin/pip install --quiet uv==$(UV_VERSION); }
	@$(PIN) -o requirements.txt pyproject.toml
	@$(PIN) -c requirements.txt --extra postgresql -o requirements-postgresql.txt pyproject.toml
	@$(PIN) -c requirements.txt --extra dev -o requirements-dev.txt pyproject.toml
	@$(PIN) -o bench/libraries.txt bench/libraries.in
	@$(PIN) --no-deps -o tests/postgresql.txt tests/postgresql.in

clean: ## Remove what can be made again; instance/ with its database stays
	rm -rf $(VENV) .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './instance/*' -prune -exec rm -rf {} +

# --- how the parts are made --------------------------------------------------

# Everything that needs no browser and takes moments.
WITHOUT_BROWSER := -m "not browser and not slow"
MOVED = $(if $(CLOCK),$(PYTHON_IN) tests/clocks.py $(CLOCK))

# A python3.11 that only exists as a version manager's shim fails when run, hence the trial.
TOO_OLD := import sys; sys.exit(sys.version_info < (3, 11))
FIND_PYTHON = $$(for python in $(PYTHON) python3.11 python3; do \
	$$python -c '$(TOO_OLD)' 2>/dev/null && echo $$python && break; done)

PIN = UV_PYTHON_DOWNLOADS=never $(UV) pip compile --quiet --universal --generate-hashes --no-header \
	$(if $(UPGRADE),--upgrade)

INSTALL := $(PYTHON_IN) -m pip install --quiet --disable-pip-version-check --require-hashes
# Runs a quiet command, and says every ten seconds that it still runs. What is interrupted stops the command, too.
TELLING = $(1) & job=$$!; trap 'kill $$job' INT TERM; passed=0; \
	while sleep 1; kill -0 $$job 2>/dev/null; do passed=$$((passed + 1)); \
	  test $$((passed % 10)) -ne 0 || echo "  still at it, $$passed seconds so far"; done; wait $$job

# The stamps say which requirements the environment holds; a changed file installs again.
$(VENV)/runtime: requirements.txt
	@python=$(FIND_PYTHON); test -n "$$python" || \
	  { echo "The portal needs Python 3.11 or newer: install it, or name one with PYTHON=/path/to/python3." >&2; exit 1; }; \
	test -x $(PYTHON_IN) || { echo "Making a place of its own for Python in $(VENV): a few seconds."; \
	  "$$python" -m venv $(VENV); }
	@echo "Installing what the portal needs into $(VENV): about a minute, and only now."
	@$(call TELLING,$(INSTALL) -r requirements.txt)
	@touch $@

$(VENV)/postgresql: requirements-postgresql.txt $(VENV)/runtime
	@$(INSTALL) -r requirements-postgresql.txt
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/runtime
	@echo "Installing what the tests need into $(VENV): a minute or two, and only now."
	@$(call TELLING,$(INSTALL) -r requirements-dev.txt)
	@touch $@

# Beside the environment, not in it: nothing but one measurement reads them.
$(LIBRARIES): bench/libraries.txt $(VENV)/dev
	@rm -rf $(@D)
	@$(INSTALL) --no-deps --target $(@D) -r bench/libraries.txt
	@touch $@
