//! The tables and the embedded views, with what each one is kept by.

use rollcall_lake::Table;

use crate::days::ByDay;

/// The tables of the lake: name in SQL, table, and whether rows that a revision
/// replaced are left out.
pub(crate) const TABLES: &[(&str, Table, bool)] = &[
    ("events", Table::Events, true),
    ("events_all", Table::Events, false),
    ("set_aside", Table::SetAside, false),
    ("people_all", Table::People, false),
    ("factors_all", Table::Factors, false),
    ("shards", Table::Shards, false),
    ("reconciliations", Table::Reconciliations, false),
    ("vendor_policies_all", Table::VendorPolicies, false),
    ("policies_all", Table::Policies, false),
    ("annotations_all", Table::Annotations, false),
];

/// One view.
#[derive(Debug)]
pub(crate) struct View {
    /// Its name in SQL.
    pub(crate) name: &'static str,
    /// Its file.
    pub(crate) sql: &'static str,
    /// How it is kept between queries.
    pub(crate) keeping: Keeping,
}

/// How a view is kept between queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// It isn't: it is computed each time.
    No,
    /// By UTC day.
    ByDay(ByDay),
    /// All of it.
    Whole,
}

macro_rules! view {
    ($name:literal, $keeping:expr) => {
        View {
            name: $name,
            sql: include_str!(concat!("../../views/", $name, ".sql")),
            keeping: $keeping,
        }
    };
}

/// Every view.
pub(crate) static VIEWS: &[View] = &[
    view!("quarantine", Keeping::No),
    view!("people", Keeping::No),
    view!("logins", Keeping::No),
    view!("logins_seen", Keeping::No),
    view!("accounts", Keeping::Whole),
    view!("factors", Keeping::No),
    view!("vendor_policies", Keeping::No),
    view!("vendor_policy_changes", Keeping::No),
    view!("tries", Keeping::ByDay(ByDay::Tries)),
    view!("tries_of_people", Keeping::No),
    view!("applications", Keeping::No),
    view!("tries_told_once", Keeping::No),
    view!("tries_in_sessions", Keeping::No),
    view!("federated_sign_ins", Keeping::No),
    view!("attempts", Keeping::ByDay(ByDay::Attempts)),
    view!("source_activity", Keeping::ByDay(ByDay::SourceActivity)),
    view!("account_days", Keeping::ByDay(ByDay::AccountDays)),
    view!("ocsf_authentication", Keeping::No),
    view!("event_places", Keeping::No),
    view!("accesses", Keeping::No),
    view!("policies", Keeping::No),
    view!("policy_decisions", Keeping::ByDay(ByDay::Decisions)),
    view!("exceptions", Keeping::No),
    view!("violations", Keeping::No),
    view!("policy_drift", Keeping::No),
    view!("annotations", Keeping::No),
    view!("annotated_hours", Keeping::No),
    view!("triage", Keeping::No),
    view!("alerts", Keeping::No),
];

/// A view by its name.
pub(crate) fn find(name: &str) -> Option<&'static View> {
    VIEWS.iter().find(|view| view.name == name)
}
