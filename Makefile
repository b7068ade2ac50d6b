# One line per job; `make help` lists them. A fresh machine needs only Python 3.11+, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Sources are compiled once, not anew in each of the processes that tests start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo serve test browser test-long check format findings states screenshots bench bench-long lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(VENV): $(VENV)/.installed ## create the environment with the pinned dependencies and the `gateway` command

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/pip install --quiet --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.installed ## two agencies, an axis, a document there and back: the timeline as a table
	$(BIN)/gateway demo

serve: $(VENV)/.installed ## a development node at http://127.0.0.1:8080, data under data/
	$(BIN)/gateway serve --develop

test: $(VENV)/.dev browser ## the test suite
	$(BIN)/python -m pytest -n auto

browser: ## Chromium for the tests of pages, where it may be installed; without it they are skipped aloud
	@command -v chromium chromium-browser google-chrome-stable >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
			&& apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium >/dev/null; } \
		|| echo "no Chromium here: the tests in tests/browser will be skipped"

test-long: $(VENV)/.dev ## the slow suites: crashes, full disks, hanging peers, jumping clocks, three nodes in bad weather
	$(BIN)/python -m pytest tests/long tests/browser -m long

check: $(VENV)/.dev ## formatter, linter, strict types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy gateway adapters tests bench
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev ## apply the formatter and the safe fixes of the linter
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

findings: $(VENV)/.dev ## write the tables of docs/findings.md from the code
	$(BIN)/python -m tests.house.findings_page

states: $(VENV)/.dev ## write the tables of docs/states.md from the code
	$(BIN)/python -m tests.house.states_page

screenshots: $(VENV)/.dev browser ## pictures of the main pages, into docs/pictures
	$(BIN)/python -m tests.browser.screenshots

bench: $(VENV)/.dev ## ratios against a floor measured in the same run; exit 1 when a stated target is missed
	$(BIN)/python -m bench

bench-long: $(VENV)/.dev ## the big stores
	$(BIN)/python -m bench --long

clean: ## remove what the other targets made, but never data/
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache
