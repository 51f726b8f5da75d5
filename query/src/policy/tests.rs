//! Policies read and checked.

use std::collections::BTreeSet;

use super::{Answer, Checked, Severity, Surroundings, check};

const WHOLE: &str = r#"
id = "production-needs-a-key"
title = "Production needs a key"
version = 3
owner = "platform security"
approved_by = "change 4711"
control = ["SOC2 CC6.1"]
vendor = ["okta:00p1abc"]
effective = 2026-07-01T00:00:00Z
phase = "pilot"
cohorts = ["team:platform"]
floor = false

[[critical]]
name = "exports"
when = "operation = 'database.export'"

[[rule]]
when = "critical AND environment = 'production'"
require = { strength = "phishing_resistant", max_age = "15m", device_managed = true }
otherwise = "deny"

[[exception]]
who = "service:nightly-deploy"
reason = "no human to touch a key"
ticket = "SEC-1234"
expires = 2026-12-31

[[milestone]]
measure = "used"
target = 0.95
due = 2026-12-31

[[case]]
event = { operation = "deploy", environment = "production", mfa = "none" }
expect = "deny"

[[case]]
name = "a key ten minutes ago, on a managed device"
event = { operation = "deploy", environment = "production", device_managed = true }
verified = { strength = "phishing_resistant", ago = "10m" }
expect = "pass"

[[case]]
event = { operation = "deploy", environment = "production" }
account = { kind = "service", login = "nightly-deploy" }
expect = "excepted"

[[case]]
event = { operation = "git.fetch" }
expect = "not_applied"
"#;

fn around() -> Surroundings {
    Surroundings {
        today: "2026-07-02".parse().expect("a day"),
        groups: Some(BTreeSet::from(["team:platform", "role:sre"].map(str::to_owned))),
        sources: vec!["okta".to_owned(), "entra".to_owned()],
    }
}

fn checked(text: &str) -> Checked {
    check(text, &around()).1
}

fn said(text: &str) -> Vec<String> {
    checked(text).faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_policy_that_is_fine_has_nothing_said_about_it() {
    let (policy, checked) = check(WHOLE, &around());
    assert!(checked.faults.is_empty(), "{:?}", checked.faults);
    assert_eq!(checked.cases, 4);
    let policy = policy.expect("a policy");
    assert_eq!((policy.id.as_str(), policy.version), ("production-needs-a-key", 3));
    assert_eq!(
        policy.rules[0].require.to_string(),
        "phishing_resistant within 15m, managed device"
    );
    assert!(
        policy.default_criticals >= 5 && policy.criticals.len() == policy.default_criticals + 1
    );
    let rows = policy.rows(1).expect("rows");
    // The policy, a rule, an exception, a critical rule, a vendor's policy, a milestone.
    assert_eq!(rows.num_rows(), 6);
}

/// What is changed in the whole policy, into what, and what is said then.
const WRONG: &[(&str, &str, &str)] = &[
    (
        "environment = 'production'\"",
        "enviroment = 'production'\"",
        "19: rule[1].when: there is no column enviroment; did you mean environment?",
    ),
    (
        "phase = \"pilot\"",
        "phase = \"pilto\"",
        "10: phase: there is no phase \"pilto\"; did you mean pilot?",
    ),
    ("version = 3", "version = 0", "4: version: it is a whole number from 1"),
    ("version = 3\n", "", "version: it is missing; count from 1"),
    (
        "effective = 2026-07-01T00:00:00Z",
        "effective = 2026-07-01",
        "9: effective: it is a moment with its offset",
    ),
    (
        "max_age = \"15m\"",
        "max_age = \"15 min\"",
        "20: rule[1].require.max_age: \"15 min\" is no length of time",
    ),
    (
        "strength = \"phishing_resistant\"",
        "strength = \"pishing_resistant\"",
        "did you mean phishing_resistant?",
    ),
    (
        "otherwise = \"deny\"",
        "otherwise = \"dney\"",
        "21: rule[1].otherwise: \"dney\" can't become of an access; did you mean deny?",
    ),
    ("otherwise = \"deny\"", "otherwse = \"deny\"", "did you mean otherwise?"),
    (
        "who = \"service:",
        "who = \"servcie:",
        "24: exception[1].who: there is no group of kind \"servcie\"; did you mean service?",
    ),
    ("expires = 2026-12-31", "", "exception[1].expires: it is missing; every exception ends"),
    ("target = 0.95", "target = 95", "31: milestone[1].target: it is a share from 0 to 1"),
    (
        "operation = \"git.fetch\"",
        "opration = \"git.fetch\"",
        "case[4].event.opration: there is no such column; did you mean operation?",
    ),
    ("mfa = \"none\"", "mfa = \"non\"", "case[1].event.mfa: \"non\" is no word of it"),
    ("expect = \"deny\"", "expect = \"pass\"", "case[1]: case 1 gives deny, and pass was expected"),
    ("\"okta:00p1abc\"", "\"00p1abc\"", "8: vendor: \"00p1abc\" is no source with the vendor's id"),
    (
        "id = \"production-needs-a-key\"",
        "id = \"Production\"",
        "2: id: an id has at most 80 small letters",
    ),
    ("owner = \"platform security\"", "owner = ", "5: "),
];

#[test]
fn what_is_wrong_is_named_by_line_and_key_with_what_to_do() {
    let change = |from: &str, to: &str| {
        assert!(WHOLE.contains(from), "{from}");
        said(&WHOLE.replacen(from, to, 1))
    };
    for (from, to, expected) in WRONG {
        let said = change(from, to);
        assert!(said.iter().any(|one| one.contains(expected)), "{expected}\nin {said:?}");
        assert!(!checked(&WHOLE.replacen(from, to, 1)).can_be_loaded(), "{expected}");
    }
}

#[test]
fn what_is_odd_is_a_warning_and_can_be_loaded() {
    let rule = "[[rule]]\nwhen = \"environment = 'production' AND critical AND platform = 'idp'\"\nrequire = { device_managed = true }\notherwise = \"challenge\"\n[[exception]]";
    for (from, to, expected) in [
        (
            "[[exception]]",
            rule,
            "rule[2].when: the rule is never reached: rule[1] holds wherever this one does",
        ),
        ("[[exception]]", rule, "rule[2]: no answer to a challenge makes a device managed"),
        ("expires = 2026-12-31", "expires = 2026-07-01", "exception[1]: it expired on 2026-07-01"),
        ("ticket = \"SEC-1234\"\n", "", "exception[1]: it has no ticket"),
        (
            "cohorts = [\"team:platform\"]",
            "cohorts = [\"team:platfrom\"]",
            "cohorts: the directory has no team:platfrom; did you mean team:platform?",
        ),
        ("phase = \"pilot\"", "phase = \"enforced\"", "phase: `cohorts` says whom a pilot binds"),
        (
            "\"okta:00p1abc\"",
            "\"otka:00p1abc\"",
            "vendor: there is no source \"otka\"; did you mean okta?",
        ),
        ("when = \"critical AND", "when = \"false AND", "rule[1].when: it never holds"),
    ] {
        let text = WHOLE.replacen(from, to, 1);
        let text = text.replace("[[case]]", "[[skipped]]");
        let text = text.split("[[skipped]]").next().expect("a text").to_owned();
        let checked = checked(&text);
        let said: Vec<String> = checked.faults.iter().map(ToString::to_string).collect();
        assert!(said.iter().any(|one| one.contains(expected)), "{expected}\nin {said:?}");
        assert!(checked.can_be_loaded(), "{said:?}");
        assert!(checked.faults.iter().all(|fault| fault.severity == Severity::Warning));
    }
}

#[test]
fn no_exception_lowers_a_floor_and_a_pilot_binds_somebody() {
    let floor = said(&WHOLE.replacen("floor = false", "floor = true", 1));
    assert!(floor.iter().any(|one| one.contains("a floor, which no exception may lower")));
    let nobody = said(&WHOLE.replacen("cohorts = [\"team:platform\"]\n", "", 1));
    assert!(nobody.iter().any(|one| one.contains("a pilot binds nobody")), "{nobody:?}");
}

#[test]
fn the_default_critical_rules_know_what_vendors_call_it() {
    let text = |event: &str, expect: &str| {
        format!(
            "id = \"x\"\nversion = 1\nowner = \"o\"\neffective = 2026-01-01T00:00:00Z\nphase = \"enforced\"\n\
             [[rule]]\nwhen = \"critical\"\nrequire = {{ strength = \"totp\" }}\notherwise = \"deny\"\n\
             [[case]]\nevent = {{ mfa = \"none\", {event} }}\nexpect = \"{expect}\"\n"
        )
    };
    for event in [
        r#"source = "github", operation = "protected_branch.policy_override""#,
        r#"source = "github", operation = "repository_ruleset.destroy""#,
        r#"source = "gitlab", operation = "protected_branch_created""#,
        r#"platform = "ci_cd", operation = "workflows.approve_workflow_job", environment = "Production""#,
        r#"source = "cloudtrail", platform = "cloud_console", operation = "RunInstances""#,
        r#"source = "cloudtrail", platform = "cloud_console", operation = "PutRolePolicy", activity = "policy_change""#,
        r#"source = "azure_activity", platform = "cloud_console", operation = "microsoft.compute/virtualmachines/delete""#,
        r#"source = "gcp", platform = "cloud_console", operation = "v1.compute.instances.setIamPolicy""#,
        r#"source = "vault", platform = "secrets", operation = "read""#,
        r#"source = "cloudtrail", platform = "secrets", operation = "GetSecretValue""#,
        r#"source = "okta", activity = "factor_reset""#,
    ] {
        assert_eq!(said(&text(event, "deny")), [] as [&str; 0], "{event}");
    }
    for event in [
        r#"source = "github", operation = "git.fetch""#,
        r#"platform = "ci_cd", operation = "workflows.created_workflow_run", environment = "staging""#,
        r#"source = "cloudtrail", platform = "cloud_console", operation = "DescribeInstances""#,
        r#"source = "gcp", platform = "cloud_console", operation = "v1.compute.instances.list""#,
        r#"source = "vault", platform = "secrets", operation = "list""#,
    ] {
        assert_eq!(said(&text(event, "not_applied")), [] as [&str; 0], "{event}");
    }
}

#[test]
fn answers_have_words_of_their_own() {
    let words: BTreeSet<&str> = Answer::ALL.iter().map(|(answer, _)| answer.as_str()).collect();
    assert_eq!(words.len(), Answer::ALL.len());
}
