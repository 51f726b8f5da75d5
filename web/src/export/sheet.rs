//! Rows with named columns, and what to know of them.

use rollcall_query::{MetricResult, Point};

use crate::ask::{Cell, Rows};

/// What an export holds.
pub(crate) struct Sheet {
    pub(crate) title: String,
    pub(crate) rows: Rows,
    /// Names and values: the question, the population, as of, the SQL.
    pub(crate) about: Vec<(&'static str, String)>,
    /// The metric's result, which JSON gives in full.
    pub(crate) result: Option<MetricResult>,
}

impl Sheet {
    /// A metric's points, in long form.
    pub(crate) fn of_metric(result: MetricResult) -> Self {
        const COLUMNS: [&str; 12] = [
            "bucket", "group", "figure", "k", "n", "unknown", "value", "low", "high", "partial",
            "few", "note",
        ];
        let rows = Rows {
            columns: COLUMNS.map(str::to_owned).to_vec(),
            rows: result.points.iter().map(cells).collect(),
        };
        let explained: Vec<_> = result
            .explained
            .iter()
            .map(|one| format!("{}: {}", one.figures.join(", "), one.words))
            .collect();
        let pin = &result.pin;
        let versions: Vec<_> =
            pin.tables.iter().map(|(table, version)| format!("{table}={version}")).collect();
        let about = vec![
            ("Question", result.question.to_owned()),
            ("Metric", format!("{}, version {}", result.name, result.version)),
            ("Period", format!("{} up to, without, {}", result.from, result.to)),
            ("Time zone", result.time_zone.clone()),
            ("Compares", explained.join(" ")),
            ("Counts", result.population.to_owned()),
            ("Leaves out", result.excludes.to_owned()),
            ("As of", pin.as_of.map(crate::text::instant).unwrap_or_default()),
            ("Versions", format!("{}; {} rows unsealed", versions.join(", "), pin.tail_rows)),
            ("SQL", result.sql.clone()),
        ];
        Self { title: result.name.to_owned(), rows, about, result: Some(result) }
    }

    /// A page's rows.
    pub(crate) fn of_rows(title: &str, question: &str, rows: Rows, as_of: String) -> Self {
        let about = vec![("Question", question.to_owned()), ("As of", as_of)];
        Self { title: title.to_owned(), rows, about, result: None }
    }
}

fn cells(point: &Point) -> Vec<Cell> {
    let float = |value: Option<f64>| value.map_or(Cell::Null, Cell::Float);
    vec![
        point.bucket.map_or(Cell::Null, Cell::Date),
        point.group.clone().map_or(Cell::Null, Cell::Text),
        Cell::Text(point.figure.clone()),
        Cell::Int(point.k),
        Cell::Int(point.n),
        Cell::Int(point.unknown),
        float(point.value),
        float(point.low),
        float(point.high),
        Cell::Bool(point.partial),
        Cell::Bool(point.few),
        point.note.clone().map_or(Cell::Null, Cell::Text),
    ]
}
