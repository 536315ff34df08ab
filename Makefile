# The commands of this repository. `make demo` is the one to try first; it needs root, because lab hosts are namespaces.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules
# Tools that `make setup` put into the environment come first; the rest is the system's.
export PATH := $(CURDIR)/target/venv/bin:$(PATH)
export PYTHONDONTWRITEBYTECODE := 1

PYTHON := target/venv/bin/python
BINARIES := --bin ferrovirt-engine --bin ferrovirt-host --bin ferrovirt-sim
PORTAL_PAGE := portal/admin/dist/index.html
PORTAL_SOURCES := $(shell find portal/admin portal/shared portal/package-lock.json -type f \
	-not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
GUEST_IMAGE := target/lab/tiny.qcow2
LAB_KERNEL := target/lab/kernel

.PHONY: help setup build build-debug portal guest kernel demo demo-stop test test-rust test-portal test-lab bench dev bless

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## install packages, toolchains and libraries; does nothing where everything is there
	@lab/setup.sh

portal: setup
	@$(MAKE) --no-print-directory $(PORTAL_PAGE)

# The engine carries the portal inside its binary, so the portal is built first.
$(PORTAL_PAGE): $(PORTAL_SOURCES)
	npm --prefix portal run build
	@touch $@

build: portal ## release binaries of everything
	cargo build --release $(BINARIES)

build-debug: portal
	cargo build $(BINARIES)

guest: setup ## the tiny guest that the lab starts
	@lab/guest/build $(GUEST_IMAGE)

kernel: setup ## what lab hosts with a kernel of their own boot from, and the lab's NFS server
	@lab/kernel/build $(LAB_KERNEL)

demo: build guest ## a small running data centre; ends with its address and password
	@$(PYTHON) lab/demo start --binaries target/release --image $(GUEST_IMAGE)

demo-stop: ## end the demo and leave nothing behind
	@python3 lab/demo stop

test: test-rust test-portal test-lab ## every test there is

test-rust: portal ## rules of the house, then every test of the Rust crates
	cargo fmt --check
	cargo xtask tidy
	cargo clippy --workspace --all-targets -- --deny warnings
	cargo test --workspace

test-portal: portal ## types, style, unit tests and the browser
	npm --prefix portal run lint
	npm --prefix portal test
	npm --prefix portal run e2e

test-lab: build guest kernel ## the real thing: engine, agents, libvirt and QEMU in a lab of its own
	$(PYTHON) -m pytest -c lab/pytest.ini lab/guest lab/tests

bench: build guest ## measure, write target/bench.json, and name the figures that are missed
	@$(PYTHON) lab/bench/run --binaries target/release --image $(GUEST_IMAGE)

dev: build-debug ## an engine with simulated hosts and machines, for work on the portals
	@$(PYTHON) lab/dev --binaries target/debug

bless: ## accept what golden tests now say; the difference is the review
	INSTA_UPDATE=always FERROVIRT_BLESS=1 cargo test --workspace
