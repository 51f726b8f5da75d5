//! What a reader of docs/sources.md wants to know of a source, and which cases its
//! fixtures show: the file `about.toml` of its folder.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What is to be known of a source. Texts are Markdown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Which log, in which forms.
    pub reads: String,
    /// What it is told by, and what a record can't do without.
    pub recognised: String,
    /// The event's own identity, from which duplicates are told.
    pub identity: String,
    /// What can be measured of a sign-in's time.
    pub basis: Basis,
    /// The same for people, and where it stands.
    pub latency: String,
    /// How the vendor is set up so that the log arrives; ways, or steps of one.
    pub setup: Vec<String>,
    /// What that needs to be allowed.
    pub permissions: String,
    /// Rows of a table: what is read, what becomes of it.
    pub columns: String,
    /// What the log doesn't say.
    pub limits: String,
    /// Where it bites.
    pub traps: String,
    /// Where the fixtures show each case.
    pub cases: BTreeMap<Case, Shown>,
}

/// What is measured of the time that a sign-in takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// From a prompt to its answer, two events.
    PromptToResponse,
    /// Differences between the times of steps in one event.
    StepTimes,
    /// The vendor's elapsed time; includes idle time.
    ElapsedWithIdle,
    /// Request to response, on the server.
    ServerTime,
    /// Nothing.
    None,
}

impl Basis {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PromptToResponse => "prompt to response",
            Self::StepTimes => "step times",
            Self::ElapsedWithIdle => "elapsed with idle",
            Self::ServerTime => "server time",
            Self::None => "none",
        }
    }
}

/// What a source should be seen to handle, as far as its vendor logs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// A sign-in with a second factor.
    SignInWithMfa,
    /// A sign-in without one, or of which nothing is known.
    SignInWithoutMfa,
    /// A wrong password, or a try that failed at the first step.
    FailedPassword,
    /// A wrong code, or a prompt that was refused.
    FailedFactor,
    /// A prompt that nobody answered.
    AbandonedPrompt,
    /// A factor set up.
    Enrolment,
    /// A factor removed or reset.
    Removal,
    /// A change of what decides on sign-ins.
    PolicyChange,
    /// Something that isn't a person.
    ServiceAccount,
    /// Administration, of accounts or of the source itself.
    AdminAction,
    /// A record in an unusual form that is read all the same.
    OddInput,
    /// A record that can't be read.
    BrokenInput,
}

impl Case {
    /// Every case.
    pub const ALL: [Self; 12] = [
        Self::SignInWithMfa,
        Self::SignInWithoutMfa,
        Self::FailedPassword,
        Self::FailedFactor,
        Self::AbandonedPrompt,
        Self::Enrolment,
        Self::Removal,
        Self::PolicyChange,
        Self::ServiceAccount,
        Self::AdminAction,
        Self::OddInput,
        Self::BrokenInput,
    ];

    /// For people, in a list of what isn't logged.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignInWithMfa => "sign-ins with a second factor",
            Self::SignInWithoutMfa => "sign-ins without one",
            Self::FailedPassword => "wrong passwords",
            Self::FailedFactor => "failed factors",
            Self::AbandonedPrompt => "abandoned prompts",
            Self::Enrolment => "enrolment of factors",
            Self::Removal => "removal of factors",
            Self::PolicyChange => "changes of policies",
            Self::ServiceAccount => "service accounts",
            Self::AdminAction => "administration",
            Self::OddInput => "odd records",
            Self::BrokenInput => "broken records",
        }
    }
}

/// Where a case is shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Shown {
    /// A record of a fixture: `file:line`, from 1.
    At(String),
    /// Nowhere, as the vendor doesn't log it.
    Not {
        /// Why.
        not: String,
    },
}

impl About {
    /// Reads a source's file.
    ///
    /// # Errors
    /// What is wrong with it; a test holds that nothing is.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }
}
