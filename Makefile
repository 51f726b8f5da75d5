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

# The linter's build is whole but hardly optimised: what a crate tests of itself runs on it,
# so that only the program and the suite are compiled a second time.
LINTED := CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__ RUSTC_WORKSPACE_WRAPPER=$(CURDIR)/tests/clippy.sh

lint: test-tools
	cargo fmt --all --check
	$(LINTED) cargo build --release --workspace --tests --bench throughput --bench torture --bench fuzz
	cargo deny check bans licenses sources

# The suite runs the real binary, which the linter's build had put another in the place of.
test: tools lint
	$(LINTED) cargo test --release --workspace --lib --bins
	cargo build --release --workspace --bins --test suite
	cargo test --release --workspace --test suite

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
