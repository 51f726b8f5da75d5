//! Raw records into rows: which source a record is of, and what it says.
//!
//! ```text
//! adapter      what a source is and what its reader may say
//! needle       recognition by keys that only one source has
//! json         records in JSON: text, reading, bundles
//! text         lenient serde types: scalars
//! object       lenient serde types: objects and lists
//! time         vendors' forms of a time
//! address      client addresses
//! country      country names into codes
//!
//! okta         Okta System Log
//! entra        Microsoft Entra sign-ins
//! github       GitHub audit log
//! cloudtrail   AWS CloudTrail, IAM Identity Center
//! sshd         sshd, PAM, sudo: auth logs and the journal
//! ocsf         events that are OCSF already
//! ```
//!
//! A source is a row in [`SOURCES`] and a folder. Readers never fail: what can't
//! be read is rejected with a reason, and an event of an unknown type is kept
//! with what can be known of it. Nothing is judged here: a row says what the
//! source said.

pub mod adapter;
mod address;
mod cloudtrail;
mod country;
mod entra;
mod github;
mod json;
mod needle;
mod object;
mod ocsf;
mod okta;
mod sshd;
mod text;
mod time;

pub use adapter::{Adapter, Context, Output, Source, Split};

/// Every source that can be read.
pub static SOURCES: &[&Source] = &[
    &okta::SOURCE,
    &entra::SOURCE,
    &github::SOURCE,
    &cloudtrail::SOURCE,
    &sshd::SOURCE,
    &ocsf::SOURCE,
];

/// The source of a name, as it stands in the column `source`.
pub fn find(name: &str) -> Option<&'static Source> {
    SOURCES.iter().copied().find(|source| source.name == name)
}

/// The source that a record looks like.
pub fn recognise(record: &[u8]) -> Option<&'static Source> {
    SOURCES.iter().copied().find(|source| (source.recognises)(record))
}

#[cfg(test)]
mod collect;
#[cfg(test)]
mod tests;
