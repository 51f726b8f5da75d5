use std::path::Path;

use super::*;

/// Inputs that broke something once; kept as they were found.
fn found(target: Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(target.folder());
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("an input")).collect()
}

#[test]
fn what_broke_a_parser_once_breaks_none_again() {
    for target in Target::all() {
        for (number, input) in found(target).iter().enumerate() {
            let said = target.run(input);
            assert!(said.is_ok(), "{target:?} {number}: {said:?}");
        }
    }
}

/// What the reader says of one record.
fn verdicts(hint: &str, record: &str) -> Vec<String> {
    let mut probe = Probe::default();
    probe.read(hint, record.as_bytes());
    let taken = probe.take().expect("a batch").expect("a verdict");
    let reasons = taken.set_aside.column_by_name("reason").expect("a column");
    let reasons = arrow::array::AsArray::as_string_view(reasons);
    let rows = std::iter::repeat_n("row", taken.events.num_rows());
    rows.chain(reasons.iter().map(Option::unwrap_or_default)).map(str::to_owned).collect()
}

#[test]
fn a_record_that_nests_without_end_is_quarantined_by_every_source() {
    let deep = format!("{0}{1}", "[{\"a\":".repeat(1 << 16), "}]".repeat(1 << 16));
    for source in Sources::default().iter() {
        for record in [
            deep.clone(),
            format!("{{\"a\":{deep}}}"),
            format!("{{\"event\":{{\"a\":{deep}}},\"time\":{deep}}}"),
            format!("{{\"properties\":\"{}\",\"value\":{deep}}}", "[".repeat(1 << 17)),
        ] {
            assert!(!verdicts(source.name, &record).is_empty());
            assert!(!verdicts("", &record).is_empty());
        }
    }
}

#[test]
fn a_long_record_of_many_events_is_quarantined_whole() {
    let workspace = |events: usize, bytes: usize| {
        let event = r#"{"name":"login_success","type":"login"}"#;
        format!(
            r#"{{"id":{{"time":"2026-11-20T10:00:00Z","uniqueQualifier":"1","applicationName":"login"}},"etag":"{}","events":[{}]}}"#,
            "x".repeat(bytes),
            vec![event; events].join(",")
        )
    };
    assert_eq!(verdicts("", &workspace(40, 100_000)), vec!["row"; 40]);
    let said = verdicts("", &workspace(400, 100_000));
    assert!(matches!(&said[..], [one] if one.contains("too long")), "{said:?}");

    let sshd = |times: u32, bytes: usize| {
        format!(
            "Nov  1 10:00:00 web-1 sshd[7]: message repeated {times} times: [ Failed password for invalid user {} from 203.0.113.9 port 4242 ssh2]",
            "x".repeat(bytes)
        )
    };
    assert_eq!(verdicts("", &sshd(1_000, 4_000)), vec!["row"; 1_000]);
    let said = verdicts("", &sshd(1_000, 40_000));
    assert!(matches!(&said[..], [one] if one.contains("too long")), "{said:?}");
}
