# The loops of this repository. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
APP ?=
JOBS ?= $(shell nproc)
export NPM_CONFIG_AUDIT := false
export NPM_CONFIG_FUND := false
export NPM_CONFIG_UPDATE_NOTIFIER := false

.PHONY: help setup build build-test demo test test-apps bench lint tidy format fuzz docs install clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the Debian packages that are missing (.ci/packages)
	@.ci/install

build: setup ## build the program (build/release/bin/totpilot)
	@cmake --preset release >/dev/null
	@cmake --build --preset release -j $(JOBS)

build-test: setup
	@cmake --preset test >/dev/null
	@cmake --build --preset test -j $(JOBS)

demo: build ## the main job, end to end, on the practice site (APP=redmine|mediawiki|directus: on the real app)
	@tests/demo $(APP)

test: build-test ## the fast tests: unit, driver against real Chrome, flows against the practice site (FILTER=name)
	@ctest --preset test --no-tests=error $(if $(FILTER),-R "$(FILTER)")

test-apps: build ## the main job on real apps: installs, starts, enrolls, signs in, turns off (APP=one)
	@tests/apps/run $(APP)

bench: build ## speed against playwright-core on the same browser; writes what docs/performance.md cites
	@tests/bench/run

lint: build-test ## layers, format, TypeScript, lock files, playbooks
	@.ci/lint

tidy: lint ## what lint does, and clang-tidy over every file (takes a quarter of an hour; .ci/tidy agent/flow/ for a part)
	@.ci/tidy

format: setup ## clang-format over everything
	@git ls-files -z '*.cpp' '*.h' | xargs -0 clang-format-19 -i

fuzz: setup ## the fuzz targets, 30 s each
	@tests/fuzz/run

install: build ## install below /usr/local (PREFIX=...)
	@cmake --install build/release --prefix $(or $(PREFIX),/usr/local)

clean: ## remove what was built
	@rm -rf build
