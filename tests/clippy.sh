#!/bin/sh
# Lints a crate of the workspace as cargo builds it. Which warnings are errors stands in
# CLIPPY_ARGS, which cargo must see itself: it takes a crate for changed where that differs.
# Hardly optimised: only what a crate tests of itself runs on it. What makes a company takes
# minutes that way, and little time to compile.
case "$*" in
*"--crate-name rollcall_simulate "*) optimised=2 ;;
*) optimised=1 ;;
esac
exec clippy-driver "$@" -C opt-level="$optimised" -C debuginfo=0
