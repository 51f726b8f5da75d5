//! Metrics against `tests/oracle`: plain Python over the files of the generated company, its
//! directory and its factor snapshots, which shares no code with rollcall.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::rollcall::Rollcall;

/// The company's "now"; of its last days those up to [`END`] are delivered: the weeks around
/// the day on which the last wave is bound.
const UNTIL: &str = "2026-07-02T12:00:00Z";
const DAYS: &str = "56";
const END: &str = "2026-06-04T00:00:00";
/// What is asked about, in days of a zone that isn't UTC.
const ZONE: &str = "Europe/Berlin";
const FROM: &str = "2026-05-11";
const TO: &str = "2026-06-01";

/// A metric, a grain, a dimension.
type Question = (&'static str, &'static str, Option<&'static str>);

const QUESTIONS: &[Question] = &[
    ("break_glass/uses", "total", None),
    ("break_glass/untested", "total", None),
    ("break_glass/new_device_after_reset", "total", None),
    ("credentials/unused", "total", None),
    ("credentials/without_mfa", "total", None),
    ("sessions/used_after_end", "total", None),
    ("policies/violations", "total", None),
];

/// A point: bucket, group, figure.
type Key = (Option<String>, Option<String>, String);

fn script(folder: &Path, module: &str) -> Command {
    let mut command = Command::new("python3");
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    command.args(["-B", "-m", module]).env("PYTHONPATH", tests).current_dir(folder);
    command
}

/// The company, delivered in two parts, of which the second comes late.
fn company() -> Rollcall {
    let rollcall = Rollcall::new();
    let made = rollcall.folder().join("company");
    let status = Command::new(env!("CARGO_BIN_EXE_rollcall"))
        .args(["generate", "--until", UNTIL, "--days", DAYS, "--out"])
        .arg(&made)
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("the binary runs").success());
    let status =
        script(rollcall.folder(), "oracle.deliver").args(["company", "delivered", END]).status();
    assert!(status.expect("python runs").success());
    rollcall.file("rollcall.toml", format!("[org]\ntime_zone = \"{ZONE}\"\n"));
    let import = |table: &str, file: &str| {
        let file = rollcall.folder().join(file);
        rollcall.run(&[table, "import", file.to_str().expect("a path")]);
    };
    import("people", "company/people.csv");
    import("factors", "delivered/factors.csv");
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/managed.toml");
    // It is loaded, and that exceptions have expired is told.
    let loaded = rollcall.output(&["policy", "load", policy.to_str().expect("a path")]);
    assert_eq!(loaded.status.code(), Some(1));
    for part in ["1", "2"] {
        let sums = rollcall.ingest(&rollcall.folder().join("delivered").join(part));
        assert!(sums.contains(" 0 quarantined"), "{sums}");
    }
    rollcall
}

/// What the script computes: a list of points a question, and what the company holds.
fn oracle(rollcall: &Rollcall) -> Value {
    let questions: Vec<Value> = QUESTIONS
        .iter()
        .map(|(metric, grain, by)| json!({"metric": metric, "grain": grain, "by": by}))
        .collect();
    let asked = json!({
        "folder": "delivered", "people": "company/people.csv", "time_zone": ZONE,
        "from": FROM, "to": TO, "questions": questions,
    });
    let mut child = script(rollcall.folder(), "oracle")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python runs");
    let mut stdin = child.stdin.take().expect("stdin");
    stdin.write_all(asked.to_string().as_bytes()).expect("the questions");
    drop(stdin);
    let output = child.wait_with_output().expect("python ends");
    assert!(output.status.success(), "the oracle failed");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn rollcalls(rollcall: &Rollcall, (metric, grain, by): Question) -> Vec<Value> {
    let mut arguments = vec![
        "metric", "run", metric, "--from", FROM, "--to", TO, "--grain", grain, "--format", "json",
    ];
    arguments.extend(by.into_iter().flat_map(|by| ["--by", by]));
    let answer: Value = serde_json::from_str(&rollcall.run(&arguments)).expect("JSON");
    answer["points"].as_array().expect("points").clone()
}

fn by_key(points: &[Value]) -> BTreeMap<Key, &Value> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let key = |point: &Value| {
        (text(&point["bucket"]), text(&point["group"]), text(&point["figure"]).unwrap_or_default())
    };
    points.iter().map(|point| (key(point), point)).collect()
}

/// How rollcall's point differs from the script's; empty where it doesn't.
fn difference(theirs: &Value, ours: &Value) -> Vec<String> {
    let mut said = Vec::new();
    for count in ["k", "n", "unknown"] {
        if !theirs[count].is_null() && theirs[count] != ours[count] {
            said.push(format!("{count} {} and not {}", ours[count], theirs[count]));
        }
    }
    if let Some(value) = theirs.get("value") {
        let agree = match (value.as_f64(), ours["value"].as_f64()) {
            (Some(theirs), Some(ours)) => (theirs - ours).abs() <= 1e-6 * theirs.abs().max(1.0),
            (None, None) => true,
            _ => false,
        };
        if !agree {
            said.push(format!("value {} and not {value}", ours["value"]));
        }
    }
    said
}

/// All that differs in one question's answer.
fn compare(question: Question, theirs: &[Value], ours: &[Value]) -> Vec<String> {
    let (theirs, ours) = (by_key(theirs), by_key(ours));
    let mut wrong = Vec::new();
    for (key, point) in &theirs {
        match ours.get(key) {
            Some(answer) => {
                let said = difference(point, answer);
                if !said.is_empty() {
                    wrong.push(format!("{question:?} {key:?}: {}", said.join(", ")));
                }
            }
            None if point["k"] == 0 => {}
            None => wrong.push(format!("{question:?} {key:?}: missing, {point}")),
        }
    }
    for (key, answer) in &ours {
        // No data, or a figure that wasn't seen.
        let nothing = answer["n"] == 0 || (answer["k"] == 0 && answer["unknown"] == 0);
        if !theirs.contains_key(key) && !nothing {
            wrong.push(format!("{question:?} {key:?}: only rollcall has it, {answer}"));
        }
    }
    wrong
}

#[test]
fn metrics_are_what_plain_python_computes() {
    let rollcall = company();
    let answers = oracle(&rollcall);
    let holds = &answers["holds"];
    for what in [
        "leavers",
        "joiners",
        "people_with_several_accounts",
        "late",
        "duplicates",
        "revisions",
        "revisions_out_of_order",
    ] {
        assert!(holds[what].as_i64() > Some(0), "{what}: {holds}");
    }
    let answers = answers["answers"].as_array().expect("answers");
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (question, theirs) in QUESTIONS.iter().zip(answers) {
        let theirs = theirs.as_array().expect("points");
        assert!(!theirs.is_empty(), "{question:?} has no points");
        compared += theirs.len();
        wrong.extend(compare(*question, theirs, &rollcalls(&rollcall, *question)));
    }
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
}
