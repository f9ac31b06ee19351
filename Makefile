# make book: execute every chapter and render the book. make test: all checks. Both set up what they need.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export UV_CACHE_DIR ?= $(CURDIR)/.venv/cache
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help env book pdf export site test test-all quick lint publish history snapshot record deposits serve scenario lock benchmark benchmark-sweeps \
  landscape catalogue fit left-out register counts measured mutants fuzz clean

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

env: .venv/ready ## the Python environment, in .venv alone

# pip checks the hash of uv, and uv the hash of everything else.
.venv/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv
	sed -n '/^uv==/,/# via/p' requirements.txt > .venv/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r .venv/uv.txt
	$(BIN)/uv pip sync --quiet --require-hashes --link-mode=hardlink --python $(BIN)/python requirements.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --offline --python $(BIN)/python --editable .
	touch $@

# What the pages take from npm. Without it they take Python for the browser from a public host, and tests are skipped.
.venv/npm/ready: .venv/ready book/_npm/package.json book/_npm/package-lock.json book/_npm/.npmrc
	@mkdir -p .venv/npm
	@cp book/_npm/package.json book/_npm/package-lock.json book/_npm/.npmrc .venv/npm/
	@if ! command -v npm >/dev/null; then echo "npm is not installed: the pages do without what it brings"; \
	elif npm ci --prefix .venv/npm --cache .venv/npm/cache --fetch-retries 1 --ignore-scripts --no-audit --no-fund --loglevel error; then touch $@; \
	else echo "npm could not install book/_npm: the pages do without what it brings"; fi

book: env .venv/npm/ready ## execute every chapter and render the book into _build/
	$(BIN)/costlib rerun notebooks/scenarios/published.yml -o _build --strict
	@echo "open _build/index.html, or run make serve"

pdf: env .venv/npm/ready ## the whole book as one PDF, in _build/pdf/ (needs Chromium)
	$(BIN)/costlib rerun notebooks/scenarios/published.yml -o _build --strict --resume
	$(BIN)/python book/_ext/pdf.py _build

export: env .venv/npm/ready ## the pages as portable Markdown, in _build/markdown/
	$(BIN)/costlib rerun notebooks/scenarios/published.yml -o _build --strict --resume
	$(BIN)/python book/_ext/export.py _build

site: env .venv/npm/ready ## the pages beside those of earlier versions: make site VERSION=0.12.0 SITE=public ADDRESS=https://...
	$(BIN)/costlib rerun notebooks/scenarios/published.yml -o _build --strict --resume
	$(BIN)/python book/_tools/versions.py _build $(or $(SITE),_build/site) $(or $(VERSION),$$(sed -n 's/^__version__ = "\(.*\)"/\1/p' costlib/version.py)) $(ADDRESS)

# What was skipped, and why, is said at the end.
PYTEST := $(BIN)/python -m pytest -q -rsfE --dist loadfile --no-loadscope-reorder --benchmark-disable

test: lint .venv/npm/ready ## the checks of every change: minutes
	$(PYTEST) -n 3 --nbval-lax --durations 5 -m "not slow"

test-all: lint .venv/npm/ready ## the same with what takes long and changes rarely, as run before each release
	$(PYTEST) -n 3 --nbval-lax --durations 20

quick: lint ## the checks that take seconds: no chapter executed, no page rendered, no worker started
	$(PYTEST) -n 2 -m "not slow and not heavy" --ignore notebooks --ignore tests/benchmarks

fuzz: env ## 10,000 wrong, hostile and ordinary inputs, with a clock: minutes (INPUTS=2000 SEED=7 for others)
	$(BIN)/python tests/fuzz/fuzz_run.py --inputs $(or $(INPUTS),10000) --seed $(or $(SEED),2026)

lint: env ## style and types of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

publish: env ## refresh the committed outputs of the chapters (CHAPTERS="04 05" for some)
	$(BIN)/python book/_tools/publish.py $(CHAPTERS)

history: env ## record published numbers that changed: make history REASON="why." KEYS="17_validation/training_*"
	$(BIN)/python tests/report/record_changes.py "$(REASON)" $(if $(KEYS),$(foreach key,$(KEYS),'$(key)'))

snapshot: env ## keep what a release publishes, once its date is in the changelog
	$(BIN)/python tests/report/record_changes.py --snapshot
	$(BIN)/python tests/report/record_texts.py

record: env ## record words and facts that changed: make record REASON="why." KEYS="facts/gpu_prices/* prose/README.md*"
	$(BIN)/python tests/report/record_texts.py "$(REASON)" $(if $(KEYS),$(foreach key,$(KEYS),'$(key)'))

deposits: env ## .zenodo.json and codemeta.json from CITATION.cff
	$(BIN)/python book/_tools/deposits.py

scenario: env ## the book with your inputs: make scenario FILE=mine.yml OUT=mine
	$(BIN)/costlib rerun $(or $(FILE),$(error FILE=your-scenario.yml is missing)) -o $(or $(OUT),_build/scenario)

serve: ## show the built book on this machine alone
	$(PYTHON) book/_tools/serve.py _build "$(or $(PORT),8000)"

COMPILE := $(BIN)/uv pip compile pyproject.toml --extra book --extra sweep --extra test --universal --python-version 3.11 \
  --generate-hashes --no-header --quiet

lock: env ## pin what pyproject.toml asks for, with hashes, in requirements.txt and environment.yml
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --constraint requirements.txt --format pylock.toml --output-file .venv/pylock.toml
	$(BIN)/python book/_tools/hashes.py requirements.txt .venv/pylock.toml
	sed '/- pip:/q' environment.yml > environment.part && mv environment.part environment.yml
	sed -nE "s/^([a-z0-9][^\\]*[^ \\]) *\\\\?\$$/\1/p" requirements.txt \
	  | sed -E 's/(.*;.*)/"\1"/; s/^/      - /' >> environment.yml
	echo "      - -e ." >> environment.yml

benchmark: env ## speed, as ratios
	$(BIN)/python -m pytest -q tests/benchmarks --benchmark-only --benchmark-columns min,median,rounds

fit: env ## fit the coefficients to all measurements, beside their values (WRITE=1 writes values and ranges)
	WRITE=$(WRITE) $(BIN)/python tests/validation/fit_coefficients.py

left-out: env ## fit without each source, predict it, and make the intervals of it, into the facts
	$(BIN)/python tests/validation/fit_coefficients.py left-out

register: env ## write down the tables of measurements that this version was fitted to, by their hashes
	$(BIN)/python book/_tools/register.py

benchmark-sweeps: env ## speed and memory of sweeps, about fifteen minutes
	$(BIN)/python tests/benchmarks/sweeps.py

landscape: env ## the ten million points behind the chapter on the landscape, and their table of facts
	$(BIN)/costlib sweep notebooks/sweeps/landscape.yml -o _build/landscape --summary --resume
	$(BIN)/python book/_tools/landscape.py _build/landscape

catalogue: env ## the rows of models.csv that have a configuration, counted from it
	$(BIN)/python book/_tools/catalogue.py

mutants: env ## do the unit tests of the science notice wrong changes? 500 of them, half an hour: make mutants SEED=2 COUNT=500
	$(BIN)/python tests/mutants/run.py --seed $(or $(SEED),1) --count $(or $(COUNT),500)

counts: .venv-torch/ready ## count the FLOPs of real model classes with PyTorch, in .venv-torch
	PYTHONPATH=. .venv-torch/bin/python tests/count_with_pytorch.py
	PYTHONPATH=. .venv-torch/bin/python tests/count_configurations.py

measured: .venv-torch/ready ## the checks of costlib measure, on the CPU, in .venv-torch
	OMP_NUM_THREADS=1 .venv-torch/bin/python -m pytest -q --noconftest -o addopts="--doctest-modules -p no:cacheprovider" \
	  costlib/measuring tests/measuring/test_measure.py tests/measuring/test_counts.py

.venv-torch/ready: tests/data/pytorch_requirements.txt
	$(PYTHON) -m venv --clear .venv-torch
	.venv-torch/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r $<
	touch $@

clean: ## remove what was built, environments included
	rm -rf _build .venv .venv-torch
