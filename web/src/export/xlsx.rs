//! XLSX: real numbers and dates. Text is written as a string cell, which a
//! spreadsheet never runs, and like in CSV it can't begin a formula when the
//! sheet is saved as CSV later.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::Sheet;
use crate::ask::Cell;
use crate::error::WebError;

/// What a cell of a spreadsheet holds at most.
const LONGEST: usize = 32_000;

/// Writes a sheet.
pub(super) fn write(sheet: &Sheet) -> Result<Vec<u8>, WebError> {
    workbook(sheet).map_err(|error| WebError::Writing(error.to_string()))
}

fn workbook(sheet: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(sheet)?);
    let data = workbook.add_worksheet();
    data.set_name("Data")?;
    fill(data, sheet)?;
    let about = workbook.add_worksheet();
    about.set_name("About")?;
    let bold = Format::new().set_bold().set_align(FormatAlign::Top);
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (row, (name, text)) in (0_u32..).zip(&sheet.about) {
        about.write_string_with_format(row, 0, *name, &bold)?;
        about.write_string_with_format(row, 1, short(text), &wrapped)?;
    }
    about.set_column_width(0, 16)?;
    about.set_column_width(1, 100)?;
    workbook.save_to_buffer()
}

/// The time in the file is that of the figures: the same figures give the
/// same bytes.
fn properties(sheet: &Sheet) -> Result<DocProperties, XlsxError> {
    let as_of = sheet.result.as_ref().and_then(|result| result.pin.as_of).unwrap_or_default();
    Ok(DocProperties::new().set_title(&sheet.title).set_creation_datetime(&instant(as_of)?))
}

fn fill(data: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let time = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    for (column, name) in (0_u16..).zip(&sheet.rows.columns) {
        data.write_string_with_format(0, column, name, &bold)?;
        data.set_column_width(column, 14)?;
    }
    for (row, cells) in (1_u32..).zip(&sheet.rows.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Cell::Null => {}
                Cell::Int(n) => {
                    data.write_number(row, column, *n as f64)?;
                }
                Cell::Float(x) => {
                    data.write_number(row, column, *x)?;
                }
                Cell::Bool(yes) => {
                    data.write_boolean(row, column, *yes)?;
                }
                Cell::Date(day) => {
                    data.write_datetime_with_format(row, column, &self::day(*day)?, &date)?;
                }
                Cell::Time(at) => {
                    data.write_datetime_with_format(row, column, &instant(*at)?, &time)?;
                }
                Cell::Text(text) => {
                    data.write_string(row, column, short(text))?;
                }
                Cell::Bytes(bytes) => {
                    data.write_string(row, column, short(&String::from_utf8_lossy(bytes)))?;
                }
            }
        }
    }
    data.set_freeze_panes(1, 0)?;
    Ok(())
}

fn day(day: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    let part = |n: u32| u8::try_from(n).unwrap_or(1);
    ExcelDateTime::from_ymd(
        u16::try_from(day.year()).unwrap_or(1900),
        part(day.month()),
        part(day.day()),
    )
}

fn instant(at: DateTime<Utc>) -> Result<ExcelDateTime, XlsxError> {
    let minute = u8::try_from(at.minute()).unwrap_or(0);
    let hour = u16::try_from(at.hour()).unwrap_or(0);
    day(at.date_naive())?.and_hms(hour, minute, f64::from(at.second()))
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::Rows;

    #[test]
    fn the_same_figures_give_the_same_bytes() {
        let sheet = || {
            let cells = vec![Cell::Text("=1+1".to_owned()), Cell::Float(0.5), Cell::Int(3)];
            let columns = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
            Sheet::of_rows("x", "?", Rows { columns, rows: vec![cells] }, String::new())
        };
        let bytes = write(&sheet()).unwrap();
        assert_eq!(&bytes[..2], b"PK");
        assert_eq!(bytes, write(&sheet()).unwrap());
    }
}
