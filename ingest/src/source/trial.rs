//! A sample read by a source, to be looked at: what an import would make of each record.
//! Nothing is stored.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use chrono::Utc;
use chrono_tz::Tz;

use super::mapping::Sampled;
use super::{Source, Sources, envelope};
use crate::error::{IngestError, Result};
use crate::input::decode::{Compression, expand};
use crate::input::records::cut;
use crate::redact::redact;
use crate::tail::{Piece, ReadSettings, Reader};

/// Most bytes of a sample, expanded.
const MOST: u64 = 256 << 20;

/// What came of a sample.
#[derive(Debug)]
pub struct Trial {
    /// The line in which each record begins, from 1; a record's `seq` counts from 0.
    pub lines: Vec<usize>,
    /// Rows, as they would be stored.
    pub events: RecordBatch,
    /// Verdicts over what gave no row.
    pub set_aside: RecordBatch,
    /// Of a mapping: what it doesn't look at or understand.
    pub sampled: Option<Sampled>,
    /// Whose the records are where nobody names a source, and how many; the empty name is
    /// nobody's.
    pub recognised: BTreeMap<&'static str, usize>,
    /// What no row says, and what is lost by that.
    pub never: Vec<(&'static str, &'static str)>,
    /// What was wrong with the sample as a whole.
    pub damage: Option<String>,
}

/// Columns of which one should be filled, and what is lost where none is.
const WANTED: &[(&str, &[&str], &str)] = &[
    ("user_name", &["user_name", "user_id"], "nobody can be told whose event it is"),
    ("outcome", &["outcome"], "no try counts as worked or failed"),
    ("operation", &["operation"], "what was done has no name of the vendor's"),
    ("source_event_id", &["source_event_id"], "a record that is sent twice is two rows"),
    ("ip", &["ip"], "places and addresses can't be looked at"),
    ("mfa", &["mfa"], "adoption counts it as unknown"),
    ("flow_id", &["flow_id", "session_id"], "several events of one sign-in stay several tries"),
];

/// Reads a sample as records of a source. `sources` are all there are, this one among
/// them; `zone` is that of times that name none.
///
/// # Errors
/// If the sample can't be read.
pub fn run(sources: &Sources, source: &'static Source, sample: &Path, zone: Tz) -> Result<Trial> {
    let (bytes, damage) = content(sample)?;
    let settings =
        // Hashes are only looked at here; they needn't be the installation's.
        ReadSettings { zone, identifier_key: [0; 32], sources: sources.clone() };
    let mut reader = Reader::new(settings);
    let received = Utc::now().timestamp_micros();
    let records: Vec<&[u8]> = cut(&bytes).collect();
    reader.survey(0, received, source.name, records.iter().copied());
    let pieces = (0..).zip(&records).map(|(seq, bytes)| Piece { seq, bytes });
    reader.read(0, &Arc::from("sample"), received, source.name, pieces);
    let (events, set_aside) = match reader.take()? {
        Some(chunk) => (chunk.events, chunk.set_aside),
        None => return Err(IngestError::EmptySample(sample.to_owned())),
    };
    let mut recognised = BTreeMap::new();
    for record in &records {
        let name = sources.recognise(record).map_or("", |found| found.name);
        *recognised.entry(name).or_default() += 1;
    }
    Ok(Trial {
        lines: lines(&bytes, &records),
        never: never(&events),
        events,
        set_aside,
        sampled: source.mapping.map(|mapping| {
            let mut sampled = Sampled::default();
            for record in &records {
                sampled.look(mapping, &envelope::content(&redact(record).0));
            }
            sampled
        }),
        recognised,
        damage,
    })
}

/// A sample's bytes, expanded; `-` is standard input.
fn content(sample: &Path) -> Result<(Vec<u8>, Option<String>)> {
    let mut bytes = Vec::new();
    let read = if sample.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(sample).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(IngestError::file("can't read", sample))?;
    let too_large = |error: crate::input::decode::DecodeError| {
        IngestError::file("can't use", sample)(std::io::Error::other(error.to_string()))
    };
    let expanded = expand(&bytes, Compression::of_content(&bytes), MOST).map_err(too_large)?;
    Ok((expanded.bytes, expanded.damage.map(|damage| damage.to_string())))
}

/// The line in which each record begins. Records are pieces of the bytes, in order.
fn lines(bytes: &[u8], records: &[&[u8]]) -> Vec<usize> {
    let (mut at, mut line) = (0, 1);
    let begin = bytes.as_ptr().addr();
    let mut lines = Vec::with_capacity(records.len());
    for record in records {
        let start = record.as_ptr().addr().saturating_sub(begin).max(at);
        line += memchr::memchr_iter(b'\n', bytes.get(at..start).unwrap_or_default()).count();
        at = start;
        lines.push(line);
    }
    lines
}

/// What no row says.
fn never(events: &RecordBatch) -> Vec<(&'static str, &'static str)> {
    let is_said = |name: &str| {
        let column = events.column_by_name(name);
        column.is_some_and(|column| match column.data_type() {
            DataType::Utf8View => {
                column.as_string_view().iter().flatten().any(|word| word != "unknown")
            }
            _ => column.null_count() < column.len(),
        })
    };
    WANTED
        .iter()
        .filter(|(_, columns, _)| {
            events.num_rows() > 0 && !columns.iter().any(|column| is_said(column))
        })
        .map(|(column, _, lost)| (*column, *lost))
        .collect()
}
