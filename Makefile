# `make demo` shows rollcall at work; `make test` does all the rest.
# `make torture` makes faults by the thousand, for hours, and goes on where it was.
# All install what a fresh Debian or Ubuntu with a Rust toolchain lacks, and say so.

export CARGO_TARGET_DIR ?= $(HOME)/.cache/rollcall/target
ROLLCALL := $(CARGO_TARGET_DIR)/release/rollcall

.PHONY: demo build test lint bench torture clean tools test-tools

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
		cargo build --release --workspace --tests --bench throughput --bench torture
	# What the linter built lies in the binary's place: put the real one back.
	cargo build --release --workspace --tests
	cargo deny check bans licenses sources

test: tools lint
	cargo test --release --workspace

bench: build
	cargo bench --workspace --bench throughput

# For instance: make torture FAULTS="--only kill --count 100"
torture: tools test-tools
	cargo bench --workspace --bench torture -- $(FAULTS)

clean:
	cargo clean
