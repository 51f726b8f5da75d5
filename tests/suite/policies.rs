//! Policies as code: checked, loaded once, replayed; marked times.

use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::rollcall::Rollcall;

/// The worked example of docs/policies.md.
fn example() -> String {
    let document = include_str!("../../docs/policies.md");
    let from = document.split("```toml\n").nth(1).expect("an example");
    from.split("```").next().expect("its end").to_owned()
}

fn exit(rollcall: &Rollcall, arguments: &[&str]) -> (i32, String) {
    let output = rollcall.output(arguments);
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().expect("it ended by itself"), said)
}

#[test]
fn the_documents_example_is_fine_and_what_is_wrong_is_named() {
    let rollcall = Rollcall::new();
    std::fs::create_dir_all(rollcall.folder().join("policies/more")).expect("a folder");
    rollcall.file("policies/production.toml", example());
    rollcall.file("policies/more/README.md", "no policy");
    let (code, said) = exit(&rollcall, &["policy", "check", "policies"]);
    assert!(code == 0 && said.contains("4 cases came out as expected"), "{code}: {said}");
    assert!(!rollcall.data().exists(), "a check makes no data directory");
    let wrong =
        example().replacen("environment = 'production'\"", "enviroment = 'production'\"", 1);
    rollcall.file("policies/more/wrong.toml", wrong.replacen("version = 3", "version = 4", 1));
    let (code, said) = exit(&rollcall, &["policy", "check", "policies"]);
    assert_eq!(code, 1, "{said}");
    let named = "policies/more/wrong.toml:19: rule[1].when: there is no column enviroment; did you mean environment?";
    assert!(said.contains(named), "{said}");
    // The same version twice.
    rollcall.file("policies/more/wrong.toml", example());
    let (code, said) = exit(&rollcall, &["policy", "check", "policies"]);
    assert!(code == 1 && said.contains("has version 3 of production-needs-a-key too"), "{said}");
    let (code, said) = exit(&rollcall, &["policy", "check", "no-such-file.toml"]);
    assert!(code == 3 && said.contains("no-such-file.toml"), "{code}: {said}");
}

fn load(rollcall: &Rollcall, name: &str, text: &str) -> (i32, String) {
    let file = rollcall.file(name, text);
    exit(rollcall, &["policy", "load", file.to_str().expect("a path")])
}

#[test]
fn a_version_is_loaded_once_and_told_for_ever() {
    let rollcall = Rollcall::new();
    let (code, said) = load(&rollcall, "p.toml", &example());
    assert!(code == 0 && said.contains("version 3 is loaded: pilot"), "{code}: {said}");
    let told = "SELECT source, activity, policy_id, policy_mode, ticket FROM events";
    let expected = ["rollcall,policy_change,production-needs-a-key,enforced,change 4711"];
    assert_eq!(rollcall.sql(told), expected);
    let kept = "SELECT policy, version, phase, cohorts, effective_by, latest FROM policies";
    assert_eq!(rollcall.sql(kept), ["production-needs-a-key,3,pilot,team:platform,plan,true"]);

    // Again: nothing changes, and the event stays one.
    let (code, said) = load(&rollcall, "p.toml", &example());
    assert!(code == 0 && said.contains("nothing changed"), "{said}");
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 1);
    assert_eq!(rollcall.number("SELECT count(*) FROM policies"), 1);

    // Another text of the same version is refused, and nothing is kept of it.
    let other = example().replacen("15m", "30m", 1);
    let (code, said) = load(&rollcall, "p.toml", &other);
    assert!(code == 3 && said.contains("a version never changes"), "{code}: {said}");
    assert_eq!(rollcall.number("SELECT count(*) FROM policies"), 1);
    let wrong = example().replacen("phase = \"pilot\"", "phase = \"pilto\"", 1);
    let (code, said) = load(&rollcall, "p.toml", &wrong);
    assert!(code == 1 && said.contains("did you mean pilot?"), "{code}: {said}");

    // The next one takes over; beside a running server too.
    let server = rollcall.serve(&[]);
    let next = other.replacen("version = 3", "version = 4", 1).replacen(
        "2026-07-01T00:00:00Z",
        "2026-08-01T00:00:00Z",
        1,
    );
    let (code, said) = load(&rollcall, "p.toml", &next);
    assert!(code == 0 && said.contains("version 4 is loaded"), "{code}: {said}");
    server.stop();
    let versions = "SELECT version, until IS NULL, latest FROM policies ORDER BY version";
    assert_eq!(rollcall.sql(versions), ["3,false,false", "4,true,true"]);
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE activity = 'policy_change'"), 2);
    let exceptions = "SELECT version, who, ticket, state, uses FROM exceptions";
    assert_eq!(rollcall.sql(exceptions), ["4,service:nightly-deploy,SEC-1234,open,0"]);
    let verified = rollcall.output(&["verify"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn marked_times_are_imported_and_the_newest_file_stands() {
    let rollcall = Rollcall::new();
    let import = |text: &str| {
        let file = rollcall.file("marks.csv", text);
        rollcall.run(&["annotations", "import", file.to_str().expect("a path")])
    };
    let one = "kind,title,from,to,source\ndrill,Fire,2026-03-02T10:30:00+01:00,2026-03-02T12:00:00+01:00,okta\n";
    assert!(import(one).contains("1 marked times"));
    assert!(import(one).contains("nothing changed"));
    let hours = "SELECT kind, source, count(*) FROM annotated_hours GROUP BY 1, 2";
    assert_eq!(rollcall.sql(hours), ["drill,okta,2"]);
    import("kind,title,from\nrelease,v2,2026-03-03T00:00:00Z\n");
    assert_eq!(rollcall.sql("SELECT kind, title FROM annotations"), ["release,v2"]);
    assert_eq!(rollcall.number("SELECT count(*) FROM annotations_all"), 2);
    let wrong = rollcall.file("marks.csv", "kind,title,from\nparty,x,2026-03-03T00:00:00Z\n");
    let (code, said) = exit(&rollcall, &["annotations", "import", wrong.to_str().expect("a path")]);
    assert!(code == 3 && said.contains("line 2") && said.contains("sandbox"), "{said}");
}

/// The day on which a line's event happened.
fn day(line: &str) -> &str {
    let keys = ["\"published\":\"", "\"createdDateTime\":\""];
    let rest = keys.iter().find_map(|key| line.split(key).nth(1));
    rest.and_then(|rest| rest.get(..10)).expect("a time")
}

/// What the generated company's identity providers say from four weeks before its last wave was
/// bound to two weeks after, and when that was.
fn company() -> (Rollcall, DateTime<Utc>) {
    let rollcall = Rollcall::new();
    let out = rollcall.folder().join("company");
    let files = out.to_str().expect("a path");
    let status = Command::new(env!("CARGO_BIN_EXE_rollcall"))
        .args(["generate", "--until", "2026-07-01T00:00:00Z", "--days", "78", "--out", files])
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("the binary runs").success());
    for (table, file) in [("people", "people.csv"), ("factors", "factors.csv")] {
        let path = out.join(file);
        rollcall.run(&[table, "import", path.to_str().expect("a path")]);
    }
    let logs = ["okta", "entra"].map(|feed| {
        std::fs::read_to_string(out.join(format!("logs/{feed}.ndjson"))).expect("a log")
    });
    let is_binding = |line: &&str| {
        line.contains("policy.rule.update")
            && line.contains("Require MFA: wave 3")
            && line.contains("\"ruleStatus\":\"enforced\"")
    };
    let binding = logs[0].lines().find(is_binding).expect("the last wave is bound");
    let bound = binding.split("\"published\":\"").nth(1).and_then(|rest| rest.split('"').next());
    let bound: DateTime<Utc> = bound.expect("a time").parse().expect("a time");
    let date = |days: i64| (bound + TimeDelta::days(days)).date_naive().to_string();
    let (first, last) = (date(-29), date(14));
    for (log, feed) in logs.iter().zip(["okta", "entra"]) {
        let kept = log.lines().filter(|line| (first.as_str()..=last.as_str()).contains(&day(line)));
        let kept: Vec<&str> = kept.collect();
        rollcall.ingest(&rollcall.file(&format!("{feed}.ndjson"), kept.join("\n")));
    }
    (rollcall, bound)
}

const WAVE: &str = r#"
id = "wave-3"
version = 1
owner = "identity"
effective = 2026-05-01T00:00:00Z
phase = "enforced"

[[rule]]
when = "platform = 'idp' AND account.kind = 'human' AND person.cohort = 'wave3' AND activity = 'logon'"
require = { strength = "second_factor", max_age = "9h" }
otherwise = "challenge"
"#;

/// What a replay of the weeks before the binding predicts is what came.
#[test]
fn a_replay_of_the_weeks_before_predicts_the_weeks_after() {
    let (rollcall, bound) = company();
    let file = rollcall.file("wave.toml", WAVE);
    let moment = |days: i64| (bound + TimeDelta::days(days)).to_rfc3339();
    let (from, to, after) = (moment(-28), moment(0), moment(14));
    let path = file.to_str().expect("a path");
    let arguments = ["policy", "replay", path, "--from", &from, "--to", &to, "--format"];
    let json = rollcall.run(&[&arguments[..], &["json"]].concat());
    let replay: Value = serde_json::from_str(&json).expect("JSON");
    let figure = |path: &str| {
        replay.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path}: {json}"))
    };
    assert!(figure("/answers/challenge") > 100.0, "{json}");
    assert!(figure("/locked_out") > 0.0, "{json}");

    // Prompts a week of the two weeks after, by the logs alone.
    let of_the_wave = format!(
        "platform = 'idp' AND account_kind = 'human' AND cohort = 'wave3' \
         AND started >= TIMESTAMP '{to}' AND started < TIMESTAMP '{after}'"
    );
    let prompts = rollcall
        .number(&format!("SELECT CAST(sum(prompts) AS BIGINT) FROM attempts WHERE {of_the_wave} AND outcome IN ('success', 'denied', 'abandoned')"));
    assert!(prompts > 1_000, "{prompts}");
    let a_week = f64::from(u32::try_from(prompts).expect("a count")) / 2.0;
    let (low, high) = (figure("/prompts/next_week/low"), figure("/prompts/next_week/high"));
    assert!(low <= a_week && a_week <= high, "{a_week} a week, {low} to {high} were predicted");
    assert!(high < 5.0 * low, "{low} to {high} says nothing");

    // People who were turned away for want of a factor: again and again, unlike those whom the
    // helpdesk reset or who came from an odd place.
    let blocked = rollcall.sql(&format!(
        "SELECT person FROM attempts WHERE {of_the_wave} AND blocked \
         GROUP BY person HAVING count(*) > 1"
    ));
    let listed = replay["worst_hit"].as_array().expect("a list");
    for person in &blocked {
        let hit = listed.iter().find(|one| one["who"] == person.as_str());
        let locked_out = hit.and_then(|hit| hit["answers"]["locked_out"].as_i64());
        assert!(locked_out.is_some_and(|count| count > 0), "{person}: {json}");
    }
    let blocked = f64::from(u32::try_from(blocked.len()).expect("a count"));
    let (low, high) = (figure("/still_without_factor/low"), figure("/still_without_factor/high"));
    assert!(low <= blocked && blocked <= high, "{blocked} people, {low} to {high} were predicted");

    // The same in words and as rows.
    let words = rollcall.run(&[&arguments[..], &["table"]].concat());
    assert!(words.contains("Would be locked out:") && words.contains("worst hit"), "{words}");
    let csv = rollcall.run(&[&arguments[..], &["csv"]].concat());
    let challenged = format!("answers,wave-3,challenge,{:?}", figure("/answers/challenge"));
    assert!(csv.contains(&challenged), "{challenged}\n{csv}");
}
