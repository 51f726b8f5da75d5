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
    /// How it is kept between queries; `None`: it is computed each time.
    pub(crate) by_day: Option<ByDay>,
}

macro_rules! view {
    ($name:literal, $by_day:expr) => {
        View {
            name: $name,
            sql: include_str!(concat!("../../views/", $name, ".sql")),
            by_day: $by_day,
        }
    };
}

/// Every view.
pub(crate) static VIEWS: &[View] = &[
    view!("quarantine", None),
    view!("people", None),
    view!("logins", None),
    view!("logins_seen", None),
    view!("accounts", None),
    view!("factors", None),
    view!("vendor_policies", None),
    view!("vendor_policy_changes", None),
    view!("tries", Some(ByDay::Tries)),
    view!("tries_of_people", None),
    view!("applications", None),
    view!("tries_told_once", None),
    view!("tries_in_sessions", None),
    view!("federated_sign_ins", None),
    view!("attempts", Some(ByDay::Attempts)),
    view!("source_activity", Some(ByDay::SourceActivity)),
    view!("account_days", Some(ByDay::AccountDays)),
    view!("ocsf_authentication", None),
    view!("event_places", None),
    view!("accesses", None),
    view!("policies", None),
    view!("policy_decisions", Some(ByDay::Decisions)),
    view!("exceptions", None),
    view!("violations", None),
    view!("policy_drift", None),
    view!("annotations", None),
    view!("annotated_hours", None),
    view!("triage", None),
    view!("alerts", None),
];

/// A view by its name.
pub(crate) fn find(name: &str) -> Option<&'static View> {
    VIEWS.iter().find(|view| view.name == name)
}
