use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::TimeDelta;

use super::until;
use crate::{Company, Feed, IncidentKind, LookAlikeKind, Plan, Record};

static REHEARSED: LazyLock<Company> =
    LazyLock::new(|| Company::new(&Plan { rehearsal: true, ..Plan::new(7, until()) }));

fn day_of(kind: LookAlikeKind) -> (crate::LookAlike, Vec<Record>) {
    let found = REHEARSED.look_alikes().into_iter().find(|one| one.kind == kind);
    let label = found.unwrap_or_else(|| panic!("{kind:?}"));
    let records = REHEARSED.day(label.from.date_naive());
    (label, records)
}

#[test]
fn each_kind_happens_and_is_told_from_its_addresses() {
    for kind in IncidentKind::REHEARSED {
        let found = REHEARSED.incidents().into_iter().filter(|one| one.kind == kind);
        let last = found.max_by_key(|one| one.from).unwrap_or_else(|| panic!("{kind:?}"));
        assert!(last.from > until() - TimeDelta::days(14), "{kind:?}");
        let mut days = BTreeSet::from([last.from.date_naive(), last.to.date_naive()]);
        let mut told = 0;
        while let Some(date) = days.pop_first() {
            let records = REHEARSED.day(date).into_iter();
            let from_there = |record: &Record| {
                let has = |ip: &String| record.line.contains(&format!("\"{ip}\""));
                last.addresses.iter().any(has)
            };
            told += records.filter(from_there).count();
        }
        assert!(told > 0, "{last:?}");
    }
}

#[test]
fn without_a_rehearsal_none_of_it_happens() {
    let usual = super::COMPANY.incidents();
    assert!(usual.iter().all(|one| IncidentKind::USUAL.contains(&one.kind)));
    assert!(super::COMPANY.look_alikes().is_empty());
}

#[test]
fn a_refused_service_tries_for_hours() {
    let (label, records) = day_of(LookAlikeKind::RetryingCi);
    let refused = records.iter().filter(|record| {
        record.feed == Feed::Sshd
            && label.from <= record.time
            && record.line.contains("authenticating user deploy ")
    });
    assert!(refused.count() > 500);
}

#[test]
fn old_passwords_are_typed_on_that_monday() {
    let (label, records) = day_of(LookAlikeKind::PasswordExpiryMonday);
    assert!(label.people.len() > 80, "{}", label.people.len());
    let wrong = records.iter().filter(|record| record.line.contains("INVALID_CREDENTIALS"));
    assert!(wrong.count() > 2 * label.people.len() - 1);
}

#[test]
fn from_one_day_on_the_vpn_has_other_exits() {
    let (label, records) = day_of(LookAlikeKind::VpnChange);
    let after = records.iter().filter(|record| record.line.contains("\"203.0.113.220\""));
    assert!(after.count() > 10, "{label:?}");
}

#[test]
fn people_get_phones_and_go_abroad() {
    let (phones, _) = day_of(LookAlikeKind::PhoneReplacements);
    let (abroad, records) = day_of(LookAlikeKind::OffsiteAbroad);
    assert_eq!((phones.people.len(), abroad.people.len()), (15, 30));
    assert!(records.iter().any(|record| record.line.contains("Tokyo")));
}
