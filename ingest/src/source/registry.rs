//! The sources of one process: those built in and those of mapping files.

use std::fmt;
use std::sync::{Arc, LazyLock};

use super::mapping::{Mapping, meant, shipped};
use super::{OWN, SOURCES, Source, envelope};

/// Sources, in the order in which they are asked whether a record is theirs: those read
/// by code, the user's mappings, the mappings that ship. A clone is the same sources.
#[derive(Clone)]
pub struct Sources(Arc<[&'static Source]>);

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|source| source.name)).finish()
    }
}

impl Default for Sources {
    fn default() -> Self {
        static BUILT_IN: LazyLock<Sources> = LazyLock::new(|| Sources::with(Vec::new()));
        BUILT_IN.clone()
    }
}

impl Sources {
    /// Those built in, and those of mapping files. A mapping of the same name as one that
    /// ships takes its place. A process makes them once: they live as long as it does.
    pub fn with(mappings: Vec<Mapping>) -> Self {
        let mapped: Vec<&'static Source> = mappings.into_iter().map(Mapping::into_source).collect();
        let shipped = shipped::sources()
            .iter()
            .filter(|source| mapped.iter().all(|own| own.name != source.name));
        Self(SOURCES.iter().chain(&mapped).chain(shipped).copied().collect())
    }

    /// Every source.
    pub fn iter(&self) -> impl Iterator<Item = &'static Source> + Clone + '_ {
        self.0.iter().copied()
    }

    /// The source of a name, as it stands in the column `source`.
    pub fn find(&self, name: &str) -> Option<&'static Source> {
        self.iter().find(|source| source.name == name)
    }

    /// The source of a name that someone typed.
    ///
    /// # Errors
    /// That there is none, and which may have been meant.
    pub fn named(&self, name: &str) -> Result<&'static Source, String> {
        let names = self.iter().map(|source| source.name);
        self.find(name).ok_or_else(|| format!("there is no source {name:?}{}", meant(name, names)))
    }

    /// The same for what others send, or programs write.
    ///
    /// # Errors
    /// Likewise; or that it is rollcall's own, which nobody else may send.
    pub fn named_of_others(&self, name: &str) -> Result<&'static Source, String> {
        let found = self.named(name)?;
        if found.name == OWN {
            return Err(format!(
                "events of the source {OWN:?} are rollcall's own and nobody's to send; name \
                 another, or leave source out"
            ));
        }
        Ok(found)
    }

    /// The source that a record looks like, in its envelope or without.
    pub fn recognise(&self, record: &[u8]) -> Option<&'static Source> {
        self.recognise_content(&envelope::content(record))
    }

    /// The same of a record whose envelope is off. What rollcall writes down itself names
    /// its source: a collector's record that looks like it isn't.
    pub(crate) fn recognise_content(&self, content: &[u8]) -> Option<&'static Source> {
        self.iter().find(|source| source.name != OWN && (source.recognises)(content))
    }
}

/// Whether a source of this name is read by code of its own: no mapping may have it.
pub(super) fn is_built_in(name: &str) -> bool {
    SOURCES.iter().any(|source| source.name == name)
}
