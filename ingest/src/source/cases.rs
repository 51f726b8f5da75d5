//! For tests: each source's fixtures show what it should handle, as far as its vendor logs
//! it; its `about.toml` says where, or why not.

use std::path::Path;

use serde_json::Value;

use super::about::{About, Case, Shown};
use super::collect::{Verdict, stream};
use super::tests::records;
use super::{Source, Sources};

/// Whether what became of a record is a case.
fn is(case: Case, verdict: &Verdict) -> bool {
    let Verdict::Row(row) = verdict else {
        return case == Case::BrokenInput && matches!(verdict, Verdict::Rejected(_));
    };
    let said = |column: &str, words: &[&str]| {
        row.get(column).and_then(Value::as_str).is_some_and(|word| words.contains(&word))
    };
    let failed = said("outcome", &["failure", "denied"]);
    let has_factor = row.get("factor").is_some() && !said("factor", &["password"]);
    match case {
        Case::SignInWithMfa => {
            said("activity", &["logon", "verify"])
                && said("outcome", &["success"])
                && said("mfa", &["performed", "claim_in_token"])
        }
        Case::SignInWithoutMfa => {
            said("activity", &["logon"])
                && said("outcome", &["success"])
                && said("mfa", &["none", "not_required", "unknown"])
        }
        Case::FailedPassword => {
            said("activity", &["logon", "verify"])
                && failed
                && said("reason", &["bad_password", "unknown_user", "unknown"])
                && !has_factor
        }
        Case::FailedFactor => {
            said("activity", &["logon", "verify", "challenge"])
                && failed
                && (has_factor || said("reason", &["factor_failed", "factor_denied"]))
        }
        Case::AbandonedPrompt => {
            said("outcome", &["abandoned"]) || said("reason", &["factor_timeout", "abandoned"])
        }
        Case::Enrolment => said("activity", &["enroll"]),
        Case::Removal => said("activity", &["unenroll", "factor_reset"]),
        Case::PolicyChange => said("activity", &["policy_change"]),
        Case::ServiceAccount => {
            row["interactive"] == false
                || said("credential", &["app", "access_key", "deploy_key"])
                || said("user_type", &["PublicClientApp"])
        }
        Case::AdminAction => said("activity", &["admin", "account_change"]),
        Case::OddInput => true,
        Case::BrokenInput => false,
    }
}

/// What became of one record of a fixture: `file:line`.
fn at(source: &Source, place: &str) -> Vec<Verdict> {
    let (file, line) = place.rsplit_once(':').expect("file:line");
    let line: i64 = line.parse().expect("a line");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/source").join(source.name);
    let records = records(&folder.join("fixtures").join(file));
    let read = stream(source, records.iter().map(Vec::as_slice));
    let of_line = |(position, _): &(rollcall_schemas::Position, Verdict)| position.seq == line - 1;
    read.verdicts.into_iter().filter(of_line).map(|(_, verdict)| verdict).collect()
}

#[test]
fn every_source_shows_every_case_or_says_why_not() {
    for source in Sources::default().iter() {
        let about = About::parse(source.about)
            .unwrap_or_else(|what| panic!("{}/about.toml: {what}", source.name));
        for case in Case::ALL {
            let name = source.name;
            match about.cases.get(&case) {
                Some(Shown::At(place)) => {
                    let became = at(source, place);
                    let shows = became.iter().any(|verdict| is(case, verdict));
                    assert!(shows, "{name}, {case:?}: {place} is {became:#?}");
                    let is_odd = place.starts_with("odd");
                    assert!(case != Case::OddInput || is_odd, "{name}: {place} isn't odd");
                }
                Some(Shown::Not { not }) => {
                    assert!(!not.is_empty(), "{name}, {case:?}: no reason");
                    let always = matches!(case, Case::OddInput | Case::BrokenInput);
                    assert!(!always, "{name}, {case:?}: every source has such records");
                }
                None => panic!("{name}/about.toml says nothing of {case:?}"),
            }
        }
    }
}

#[test]
fn a_source_describes_itself_in_few_words() {
    for source in Sources::default().iter() {
        let about = About::parse(source.about).expect("it parses");
        assert!((1..=5).contains(&about.setup.len()), "{}", source.name);
        let said = [&about.reads, &about.recognised, &about.identity, &about.latency];
        let said = said.into_iter().chain([&about.permissions, &about.limits, &about.traps]);
        for text in said {
            assert!(!text.trim().is_empty() && text.len() < 1_500, "{}: {text}", source.name);
        }
        let rows: Vec<&str> = about.columns.trim().lines().collect();
        assert!(
            rows.iter().all(|row| row.matches(" | ").count() == 1),
            "{}: {rows:#?}",
            source.name
        );
    }
}
