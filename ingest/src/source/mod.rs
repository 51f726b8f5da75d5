//! Raw records into rows: which source a record is of, and what it says.
//!
//! ```text
//! adapter      what a source is and what its reader may say
//! about        what is to be known of a source; doc: docs/sources.md made of it
//! registry     the sources of a process: those built in and those of mapping files
//! mapping      sources that a file describes: JSON pointers to columns
//! trial        a sample read by a source, to be looked at
//! envelope     what records come wrapped in on their way
//! needle       recognition by keys that only one source has
//! json         records in JSON: text, reading, bundles
//! nesting      how deep JSON may go
//! text         lenient serde types: scalars
//! object       lenient serde types: objects and lists
//! words        lenient serde types: words, and lists of them
//! time         vendors' forms of a time
//! address      client addresses
//! country      country names into codes
//!
//! okta         Okta System Log
//! entra        Microsoft Entra sign-ins
//! github       GitHub audit log
//! cloudtrail   AWS CloudTrail, IAM Identity Center
//! sshd         sshd, PAM, sudo: auth logs and the journal
//! duo          Duo authentication, activity and administrator logs
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
//! rollcall     what rollcall writes down itself
//! harbor, nexus   mapping files that ship
//! ```
//!
//! A source is a folder and a row in [`SOURCES`], or in `mapping/shipped.rs`. Readers never fail: what can't
//! be read is rejected with a reason, and an event of an unknown type is kept
//! with what can be known of it. Nothing is judged here: a row says what the
//! source said.

pub mod about;
pub mod adapter;
mod address;
mod artifactory;
mod auth0;
mod azure_activity;
mod cloudtrail;
mod country;
pub mod doc;
mod duo;
mod entra;
pub(crate) mod envelope;
mod gcp;
mod github;
mod gitlab;
mod google_workspace;
mod jenkins;
pub(crate) mod json;
mod keycloak;
pub mod mapping;
mod needle;
mod nesting;
mod object;
mod ocsf;
mod okta;
mod registry;
mod rollcall;
mod sshd;
mod teleport;
mod text;
pub(crate) mod time;
pub mod trial;
mod vault;
mod words;

pub use adapter::{Adapter, Context, Output, Source, Split};
pub use registry::Sources;
pub use rollcall::OWN;

/// Every source that is read by code of its own.
static SOURCES: &[&Source] = &[
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
    &rollcall::SOURCE,
];

#[cfg(test)]
mod cases;
#[cfg(test)]
mod collect;
#[cfg(test)]
mod tests;
