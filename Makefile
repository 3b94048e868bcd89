# The two commands of the README and what CI adds. Everything runs in .venv, built from constraints.txt.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help demo test test-long test-training train-setup lint benchmarks clean

help: ## Print what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Điểm Báo needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …"; exit 1; }
	@echo "Setting up $(VENV), one or two minutes …"
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	touch $(STAMP)

demo: $(STAMP) ## Collect the demo press, write its digest to out/demo/ and say what was done
	$(BIN)/python -m tests.press.run_demo --output out/demo

lint: $(STAMP) ## Check style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint ## Check style, types and import contracts, then run the test suite
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup

train-setup: $(STAMP) ## Add what training the encoder needs (PyTorch, some gigabytes)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,train]'

test-training: train-setup ## Train a tiny encoder, and read what it writes
	$(BIN)/pytest -n 0 -m training tests/classifiers

test-long: $(STAMP) ## Run what takes longer: random kills, whole data sets
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup -m long

benchmarks: $(STAMP) ## Print speeds as ratios (needs DIEMBAO_EVAL_DATA)
	for file in gate extract annotate stories pipeline index; do $(BIN)/python -m tests.benchmarks.$$file || exit 1; done

clean: ## Remove what was built
	rm -rf $(VENV) out build dist *.egg-info
