use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::collect::{Collected, Verdict, context, read, stream};
use super::{OWN, Sources, envelope};

/// The records of a fixture: a `.json` file is one, any other one a line.
pub(super) fn records(path: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(path).expect("a fixture");
    if path.extension().is_some_and(|extension| extension == "json") {
        return vec![bytes];
    }
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

fn shown(collected: &Collected) -> Value {
    let verdicts = collected.verdicts.iter().map(|(position, verdict)| match verdict {
        Verdict::Row(row) => {
            let mut row = row.clone();
            row["position"] = json!(position.to_string());
            row
        }
        Verdict::Joined(of) => json!({"position": position.to_string(), "joined": of.to_string()}),
        Verdict::NotAuthentication => {
            json!({"position": position.to_string(), "not_authentication": true})
        }
        Verdict::Rejected(reason) => {
            json!({"position": position.to_string(), "rejected": reason})
        }
    });
    verdicts.collect()
}

#[test]
fn every_fixture_of_every_source_reads_as_its_snapshot_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/source");
    for source in Sources::default().iter() {
        let fixtures = folder.join(source.name).join("fixtures");
        let mut paths: Vec<_> = fs::read_dir(&fixtures)
            .unwrap_or_else(|_| panic!("{} has no fixtures", source.name))
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        assert!(paths.len() >= 8, "{} has {} fixtures", source.name, paths.len());
        for path in paths {
            let records = records(&path);
            let collected = stream(source, records.iter().map(Vec::as_slice));
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            insta::with_settings!({
                snapshot_path => format!("{}/snapshots", source.name),
                prepend_module_to_snapshot => false,
                omit_expression => true,
            }, {
                insta::assert_json_snapshot!(name, shown(&collected));
            });
        }
    }
}

#[test]
fn every_fixture_is_recognised_as_its_source_and_no_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/source");
    let sources = Sources::default();
    for source in sources.iter() {
        let fixtures = fs::read_dir(folder.join(source.name).join("fixtures")).expect("fixtures");
        for path in fixtures.map(|entry| entry.expect("an entry").path()) {
            // What is broken on purpose needn't look like anything.
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("odd")) {
                continue;
            }
            for record in records(&path) {
                let content = envelope::content(&record);
                let found: Vec<_> = sources
                    .iter()
                    .filter(|source| (source.recognises)(&content))
                    .map(|source| source.name)
                    .collect();
                assert_eq!(found, [source.name], "{}", path.display());
                let found = sources.recognise(&record).map(|found| found.name);
                // What rollcall writes itself is never told by its looks.
                assert_eq!(found, Some(source.name).filter(|name| *name != OWN));
            }
        }
    }
}

#[test]
fn names_are_unique_and_found() {
    let sources = Sources::default();
    for source in sources.iter() {
        assert!(sources.find(source.name).is_some_and(|found| std::ptr::eq(found, source)));
        // That of rollcall's own events is beside the document that names it.
        let is_beside = source.name == OWN && source.documentation == "feedback.md";
        assert!(is_beside || source.documentation.starts_with("https://"), "{}", source.name);
    }
    assert!(sources.iter().any(|source| source.mapping.is_some()));
    assert!(sources.find("teleporter").is_none());
    assert!(sources.recognise(b"hello").is_none());
    assert!(sources.recognise(b"").is_none());
}

#[test]
fn a_source_without_ids_of_its_own_gives_none() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/source");
    for source in Sources::default().iter() {
        let fixtures = fs::read_dir(folder.join(source.name).join("fixtures")).expect("fixtures");
        let mut has_id = false;
        for path in fixtures.map(|entry| entry.expect("an entry").path()) {
            let records = records(&path);
            let collected = stream(source, records.iter().map(Vec::as_slice));
            has_id |= collected.rows().iter().any(|row| row.get("source_event_id").is_some());
        }
        assert_eq!(has_id, source.has_event_id, "{}", source.name);
    }
}

/// Every fixture's records, to be broken.
fn all_records() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/source");
    Sources::default()
        .iter()
        .flat_map(|source| {
            fs::read_dir(folder.join(source.name).join("fixtures")).expect("fixtures")
        })
        .flat_map(|entry| records(&entry.expect("an entry").path()))
        .collect()
}

/// Reads a record with every source, as a stream and as a file. `read` asserts
/// that there is a verdict.
fn survives(record: &[u8]) {
    for source in Sources::default().iter() {
        let _ = (source.recognises)(record);
        let mut adapter = (source.open)();
        adapter.survey(record, &context());
        read(&mut *adapter, source, [record, record], &context());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_a_verdict_from_every_source(record in prop::collection::vec(any::<u8>(), 0..400)) {
        survives(&record);
    }

    #[test]
    fn any_text_behind_a_syslog_header_gets_a_verdict(
        program in "(sshd|sudo|su|useradd|passwd|login)",
        message in "(Failed |Accepted |Invalid user |User |message repeated 3 times: \\[ |pam_unix\\(sshd:session\\): |)\\PC{0,80}",
    ) {
        survives(format!("Feb 29 23:59:60 web-1 {program}[7]: {message}").as_bytes());
        survives(format!("<34>1 2026-03-01T10:00:00Z web-1 {program} 7 - - {message}").as_bytes());
    }

    #[test]
    fn a_broken_fixture_gets_a_verdict_from_every_source(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 0..6),
        cut in any::<bool>(),
    ) {
        let records = all_records();
        let mut record = which.get(&records).clone();
        let at = at.index(record.len() + 1);
        if cut {
            record.truncate(at);
        } else {
            record.splice(at..at, with);
        }
        survives(&record);
    }
}
