#!/bin/sh
# Lints a crate of the workspace as cargo builds it. Which warnings are errors stands in
# CLIPPY_ARGS, which cargo must see itself: it takes a crate for changed where that differs.
# Not optimised: only what a crate tests of itself runs on it.
exec clippy-driver "$@" -C opt-level=0 -C debuginfo=0
