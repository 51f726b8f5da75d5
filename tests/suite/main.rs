//! One integration-test target: it drives the real binary.

mod rollcall;

mod import;
