# make demo   everything on this machine, with a world to look at
# make test   everything that CI runs
# make help   the other targets
#
# Each target makes what it needs first: a bare machine with Python 3.11, make and a C compiler
# is enough. PYTHON chooses the interpreter, PORT the demo's port, VAR_DIR where its data live.

PYTHON ?= $(or $(shell command -v python3.11 || command -v python3.12 || command -v python3.13),python3)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install --quiet --require-hashes
CODE := vtask core accounts policy settlement merchants creators tasks reads sandbox tests
JOBS ?= logical

# The machine's Node, or else one from a wheel; it only bundles the assets.
HAS_NODE := $(shell node -e 'process.exit(+process.versions.node.split(".")[0] < 18)' 2>/dev/null && npm --version >/dev/null 2>&1 && echo yes)
NODE_READY := $(if $(HAS_NODE),,$(VENV)/node.stamp)
NPM := $(if $(HAS_NODE),npm,PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(VENV)/bin/npm)

PO := $(wildcard locale/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
# Pages and code name the icons that are bundled.
ASSET_SOURCES := $(wildcard static/src/* static/src/*/* static/*.mjs) $(shell find templates $(CODE) -name '*.html' -o -name '*.py' 2>/dev/null)

.PHONY: bench bench-report screenshots soak mutants crosscheck help demo setup test fmt lint types contracts migrations deploy unit browser chromium po requirements clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^# \?//;1,3p' Makefile
	@echo
	@echo "setup fmt lint types contracts migrations deploy unit browser screenshots soak bench mutants po requirements clean"


# What is needed

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/base.stamp: requirements/base.txt | $(VENV)/bin/python
	$(PIP) -r $<
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/base.stamp
	$(PIP) -r $<
	@touch $@

$(VENV)/node.stamp: requirements/node.txt | $(VENV)/bin/python
	$(PIP) -r $<
	@touch $@

node_modules/.stamp: package.json package-lock.json .npmrc $(NODE_READY)
	$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

static/dist/.stamp: node_modules/.stamp $(ASSET_SOURCES)
	$(NPM) run --silent build
	@touch $@

%.mo: %.po $(VENV)/base.stamp
	$(VENV)/bin/pybabel --quiet compile --input-file=$< --output-file=$@

setup: $(VENV)/base.stamp static/dist/.stamp $(MO)


# What runs

demo: setup
	@$(PY) manage.py demo


# What CI runs; the cheap parts first, the tests last

test: lint types contracts migrations deploy chromium
	$(PY) -m pytest -n $(JOBS) --maxprocesses=8 --dist=worksteal --rules

lint: $(VENV)/dev.stamp
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .

types: $(VENV)/dev.stamp
	$(VENV)/bin/mypy

contracts: $(VENV)/dev.stamp
	$(VENV)/bin/lint-imports

migrations: $(VENV)/dev.stamp setup
	VTASK_ENV=test $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

# As on a real server: no default key, no local service.
deploy: $(VENV)/dev.stamp setup
	env VTASK_ENV=production SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))')" \
	  FIELD_KEYS="$$($(PY) -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())')" \
	  BLIND_INDEX_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(32))')" \
	  ALIPAY_OUT_NO_SECRET="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(32))')" \
	  METRICS_TOKEN="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(32))')" \
	  DATABASE_URL=postgresql://vtask@database.example/vtask REDIS_URL=rediss://queue.example/0 \
	  ALLOWED_HOSTS=vtask.example SITE_URL=https://vtask.example \
	  EMAIL_HOST=mail.example \
	  ALIPAY_GATEWAY_URL=https://gateway.example/gateway.do ALIPAY_APP_ID=2021000000000000 \
	  $(PY) manage.py check --deploy --fail-level WARNING

unit: $(VENV)/dev.stamp setup
	$(PY) -m pytest -n $(JOBS) --maxprocesses=8 --dist=worksteal -m "not browser"

browser: $(VENV)/dev.stamp setup chromium
	$(PY) -m pytest -m browser

# Pictures of every page into docs/screenshots/; LOCALE, VIEWER and PAGES choose.
screenshots: $(VENV)/dev.stamp setup chromium
	$(PY) -m pytest tests/browser/screenshots.py -q -s -p no:cacheprovider

chromium: $(VENV)/dev.stamp setup
	@command -v chromium chromium-browser google-chrome >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  fi; } || echo "Chromium could not be installed: the browser tests will be skipped"

# Fresh seeds for as long as asked; each is printed, and SOAK_SEED=… runs it again.
MINUTES ?= 10
HALF = $(shell expr \( $(MINUTES) + 1 \) / 2)
soak: $(VENV)/dev.stamp setup
	SOAK_MINUTES=$(HALF) $(PY) -m pytest tests/machine/soak.py -q -x -s -p no:cacheprovider
	$(PY) -m tests.faults --minutes $(HALF)
	$(PY) -m tests.faults.drill

# The core beside its peers, each case in turn: `make bench`, or `make bench-verb` for one.
# Some 20 GB of disk while it runs.
bench: $(VENV)/dev.stamp setup var/bench-peers/.stamp
	$(PY) -W ignore -m bench $(NAMES)

# The results of the last runs as docs/performance.md.
bench-report: $(VENV)/bin/python
	$(PY) -m bench.report

bench-%:
	@$(MAKE) --no-print-directory bench NAMES=$*

var/bench-peers/.stamp: requirements/bench.txt
	$(PYTHON) -m venv var/bench-peers
	var/bench-peers/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r $<
	@touch $@

# Plants one fault after the other and shows which test notices it.
mutants: $(VENV)/dev.stamp setup
	$(PY) -m tests.mutants


# What a developer wants

fmt: $(VENV)/dev.stamp
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

# Needs GNU gettext; only those who change texts do.
po: $(VENV)/base.stamp
	VTASK_ENV=test $(PY) manage.py makemessages -l zh_Hans --no-wrap --no-obsolete --add-location=file \
	  -i node_modules -i .venv -i var -i static -i tests
	sed -i '/^"POT-Creation-Date/d' locale/*/LC_MESSAGES/django.po

# No address and no path of this machine gets into the files.
requirements: $(VENV)/dev.stamp
	cd requirements && for name in base dev node crosscheck bench; do \
	  ../$(VENV)/bin/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes \
	    --no-annotate --no-header $$name.in --output-file $$name.txt; done

# The payment service's own SDK against the local Alipay, in an environment of its own (439 MB).
crosscheck: $(VENV)/dev.stamp var/crosscheck/.stamp
	$(PY) -m tests.crosscheck var/crosscheck/bin/python

var/crosscheck/.stamp: requirements/crosscheck.txt
	$(PYTHON) -m venv var/crosscheck
	var/crosscheck/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r $<
	@touch $@

clean:
	rm -rf $(VENV) node_modules static/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache $(MO)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "The demo's data in $${VAR_DIR:-var}/ are kept."
