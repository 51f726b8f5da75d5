use std::collections::{BTreeMap, BTreeSet};

use super::{COMPANY, SUMMARY};
use chrono::NaiveDate;

/// Accounts of a source with a usable factor ÷ accounts, and the factors.
fn factors(date: NaiveDate) -> (f64, BTreeMap<String, usize>) {
    let csv = COMPANY.factors_csv(date);
    let (mut all, mut usable) = (BTreeSet::new(), BTreeSet::new());
    let mut kinds = BTreeMap::<String, usize>::new();
    for line in csv.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields.len(), 6, "{line}");
        if !matches!(fields[1], "okta" | "entra") {
            continue;
        }
        all.insert(fields[2].to_owned());
        if fields[3] != "none" && fields[5] == "active" {
            usable.insert(fields[2].to_owned());
            *kinds.entry(fields[3].to_owned()).or_default() += 1;
        }
    }
    (usable.len() as f64 / all.len() as f64, kinds)
}

#[test]
fn enrolment_grows_and_factors_get_stronger() {
    let days: Vec<NaiveDate> = COMPANY.days().collect();
    let (before, weak) = factors(days[0]);
    let (middle, _) = factors(days[days.len() / 2]);
    let (after, strong) = factors(days[days.len() - 1]);
    assert!((0.3..0.55).contains(&before), "{before}");
    assert!(before + 0.1 < middle && middle < after, "{middle}");
    assert!((0.93..1.0).contains(&after), "{after}");
    let sms = |kinds: &BTreeMap<String, usize>| kinds.get("sms").copied().unwrap_or(0);
    assert!(sms(&strong) * 2 < sms(&weak));
    assert!(strong["push_number"] > 80 && strong["passkey"] > 80, "{strong:?}");
}

#[test]
fn policies_become_stricter_wave_by_wave() {
    let steps: Vec<(&str, &str)> =
        SUMMARY.rules.iter().map(|(_, rule, status)| (rule.as_str(), status.as_str())).collect();
    assert_eq!(steps.len(), 8, "{steps:?}");
    for rule in ["pilot", "wave 1", "wave 2", "wave 3"] {
        let of: Vec<&str> = steps
            .iter()
            .filter(|(name, _)| name.ends_with(rule))
            .map(|(_, status)| *status)
            .collect();
        assert_eq!(of, ["pilot", "enforced"], "{rule}");
    }
    assert!(SUMMARY.report_only_failures > 1000);
}

/// The funnel has its rush before the date and its hold-outs after it.
#[test]
fn some_are_blocked_when_a_wave_is_bound() {
    let blocked = SUMMARY.denied.len();
    assert!((5..60).contains(&blocked), "{blocked}");
}
