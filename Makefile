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
	CLIPPY_ARGS='-Dwarnings__CLIPPY_HACKERY__' RUSTC_WORKSPACE_WRAPPER=clippy-driver \
		cargo build --release --workspace --tests
	@sh tests/install.sh lint
	cargo deny check bans licenses sources

test: test-tools build
	cargo fmt --all --check
	cargo test --release --workspace

bench: build
	cargo bench --workspace --bench throughput

clean:
	cargo clean
