# Everything runs from .venv/, which each target builds or renews by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --constraint constraints.txt
ONCALL_HOME ?= $(CURDIR)/.oncall
override ONCALL_HOME := $(abspath $(ONCALL_HOME))
export ONCALL_HOME
export DAGSTER_HOME = $(ONCALL_HOME)/dagster
# The tests write many small files and wait until each is on the disk: in memory, where it has room, they need not.
MEMORY := /dev/shm
ROOMY := $(shell test "$$(df --output=avail --block-size=1G $(MEMORY) 2>/dev/null | tail -n 1)" -ge 8 2>/dev/null && echo $(MEMORY))

.PHONY: help demo dev test lint types layers unit format clean

help:
	@echo "make demo   a night of the sample company with a fault in it: who is told, what is held back"
	@echo "make dev    the Dagster UI at http://127.0.0.1:3000, automations on"
	@echo "make test   lint, types, layers and every test"
	@echo "make clean  forget all state (.oncall/) and the environment (.venv/)"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit("Python %d.%d found; expected 3.11 to 3.13. Name one: make PYTHON=python3.12 ..." % v)'
	@echo "setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/bin/python
	@$(PIP) --editable .
	@touch $@

$(VENV)/.development: pyproject.toml constraints.txt | $(VENV)/bin/python
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.runtime

demo: $(VENV)/.runtime
	@ONCALL_HOME=$(ONCALL_HOME)/demo $(BIN)/python -m oncall_assets.demo

dev: $(VENV)/.runtime
	@mkdir -p $(DAGSTER_HOME)
	@ln -sf $(CURDIR)/dagster.yaml $(DAGSTER_HOME)/dagster.yaml
	@$(BIN)/dagster dev --workspace workspace.yaml

test: lint types layers unit

lint: $(VENV)/.development
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.development
	$(BIN)/mypy

layers: $(VENV)/.development
	$(BIN)/lint-imports

unit: $(VENV)/.development
	$(if $(ROOMY),PYTEST_DEBUG_TEMPROOT=$(ROOMY)) $(BIN)/pytest --numprocesses 3 --dist worksteal

format: $(VENV)/.development
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) $(CURDIR)/.oncall
