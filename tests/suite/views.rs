//! The views in other engines' hands: docs/views.sql in DuckDB, and
//! `ocsf_authentication` against OCSF's own schema.

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
fn company() -> Rollcall {
    let rollcall = Rollcall::new();
    let out = rollcall.data().with_file_name("company");
    let files = out.to_str().expect("a path");
    let status = Command::new(env!("CARGO_BIN_EXE_rollcall"))
        .args(["generate", "--until", "2026-09-04T12:00:00Z", "--days", "3", "--out", files])
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("the binary runs").success());
    let mut logs = Vec::new();
    for entry in std::fs::read_dir(&out).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let file = path.to_str().expect("a path");
        match name.as_str() {
            "people.csv" => drop(rollcall.run(&["people", "import", file])),
            _ if name.starts_with("factors-") => {
                drop(rollcall.run(&["factors", "import", file]));
            }
            _ if name.ends_with(".ndjson") || name.ends_with(".log") => logs.push(path),
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

#[test]
fn duckdb_counts_the_same_rows_in_every_view() {
    let python = crate::rollcall::python(&["duckdb"]);
    let rollcall = company();
    let output = Command::new(python)
        .arg("-c")
        .arg(include_str!("views.py"))
        .arg(root().join("docs/views.sql"))
        .arg(rollcall.data())
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let theirs: BTreeMap<&str, i64> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, count)| (name, count.parse().expect("a count")))
        .collect();
    for name in views().keys() {
        let ours = rollcall.number(&format!("SELECT count(*) FROM {name}"));
        assert_eq!(theirs.get(name.as_str()), Some(&ours), "{name}");
    }
    assert!(theirs["attempts"] > 1_000 && theirs["quarantine"] == 1, "{theirs:?}");
}

#[test]
fn ocsf_rows_are_valid() {
    let python = crate::rollcall::python(&["ocsf_json_schema", "jsonschema"]);
    let rollcall = company();
    let rows = rollcall.file(
        "rows.ndjson",
        rollcall.run(&[
            "sql",
            "--format",
            "ndjson",
            "SELECT * FROM ocsf_authentication WHERE time % 5 = 0 OR class_uid = 3001",
        ]),
    );
    let output = Command::new(python)
        .arg("-c")
        .arg(include_str!("ocsf.py"))
        .stdin(std::fs::File::open(rows).expect("the rows"))
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let counts = String::from_utf8_lossy(&output.stdout);
    assert!(counts.contains("3001=") && counts.contains("3002="), "{counts}");
}
