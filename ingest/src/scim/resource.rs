//! A user or a group, as the provider wrote it.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::name::{ENTERPRISE, GROUP, NOT_KEPT, USER, is_list, spelled, text, truth};

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    User,
    Group,
}

impl Kind {
    /// By the path under which its resources are.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        [Self::User, Self::Group].into_iter().find(|kind| kind.path() == path)
    }

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The attribute that names it, which it must have.
    pub(super) const fn named_by(self) -> &'static str {
        match self {
            Self::User => "userName",
            Self::Group => "displayName",
        }
    }
}

/// One resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Resource {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    pub(super) created: DateTime<Utc>,
    pub(super) modified: DateTime<Utc>,
    /// Grows with each change.
    pub(super) version: u64,
    /// What the provider wrote.
    pub(super) body: Map<String, Value>,
    /// The day on which a user was made inactive, since 1970.
    pub(super) inactive_on: Option<i32>,
}

impl Resource {
    /// The version as a header has it (RFC 7232, weak: the same attributes in another order
    /// are the same).
    pub(crate) fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }

    /// Its address.
    pub(crate) fn location(&self, base: &str) -> String {
        format!("{base}scim/v2/{}/{}", self.kind.path(), self.id)
    }

    /// Whether a user may sign in.
    pub(super) fn is_active(&self) -> bool {
        super::name::get(&self.body, "active").and_then(truth).unwrap_or(true)
    }

    /// The resource as it is answered.
    pub(crate) fn shown(&self, base: &str) -> Map<String, Value> {
        let mut schemas = vec![match self.kind {
            Kind::User => USER,
            Kind::Group => GROUP,
        }];
        schemas.extend(self.body.keys().filter(|key| key.starts_with("urn:")).map(|key| &**key));
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut shown = Map::new();
        shown.insert("schemas".to_owned(), schemas.into());
        shown.insert("id".to_owned(), self.id.clone().into());
        shown.extend(self.body.clone());
        shown.insert(
            "meta".to_owned(),
            json!({
                "resourceType": self.kind.name(),
                "created": time(self.created),
                "lastModified": time(self.modified),
                "location": self.location(base),
                "version": self.etag(),
            }),
        );
        shown
    }
}

/// What a provider wrote, as it is kept: known names as the RFC spells them, truth values as
/// such, lists as lists; without what only the server sets, and without passwords.
pub(super) fn kept(kind: Kind, body: Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    let mut kept = Map::new();
    for (name, value) in body {
        let name = spelled(&name).to_owned();
        if NOT_KEPT.contains(&&*name) || value.is_null() {
            continue;
        }
        let value = value_of(&name, value);
        if !value.as_array().is_some_and(Vec::is_empty) {
            kept.insert(name, value);
        }
    }
    let named_by = kind.named_by();
    let name = text(&kept, named_by).map(str::to_owned);
    let name = name.ok_or_else(|| Fault::value(format!("{named_by} is missing; it is needed")))?;
    if kind == Kind::User {
        if name.contains(|c: char| c == '*' || c.is_whitespace() || c.is_control()) {
            return Err(Fault::value(
                "userName may hold no blanks, no control characters and no *",
            ));
        }
        let active = match kept.get("active") {
            None => true,
            Some(value) => {
                truth(value).ok_or_else(|| Fault::value("active should be true or false"))?
            }
        };
        kept.insert("active".to_owned(), active.into());
    }
    kept.insert(named_by.to_owned(), name.into());
    Ok(kept)
}

fn value_of(name: &str, value: Value) -> Value {
    match value {
        Value::Array(values) if is_list(name) => {
            let mut list: Vec<Value> = Vec::new();
            for value in values.into_iter().map(|value| element(name, value)) {
                let same = |other: &Value| of_value(other) == of_value(&value) && name == "members";
                if !value.is_null() && !list.iter().any(same) {
                    list.push(value);
                }
            }
            Value::Array(list)
        }
        Value::Null => Value::Null,
        value if is_list(name) => value_of(name, Value::Array(vec![value])),
        Value::Object(object) if name == ENTERPRISE => {
            let spelled =
                object.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| {
                    let name = spelled(&name).to_owned();
                    // Entra writes the manager as a list or a bare text.
                    let value = match value {
                        Value::Array(values) if name == "manager" => {
                            values.into_iter().next().unwrap_or_default()
                        }
                        value => value,
                    };
                    match value {
                        Value::String(id) if name == "manager" => (name, json!({"value": id})),
                        value => (name, value),
                    }
                });
            Value::Object(spelled.collect())
        }
        Value::Object(object) => Value::Object(
            object.into_iter().map(|(name, value)| (spelled(&name).to_owned(), value)).collect(),
        ),
        value => value,
    }
}

/// A value of a list: always an object.
fn element(list: &str, value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut kept = Map::new();
            for (name, value) in object {
                let name = spelled(&name).to_owned();
                let value = if name == "primary" {
                    truth(&value).map_or(value, Value::Bool)
                } else {
                    value
                };
                // An address that nobody needs: it can be made of the id.
                if name != "$ref" && !value.is_null() {
                    kept.insert(name, value);
                }
            }
            let is_empty = list == "members" && !kept.contains_key("value");
            if is_empty { Value::Null } else { Value::Object(kept) }
        }
        Value::Null => Value::Null,
        value => json!({"value": value}),
    }
}

/// The value of a list's element.
pub(super) fn of_value(element: &Value) -> Option<&Value> {
    element.as_object().and_then(|object| super::name::get(object, "value"))
}
