//! CSV (RFC 4180). A text that a spreadsheet would run as a formula gets an
//! apostrophe in front (OWASP, CSV injection); numbers stay numbers.

use super::Sheet;
use crate::ask::Cell;

/// Writes a sheet.
pub(super) fn write(sheet: &Sheet) -> String {
    let mut out = String::new();
    line(&mut out, sheet.rows.columns.iter().map(|column| text(column)));
    for row in &sheet.rows.rows {
        line(&mut out, row.iter().map(cell));
    }
    out
}

fn line(out: &mut String, fields: impl Iterator<Item = String>) {
    for (i, field) in fields.enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(&field);
    }
    out.push_str("\r\n");
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Float(x) => x.to_string(),
        Cell::Time(at) => at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
        Cell::Bool(yes) => yes.to_string(),
        Cell::Text(value) => text(value),
        Cell::Bytes(bytes) => text(&String::from_utf8_lossy(bytes)),
        Cell::Null | Cell::Int(_) | Cell::Date(_) => cell.show(),
    }
}

fn text(value: &str) -> String {
    let value = neutral(value);
    if value.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value
    }
}

/// The text, unable to begin a formula.
fn neutral(value: &str) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{value}")
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::Rows;

    fn csv(cells: Vec<Cell>) -> String {
        let columns = cells.iter().map(|_| "c".to_owned()).collect();
        let rows = Rows { columns, rows: vec![cells] };
        let text = write(&Sheet::of_rows("x", "?", rows, String::new()));
        text.split_once("\r\n").unwrap().1.to_owned()
    }

    #[test]
    fn formulas_are_neutralised_and_numbers_are_not() {
        for evil in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"] {
            assert_eq!(csv(vec![Cell::Text(evil.to_owned())]), format!("'{evil}\r\n"));
        }
        assert_eq!(csv(vec![Cell::Text("\r=1".to_owned())]), "\"'\r=1\"\r\n");
        assert_eq!(csv(vec![Cell::Int(-3), Cell::Float(-0.25)]), "-3,-0.25\r\n");
    }

    #[test]
    fn quotes_commas_and_line_breaks_are_kept_together() {
        let text = Cell::Text("a \"b\", c\nd".to_owned());
        assert_eq!(csv(vec![text, Cell::Null]), "\"a \"\"b\"\", c\nd\",\r\n");
    }
}
