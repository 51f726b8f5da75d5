//! What is read of an event.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::object::{List, Object};
use super::super::text::{Degrees, Text, Whole};
use super::super::time::Moment;

/// What a log stream puts around an event.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Envelope<'a> {
    #[serde(borrow)]
    pub(super) log_id: Text<'a>,
    #[serde(borrow)]
    pub(super) data: Object<Log<'a>>,
}

/// One event.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Log<'a> {
    #[serde(borrow)]
    pub(super) log_id: Text<'a>,
    #[serde(borrow)]
    pub(super) date: Moment<'a>,
    /// The event's code.
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) description: Text<'a>,
    #[serde(borrow)]
    pub(super) client_name: Text<'a>,
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) user_name: Text<'a>,
    /// The identity provider's kind: `auth0`, `sms`, `samlp`, `google-oauth2`, …
    #[serde(borrow)]
    pub(super) strategy: Text<'a>,
    /// `database`, `social`, `enterprise`, `passwordless`.
    #[serde(borrow)]
    pub(super) strategy_type: Text<'a>,
    #[serde(borrow)]
    pub(super) ip: Text<'a>,
    #[serde(borrow)]
    pub(super) user_agent: Text<'a>,
    #[serde(borrow)]
    pub(super) location_info: Object<Location<'a>>,
    #[serde(borrow)]
    pub(super) details: Object<Details<'a>>,
}

/// Where Auth0 places the address.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Location<'a> {
    #[serde(borrow)]
    pub(super) country_code: Text<'a>,
    #[serde(borrow)]
    pub(super) city_name: Text<'a>,
    pub(super) latitude: Degrees,
    pub(super) longitude: Degrees,
}

/// What depends on the event's code.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Details<'a> {
    #[serde(borrow)]
    pub(super) session_id: Text<'a>,
    /// ms, with the time that nobody did anything.
    #[serde(rename = "elapsedTime")]
    pub(super) elapsed_time: Whole,
    #[serde(borrow)]
    pub(super) prompts: List<'a, Prompt<'a>>,
    #[serde(borrow)]
    pub(super) error: Object<Failure<'a>>,
    #[serde(borrow)]
    pub(super) authenticator: Object<Authenticator<'a>>,
    #[serde(borrow)]
    pub(super) request: Object<Request<'a>>,
    pub(super) response: Object<Response>,
}

/// A stage of a sign-in that someone went through.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Prompt<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    /// Who checks a second factor: `guardian`, `duo`, …
    #[serde(borrow)]
    pub(super) provider: Text<'a>,
    #[serde(borrow)]
    pub(super) initiated_at: Moment<'a>,
    #[serde(borrow)]
    pub(super) completed_at: Moment<'a>,
    /// ms
    pub(super) elapsed_time: Whole,
    #[serde(rename = "performed_amr")]
    pub(super) performed: Methods,
}

/// Why something failed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Failure<'a> {
    #[serde(borrow)]
    pub(super) message: Text<'a>,
}

/// A factor that is set up.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Authenticator<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
}

/// An operation of the Management API.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    pub(super) method: Text<'a>,
    #[serde(borrow)]
    pub(super) path: Text<'a>,
    #[serde(borrow)]
    pub(super) auth: Object<Authorisation<'a>>,
}

/// Whose token it was.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Authorisation<'a> {
    #[serde(borrow)]
    pub(super) user: Object<User<'a>>,
    #[serde(borrow)]
    pub(super) credentials: Object<Credentials<'a>>,
}

/// Who administrates.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) email: Text<'a>,
}

/// The token's id.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Credentials<'a> {
    #[serde(borrow)]
    pub(super) jti: Text<'a>,
}

/// The answer.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Response {
    pub(super) status_code: Whole,
}

/// Which of the methods that count are in a list of RFC 8176's and Auth0's names.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Methods {
    /// `mfa`
    pub(super) mfa: bool,
    /// `phr`: a passkey.
    pub(super) passkey: bool,
}

impl Methods {
    fn add(&mut self, name: &str) {
        self.mfa |= name == "mfa";
        self.passkey |= name == "phr";
    }
}

struct MethodsVisitor;

impl<'de> Visitor<'de> for MethodsVisitor {
    type Value = Methods;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of names")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Methods, A::Error> {
        let mut methods = Methods::default();
        while let Some(name) = seq.next_element::<Text<'de>>()? {
            methods.add(name.or_empty());
        }
        Ok(methods)
    }
    fn visit_str<E>(self, name: &str) -> Result<Methods, E> {
        let mut methods = Methods::default();
        methods.add(name);
        Ok(methods)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Methods, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Methods::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Methods, E> {
        Ok(Methods::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Methods, E> {
        Ok(Methods::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Methods, E> {
        Ok(Methods::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Methods, E> {
        Ok(Methods::default())
    }
    fn visit_unit<E>(self) -> Result<Methods, E> {
        Ok(Methods::default())
    }
}

impl<'de> Deserialize<'de> for Methods {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MethodsVisitor)
    }
}
