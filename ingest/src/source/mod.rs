//! Raw records into rows: which source a record is of, and what it says.
//!
//! ```text
//! adapter      what a source is and what its reader may say
//! envelope     what records come wrapped in on their way
//! needle       recognition by keys that only one source has
//! json         records in JSON: text, reading, bundles
//! nesting      how deep JSON may go
//! text         lenient serde types: scalars
//! object       lenient serde types: objects and lists
//! words        lenient serde types: lists of scalars
//! time         vendors' forms of a time
//! address      client addresses
//! country      country names into codes
//!
//! okta         Okta System Log
//! entra        Microsoft Entra sign-ins
//! github       GitHub audit log
//! cloudtrail   AWS CloudTrail, IAM Identity Center
//! sshd         sshd, PAM, sudo: auth logs and the journal
//! duo          Duo authentication log
//! keycloak     Keycloak events, admin events
//! auth0        Auth0 tenant logs
//! google_workspace   Google Workspace audit activities
//! gitlab       GitLab audit events, GitLab CI
//! vault        HashiCorp Vault audit log
//! teleport     Teleport audit events
//! gcp          Google Cloud audit logs, Workspace sign-ins among them
//! azure_activity  Azure activity log
//! artifactory  JFrog Artifactory access log
//! jenkins      Jenkins, audit-trail plugin
//! ocsf         events that are OCSF already
//! ```
//!
//! A source is a row in [`SOURCES`] and a folder. Readers never fail: what can't
//! be read is rejected with a reason, and an event of an unknown type is kept
//! with what can be known of it. Nothing is judged here: a row says what the
//! source said.

pub mod adapter;
mod address;
mod artifactory;
mod auth0;
mod azure_activity;
mod cloudtrail;
mod country;
mod duo;
mod entra;
pub(crate) mod envelope;
mod gcp;
mod github;
mod gitlab;
mod google_workspace;
mod jenkins;
mod json;
mod keycloak;
mod needle;
mod nesting;
mod object;
mod ocsf;
mod okta;
mod sshd;
mod teleport;
mod text;
mod time;
mod vault;
mod words;

pub use adapter::{Adapter, Context, Output, Source, Split};

/// Every source that can be read.
pub static SOURCES: &[&Source] = &[
    &okta::SOURCE,
    &entra::SOURCE,
    &github::SOURCE,
    &cloudtrail::SOURCE,
    &sshd::SOURCE,
    &duo::SOURCE,
    &keycloak::SOURCE,
    &auth0::SOURCE,
    &google_workspace::SOURCE,
    &gitlab::SOURCE,
    &vault::SOURCE,
    &teleport::SOURCE,
    &gcp::SOURCE,
    &azure_activity::SOURCE,
    &artifactory::SOURCE,
    &jenkins::SOURCE,
    &ocsf::SOURCE,
];

/// The source of a name, as it stands in the column `source`.
pub fn find(name: &str) -> Option<&'static Source> {
    SOURCES.iter().copied().find(|source| source.name == name)
}

/// The source that a record looks like, in its envelope or without.
pub fn recognise(record: &[u8]) -> Option<&'static Source> {
    let content = envelope::content(record);
    SOURCES.iter().copied().find(|source| (source.recognises)(&content))
}

#[cfg(test)]
mod collect;
#[cfg(test)]
mod tests;
