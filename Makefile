# Two commands do all the set-up on a fresh machine with Python 3.11 or later:
#   make demo   environment, install, the whole pipeline on real data, the app (SERVE=0: no app)
#   make test   environment, install, checks and tests
#
# PIP_ARGS goes to every pip call. Where the Python index serves a torch with CUDA (plain Linux),
# PIP_ARGS="--extra-index-url <PyTorch's CPU wheel index>" saves some gigabytes.

PYTHON ?= python3
VENV   ?= .venv
SERVE  ?= 1
PORT   ?= 8501
PIP_ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo app install test lint types unit browser bench-language bench-data bench-quality bench-peers bench-app bench-audit bench-cost bench-profiles bench-explain bench-user-page bench-map clean
.DEFAULT_GOAL := help

help:
	@sed -n '2,4p' Makefile | cut -c3-

# ------------------------------------------------------------------ environment

$(BIN)/python:
	$(PYTHON) -c 'import sys; v = sys.version_info; \
	  sys.exit(0 if v >= (3, 11) else f"expected Python 3.11 or later, found {v.major}.{v.minor}; name one with: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)

# torch comes first and pinned: what follows then finds it and asks for no other build.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -q --upgrade pip
	$(PIP) install -q $(PIP_ARGS) -c constraints.txt torch
	$(PIP) install -q $(PIP_ARGS) -c constraints.txt -e ".[demo]"
	$(BIN)/crossrec models install
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install -q $(PIP_ARGS) -c constraints.txt -e ".[demo,dev]"
	@touch $@

install: $(VENV)/.installed

# ------------------------------------------------------------------ demo and app

demo: $(VENV)/.installed
	$(BIN)/crossrec demo
ifneq ($(SERVE),0)
	$(BIN)/crossrec app --port $(PORT)
endif

app: $(VENV)/.installed
	$(BIN)/crossrec app --port $(PORT)

# ------------------------------------------------------------------ checks

test: $(VENV)/.installed-dev lint types
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.installed-dev
	$(BIN)/pyright

unit: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m "not browser"

browser: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m browser

# sentence-transformers, to measure against, in a folder of its own and on the product's own torch.
SENTENCES ?= $(HOME)/.cache/crossrec-bench/sentence-transformers

$(SENTENCES): | $(VENV)/.installed-dev
	$(PIP) install -q $(PIP_ARGS) --no-deps --target $@ sentence-transformers==6.2.0

bench-language: $(VENV)/.installed-dev | $(SENTENCES)
	$(BIN)/python -m bench.language --peer $(SENTENCES) $(ARGS)

# Import of 10 million rows against pandas and polars; the extra "bench" brings polars.
bench-data: $(VENV)/.installed-dev
	$(PIP) install -q $(PIP_ARGS) -c constraints.txt -e ".[bench]"
	$(BIN)/python -m bench.data $(ARGS)

# The app over the run of `make demo`; ARGS="--minutes 10" is the whole leak check.
bench-app: $(VENV)/.installed-dev
	$(BIN)/python -m bench.app $(ARGS)

# A million points on the map: first view, lasso, size of the figure; with Chromium, in a browser.
bench-map: $(VENV)/.installed-dev
	$(BIN)/python -m bench.map $(ARGS)

bench-audit: $(VENV)/.installed-dev
	$(BIN)/python -m bench.audit

# Explanations and what-if questions at 50,000 items; ARGS="--run DIR" adds a batch and the deletion curve.
bench-explain: $(VENV)/.installed-dev
	$(BIN)/python -m bench.explain $(ARGS)

# The page on one user after a switch, on the largest run of the workspace, and the table of changes over a million users.
bench-user-page: $(VENV)/.installed-dev
	$(BIN)/python -m bench.user_page $(ARGS)

# Seconds and memory of a fit from 10,000 to 10,000,000 rows; goes on where it stopped.
bench-cost: $(VENV)/.installed-dev
	$(BIN)/python -m bench.cost $(ARGS)

bench-profiles: $(VENV)/.installed-dev
	$(BIN)/python -m bench.profiles $(ARGS)

# Hours; goes on where it stopped. ARGS="--short" is a smoke test of a few minutes.
bench-quality: $(VENV)/.installed-dev
	$(BIN)/python -m bench.quality $(ARGS)

# Published models in an environment of their own; bench-quality judges the lists they leave behind.
PEERS      ?= $(HOME)/.cache/crossrec-bench/peers
PEER_SETS  ?= food_kitchen books_movies
PEER_SEEDS ?= 0

$(PEERS)/.installed: bench/peers/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check install -q $(PIP_ARGS) -r $<
	@touch $@

bench-peers: $(VENV)/.installed-dev $(PEERS)/.installed
	$(BIN)/python -m bench.quality --export --sets $(PEER_SETS) --seeds $(PEER_SEEDS)
	$(PEERS)/bin/python -m bench.peers $(foreach set,$(PEER_SETS),$(foreach seed,$(PEER_SEEDS),\
	  $(HOME)/.cache/crossrec-bench/exchange/$(set)-$(seed)))

clean:
	rm -rf $(VENV) build dist
