#!/bin/sh
# Lints a crate of the workspace as cargo builds it. Which warnings are errors stands in
# CLIPPY_ARGS. Nothing runs what it makes, so it isn't optimised.
exec clippy-driver "$@" -C opt-level=0 -C debuginfo=0
