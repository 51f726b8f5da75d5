//! Results as table, CSV, JSON, Parquet or Arrow, to stdout.

use std::io::{BufWriter, IsTerminal, Write};

use anyhow::{Result, bail};
use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::FormatOptions;
use arrow::util::pretty::pretty_format_batches_with_options;
use std::sync::Arc;

use crate::cli::Format;

/// A word to the person at the terminal, on stderr.
#[expect(clippy::print_stderr, reason = "this is where words to people go out")]
pub fn note(text: &str) {
    eprintln!("{text}");
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
    let batches = if batches.is_empty() { vec![RecordBatch::new_empty(schema)] } else { batches };
    writeln!(out, "{}", pretty_format_batches_with_options(&batches, &options)?)?;
    Ok(())
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
            Arc::new(values.collect::<arrow::array::StringArray>())
        }
        DataType::Binary => {
            let values = column.as_binary::<i32>().iter().map(lossy);
            Arc::new(values.collect::<arrow::array::StringArray>())
        }
        _ => Arc::clone(column),
    }
}
