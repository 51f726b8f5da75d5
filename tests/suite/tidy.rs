//! House rules that a machine can hold.

use std::path::{Path, PathBuf};

use crate::rollcall::Rollcall;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the project with one of some extensions.
fn files(extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let folders =
        ["src", "schemas", "ledger", "lake", "ingest", "query", "web", "simulate", "tests", "docs"];
    for folder in folders {
        collect(&root().join(folder), extensions, &mut found);
    }
    found
}

fn collect(folder: &Path, extensions: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, extensions, found);
        } else if path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)) {
            found.push(path);
        }
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn no_file_is_longer_than_600_lines() {
    let long: Vec<_> = files(&["rs", "sql", "css", "js", "html"])
        .into_iter()
        // Generated: every view in one file (see views.rs).
        .filter(|path| !path.ends_with("docs/views.sql"))
        .filter(|path| read(path).lines().count() > 600)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn most_files_are_short() {
    let lengths: Vec<usize> =
        files(&["rs"]).iter().map(|path| read(path).lines().count()).collect();
    let over = lengths.iter().filter(|lines| **lines > 400).count();
    assert!(over * 20 <= lengths.len(), "{over} of {} files have over 400 lines", lengths.len());
}

#[test]
fn no_file_is_named_for_nothing() {
    for path in files(&["rs"]) {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        assert!(
            !["utils", "util", "helpers", "common", "manager", "misc"].contains(&&*stem),
            "{path:?}"
        );
    }
}

#[test]
fn every_query_says_what_it_is() {
    for path in files(&["sql"]).iter().filter(|path| path.starts_with(root().join("query"))) {
        assert!(read(path).starts_with("-- "), "{path:?} has no header");
    }
}

#[test]
fn every_source_has_fixtures() {
    let listed = Rollcall::new().run(&["source", "list"]);
    let sources: Vec<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(sources.len() >= 17, "{sources:?}");
    for source in sources {
        let folder = root().join("ingest/src/source").join(source).join("fixtures");
        let count = std::fs::read_dir(&folder).map_or(0, Iterator::count);
        assert!(count >= 3, "{source} has {count} fixtures");
    }
}

#[test]
fn pages_name_no_other_host() {
    for path in files(&["html", "css", "js", "svg"]) {
        if !path.starts_with(root().join("web")) {
            continue;
        }
        for line in read(&path).lines() {
            let outside = line.contains("https://") || line.contains("http://");
            assert!(!outside || line.contains("http://www.w3.org/"), "{path:?}: {line}");
        }
    }
}

#[test]
fn the_readmes_commands_exist() {
    let help = |arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_rollcall"))
            .args(arguments)
            .arg("--help")
            .output()
            .expect("the binary runs")
            .status
            .success()
    };
    let readme = read(&root().join("README.md"));
    let mut seen = 0;
    for line in readme.lines().map(str::trim) {
        let Some(command) = line.strip_prefix("rollcall ") else { continue };
        let words: Vec<&str> = command
            .split_whitespace()
            .take_while(|word| {
                word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
            })
            .collect();
        let known = (1..=words.len()).rev().any(|n| help(&words[..n]));
        assert!(known && !words.is_empty(), "README names `rollcall {command}`");
        seen += 1;
    }
    assert!(seen >= 5, "the README names only {seen} commands");
}

#[test]
fn the_example_configuration_is_the_programs() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rollcall"))
        .arg("example-config")
        .output()
        .expect("the binary runs");
    let generated = String::from_utf8(output.stdout).expect("text");
    let kept = read(&root().join("rollcall.example.toml"));
    assert_eq!(kept, generated, "run `rollcall example-config > rollcall.example.toml`");
}

#[test]
fn the_document_of_the_sources_is_what_they_say_of_themselves() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rollcall"))
        .args(["source", "doc"])
        .output()
        .expect("the binary runs");
    let generated = String::from_utf8(output.stdout).expect("text");
    let kept = read(&root().join("docs/sources.md"));
    assert_eq!(kept, generated, "run `rollcall source doc > docs/sources.md`");
}
