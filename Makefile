# `make demo` shows rollcall at work; `make test` does all the rest.
# `make torture` makes faults by the thousand, and `make fuzz` gives every parser broken
# input for ten minutes: for hours, and both go on where they were.
# All install what a fresh Debian or Ubuntu with a Rust toolchain lacks, and say so.

export CARGO_TARGET_DIR ?= $(HOME)/.cache/rollcall/target
ROLLCALL := $(CARGO_TARGET_DIR)/release/rollcall

.PHONY: demo build test lint bench torture fuzz clean tools test-tools

demo: build
	$(ROLLCALL) demo

build: tools
	cargo build --release --workspace --bins --test suite

tools:
	@sh tests/install.sh build

test-tools:
	@sh tests/install.sh test

# CLIPPY_ARGS is told to cargo itself: it takes a crate for changed where that differs.
lint: test-tools
	cargo fmt --all --check
	CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__ RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/tests/clippy.sh \
		cargo build --release --workspace --tests --bench throughput --bench torture --bench fuzz
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

# For instance: make fuzz FUZZ="--only okta --minutes 10"
fuzz: tools
	cargo bench --workspace --bench fuzz -- $(FUZZ)

clean:
	cargo clean
