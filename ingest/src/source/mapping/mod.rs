//! Sources that a file describes: JSON pointers to columns. What the file may say is in
//! docs/mappings.md.
//!
//! ```text
//! document    its tables, read key by key; values of its own
//! fault       what is wrong with it: where, and what would be right
//! pointer     JSON pointers
//! condition   what must stand in a record
//! value       where a value is taken from, and what becomes of it
//! column      columns, and what a record must say for each
//! rule        what some records mean that others don't
//! moment      when an event happened; unit: units of time
//! record      a record read by a mapping
//! folder      the mapping files of a folder
//! shipped     the mappings that are built in
//! sample      what of a sample a mapping doesn't look at or understand
//! ```

mod column;
mod condition;
mod document;
mod fault;
mod folder;
mod moment;
mod pointer;
mod record;
mod rule;
mod sample;
pub(super) mod shipped;
mod unit;
mod value;

use serde_json::Value;
use toml::de::DeTable;

use super::adapter::{Adapter, Source, Split};
use super::json;
use column::Assignment;
use condition::Condition;
use document::{Placed, get, only, pointers, table, text};
use fault::Faults;
pub(super) use fault::meant;
pub use fault::{Fault, MappingError};
pub use folder::{read_file, read_folder};
use moment::Time;
use pointer::Pointer;
use record::{Keys, Mapped};
use rule::Rule;
pub use sample::Sampled;
use value::Taking;

/// A mapping that is in order.
#[derive(Debug)]
pub struct Mapping {
    name: String,
    title: String,
    documentation: String,
    /// What a record must say; nothing where it is only read by name.
    recognise: Condition,
    /// Keys that a record of it holds, to be looked for before it is read.
    keys: Keys,
    /// The way to the list of a record that bundles several events.
    bundle: Option<Pointer>,
    event_id: Option<Taking>,
    time: Option<Time>,
    columns: Vec<Assignment>,
    rules: Vec<Rule>,
}

const KEYS: [&str; 9] =
    ["title", "documentation", "recognise", "bundle", "event_id", "time", "set", "columns", "rule"];

/// Whether a record looks like a mapping's.
type Recognises = dyn Fn(&[u8]) -> bool + Sync;
/// Cuts a record into its parts.
type Splits = dyn for<'a> Fn(&'a [u8]) -> Vec<&'a [u8]> + Sync;

impl Mapping {
    /// Reads a mapping of this name.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of its lines.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::of(text);
        check_name(name, &mut faults);
        let document = match DeTable::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let what = error.message().trim().to_owned();
                match error.span() {
                    Some(span) => faults.at(span, what),
                    None => faults.whole(what),
                }
                return Err(faults.found);
            }
        };
        let mapping = Self::read(name, document.get_ref(), &mut faults);
        let mut found = faults.found;
        found.sort_by_key(|fault| fault.line);
        if found.is_empty() { Ok(mapping) } else { Err(found) }
    }

    fn read(name: &str, keys: &DeTable<'_>, faults: &mut Faults<'_>) -> Self {
        only(keys, "a mapping", &KEYS, faults);
        let mut said = |key: &str| {
            let value = get(keys, key)?;
            text(value, &format!("`{key}`"), faults).map(str::to_owned)
        };
        let (title, documentation) = (said("title"), said("documentation"));
        if get(keys, "title").is_none() {
            faults.whole("a mapping needs a `title`: what it reads, as \"Harbor audit log\"");
        }
        let mut section =
            |key: &str| get(keys, key).and_then(|value| table(value, &format!("[{key}]"), faults));
        let (recognise, time) = (section("recognise"), section("time"));
        if get(keys, "time").is_none() {
            faults.whole("a mapping needs [time] with `at`, the pointer to the time");
        }
        let recognise = recognise
            .map(|table| Condition::read(table, "[recognise]", faults))
            .unwrap_or_default();
        let columns = rule::assignments(keys, faults);
        for needed in ["activity", "platform"] {
            if faults.found.is_empty() && columns.iter().all(|one| one.column() != needed) {
                faults.whole(format!(
                    "nothing fills `{needed}` where no rule holds; put it into [set] or [columns]"
                ));
            }
        }
        Self {
            name: name.to_owned(),
            title: title.unwrap_or_default(),
            documentation: documentation.unwrap_or_default(),
            keys: Keys::of(&recognise),
            recognise,
            bundle: get(keys, "bundle")
                .and_then(|value| pointers(value, "`bundle`", faults).into_iter().next()),
            event_id: get(keys, "event_id").map(|value| {
                let fits = |value: &Placed<'_>, faults: &mut Faults<'_>| {
                    faults.at(value.span(), "an id is the record's own, or there is none");
                    None
                };
                Taking::read(value, "event_id", &[], &fits, faults)
            }),
            time: time.map(|table| Time::read(table, faults)),
            columns,
            rules: get(keys, "rule").map(|value| rule::rules(value, faults)).unwrap_or_default(),
        }
    }

    /// The name of its source.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a row can say how long it took.
    pub fn measures(&self) -> bool {
        let own = self.columns.iter().chain(self.rules.iter().flat_map(Rule::columns));
        own.into_iter().any(|assignment| assignment.column() == "duration_ms")
    }

    /// Whether a record, without its envelope, or the first event that it bundles is one
    /// of this mapping.
    fn recognises(&self, content: &[u8]) -> bool {
        if self.recognise.is_empty() || !self.keys.are_in(content) {
            return false;
        }
        let parts = self.split(content);
        let first = parts.first().map(|first| json::text(first));
        let read = first.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        read.is_some_and(|record| self.recognise.holds(&record))
    }

    /// The events of a record that bundles them: a list, or a list in it.
    fn split<'a>(&self, record: &'a [u8]) -> Vec<&'a [u8]> {
        let path: Vec<&str> = self.path().collect();
        let paths = [path.as_slice()];
        json::split(record, paths.get(usize::from(path.is_empty())..).unwrap_or_default())
    }

    fn is_empty_bundle(&self, record: &[u8]) -> bool {
        let path: Vec<&str> = self.path().collect();
        let paths = [path.as_slice()];
        json::is_empty_bundle(record, paths.get(usize::from(path.is_empty())..).unwrap_or_default())
    }

    /// The keys on the way to the list; none where lists are only cut as such.
    fn path(&self) -> impl Iterator<Item = &str> {
        self.bundle.iter().flat_map(|bundle| bundle.keys().iter().map(String::as_str))
    }

    /// Every pointer that it looks at.
    fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        let own = self.recognise.pointers().chain(self.time.iter().flat_map(Time::pointers));
        let id = self.event_id.iter().flat_map(Taking::pointers);
        let columns = self.columns.iter().flat_map(Assignment::pointers);
        own.chain(id).chain(columns).chain(self.rules.iter().flat_map(Rule::pointers))
    }

    /// The source that it is. It lives as long as the process, as those built in do.
    pub(super) fn into_source(self) -> &'static Source {
        self.described("")
    }

    /// The same with what docs/sources.md says of it.
    pub(super) fn described(self, about: &'static str) -> &'static Source {
        let mapping: &'static Self = Box::leak(Box::new(self));
        let recognises: Box<Recognises> = Box::new(move |content| mapping.recognises(content));
        let split: Box<Splits> = Box::new(move |record| mapping.split(record));
        let split: Split = Box::leak(split);
        let open: Box<dyn Fn() -> Box<dyn Adapter> + Sync> =
            Box::new(move || Box::new(Mapped(mapping)));
        Box::leak(Box::new(Source {
            name: &mapping.name,
            title: &mapping.title,
            documentation: &mapping.documentation,
            recognises: Box::leak(recognises),
            split: Some(split),
            stateful: false,
            has_event_id: mapping.event_id.is_some(),
            open: Box::leak(open),
            mapping: Some(mapping),
            about,
        }))
    }
}

fn check_name(name: &str, faults: &mut Faults<'_>) {
    let is_plain = name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_plain {
        faults.whole(format!(
            "its name becomes that of the source: lower-case letters, digits and _ (not {name:?})"
        ));
    }
    if super::registry::is_built_in(name) {
        faults.whole(format!("there is a source {name:?} already; give the file another name"));
    }
}

#[cfg(test)]
mod tests;
