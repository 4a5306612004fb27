# The tasks of this repository. `make run` and `make test` need nothing prepared but Rust and make.

CARGO ?= cargo
# Passed to `schoolgate demo`: `make run ARGS=--once`.
ARGS ?=

# How long `make fuzz` runs each target, in seconds, and which; all of them by default.
TIME ?= 60
TARGETS ?=

.PHONY: help run test bench quality fuzz lint fmt setup-build setup-demo setup-test setup-fuzz

help:
	@echo "make run     install what is missing, build, and show the gateway at work in a made-up school"
	@echo "             (ARGS=--once ends after the table)"
	@echo "make test    install what is missing, then check the style and run every test"
	@echo "make bench   the bars of deciding and of an inspection, the golden messages, and mail through Postfix and through"
	@echo "             the gateway"
	@echo "make fuzz    every parser on broken input, each for TIME=60 seconds (TARGETS=\"pdf zip\": these alone)"
	@echo "make quality  precision and recall on the labelled messages of fixtures/corpus"
	@echo "             (ARGS=--mistakes lists each wrong answer)"
	@echo "make lint    formatting and clippy"

run: setup-demo
	$(CARGO) build --locked --package schoolgate
	$(CARGO) run --quiet --locked --package schoolgate -- demo $(ARGS)

test: setup-test lint
	$(CARGO) build --locked --package schoolgate
	$(CARGO) test --locked --workspace

bench: setup-test
	$(CARGO) bench --locked --package schoolgate-detectors --bench bars
	$(CARGO) bench --locked --package schoolgate-policies
	$(CARGO) bench --locked --package schoolgate --bench judge
	$(CARGO) build --locked --release --package schoolgate
	$(CARGO) run --locked --release --package schoolgate-tests --bin throughput

fuzz: setup-fuzz
	TIME=$(TIME) tests/fuzz/run.sh $(TARGETS)

quality: setup-test
	$(CARGO) build --locked --release --package schoolgate
	$(CARGO) run --quiet --locked --release --package schoolgate-tests --bin quality -- $(ARGS)

lint:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- --deny warnings

fmt:
	$(CARGO) fmt --all

setup-build:
	@scripts/packages.sh build

setup-demo:
	@scripts/packages.sh demo

setup-test:
	@scripts/packages.sh test
	@scripts/python.sh

setup-fuzz:
	@scripts/packages.sh fuzz
