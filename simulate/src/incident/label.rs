//! The labels against which a detector is measured.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// Many prompts for one person at night, refused until one isn't.
    PushBombing,
    /// One address tries a password on many accounts.
    PasswordSpray,
    /// Many addresses do.
    DistributedSpray,
    /// The helpdesk resets a factor for the wrong person, who enrols one,
    /// signs in from elsewhere and reads secrets.
    FactorResetTakeover,
    /// An identity provider is down for about two hours.
    ProviderOutage,
    /// A campaign guesses at the servers' passwords, far above the noise.
    SshGuessing,
}

impl IncidentKind {
    /// All kinds, in the order of declaration.
    pub const ALL: [IncidentKind; 6] = [
        IncidentKind::PushBombing,
        IncidentKind::PasswordSpray,
        IncidentKind::DistributedSpray,
        IncidentKind::FactorResetTakeover,
        IncidentKind::ProviderOutage,
        IncidentKind::SshGuessing,
    ];
}

/// One labelled incident.
#[derive(Debug, Clone, Serialize)]
pub struct Incident {
    /// What kind it is.
    pub kind: IncidentKind,
    /// Its first event, or a little before.
    pub from: DateTime<Utc>,
    /// Its last event, or a little after.
    pub to: DateTime<Utc>,
    /// The accounts that it is about, as `source:login`.
    pub people: Vec<String>,
    /// The addresses that it comes from.
    pub addresses: Vec<String>,
    /// What happened, in a sentence.
    pub note: String,
}
