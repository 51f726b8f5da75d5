//! A record read by a mapping.

use std::borrow::Cow;

use memchr::memmem::Finder;
use rollcall_schemas::{Activity, Event, Factor};
use serde_json::Value;

use super::Mapping;
use super::column::Assignment;
use super::condition::Condition;
use super::rule::Rule;
use super::value::Said;
use crate::source::adapter::{Adapter, Context, Output};
use crate::source::json;

/// Bytes of a record in which its keys are looked for.
const HEAD: usize = 64 * 1024;

/// Keys that a record must hold to be recognised: without them it needn't be read.
#[derive(Debug)]
pub(super) struct Keys(Vec<Finder<'static>>);

impl Keys {
    /// The last key of each pointer; not those that could stand for an element of a list,
    /// or be written in several ways.
    pub(super) fn of(condition: &Condition) -> Self {
        let is_plain = |key: &&String| {
            key.bytes().any(|b| !b.is_ascii_digit())
                && key.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\' | b'/'))
        };
        let finder = |key: &String| Finder::new(format!("\"{key}\"").as_bytes()).into_owned();
        let last = condition.pointers().filter_map(|pointer| pointer.keys().last());
        Self(last.filter(is_plain).map(finder).collect())
    }

    /// Whether a record has them.
    pub(super) fn are_in(&self, record: &[u8]) -> bool {
        let head = record.get(..HEAD).unwrap_or(record);
        self.0.iter().all(|finder| finder.find(head).is_some())
    }
}

/// Reads records by a mapping.
pub(super) struct Mapped(pub(super) &'static Mapping);

impl Adapter for Mapped {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let mapping = self.0;
        let text = json::text(record);
        let value = match serde_json::from_str::<Value>(&text) {
            Ok(value) if value.is_object() => value,
            Ok(_) if mapping.is_empty_bundle(record) => return out.not_authentication(),
            Ok(_) => return out.reject("not a JSON object; one event per record was expected"),
            Err(error) => return out.reject(&format!("can't be read as JSON: {error}")),
        };
        if let Some(pointer) = mapping.recognise.fails_at(&value) {
            if mapping.is_empty_bundle(record) {
                return out.not_authentication();
            }
            return out.reject(&format!(
                "not a record of this mapping: [recognise] asks for `{}`",
                pointer.as_str()
            ));
        }
        mapping.row(&value, context, out);
    }
}

impl Mapping {
    fn row(&self, record: &Value, context: &Context<'_>, out: &mut dyn Output) {
        let rule = self.rule(record);
        if rule.is_some_and(Rule::leaves_out) {
            return out.not_authentication();
        }
        let own = rule.map(Rule::columns).unwrap_or_default();
        let time = match &self.time {
            Some(time) => time.micros(record, context.zone),
            None => Err("the mapping says nothing of the time".to_owned()),
        };
        let time = match time {
            Ok(time) => time,
            Err(why) => return out.reject(&why),
        };
        let mut event = Event { time, activity: Activity::Access, ..Event::default() };
        event.source_event_id = self.id(record);
        for assignment in self.assignments(own) {
            assignment.put(&mut event, record, context);
        }
        if event.phishing_resistant.is_none() {
            event.phishing_resistant = event.factor.and_then(Factor::phishing_resistant);
        }
        out.event(&mut event);
    }

    /// The rule that counts for a record.
    pub(super) fn rule(&self, record: &Value) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.holds(record))
    }

    /// The mapping's assignments, less those whose columns a rule has of its own.
    pub(super) fn assignments<'m>(
        &'m self,
        own: &'m [Assignment],
    ) -> impl Iterator<Item = &'m Assignment> {
        let stays = |base: &&Assignment| own.iter().all(|one| one.column() != base.column());
        self.columns.iter().filter(stays).chain(own)
    }

    fn id<'v>(&'v self, record: &'v Value) -> Option<Cow<'v, str>> {
        match self.event_id.as_ref()?.take(record) {
            Said::Text(id) => Some(id),
            _ => None,
        }
    }
}
