//! What is read of an event.

use serde::Deserialize;

use super::super::object::Object;
use super::super::text::{Flag, Text};
use super::super::time::Moment;

/// One event of the authentication log.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AuthLog<'a> {
    #[serde(borrow)]
    pub(super) txid: Text<'a>,
    /// ISO 8601 with microseconds.
    #[serde(borrow)]
    pub(super) isotimestamp: Moment<'a>,
    /// Seconds since 1970.
    #[serde(borrow)]
    pub(super) timestamp: Moment<'a>,
    /// `authentication` or `enrollment`.
    #[serde(borrow)]
    pub(super) event_type: Text<'a>,
    #[serde(borrow)]
    pub(super) result: Text<'a>,
    #[serde(borrow)]
    pub(super) reason: Text<'a>,
    #[serde(borrow)]
    pub(super) factor: Text<'a>,
    #[serde(borrow)]
    pub(super) user: Object<Named<'a>>,
    /// The alias that was typed, where it isn't the name.
    #[serde(borrow)]
    pub(super) alias: Text<'a>,
    #[serde(borrow)]
    pub(super) email: Text<'a>,
    #[serde(borrow)]
    pub(super) application: Object<Named<'a>>,
    #[serde(borrow)]
    pub(super) access_device: Object<AccessDevice<'a>>,
    /// The phone, token or security key.
    #[serde(borrow)]
    pub(super) auth_device: Object<Named<'a>>,
    /// `trusted`, `not trusted`, `unknown`.
    #[serde(borrow)]
    pub(super) trusted_endpoint_status: Text<'a>,
    #[serde(borrow)]
    pub(super) adaptive_trust_assessments: Object<Assessments<'a>>,
}

/// A user, an application, a device that authenticates.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Named<'a> {
    #[serde(borrow)]
    pub(super) key: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
}

/// What the application is reached from.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AccessDevice<'a> {
    #[serde(borrow)]
    pub(super) ip: Text<'a>,
    #[serde(borrow)]
    pub(super) browser: Text<'a>,
    #[serde(borrow)]
    pub(super) os: Text<'a>,
    /// Duo's key of the endpoint.
    #[serde(borrow)]
    pub(super) epkey: Text<'a>,
    #[serde(borrow)]
    pub(super) location: Object<Location<'a>>,
}

/// Where Duo places the address. The country is an English name; `-` is none.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Location<'a> {
    #[serde(borrow)]
    pub(super) country: Text<'a>,
    #[serde(borrow)]
    pub(super) state: Text<'a>,
    #[serde(borrow)]
    pub(super) city: Text<'a>,
}

/// What risk-based authentication makes of the try.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Assessments<'a> {
    /// Whether a stronger factor is to be asked for.
    #[serde(borrow)]
    pub(super) more_secure_auth: Object<Assessment<'a>>,
    /// Whether a remembered device still counts.
    #[serde(borrow)]
    pub(super) remember_me: Object<Assessment<'a>>,
}

/// One assessment.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Assessment<'a> {
    pub(super) policy_enabled: Flag,
    /// `NORMAL`, `LOW`, `ERROR`, `UNKNOWN`, `UNSET`.
    #[serde(borrow)]
    pub(super) trust_level: Text<'a>,
}
