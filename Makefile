# Two commands matter: `make book` and `make test`. An active environment is used; else .venv is made.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

ifneq ($(VIRTUAL_ENV)$(CONDA_PREFIX),)
ENV := $(or $(VIRTUAL_ENV),$(CONDA_PREFIX))
else
ENV := .venv
endif
PYTHON := $(ENV)/bin/python
INSTALLED := $(ENV)/.colorlab-installed

.PHONY: help install book test test-browser lab bench pair student instructor picture pdf epub slides assignment lint lock lower-bounds check-web clean

help: ## this list
	@grep -E '^[a-z -]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 15

install: $(INSTALLED) ## the environment with everything in it

$(INSTALLED): pyproject.toml
	@test -x $(PYTHON) || { echo "Making $(ENV)"; python3 -m venv $(ENV); }
	@echo "Installing into $(ENV) (a few minutes the first time)"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check $(addprefix -c ,$(CONSTRAINTS)) -e '.[course,test]'
	@touch $@

book: $(INSTALLED) ## execute every chapter, build the book into book/_build/html
	@$(PYTHON) book/build.py book

test: $(INSTALLED) ## all tests, lint and types
	@$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check . && $(PYTHON) -m mypy
	@OMP_NUM_THREADS=1 $(PYTHON) -m pytest -q -n 2 --dist worksteal # two processes of one thread each

test-browser: $(INSTALLED) ## the built book, and the notebooks in JupyterLab, in Chromium; pictures go to shots/
	@mkdir -p shots && $(PYTHON) -m pytest -q tests/browser -o addopts="--strict-markers --strict-config --import-mode=importlib -p no:nbval"

lab: $(INSTALLED) ## JupyterLab on the chapters
	@$(PYTHON) -m jupyterlab --config book/jupyter_lab.json --notebook-dir notebooks

bench: $(INSTALLED) ## benchmarks; each prints a ratio of two things measured in one run
	@$(PYTHON) -m pytest -q tests/benchmarks --benchmark-only --benchmark-disable-gc -s

pair: $(INSTALLED) ## regenerate every notebook from its .py, with outputs
	@$(PYTHON) book/build.py pair

student instructor: %: $(INSTALLED) ## the notebooks for a class, without solutions or with open ones, in editions/
	@$(PYTHON) book/build.py $@

pdf epub slides: %: $(INSTALLED) ## the course to take away, in book/_build/take-away: the executed chapters, or those committed
	@$(PYTHON) book/build.py $@

assignment: $(INSTALLED) ## a graded assignment for a class, and its grader, in editions/assignment
	@$(PYTHON) book/build.py assignment

picture: $(INSTALLED) ## the README's picture, from the shipped weights
	@$(PYTHON) book/build.py picture

lint: $(INSTALLED) ## mend what ruff can mend, then check types
	@$(PYTHON) -m ruff check --fix . && $(PYTHON) -m ruff format . && $(PYTHON) -m mypy

lock: $(INSTALLED) ## requirements.lock, the exact versions of this environment (CONSTRAINTS=requirements.lock installs them)
	@{ echo "# Exact versions of a tested environment (Linux, Python 3.11); made by \`make lock\`."; \
	  $(PYTHON) -m pip freeze --exclude-editable --disable-pip-version-check; } > requirements.lock

lower-bounds: ## the tests that are not slow, on the oldest versions that pyproject.toml admits
	@python3 -m venv .venv-lower && .venv-lower/bin/python -m pip install --quiet uv
	@.venv-lower/bin/uv pip install --quiet --python .venv-lower/bin/python --resolution lowest-direct -e '.[course,test]'
	@.venv-lower/bin/python -m pytest -q -m "not slow" -W default --ignore tests/course

check-web: ## types and lint of the book's JavaScript (needs Node)
	@cd book/web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm run --silent check

clean: ## built pages and executed copies
	rm -rf book/_build book/notebooks
