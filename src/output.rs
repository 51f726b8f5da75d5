//! Results as table, CSV, JSON, Parquet or Arrow, to stdout.
//!
//! What events say goes to a terminal with its control characters shown, and to
//! a spreadsheet unable to begin a formula; JSON, Parquet and Arrow give it as
//! it is.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{BufWriter, IsTerminal, Write};

use anyhow::{Result, bail};
use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use arrow::util::pretty::pretty_format_batches_with_options;
use std::sync::Arc;

use crate::cli::Format;

/// A word to the person at the terminal, on stderr.
#[expect(clippy::print_stderr, reason = "this is where words to people go out")]
pub fn note(text: &str) {
    eprintln!("{text}");
}

/// How many there are of something, in words.
pub fn counted(number: u64, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// A line of data, on stdout.
pub fn line(text: &str) -> Result<()> {
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}

/// Writes batches to stdout.
pub fn write(schema: &SchemaRef, batches: &[RecordBatch], format: Format) -> Result<()> {
    let mut out = BufWriter::new(std::io::stdout());
    match format {
        Format::Table => table(schema, batches, &mut out)?,
        Format::Csv => {
            let (schema, batches) = printable(schema, batches)?;
            let (schema, batches) = flat(&schema, &batches)?;
            let (schema, batches) = neutralised(&schema, &batches)?;
            let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(&mut out);
            for batch in &batches {
                writer.write(batch)?;
            }
            if batches.is_empty() {
                writer.write(&RecordBatch::new_empty(schema))?;
            }
        }
        Format::Json => {
            let (_, batches) = printable(schema, batches)?;
            let mut writer = arrow::json::ArrayWriter::new(&mut out);
            writer.write_batches(&batches.iter().collect::<Vec<_>>())?;
            writer.finish()?;
            writeln!(out)?;
        }
        Format::Ndjson => {
            let (_, batches) = printable(schema, batches)?;
            let mut writer = arrow::json::LineDelimitedWriter::new(&mut out);
            writer.write_batches(&batches.iter().collect::<Vec<_>>())?;
            writer.finish()?;
        }
        Format::Parquet => {
            binary_to_terminal("parquet")?;
            let mut writer =
                parquet::arrow::ArrowWriter::try_new(&mut out, Arc::clone(schema), None)?;
            for batch in batches {
                writer.write(batch)?;
            }
            writer.close()?;
        }
        Format::Arrow => {
            binary_to_terminal("arrow")?;
            let mut writer = arrow::ipc::writer::StreamWriter::try_new(&mut out, schema)?;
            for batch in batches {
                writer.write(batch)?;
            }
            writer.finish()?;
        }
    }
    out.flush()?;
    Ok(())
}

fn binary_to_terminal(format: &str) -> Result<()> {
    if std::io::stdout().is_terminal() {
        bail!("--format {format} is binary; send it to a file: > result.{format}");
    }
    Ok(())
}

fn table(schema: &SchemaRef, batches: &[RecordBatch], out: &mut impl Write) -> Result<()> {
    let (schema, batches) = printable(schema, batches)?;
    let options = FormatOptions::default().with_null("").with_display_error(true);
    let names = schema.fields().iter().map(|field| visible(field.name()));
    let fields: Vec<Field> = names.map(|name| Field::new(name, DataType::Utf8, true)).collect();
    let shown = Arc::new(Schema::new(fields));
    let mut cells = Vec::new();
    for batch in &batches {
        let columns = batch.columns().iter().map(|column| visible_cells(column, &options));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        cells.push(RecordBatch::try_new(Arc::clone(&shown), columns)?);
    }
    if cells.is_empty() {
        cells.push(RecordBatch::new_empty(shown));
    }
    writeln!(out, "{}", pretty_format_batches_with_options(&cells, &options)?)?;
    Ok(())
}

fn visible_cells(column: &ArrayRef, options: &FormatOptions<'_>) -> Result<ArrayRef> {
    let cells = ArrayFormatter::try_new(column.as_ref(), options)?;
    let text = (0..column.len()).map(|row| visible(&cells.value(row).to_string()).into_owned());
    Ok(Arc::new(StringArray::from_iter_values(text)))
}

/// Text with its control characters shown: an event must neither move a
/// terminal's cursor, nor turn the line around, nor begin a row.
pub fn visible(text: &str) -> Cow<'_, str> {
    let turns = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.chars().any(|c| c.is_control() || turns(c)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        // Writing to a string doesn't fail.
        let _ = match c {
            '\n' | '\r' | '\t' => write!(shown, "{}", c.escape_default()),
            c if c.is_control() => write!(shown, "\\x{:02x}", u32::from(c)),
            c if turns(c) => write!(shown, "\\u{{{:x}}}", u32::from(c)),
            c => shown.write_char(c),
        };
    }
    Cow::Owned(shown)
}

/// The rule of `web/src/export/csv.rs`: a text that a spreadsheet would run as a
/// formula gets an apostrophe in front (OWASP, CSV injection); numbers stay.
fn neutral(value: &str) -> Cow<'_, str> {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{value}"))
    } else {
        Cow::Borrowed(value)
    }
}

/// Names and text columns, unable to begin a formula.
fn neutralised(
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let text =
        |kind: &DataType| matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| {
            let kind = if text(field.data_type()) { &DataType::Utf8 } else { field.data_type() };
            Field::new(neutral(field.name()), kind.clone(), true)
        })
        .collect();
    let shown = Arc::new(Schema::new(fields));
    let batches = batches
        .iter()
        .map(|batch| {
            let columns = batch.columns().iter().map(neutral_text).collect();
            RecordBatch::try_new(Arc::clone(&shown), columns)
        })
        .collect::<Result<_, _>>()?;
    Ok((shown, batches))
}

fn neutral_text(column: &ArrayRef) -> ArrayRef {
    let of = |value: Option<&str>| value.map(|value| neutral(value).into_owned());
    match column.data_type() {
        DataType::Utf8 => {
            Arc::new(column.as_string::<i32>().iter().map(of).collect::<StringArray>())
        }
        DataType::LargeUtf8 => {
            Arc::new(column.as_string::<i64>().iter().map(of).collect::<StringArray>())
        }
        DataType::Utf8View => {
            Arc::new(column.as_string_view().iter().map(of).collect::<StringArray>())
        }
        _ => Arc::clone(column),
    }
}

/// Columns that a CSV can hold: lists and structures as JSON.
fn flat(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let fields = schema.fields().iter().map(|field| {
        let nested = field.data_type().is_nested();
        let shown = if nested { DataType::Utf8 } else { field.data_type().clone() };
        Field::new(field.name(), shown, true)
    });
    let flat = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let batches = batches.iter().map(|batch| {
        let columns = batch.columns().iter().map(json_of_nested).collect::<Result<Vec<_>>>()?;
        Ok(RecordBatch::try_new(Arc::clone(&flat), columns)?)
    });
    let batches = batches.collect::<Result<_>>()?;
    Ok((flat, batches))
}

fn json_of_nested(column: &ArrayRef) -> Result<ArrayRef> {
    if !column.data_type().is_nested() {
        return Ok(Arc::clone(column));
    }
    let batch = RecordBatch::try_from_iter([("v", Arc::clone(column))])?;
    let mut lines = arrow::json::LineDelimitedWriter::new(Vec::new());
    lines.write(&batch)?;
    lines.finish()?;
    let text = String::from_utf8_lossy(&lines.into_inner()).into_owned();
    // Each line is {"v":…}, or {} where there is no value.
    let values = text.lines().map(|line| line.strip_prefix("{\"v\":")?.strip_suffix('}'));
    Ok(Arc::new(values.collect::<StringArray>()))
}

/// Bytes as text: what isn't UTF-8 is shown as the replacement character.
fn printable(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let binary = |field: &Field| {
        matches!(field.data_type(), DataType::BinaryView | DataType::Binary | DataType::LargeBinary)
    };
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| {
            let shown = if binary(field) { DataType::Utf8 } else { field.data_type().clone() };
            Field::new(field.name(), shown, true)
        })
        .collect();
    let shown = Arc::new(Schema::new(fields));
    let batches = batches
        .iter()
        .map(|batch| {
            let columns = batch.columns().iter().map(text_of_bytes).collect();
            RecordBatch::try_new(Arc::clone(&shown), columns)
        })
        .collect::<Result<_, _>>()?;
    Ok((shown, batches))
}

fn text_of_bytes(column: &ArrayRef) -> ArrayRef {
    let lossy = |bytes: Option<&[u8]>| bytes.map(|b| String::from_utf8_lossy(b).into_owned());
    match column.data_type() {
        DataType::BinaryView => {
            let values = column.as_binary_view().iter().map(lossy);
            Arc::new(values.collect::<StringArray>())
        }
        DataType::Binary => {
            let values = column.as_binary::<i32>().iter().map(lossy);
            Arc::new(values.collect::<StringArray>())
        }
        _ => Arc::clone(column),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{BinaryViewArray, Int64Array, StringViewArray};

    use super::*;

    fn of(text: &str) -> (SchemaRef, RecordBatch) {
        let fields = vec![
            Field::new("user_name", DataType::Utf8View, true),
            Field::new("raw", DataType::BinaryView, true),
            Field::new("n", DataType::Int64, true),
        ];
        let schema = Arc::new(Schema::new(fields));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringViewArray::from(vec![Some(text), None])),
            Arc::new(BinaryViewArray::from(vec![Some(text.as_bytes()), None])),
            Arc::new(Int64Array::from(vec![-3, 4])),
        ];
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
        (schema, batch)
    }

    #[test]
    fn a_table_shows_what_would_move_the_terminal() {
        let (schema, batch) = of("a\u{1b}[2J\u{202e}b\u{2066}\n| c\u{9b}d\t\u{7}é");
        let mut out = Vec::new();
        table(&schema, &[batch], &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let shown = r"a\x1b[2J\u{202e}b\u{2066}\n| c\x9bd\t\x07é";
        assert_eq!(out.matches(shown).count(), 2, "{out}");
        assert!(!out.contains(['\u{1b}', '\u{202e}', '\u{2066}', '\u{9b}', '\t']), "{out}");
        // Frame, names, frame, two rows, frame.
        assert_eq!(out.trim_end().lines().count(), 6, "{out}");
        assert!(out.contains("| -3 |"), "{out}");
    }

    #[test]
    fn a_table_of_nothing_has_its_names() {
        let mut out = Vec::new();
        table(&of("x").0, &[], &mut out).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("user_name"));
    }

    #[test]
    fn csv_begins_no_formula_and_numbers_stay() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            let (schema, batch) = of(evil);
            let (schema, batches) = printable(&schema, &[batch]).unwrap();
            let (_, batches) = neutralised(&schema, &batches).unwrap();
            let column = |at: usize| batches[0].column(at);
            for at in [0, 1] {
                assert_eq!(column(at).as_string::<i32>().value(0), format!("'{evil}"));
                assert!(column(at).is_null(1));
            }
            let numbers = column(2).as_primitive::<arrow::datatypes::Int64Type>();
            assert_eq!(numbers.value(0), -3);
        }
        assert_eq!(neutral("a=1"), "a=1");
    }
}
