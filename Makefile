# make demo · test · check · bench · train        (HOST=, PORT=, AE_DEVICE= and PYTHON= are respected)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench train clean
.DELETE_ON_ERROR:

demo: $(VENV)/demo
	$(BIN)/python app.py

test: $(VENV)/dev
	$(BIN)/python -m pytest

check: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

bench: $(VENV)/dev
	for benchmark in benchmarks/bench_*.py; do $(BIN)/python $$benchmark; done

# Trains every shipped checkpoint again; hours on two cores. DATA=folder of the data sets.
train: $(VENV)/demo
	$(BIN)/python checkpoints/train_all.py --data-dir $(or $(DATA),data)

clean:
	rm -rf $(VENV)

# Installed once; again only when the list of packages changes, so a second start needs no network.
$(VENV)/demo: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "AE Demo needs Python 3.10 or newer: make demo PYTHON=python3.12" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.txt
	$(BIN)/python -m compileall -q ae_demo app.py
	touch $@

$(VENV)/dev: $(VENV)/demo requirements-dev.txt
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements-dev.txt
	$(BIN)/python tests/install_browser.py
	touch $@
