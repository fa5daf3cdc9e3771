# Everything a developer types. Each target calls a script in tools/.
.DEFAULT_GOAL := help
.PHONY: help setup build demo test check format mutants bars size build-times clean

PYTHON := build/env/bin/python
COUNT ?= 200
SEED ?= 1
ONLY ?=

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what building, running and testing need.
	@tools/setup core dev

build: ## Build the programs; ./shortlist runs what was built.
	@tools/setup core
	@tools/build release programs

demo: ## From nothing to an answered request: install, build, generate, train, evaluate, serve, ask. KEEP=1 leaves the server up.
	@tools/demo

test: ## Install, build, run all tests in release, then the fast ones under ASan and UBSan.
	@tools/setup core dev
	@$(PYTHON) tools/run_tests release asan

check: ## All of `make test`, and layout, clang-tidy, headers alone, TSan, coverage, fuzzing.
	@tools/setup core dev
	@$(PYTHON) tools/check

format: ## Lay out the C++ sources as .clang-format says.
	@tools/setup core dev
	@tools/format

mutants: ## Plant COUNT=200 faults drawn with SEED=1 in engine/ and count those the tests catch; ONLY=part of a path.
	@tools/setup core dev
	@$(PYTHON) tools/mutants --count $(COUNT) --seed $(SEED) --only "$(ONLY)"

bars: ## Measure every figure of bench/bars.yaml, or ONLY=part of a name; write them to bench/results/ and the documents.
	@tools/setup core dev bench
	@tools/build release all
	@$(PYTHON) tools/bars --only "$(ONLY)"; code=$$?; $(PYTHON) tools/figures.py; exit $$code

size: ## Bytes of programs and libraries, lines of each module.
	@tools/size

build-times: ## The slowest units of the last release build.
	@tools/build_times

clean: ## Remove the build trees; what was installed stays.
	@rm -rf build/release build/asan build/tsan build/fuzz build/headers build/coverage build/mutants build/tidy-cache
