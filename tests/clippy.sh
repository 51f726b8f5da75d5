#!/bin/sh
# Lints a crate of the workspace as cargo builds it; every warning is an error.
# Nothing runs what it makes, so it isn't optimised.
CLIPPY_ARGS='-Dwarnings__CLIPPY_HACKERY__' exec clippy-driver "$@" -C opt-level=0 -C debuginfo=0
