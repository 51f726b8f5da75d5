//! What is read of an event.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use sonic_rs::LazyValue;

use super::super::json;
use super::super::text::{FromScalar, Text};
use super::super::time::Moment;

/// One audit event, and its particulars once more: a line of the log has those of
/// `details` beside it too.
pub(super) struct AuditEvent<'a> {
    own: Entry<'a>,
    details: Entry<'a>,
}

/// The event, or its `details`: GitLab defines no schema of them, and they are the same
/// keys.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Entry<'a> {
    /// A number where it is stored, a UUID where it is only streamed.
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) created_at: Moment<'a>,
    /// When the line was written.
    #[serde(borrow)]
    pub(super) time: Moment<'a>,
    #[serde(borrow)]
    pub(super) author_id: Text<'a>,
    #[serde(borrow)]
    entity_id: Text<'a>,
    #[serde(borrow)]
    pub(super) entity_type: Text<'a>,
    #[serde(borrow)]
    pub(super) correlation_id: Text<'a>,
    /// The login of the request's user.
    #[serde(borrow, rename = "meta.user")]
    pub(super) meta_user: Text<'a>,
    #[serde(borrow)]
    pub(super) event_type: Text<'a>,
    #[serde(borrow)]
    event_name: Text<'a>,
    #[serde(borrow)]
    author_name: Text<'a>,
    #[serde(borrow)]
    author_email: Text<'a>,
    #[serde(borrow)]
    author_class: Text<'a>,
    #[serde(borrow)]
    entity_path: Text<'a>,
    #[serde(borrow)]
    target_id: Text<'a>,
    #[serde(borrow)]
    target_type: Text<'a>,
    #[serde(borrow)]
    target_details: Text<'a>,
    #[serde(borrow)]
    ip_address: Text<'a>,
    #[serde(borrow)]
    with: Text<'a>,
    #[serde(borrow)]
    failed_login: Text<'a>,
    #[serde(borrow)]
    change: Text<'a>,
    #[serde(borrow)]
    add: Text<'a>,
    #[serde(borrow)]
    remove: Text<'a>,
    #[serde(borrow)]
    custom_message: Message<'a>,
    #[serde(borrow)]
    details: Option<LazyValue<'a>>,
}

/// Defines getters of what stands in the event or in its details.
macro_rules! said {
    ($($name:ident),+ $(,)?) => {
        $(pub(super) fn $name(&self) -> Option<&str> {
            self.own.$name.get().or(self.details.$name.get())
        })+
    };
}

impl<'a> std::ops::Deref for AuditEvent<'a> {
    type Target = Entry<'a>;
    fn deref(&self) -> &Entry<'a> {
        &self.own
    }
}

impl<'a> AuditEvent<'a> {
    /// Reads an event; else why it can't be read.
    pub(super) fn read(text: &'a str) -> Result<Self, String> {
        let own: Entry<'a> = json::read(text)?;
        let details = match own.details.as_ref().map(LazyValue::as_raw_cow) {
            Some(Cow::Borrowed(object)) if object.starts_with('{') => json::read(object)?,
            _ => Entry::default(),
        };
        Ok(Self { own, details })
    }
}

impl AuditEvent<'_> {
    said! {
        author_name, author_class, entity_path, target_id, target_type, target_details,
        ip_address, with, failed_login, change, add, remove,
    }

    /// The event's type; of lines from before there were types, what was changed,
    /// added or removed.
    pub(super) fn operation(&self) -> Option<&str> {
        let changed = self.change().or(self.add()).or(self.remove());
        self.kind().or(changed).or(self.event_type.get())
    }

    /// The event's type. `audit_operation` stands for none.
    pub(super) fn kind(&self) -> Option<&str> {
        [self.event_type.get(), self.event_name.get(), self.details.event_name.get()]
            .into_iter()
            .flatten()
            .find(|kind| *kind != "audit_operation")
    }

    /// The author's login where it is said, else the name that people see.
    pub(super) fn author_login(&self) -> Option<&str> {
        let is_user = self.author_id.get().is_some_and(|id| !id.starts_with('-'));
        let own = self.entity_path().filter(|_| self.is_about_author());
        let login = self.meta_user.get().or(self.details.author_email.get()).or(own);
        login.filter(|_| is_user).or(self.author_name())
    }

    /// The login of the account that the event is about, where it is said, else
    /// the name that people see.
    pub(super) fn target_login(&self) -> Option<&str> {
        let is_entity = self.entity_type.is("User") && self.entity_id.get() == self.target_id();
        self.entity_path().filter(|_| is_entity).or(self.target_details())
    }

    /// Whether the entity is the author's own account; its path is the login.
    fn is_about_author(&self) -> bool {
        self.entity_type.is("User") && self.author_id.get() == self.target_id()
    }

    /// What was done, in words.
    pub(super) fn message(&self) -> Option<&str> {
        self.custom_message.text.get().or(self.details.custom_message.text.get())
    }

    /// What git spoke.
    pub(super) fn protocol(&self) -> Option<&str> {
        self.custom_message.protocol.get().or(self.details.custom_message.protocol.get())
    }
}

/// `custom_message`: a sentence, or an object for a git operation.
#[derive(Default)]
struct Message<'a> {
    text: Text<'a>,
    protocol: Text<'a>,
}

struct MessageVisitor;

impl<'de> Visitor<'de> for MessageVisitor {
    type Value = Message<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Message { text: Text::borrowed(text), ..Message::default() })
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Message { text: Text::text(text), ..Message::default() })
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut message = Message::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if key == "protocol" {
                message.protocol = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(message)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Message::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Message::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Message::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Message::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Message::default())
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Message::default())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Message<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MessageVisitor)
    }
}
