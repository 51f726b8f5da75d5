//! Accounts that are no person's: services, shared accounts, break-glass.

use chrono::NaiveDate;

use crate::plan::Plan;
use crate::world::{Chance, Stream};

/// What an account that is no person's does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Clones and pushes with a token, runs workflows.
    Builds,
    /// Calls AWS with an access key of an IAM user.
    AccessKey,
    /// Logs on to servers with a key.
    Deploys,
    /// Used by several people, at the identity provider.
    Shared,
    /// For the day when everything else fails.
    BreakGlass,
}

/// One such account.
pub(crate) struct Service {
    pub(crate) index: usize,
    pub(crate) login: &'static str,
    pub(crate) work: Work,
    pub(crate) team: &'static str,
    pub(crate) privileged: bool,
    /// Mean number of runs an hour.
    pub(crate) rate: f64,
    pub(crate) github_id: u64,
    pub(crate) token: String,
    pub(crate) aws_id: String,
    pub(crate) access_key: String,
    pub(crate) ssh_key: String,
    pub(crate) valid_from: NaiveDate,
}

impl Service {
    pub(crate) fn kind(&self) -> &'static str {
        match self.work {
            Work::Builds | Work::AccessKey | Work::Deploys => "service",
            Work::Shared => "shared",
            Work::BreakGlass => "break_glass",
        }
    }

    /// The account as `source:login`.
    pub(crate) fn account(&self) -> String {
        let login = self.login;
        match self.work {
            Work::Builds => format!("github:{login}"),
            Work::AccessKey | Work::BreakGlass => format!("cloudtrail:{login}"),
            Work::Deploys => format!("sshd:{login}"),
            Work::Shared => format!("okta:{login}@corp.example"),
        }
    }
}

/// Login, work, owning team, privileged, runs an hour.
type Row = (&'static str, Work, &'static str, bool, f64);

const ROWS: &[Row] = &[
    ("build-bot", Work::Builds, "platform", false, 7.0),
    ("release-bot", Work::Builds, "platform", true, 1.0),
    ("dependency-bot", Work::Builds, "platform", false, 2.0),
    ("docs-bot", Work::Builds, "web", false, 0.5),
    ("mobile-ci", Work::Builds, "mobile", false, 3.0),
    ("payments-ci", Work::Builds, "payments", false, 4.0),
    ("search-ci", Work::Builds, "search", false, 3.0),
    ("data-ci", Work::Builds, "data", false, 2.0),
    ("scan-bot", Work::Builds, "security", false, 1.5),
    ("svc-backup", Work::AccessKey, "platform", false, 1.0),
    ("svc-billing-export", Work::AccessKey, "payments", false, 0.5),
    ("svc-terraform", Work::AccessKey, "platform", true, 2.0),
    ("svc-data-loader", Work::AccessKey, "data", false, 6.0),
    ("svc-metrics", Work::AccessKey, "platform", false, 4.0),
    ("svc-payments", Work::AccessKey, "payments", false, 5.0),
    ("svc-search-index", Work::AccessKey, "search", false, 3.0),
    ("svc-mailer", Work::AccessKey, "marketplace", false, 2.0),
    ("svc-log-archive", Work::AccessKey, "security", false, 2.0),
    ("svc-image-resize", Work::AccessKey, "web", false, 2.0),
    ("deploy", Work::Deploys, "platform", true, 3.0),
    ("ansible", Work::Deploys, "platform", true, 1.5),
    ("backup", Work::Deploys, "platform", false, 1.0),
    ("monitoring", Work::Deploys, "platform", false, 5.0),
    ("logship", Work::Deploys, "security", false, 2.0),
    ("certbot", Work::Deploys, "platform", false, 0.3),
    ("ops-desk", Work::Shared, "operations", false, 0.3),
    ("support-kiosk", Work::Shared, "support", false, 0.2),
    ("lab-tablet", Work::Shared, "mobile", false, 0.05),
    ("break-glass-1", Work::BreakGlass, "security", true, 0.0),
    ("break-glass-2", Work::BreakGlass, "security", true, 0.0),
];

/// All of them, in a fixed order.
pub(crate) fn services(plan: &Plan) -> Vec<Service> {
    ROWS.iter()
        .enumerate()
        .map(|(index, (login, work, team, privileged, rate))| {
            let mut chance = Chance::new(plan.seed, Stream::Service, index as u64, u64::MAX);
            Service {
                index,
                login,
                work: *work,
                team,
                privileged: *privileged,
                rate: *rate,
                github_id: chance.bits() % 90_000_000 + 100_000_000,
                token: chance.token("", 43) + "=",
                aws_id: chance.capitals("AIDA", 17),
                access_key: chance.capitals("AKIA", 16),
                ssh_key: chance.token("SHA256:", 43),
                valid_from: plan.start.date_naive()
                    - chrono::TimeDelta::days(chance.between(60, 1500)),
            }
        })
        .collect()
}
