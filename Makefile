# `make demo` shows rollcall at work; `make test` does all the rest.
# Both install what a fresh Debian or Ubuntu with a Rust toolchain lacks, and say so.

export CARGO_TARGET_DIR ?= $(HOME)/.cache/rollcall/target
ROLLCALL := $(CARGO_TARGET_DIR)/release/rollcall

.PHONY: demo build test lint bench clean tools test-tools

demo: build
	$(ROLLCALL) demo

build: tools
	cargo build --release --workspace --tests

tools:
	@sh tests/install.sh build

test-tools:
	@sh tests/install.sh test

lint: test-tools
	cargo fmt --all --check
	RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/tests/clippy.sh \
		cargo build --release --workspace --tests --bench throughput
	# What the linter built lies in the binary's place: put the real one back.
	cargo build --release --workspace --tests
	cargo deny check bans licenses sources

test: tools lint
	cargo test --release --workspace

bench: build
	cargo bench --workspace --bench throughput

clean:
	cargo clean
