//! The views in other engines' hands: docs/views.sql in DuckDB.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::rollcall::Rollcall;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The views by name, as they stand in `query/views/`.
fn views() -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(root().join("query/views")).expect("a folder");
    let files = entries.map(|entry| entry.expect("an entry").path());
    let sql = files.filter(|path| path.extension().is_some_and(|extension| extension == "sql"));
    sql.map(|path| {
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let text = read(&path);
        (name, text)
    })
    .collect()
}

/// Whether a view's SQL reads another.
fn reads(sql: &str, name: &str) -> bool {
    let words: Vec<&str> = sql
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .flat_map(str::split_whitespace)
        .collect();
    words.windows(2).any(|pair| {
        matches!(pair[0], "FROM" | "JOIN") && pair[1].trim_end_matches([')', ',']) == name
    })
}

/// docs/views.sql: the tables, then each view behind those that it reads.
fn written_for_duckdb() -> String {
    let views = views();
    let mut text = read(&root().join("query/duckdb/tables.sql"));
    let mut left: Vec<&String> = views.keys().collect();
    while !left.is_empty() {
        let ready = left.iter().position(|name| {
            left.iter().all(|other| other == name || !reads(&views[*name], other))
        });
        let name = left.remove(ready.expect("no view reads itself by way of others"));
        let sql = views[name].trim_end();
        let header: Vec<&str> = sql.lines().take_while(|line| line.starts_with("--")).collect();
        let body: Vec<&str> = sql.lines().skip(header.len()).collect();
        let (header, body) = (header.join("\n"), body.join("\n"));
        write!(text, "\n{header}\nCREATE OR REPLACE TEMP VIEW {name} AS\n{body};\n")
            .expect("memory");
    }
    text
}

#[test]
fn the_views_for_other_engines_are_our_own() {
    let path = root().join("docs/views.sql");
    if std::env::var_os("ROLLCALL_WRITE_VIEWS").is_some() {
        std::fs::write(&path, written_for_duckdb()).expect("written");
    }
    assert!(
        read(&path) == written_for_duckdb(),
        "docs/views.sql is stale; run this test with ROLLCALL_WRITE_VIEWS=1"
    );
}

/// Three days of the invented company, imported.
pub fn company() -> Rollcall {
    let rollcall = Rollcall::new();
    let out = rollcall.data().with_file_name("company");
    let files = out.to_str().expect("a path");
    let status = Command::new(env!("CARGO_BIN_EXE_rollcall"))
        .args(["generate", "--until", "2026-09-04T12:00:00Z", "--days", "3", "--out", files])
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("the binary runs").success());
    let mut logs: Vec<_> = std::fs::read_dir(out.join("logs"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    for entry in std::fs::read_dir(&out).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let file = path.to_str().expect("a path");
        match name.as_str() {
            "people.csv" => drop(rollcall.run(&["people", "import", file])),
            "factors.csv" => {
                drop(rollcall.run(&["factors", "import", file]));
            }
            _ => {}
        }
    }
    // One file that can't be read, so that there is a quarantine.
    logs.push(rollcall.file("broken.ndjson", "{\"what\": 1}\n"));
    for log in logs {
        rollcall.ingest(&log);
    }
    rollcall
}

/// What the views say, column by column.
const VALUES: &[&str] = &[
    "SELECT shard, seq, part, epoch_ms(started), epoch_ms(ended), user_name, person, account_kind, team, service, outcome, reason, mfa, mfa_proof, mfa_proof_kind, mfa_proof_events FROM attempts ORDER BY shard, seq, part",
    "SELECT shard, seq, part, factor, strength, phishing_resistant, prompts, refusals, steps, prompt_to_response_ms, duration_ms, duration_basis, policy_name, policy_result, policy_challenged, blocked, ip FROM attempts ORDER BY shard, seq, part",
    "SELECT shard, seq, part, finding, provider, application, sign_on, mfa_proof, fitting, apart_ms FROM federated_sign_ins ORDER BY shard, seq, part",
    "SELECT source, application, leads_to, tries, people FROM applications ORDER BY source, application",
    "SELECT source, login, person, kind, privileged, matched_by FROM accounts ORDER BY source, login, valid_from",
    "SELECT source, login, person, team, kind FROM logins ORDER BY source, login, valid_from",
    "SELECT source, login, epoch_ms(day), events, epoch_ms(last_seen), sign_in_events, automatic_type, never_interactive FROM account_days ORDER BY source, login, day",
    "SELECT source, collector, imported, epoch_ms(slot), lag_ms, sum(events) FROM source_activity GROUP BY source, collector, imported, slot, lag_ms ORDER BY source, collector, slot, lag_ms",
    "SELECT id, name, kind, privileged, team, logins FROM people ORDER BY id",
    "SELECT source, login, factor, usable FROM factors ORDER BY as_of, source, login, factor, usable",
    "SELECT shard, seq, part, reason FROM quarantine ORDER BY shard, seq, part",
    "SELECT shard, seq, part, country, region, city, lat_e6, place_basis, asn, as_org, as_basis FROM event_places ORDER BY shard, seq, part",
    "SELECT shard, seq, part, kind, who, person, account_kind, outcome, mfa, strength, prompts, epoch_ms(ended) FROM accesses ORDER BY shard, seq, part, kind",
    "SELECT alert, detector, form, severity, severity_rank, about, subject, state, verdict, assignee, updates, events_counted, observation, baseline, next_step, evidence, more_evidence, notes FROM alerts ORDER BY alert",
    "SELECT epoch_ms(raised_by), epoch_ms(last_event), shard, seq, part FROM alerts ORDER BY alert",
    "SELECT alert, who, action, assignee, verdict, note, epoch_ms(date_trunc('second', done)) FROM triage ORDER BY done",
    "SELECT class_uid, activity_id, status_id, count(*) FROM ocsf_authentication GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
];

/// A file that no commit names, beside those of a table.
fn orphan(rollcall: &Rollcall, table: &str) {
    let folder = rollcall.data().join(table);
    let entries = std::fs::read_dir(&folder).expect("a folder");
    let mut files = entries.map(|entry| entry.expect("an entry").path());
    let file = files.find(|path| path.extension().is_some_and(|e| e == "parquet"));
    std::fs::copy(file.expect("a file"), folder.join("orphan.parquet")).expect("copied");
}

#[test]
fn duckdb_gives_the_same_rows_and_values_in_every_view() {
    let python = crate::rollcall::python(&["duckdb"]);
    let rollcall = company();
    let refusals = crate::alerts::refusals(0, 5, "2026-09-04");
    rollcall.ingest(&rollcall.file("refused.ndjson", refusals));
    // It found something, and says so by its exit code.
    rollcall.output(&["detect"]);
    let alerts = rollcall.sql("SELECT alert FROM alerts ORDER BY alert");
    let first = alerts.first().expect("an alert");
    rollcall.run(&["alert", "close", first, "--as", "false", "--by", "bo", "--why", "A test."]);
    for table in ["events", "set_aside", "people", "factors", "shards"] {
        orphan(&rollcall, table);
    }
    let queries = rollcall.file("queries", VALUES.join("\n"));
    let output = Command::new(python)
        .arg("-c")
        .arg(include_str!("views.py"))
        .arg(root().join("docs/views.sql"))
        .arg(rollcall.data())
        .stdin(std::fs::File::open(queries).expect("the queries"))
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let (counts, values) = text.split_once("> ").expect("counts, then values");
    let theirs: BTreeMap<&str, i64> = counts
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, count)| (name, count.parse().expect("a count")))
        .collect();
    for name in views().keys() {
        let ours = rollcall.number(&format!("SELECT count(*) FROM {name}"));
        assert_eq!(theirs.get(name.as_str()), Some(&ours), "{name}");
    }
    assert!(theirs["attempts"] > 1_000 && theirs["quarantine"] == 1, "{theirs:?}");
    for (query, theirs) in VALUES.iter().zip(values.split("\n> ")) {
        let theirs: Vec<&str> = theirs.lines().skip(1).collect();
        let ours = rollcall.sql(query);
        let different = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
        assert!(different.is_none(), "{query}\nours, theirs: {different:?}");
        assert_eq!(ours.len(), theirs.len(), "{query}");
        assert!(!ours.is_empty(), "{query}");
    }
    let inherited = "SELECT count(*) FROM attempts WHERE mfa_proof_kind = 'timing'";
    assert!(rollcall.number(inherited) > 10, "Okta into AWS is in the company's days");
}
