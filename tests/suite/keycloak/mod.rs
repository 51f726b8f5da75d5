//! A real Keycloak: people sign in, fail and enrol over its pages, administrators
//! act over its API, and what rollcall counts is what was done.
//!
//! ```text
//! server   Keycloak on a free port of loopback
//! browser  a person's browser: cookies, redirects, forms
//! code     one-time codes
//! admin    the administration: a realm with people and clients
//! done     a tally of what was done
//! day      what people do in a day, once for all tests
//! figures  the same out of rollcall, by each way that the events can take
//! ```

mod admin;
mod browser;
mod code;
mod day;
mod done;
mod figures;
#[path = "../../support/keycloak/server.rs"]
mod server;
