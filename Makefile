# make demo    the whole job on embedded servers: nothing to install or configure but Python
# make test    lint and every test (the IMAP tests need Debian's dovecot-imapd; .ci/run installs it)
# make lint    ruff, mypy --strict, the layers of the architecture
# make torture  kills at every step and KILLS (50) at random (test runs a part of them)
# make soak    MINUTES (60) of work with kills and cuts: what it costs, and the audit
# make bench   what rules cost; mailroom beside bare clients doing the same transfers

PYTHON ?= python3
KILLS  ?= 50
MINUTES ?= 60
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test lint torture soak bench clean

demo: $(VENV)/.demo
	@$(BIN)/mailroom demo

test: lint
	$(BIN)/python -m pytest

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

torture: $(VENV)/.test
	MAILROOM_TORTURE=1 MAILROOM_KILLS=$(KILLS) $(BIN)/python -m pytest tests/torture --timeout 36000 --durations 5

soak: $(VENV)/.test
	MAILROOM_SOAK=$(MINUTES) $(BIN)/python -m pytest -s tests/torture/test_soak.py

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks.rules
	$(BIN)/python -m benchmarks.end_to_end

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing mailroom and its libraries into $(VENV), once …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo]'
	@touch $@

$(VENV)/.test: $(BIN)/python pyproject.toml constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo,test]'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info
