# Everything a developer types. Each target calls a script in tools/; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup build demo test check mutants bars size build-times format clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what building, running and testing need.
	@tools/setup core dev

build: ## Build the program and the libraries; ./shortlist runs it.
	@tools/setup core
	@tools/build release programs

test: ## Install, build, run all tests in release, then the fast ones under ASan and UBSan.
	@tools/setup core dev
	@build/env/bin/python tools/run_tests release asan

clean: ## Remove the build trees; what was installed stays.
	@rm -rf build/release build/asan build/tsan build/fuzz build/headers build/coverage build/mutants
