#!/bin/sh
# Installs what is missing to build (`build`) or to test and lint (`test`), and says so.
set -eu

missing=""
need() { # command, package
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need cc gcc
need make make
need perl perl
if [ "${1:-build}" = test ]; then
    need chromium chromium
    need chromedriver chromium-driver
    need python3 python3
    # A real Apache Kafka, and a real Keycloak.
    need java openjdk-17-jre-headless
    need mvn maven
    need openssl openssl
    # A real syslog daemon, with TLS.
    PATH="$PATH:/sbin:/usr/sbin" need rsyslogd rsyslog
    [ -n "$(find /usr/lib -name lmnsd_gtls.so 2>/dev/null)" ] || missing="$missing rsyslog-gnutls"
    # Faults: operations that fail, power cuts, limits.
    need strace strace
    PATH="$PATH:/sbin:/usr/sbin" need mkfs.ext4 e2fsprogs
    need prlimit util-linux
    # Debian has it apart; without it a Python environment can't be made.
    if ! python3 -c 'import ensurepip' 2>/dev/null; then missing="$missing python3-venv"; fi
fi
if [ -n "$missing" ]; then
    echo "installing:$missing" >&2
    if [ "$(id -u)" = 0 ]; then as=""; else as="sudo"; fi
    $as apt-get update -q >&2
    # shellcheck disable=SC2086
    $as env DEBIAN_FRONTEND=noninteractive apt-get install -y -q $missing >&2
fi
if ! command -v cargo >/dev/null 2>&1; then
    echo "cargo is missing: install a Rust toolchain from https://rustup.rs" >&2
    exit 1
fi
if [ "${1:-build}" = test ] && ! cargo deny --version >/dev/null 2>&1; then
    echo "installing: cargo-deny" >&2
    CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/rollcall/target}-tools" cargo install cargo-deny --locked >&2
fi
