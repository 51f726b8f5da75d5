//! One person: identity, place, accounts, devices, factors, journeys.

use chrono::{DateTime, NaiveDate, Utc};

use super::rollout::Cohort;
use super::timeline::Timeline;
use crate::world::{City, Device};

/// What a person does; decides which errands fill the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Engineer,
    Sre,
    Data,
    Security,
    Product,
    Support,
    Contractor,
}

impl Role {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Role::Engineer => "engineer",
            Role::Sre => "sre",
            Role::Data => "data",
            Role::Security => "security",
            Role::Product => "product",
            Role::Support => "support",
            Role::Contractor => "contractor",
        }
    }
}

/// Which identity provider knows the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Idp {
    Okta,
    Entra,
}

/// How a person reaches AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AwsAccess {
    None,
    /// Through the identity provider, into this permission set.
    Federated(&'static str),
    /// A user of IAM with a password of its own, with or without MFA.
    IamUser {
        mfa: bool,
    },
    /// A user of IAM Identity Center's own directory.
    IdentityCenter,
}

/// A journey: other networks, mostly through the VPN.
pub(crate) struct Trip {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    pub(crate) city: usize,
}

/// One person.
pub(crate) struct Person {
    /// Position in the roster; keys the person's draws.
    pub(crate) index: usize,
    pub(crate) id: String,
    pub(crate) name: String,
    /// `ada.lovell`
    pub(crate) login: String,
    /// `ada.lovell@corp.example`, lower case
    pub(crate) email: String,
    pub(crate) team: &'static str,
    pub(crate) manager: Option<usize>,
    pub(crate) role: Role,
    pub(crate) cohort: Cohort,
    pub(crate) city: &'static City,
    pub(crate) idp: Idp,
    pub(crate) okta_id: String,
    pub(crate) entra_id: String,
    pub(crate) github: Option<String>,
    pub(crate) github_id: u64,
    /// Since when the GitHub account asks for a second factor of its own.
    pub(crate) github_2fa: NaiveDate,
    pub(crate) aws: AwsAccess,
    pub(crate) aws_id: String,
    pub(crate) ssh: Option<String>,
    /// SHA256 fingerprint of the ssh key, as sshd prints it.
    pub(crate) ssh_key: String,
    /// hashed_token of the person's personal access token.
    pub(crate) github_token: String,
    /// Has admin rights where the person has an account of that source.
    pub(crate) admin: bool,
    pub(crate) invited_on: NaiveDate,
    pub(crate) valid_from: NaiveDate,
    pub(crate) valid_to: Option<NaiveDate>,
    /// Visits on a usual working day.
    pub(crate) activity: f64,
    /// Later (positive) or earlier than the company's usual hours, minutes.
    pub(crate) shift_min: i64,
    /// How much of the working time is spent in the office.
    pub(crate) office_share: f64,
    pub(crate) laptops: Vec<Device>,
    pub(crate) phone: Device,
    /// A later one, where the person gets one while detectors are measured.
    pub(crate) next_phone: Option<Device>,
    pub(crate) trips: Vec<Trip>,
    pub(crate) timeline: Timeline,
}

impl Person {
    /// Key of the person's draws.
    pub(crate) fn key(&self) -> u64 {
        self.index as u64
    }

    pub(crate) fn employed(&self, date: NaiveDate) -> bool {
        self.valid_from <= date && self.valid_to.is_none_or(|to| date <= to)
    }

    /// The laptop in use on that date.
    pub(crate) fn laptop(&self, date: NaiveDate) -> &Device {
        let current = self.laptops.iter().rev().find(|one| one.since <= date);
        current.unwrap_or(&self.phone)
    }

    /// The phone in use on that date.
    pub(crate) fn phone(&self, date: NaiveDate) -> &Device {
        self.next_phone.as_ref().filter(|next| next.since <= date).unwrap_or(&self.phone)
    }

    pub(crate) fn trip(&self, date: NaiveDate) -> Option<&Trip> {
        self.trips.iter().find(|trip| trip.from <= date && date <= trip.to)
    }

    /// The account at the identity provider as `source:login`.
    pub(crate) fn idp_login(&self) -> String {
        match self.idp {
            Idp::Okta => format!("okta:{}", self.email),
            Idp::Entra => format!("entra:{}", self.email),
        }
    }

    /// All accounts as `source:login`, and whether each has admin rights.
    pub(crate) fn logins(&self) -> Vec<(String, bool)> {
        let mut logins = vec![(self.idp_login(), self.admin)];
        if let Some(github) = &self.github {
            let owner = self.admin && matches!(self.role, Role::Sre | Role::Security);
            logins.push((format!("github:{github}"), owner));
        }
        let aws_admin = match self.aws {
            AwsAccess::None => None,
            AwsAccess::Federated(set) => Some(set == "AdministratorAccess"),
            AwsAccess::IamUser { .. } | AwsAccess::IdentityCenter => Some(false),
        };
        if let Some(admin) = aws_admin {
            logins.push((format!("cloudtrail:{}", self.login), admin));
        }
        if let Some(ssh) = &self.ssh {
            logins.push((format!("sshd:{ssh}"), self.role == Role::Sre));
        }
        logins
    }

    /// Whether the person has any usable factor at the identity provider.
    pub(crate) fn has_factor(&self, at: DateTime<Utc>) -> bool {
        self.timeline.strongest(at).is_some()
    }
}
