# make demo · test · test-all · test-fast · check · bench · train        (HOST=, PORT=, AE_DEVICE=, PYTHON= and TORCH= are respected)

PYTHON ?= python3
# The build of torch: cpu, cu128 or another one of PyTorch's own index; plain, the package registry's; auto, cpu where
# there is neither an NVIDIA GPU nor a Mac and the index answers within seconds, else plain.
TORCH ?= auto
VENV := .venv
BIN := $(VENV)/bin
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python

.PHONY: demo test test-all test-fast check check-js bench train clean
.DELETE_ON_ERROR:

demo: $(VENV)/demo
	$(BIN)/python app.py

# On two processes; then alone what a busy machine would disturb. Coverage below the interface must be 95 %.
test: $(VENV)/dev
	$(PYTEST) -m "not serial and not thorough" --cov --cov-report=
	$(PYTEST) -n 0 -m "serial and not thorough" --cov --cov-append

# The same, and the detailed browser tests: accessibility, layouts at five sizes, photographs, the latent plane, and more.
test-all: test
	$(PYTEST) -m "thorough and not serial"
	$(PYTEST) -n 0 -m "thorough and serial"

# The units, without the slow ones: about a minute.
test-fast: $(VENV)/dev
	$(PYTEST) -m "not slow" tests/unit tests/js

PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python tests/audit.py
	if test -x $(BIN)/hadolint; then $(BIN)/hadolint deploy/Dockerfile; else echo "THE DOCKERFILE IS NOT CHECKED: there is no hadolint" >&2; fi
	$(MAKE) --no-print-directory check-js

# JavaScript and style sheets: linted, and formatted as Biome does. FIX=--write formats them.
check-js: $(VENV)/dev
	test -x $(BIOME) -a -f $(AXE) || npm install --silent --no-audit --no-fund --no-package-lock --fetch-retries=0 || true
	if test -x $(BIOME); then $(BIOME) check --error-on-warnings $(FIX); else \
	echo "JAVASCRIPT AND CSS ARE NOT CHECKED: Biome cannot be installed here (it needs npm and its package registry)" >&2; fi

BIOME = node_modules/.bin/biome
AXE = node_modules/axe-core/axe.min.js

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
	case $(TORCH) in \
	plain) $(INSTALL) -r requirements.txt ;; \
	auto) { $(CPU_BUILD_FITS) && $(INSTALL) --torch-backend cpu -r requirements.txt; } || $(INSTALL) -r requirements.txt ;; \
	*) $(INSTALL) --torch-backend $(TORCH) -r requirements.txt ;; \
	esac
	$(BIN)/python -m compileall -q ae_demo app.py
	touch $@

CPU_BUILD_FITS = test "$$(uname -s)" != Darwin && ! nvidia-smi -L >/dev/null 2>&1 && \
	UV_HTTP_TIMEOUT=5 UV_HTTP_RETRIES=0 $(INSTALL) --dry-run --no-deps --torch-backend cpu torch 2>/dev/null

$(VENV)/dev: $(VENV)/demo requirements-dev.txt
	$(INSTALL) --compile-bytecode -r requirements-dev.txt
	$(BIN)/python tests/install_browser.py
	touch $@
