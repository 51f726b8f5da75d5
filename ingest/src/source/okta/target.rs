//! What the targets of an event say. They are read one by one into what is
//! wanted of them, so that the common event needs no list.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::object::Object;
use super::super::text::Text;
use super::record::Actor;

/// A policy or a rule of one.
#[derive(Default)]
pub(super) struct Policy<'a> {
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
}

/// The targets, by kind.
#[derive(Default)]
pub(super) struct Targets<'a> {
    /// The first user.
    pub(super) user: Actor<'a>,
    /// The application's name.
    pub(super) app: Text<'a>,
    /// The first group's name.
    pub(super) group: Text<'a>,
    /// Policies in their order.
    pub(super) policies: Vec<Policy<'a>>,
    /// The rule that matched last.
    pub(super) rule: Policy<'a>,
    /// The authenticator's name: "Okta Verify", "Password".
    pub(super) authenticator: Text<'a>,
    /// The enrolment's id.
    pub(super) authenticator_id: Text<'a>,
    /// How it was used: "Get a push notification", "push".
    pub(super) method: Text<'a>,
    /// What that use proved: "[USER_PRESENCE, PHISHING_RESISTANT]".
    pub(super) properties: Text<'a>,
}

impl Targets<'_> {
    /// Whether Okta says that the use resisted phishing. A list without the word
    /// says no.
    pub(super) fn is_phishing_resistant(&self) -> Option<bool> {
        self.properties.get().map(|list| list.contains("PHISHING_RESISTANT"))
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Target<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    alternate_id: Text<'a>,
    #[serde(borrow)]
    display_name: Text<'a>,
    #[serde(borrow)]
    detail_entry: Object<Detail<'a>>,
}

#[derive(serde::Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Detail<'a> {
    #[serde(borrow)]
    method_type_used: Text<'a>,
    #[serde(borrow)]
    method_used_verified_properties: Text<'a>,
    #[serde(borrow)]
    authenticator_key: Text<'a>,
}

impl<'a> Targets<'a> {
    fn add(&mut self, target: Target<'a>) {
        let Target { id, kind, alternate_id, display_name, detail_entry: Object(detail) } = target;
        match kind.or_empty() {
            "User" if self.user.id.get().is_none() => {
                self.user = Actor { id, kind, alternate_id, display_name };
            }
            "AppInstance" if self.app.get().is_none() => self.app = display_name,
            "UserGroup" if self.group.get().is_none() => self.group = display_name,
            "PolicyEntity" | "Policy" => self.policies.push(Policy { id, name: display_name }),
            "PolicyRule" | "Rule" => self.rule = Policy { id, name: display_name },
            "AuthenticatorEnrollment" | "AuthenticatorMethod" | "Authenticator" | "Factor" => {
                let named = detail.authenticator_key.get().is_some();
                self.authenticator = if named { detail.authenticator_key } else { display_name };
                self.authenticator_id = id;
                self.method = detail.method_type_used;
                self.properties = detail.method_used_verified_properties;
            }
            _ => {}
        }
    }
}

struct TargetsVisitor;

impl<'de> Visitor<'de> for TargetsVisitor {
    type Value = Targets<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut targets = Targets::default();
        while let Some(Object(target)) = seq.next_element::<Object<Target<'de>>>()? {
            targets.add(target);
        }
        Ok(targets)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Targets::default())
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Targets::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Targets::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Targets::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Targets::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Targets::default())
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Targets::default())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Targets<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TargetsVisitor)
    }
}
