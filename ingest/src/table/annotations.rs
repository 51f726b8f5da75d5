//! Marked times: releases, freezes, drills, outages, sandboxes.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringViewBuilder, TimestampMicrosecondBuilder};
use chrono::DateTime;

use super::rows::{Line, Rows};
use crate::error::Result;

const NEEDED: &[&str] = &["kind", "title", "from"];
const OPTIONAL: &[&str] = &["to", "source", "service", "note"];
const KINDS: &[&str] = &["release", "freeze", "drill", "outage", "sandbox"];

/// Rows of the table `annotations`; and how many times are marked.
pub(super) fn batch(file: &Rows, now: i64) -> Result<(RecordBatch, usize)> {
    file.expect(NEEDED, OPTIONAL)?;
    let [mut imported, mut begins, mut ends] =
        std::array::from_fn(|_| TimestampMicrosecondBuilder::new());
    let [mut sha256, mut kind, mut title, mut source, mut service, mut note] =
        std::array::from_fn(|_| StringViewBuilder::new());
    let mut marked = 0;
    for line in file.lines() {
        line.needed("kind")?;
        let word = line.word("kind", KINDS, "release")?;
        let from = moment(&line, "from", line.needed("from")?)?;
        let to = line.text("to").map(|text| moment(&line, "to", text)).transpose()?;
        if to.is_some_and(|to| to <= from) {
            return Err(line.wrong(
                "to doesn't lie behind from; it is the first moment that no longer belongs to it"
                    .to_owned(),
            ));
        }
        imported.append_value(now);
        sha256.append_value(&file.sha256);
        kind.append_value(word);
        title.append_value(line.needed("title")?);
        begins.append_value(from);
        ends.append_option(to);
        source.append_option(line.text("source"));
        service.append_option(line.text("service"));
        note.append_option(line.text("note"));
        marked += 1;
    }
    let time = |times: &mut TimestampMicrosecondBuilder| -> ArrayRef {
        Arc::new(times.finish().with_timezone("UTC"))
    };
    let columns: Vec<ArrayRef> = vec![
        time(&mut imported),
        Arc::new(sha256.finish()),
        Arc::new(kind.finish()),
        Arc::new(title.finish()),
        time(&mut begins),
        time(&mut ends),
        Arc::new(source.finish()),
        Arc::new(service.finish()),
        Arc::new(note.finish()),
    ];
    Ok((RecordBatch::try_new(rollcall_schemas::policy::annotations_schema(), columns)?, marked))
}

/// A moment with its offset from UTC, as µs since 1970: without one it could be any hour.
fn moment(line: &Line<'_>, name: &str, text: &str) -> Result<i64> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| {
        line.wrong(format!(
            "{name} is {text:?}; a moment is written 2026-11-25T10:00:00Z, or with an offset, 2026-11-25T10:00:00+01:00"
        ))
    })?;
    Ok(time.timestamp_micros())
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::TimestampMicrosecondType;

    use super::*;

    fn read(lines: &str) -> Result<(RecordBatch, usize)> {
        let text = format!("kind,title,from,to,source\n{lines}");
        batch(&Rows::of("marks.csv".to_owned(), text.as_bytes())?, 7)
    }

    #[test]
    fn a_period_and_a_moment_are_marked() {
        let (rows, marked) = read(
            "Drill,Fire drill,2026-03-02T10:00:00+01:00,2026-03-02T10:30:00Z,okta\nrelease,v2,2026-03-03T00:00:00Z,,\n",
        )
        .expect("rows");
        assert_eq!((rows.num_rows(), marked), (2, 2));
        let column = |name: &str| rows.column_by_name(name).expect("a column");
        assert_eq!(column("kind").as_string_view().value(0), "drill");
        let begins = column("begins").as_primitive::<TimestampMicrosecondType>();
        assert_eq!(begins.value(0), 1_772_442_000_000_000);
        assert!(column("ends").is_null(1) && column("source").is_null(1));
    }

    #[test]
    fn what_marks_no_time_is_refused_by_its_line() {
        for (line, said) in [
            ("party,x,2026-03-02T10:00:00Z,,", "outage"),
            ("drill,x,2026-03-02,,", "2026-11-25T10:00:00Z"),
            ("drill,x,2026-03-02T10:00:00,,", "offset"),
            ("drill,x,2026-03-02T10:00:00Z,2026-03-02T10:00:00Z,", "first moment"),
            ("drill,,2026-03-02T10:00:00Z,,", "title"),
        ] {
            let refused = read(&format!("{line}\n")).expect_err(line).to_string();
            assert!(refused.contains("marks.csv, line 2") && refused.contains(said), "{refused}");
        }
    }
}
