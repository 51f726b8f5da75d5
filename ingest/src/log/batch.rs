//! What goes into the log together: records of one collector, and how far it has come.

use bytes::Bytes;

use super::frame::NAME;
use super::marks::LONGEST;
use super::{Layout, LogError};
use crate::input::listed::Listed;

/// Records on their way into the log, of one collector.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Their source; empty where each record tells it.
    pub source: String,
    /// What stands in the column `collector`.
    pub collector: String,
    /// The records, expanded.
    pub payload: Bytes,
    /// How they lie in it.
    pub layout: Layout,
    /// Records in it; 0 where they are counted when they are stored.
    pub count: u32,
    /// How far the collector has come with them, where it follows something.
    pub mark: Option<String>,
}

impl Batch {
    /// Records as their own bytes tell them: lines, or JSON.
    pub fn told(source: &str, collector: &str, payload: Bytes) -> Self {
        let (source, collector) = (source.to_owned(), collector.to_owned());
        Self { source, collector, payload, layout: Layout::Told, count: 0, mark: None }
    }

    /// Records that were cut already.
    pub fn listed(source: &str, collector: &str, records: Listed) -> Self {
        let count = records.count();
        let payload = records.into_bytes();
        Self { layout: Layout::Listed, count, ..Self::told(source, collector, payload) }
    }

    /// The same, with how far the collector has come.
    #[must_use]
    pub fn marked(self, mark: String) -> Self {
        Self { mark: Some(mark), ..self }
    }

    /// Whether its mark can be kept.
    pub(super) fn check(&self) -> Result<(), LogError> {
        let (mark, collector) = (self.mark.as_ref().map_or(0, String::len), self.collector.len());
        if self.mark.is_some() && (mark > LONGEST || collector > NAME) {
            return Err(LogError::LongMark { mark, collector });
        }
        Ok(())
    }
}
