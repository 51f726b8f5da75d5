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
    /// Logins and passwords of somewhere else are tried, each once.
    CredentialStuffing,
    /// One person's password is guessed from several addresses, and found.
    PasswordGuessing,
    /// Password and code were phished: a sign-in from far away, while the person works.
    ForeignSignIn,
    /// The same at night, on the person's own clock.
    NightSignIn,
    /// A session's cookie is used by somebody else.
    SessionTheft,
    /// An account that nobody used for months gets in.
    DormantAccount,
    /// Somebody has a person's recovery codes shown, and uses one.
    RecoveryCodes,
    /// One factor is enrolled for two people.
    SharedFactor,
    /// A rule of the sign-on policy is switched off.
    PolicyWeakened,
}

impl IncidentKind {
    /// What happens in every company, in the order of declaration.
    pub const USUAL: [IncidentKind; 6] = [
        IncidentKind::PushBombing,
        IncidentKind::PasswordSpray,
        IncidentKind::DistributedSpray,
        IncidentKind::FactorResetTakeover,
        IncidentKind::ProviderOutage,
        IncidentKind::SshGuessing,
    ];

    /// What happens beside that where it is rehearsed ([`crate::Plan::rehearsal`]).
    pub const REHEARSED: [IncidentKind; 9] = [
        IncidentKind::CredentialStuffing,
        IncidentKind::PasswordGuessing,
        IncidentKind::ForeignSignIn,
        IncidentKind::NightSignIn,
        IncidentKind::SessionTheft,
        IncidentKind::DormantAccount,
        IncidentKind::RecoveryCodes,
        IncidentKind::SharedFactor,
        IncidentKind::PolicyWeakened,
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
