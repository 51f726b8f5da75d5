//! What is read of an activity.

use std::borrow::Cow;

use serde::Deserialize;

use super::super::object::{List, Object};
use super::super::text::{Flag, FromScalar, Text};
use super::super::words::Words;

/// One activity of a report.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Report<'a> {
    #[serde(borrow)]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) id: Object<Id<'a>>,
    #[serde(borrow)]
    pub(super) actor: Object<Actor<'a>>,
    #[serde(borrow)]
    pub(super) ip_address: Text<'a>,
    #[serde(borrow)]
    pub(super) network_info: Object<NetworkInfo<'a>>,
    /// An object where there is one event only, in some exports.
    #[serde(borrow)]
    pub(super) events: List<'a, ActivityEvent<'a>>,
}

/// The identity; its parts are unique together.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Id<'a> {
    #[serde(borrow)]
    pub(super) time: Text<'a>,
    #[serde(borrow)]
    pub(super) unique_qualifier: Text<'a>,
    #[serde(borrow)]
    pub(super) application_name: Text<'a>,
    #[serde(borrow)]
    pub(super) customer_id: Text<'a>,
}

/// Who acted; `key` names a robot or the system.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Actor<'a> {
    #[serde(borrow)]
    pub(super) caller_type: Text<'a>,
    #[serde(borrow)]
    pub(super) email: Text<'a>,
    #[serde(borrow)]
    pub(super) profile_id: Text<'a>,
    #[serde(borrow)]
    pub(super) key: Text<'a>,
}

/// Where Google places the address: ISO 3166 codes.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct NetworkInfo<'a> {
    #[serde(borrow)]
    pub(super) ip_asn: Words<'a>,
    #[serde(borrow)]
    pub(super) region_code: Text<'a>,
    #[serde(borrow)]
    pub(super) subdivision_code: Text<'a>,
}

/// One event of an activity.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ActivityEvent<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) parameters: List<'a, Parameter<'a>>,
}

/// A parameter has one of the values.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Parameter<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) value: Text<'a>,
    #[serde(borrow)]
    pub(super) multi_value: Words<'a>,
    #[serde(borrow)]
    pub(super) int_value: Text<'a>,
    pub(super) bool_value: Flag,
}

impl ActivityEvent<'_> {
    fn parameter(&self, name: &str) -> Option<&Parameter<'_>> {
        self.parameters.items.iter().find(|parameter| parameter.name.get() == Some(name))
    }

    /// A parameter's text, number, or the first of its list.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        let parameter = self.parameter(name)?;
        parameter.value.get().or(parameter.int_value.get()).or(parameter.multi_value.first())
    }

    /// The same for an event's column.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.word(name).map(Cow::Borrowed)
    }

    /// A parameter that is yes or no.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        let parameter = self.parameter(name)?;
        parameter.bool_value.0.or_else(|| Flag::text(parameter.value.get()?).0)
    }

    /// Every word of a parameter, and whether they came as a list.
    pub(super) fn words(&self, name: &str) -> (Vec<&str>, bool) {
        let Some(parameter) = self.parameter(name) else { return (Vec::new(), false) };
        match parameter.value.get() {
            Some(word) => (vec![word], false),
            None => (parameter.multi_value.iter().collect(), true),
        }
    }
}
