use std::collections::BTreeSet;

use chrono::{Datelike, TimeDelta};
use serde_json::Value;

use super::{COMPANY, until};
use crate::{Feed, Incident, IncidentKind, Record};

fn during(incident: &Incident) -> Vec<Record> {
    let mut records = Vec::new();
    for date in incident.from.date_naive().iter_days() {
        if date > incident.to.date_naive() {
            return records;
        }
        let day = COMPANY.day(date).into_iter();
        records.extend(day.filter(|one| incident.from <= one.time && one.time <= incident.to));
    }
    records
}

fn of_kind(kind: IncidentKind) -> Vec<Incident> {
    let all = COMPANY.incidents().into_iter();
    let found: Vec<Incident> = all.filter(|one| one.kind == kind).collect();
    assert_eq!(found.len(), 3, "{kind:?}");
    found
}

fn from_addresses<'a>(
    incident: &'a Incident,
    records: &'a [Record],
) -> impl Iterator<Item = &'a Record> {
    records.iter().filter(|record| {
        let hit = |ip: &String| {
            record.line.contains(&format!("\"{ip}\"")) || record.line.contains(&format!(" {ip} "))
        };
        incident.addresses.iter().any(hit)
    })
}

#[test]
fn each_quarter_and_the_last_fortnight_have_one_of_each_kind() {
    let incidents = COMPANY.incidents();
    for kind in IncidentKind::USUAL {
        let of = || incidents.iter().filter(|one| one.kind == kind);
        assert!(of().any(|one| (4..=6).contains(&one.from.month()) && (4..=6).contains(&one.to.month())), "{kind:?}");
        assert!(of().any(|one| (7..=9).contains(&one.from.month()) && (7..=9).contains(&one.to.month())), "{kind:?}");
        assert!(
            of().any(|one| one.from > until() - TimeDelta::days(14) && one.to < until()),
            "{kind:?}"
        );
    }
}

#[test]
fn push_bombing_is_many_prompts_and_one_success() {
    for incident in of_kind(IncidentKind::PushBombing) {
        let records = during(&incident);
        let (mut prompts, mut denied, mut approved) = (0, 0, 0);
        for record in from_addresses(&incident, &records) {
            let event: Value = serde_json::from_str(&record.line).unwrap();
            let answer = &event["debugContext"]["debugData"]["pushOnlyResponseType"];
            prompts += usize::from(event["eventType"] == "system.push.send_factor_verify_push");
            denied += usize::from(answer == "OV_RESPONSE_DENY");
            approved += usize::from(answer == "OV_RESPONSE_APPROVE");
        }
        assert!(prompts >= 10 && denied >= 5, "{incident:?} {prompts} {denied}");
        assert!((1..=2).contains(&approved), "{incident:?} {approved}");
    }
}

#[test]
fn sprays_hit_many_accounts_few_times() {
    for kind in [IncidentKind::PasswordSpray, IncidentKind::DistributedSpray] {
        for incident in of_kind(kind) {
            let records = during(&incident);
            let (mut accounts, mut addresses, mut tries) = (BTreeSet::new(), BTreeSet::new(), 0);
            for record in from_addresses(&incident, &records).filter(|one| one.feed != Feed::Sshd) {
                let event: Value = serde_json::from_str(&record.line).unwrap();
                let who =
                    event.pointer("/actor/alternateId").or(event.pointer("/userPrincipalName"));
                let ip = event.pointer("/client/ipAddress").or(event.pointer("/ipAddress"));
                accounts.insert(who.unwrap().to_string());
                addresses.insert(ip.unwrap().to_string());
                tries += 1;
            }
            assert!(accounts.len() > 60, "{kind:?} {}", accounts.len());
            assert!(tries < accounts.len() * 3, "{kind:?} {tries}");
            assert_eq!(addresses.len() > 20, kind == IncidentKind::DistributedSpray, "{kind:?}");
        }
    }
}

#[test]
fn takeover_is_reset_new_factor_elsewhere_and_secrets() {
    for incident in of_kind(IncidentKind::FactorResetTakeover) {
        let records = during(&incident);
        let lines = |words: &str| records.iter().filter(|one| one.line.contains(words)).count();
        assert!(lines("user.mfa.factor.reset_all") >= 2, "{incident:?}");
        let own: Vec<&Record> = from_addresses(&incident, &records).collect();
        let of = |words: &str| own.iter().filter(|one| one.line.contains(words)).count();
        assert_eq!(of("user.mfa.factor.activate"), 1, "{incident:?}");
        assert!(of("GetSecretValue") >= 6, "{incident:?}");
        assert!(of("user.session.start") >= 1, "{incident:?}");
    }
}

#[test]
fn outage_leaves_failures_only() {
    for incident in of_kind(IncidentKind::ProviderOutage) {
        let records = during(&incident);
        let okta: Vec<&Record> = records.iter().filter(|one| one.feed == Feed::Okta).collect();
        assert!(okta.len() > 10, "{incident:?}");
        // Lines that are delivered again are of before.
        let fresh = okta.iter().filter(|one| one.line.contains("\"result\":\"FAILURE\"")).count();
        assert!(okta.len() - fresh < 8, "{incident:?} {fresh} of {}", okta.len());
        assert!(records.iter().any(|one| one.line.contains("break-glass-1")));
        assert!(
            records.iter().any(|one| one.line.contains("ExpiredTokenException")),
            "{incident:?}"
        );
    }
}

#[test]
fn guessing_is_far_above_the_noise() {
    for incident in of_kind(IncidentKind::SshGuessing) {
        let records = during(&incident);
        let failed = from_addresses(&incident, &records)
            .filter(|one| one.line.contains("Failed password"))
            .count();
        assert!(failed > 1000, "{incident:?} {failed}");
        let in_by_guess =
            from_addresses(&incident, &records).any(|one| one.line.contains("Accepted"));
        assert!(!in_by_guess);
    }
}

#[test]
fn labels_name_people_and_serialize() {
    for incident in COMPANY.incidents() {
        let text = serde_json::to_string(&incident).unwrap();
        assert!(incident.from < incident.to && text.contains("\"kind\""), "{text}");
        assert!(!incident.people.is_empty(), "{text}");
    }
}
