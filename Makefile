# 12367 Online Consultation. `make serve` runs it, `make test` checks it; both install what they need, once.
.DEFAULT_GOAL := help
.PHONY: help serve test setup gateway engine model web lock bench clean system
SHELL := /bin/bash

PYTHON ?= python3.11
UV := .cache/uv/bin/uv
PY := .venv/bin/python
COMPILE := $(UV) pip compile -q --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-annotate --no-header
ENGINE := bot/.venv/bin/python
CACHE := .cache
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP_FIND_LINKS ?= $(shell $(PYTHON) -m pip config get global.find-links 2>/dev/null)
# torch: from the folder that pip is configured with where there is one, else uv's CPU build; never CUDA.
ifneq ($(PIP_FIND_LINKS),)
export UV_FIND_LINKS := $(PIP_FIND_LINKS)
TORCH :=
else
TORCH := --torch-backend cpu
endif

help: ## these targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

serve: setup ## start the service on http://127.0.0.1:8000/
	@exec .venv/bin/consult serve

test: setup system $(CACHE)/dev.stamp ## lint, types, and every test
	@bash tests/run

setup: $(CACHE)/gateway.stamp $(CACHE)/engine.stamp model $(CACHE)/web.stamp

gateway: $(CACHE)/gateway.stamp ## the gateway's environment
engine: $(CACHE)/engine.stamp ## the engine's environment
web: $(CACHE)/web.stamp ## the web pages

$(UV):
	@command -v $(PYTHON) >/dev/null || { echo "error: Python 3.11 is needed: install it, or name it: make PYTHON=/path/to/python3.11 …"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "error: $(PYTHON) is not Python 3.11"; exit 2; }
	@free=$$(df -Pm . | awk 'NR==2 {print $$4}'); [ "$$free" -gt 6000 ] || { echo "error: $$free MB free here; the two environments need about 6 GB"; exit 2; }
	@echo "== uv"
	@$(PYTHON) -m venv $(CACHE)/uv && $(CACHE)/uv/bin/pip install -q uv==0.13.9

$(CACHE)/gateway.stamp: requirements.lock pyproject.toml | $(UV)
	@echo "== gateway environment (.venv)"
	@$(UV) venv -q --allow-existing --python $(PYTHON) .venv
	@VIRTUAL_ENV=.venv $(UV) pip install --no-deps --compile-bytecode $(TORCH) -r requirements.lock
	@VIRTUAL_ENV=.venv $(UV) pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(CACHE)/engine.stamp: bot/requirements.lock bot/pyproject.toml | $(UV)
	@echo "== engine environment (bot/.venv)"
	@$(UV) venv -q --allow-existing --python $(PYTHON) bot/.venv
	@cd bot && VIRTUAL_ENV=.venv ../$(UV) pip install --no-deps --compile-bytecode -r requirements.lock
	@touch $@

model: $(CACHE)/engine.stamp ## the trained dialogue model, made again only when its inputs changed
	@PYTHONPATH=. $(ENGINE) -m bot.train

$(CACHE)/web.stamp: $(CACHE)/gateway.stamp $(shell find api/web -path '*/node_modules' -prune -o -path '*/dist' -prune -o -type f -print 2>/dev/null)
	@echo "== web pages"
	@bash api/web/build.sh
	@touch $@

$(CACHE)/dev.stamp: requirements-dev.lock $(CACHE)/gateway.stamp
	@echo "== test tools"
	@VIRTUAL_ENV=.venv $(UV) pip install --no-deps --compile-bytecode $(TORCH) -r requirements-dev.lock
	@touch $@

system: ## what the tests need from Debian: only as root, and only where it is missing
	@bash tests/system

lock: $(UV) ## resolve the lock files anew
	@echo 'torch==2.13.0+cpu' > $(CACHE)/torch.txt
	@$(COMPILE) $(TORCH) --override $(CACHE)/torch.txt pyproject.toml -o requirements.lock
	@$(COMPILE) $(TORCH) --override $(CACHE)/torch.txt --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	@sed -i 's/+cpu$$//' requirements.lock requirements-dev.lock
	@cd bot && ../$(COMPILE) pyproject.toml -o requirements.lock

bench: setup ## measure speed; figures are kept in tests/bench/README.md
	@$(PY) -m tests.bench.search
	@$(PY) -m tests.bench.wechat
	@$(PY) -m tests.bench.desk
	@$(PY) -m tests.bench.spread
	@$(PY) -m tests.bench

clean: ## remove what was built (environments stay)
	@rm -rf var bot/models api/web/dist $(CACHE)/web.stamp
