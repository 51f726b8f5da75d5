//! Accesses as policies see them: rows of the view `accesses`, in memory.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringViewArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{Field, Int64Type, Schema, TimestampMicrosecondType};
use datafusion::common::{DataFusionError, Result};

use super::column::{self, COLUMNS, Kind};

/// Some accesses.
#[derive(Debug)]
pub(super) struct Accesses {
    batch: RecordBatch,
    texts: Vec<(&'static str, StringViewArray)>,
    truths: Vec<(&'static str, BooleanArray)>,
    wholes: Vec<(&'static str, Int64Array)>,
    times: Vec<(&'static str, TimestampMicrosecondArray)>,
}

/// One of them. Times in µs since 1970 UTC.
#[derive(Debug, Clone, Copy)]
pub(super) struct Access<'a> {
    pub(super) row: usize,
    pub(super) of: &'a Accesses,
    pub(super) is_sign_in: bool,
    pub(super) time: i64,
    /// When a verification in it was done.
    pub(super) ended: i64,
    pub(super) source: &'a str,
    /// The person, else source and login; `None`: nobody is named.
    pub(super) who: Option<&'a str>,
    pub(super) login: Option<&'a str>,
    pub(super) person: Option<&'a str>,
    pub(super) account_kind: Option<&'a str>,
    pub(super) team: Option<&'a str>,
    pub(super) role: Option<&'a str>,
    pub(super) cohort: Option<&'a str>,
    pub(super) pipeline: Option<&'a str>,
    pub(super) platform: Option<&'a str>,
    pub(super) outcome: Option<&'a str>,
    pub(super) mfa: &'a str,
    pub(super) mfa_proof: Option<&'a str>,
    /// How strong its factor is; `None` where it can't be ranked.
    pub(super) strength: Option<i64>,
    pub(super) phishing_resistant: Option<bool>,
    pub(super) prompts: i64,
    pub(super) prompt_to_response_ms: Option<i64>,
    pub(super) device_managed: Option<bool>,
}

impl Accesses {
    /// Rows of the view `accesses`.
    pub(super) fn of(rows: &RecordBatch) -> Result<Self> {
        let column = |column: &column::Column| {
            let found = rows.column_by_name(column.field).ok_or_else(|| {
                DataFusionError::Internal(format!("accesses have no {}", column.field))
            })?;
            Ok(cast(found, &column.kind.data_type())?)
        };
        let columns: Vec<ArrayRef> = COLUMNS.iter().map(column).collect::<Result<_>>()?;
        Self::held(RecordBatch::try_new(column::schema(), columns)?)
    }

    /// A batch of [`column::schema`].
    pub(super) fn held(batch: RecordBatch) -> Result<Self> {
        let (mut texts, mut truths, mut wholes, mut times) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (column, array) in COLUMNS.iter().zip(batch.columns()) {
            let name = column.field;
            match column.kind {
                Kind::Text | Kind::Word(_) => texts.push((name, array.as_string_view().clone())),
                Kind::Bool => truths.push((name, array.as_boolean().clone())),
                Kind::Whole => wholes.push((name, array.as_primitive::<Int64Type>().clone())),
                Kind::Time => {
                    times.push((name, array.as_primitive::<TimestampMicrosecondType>().clone()));
                }
            }
        }
        Ok(Self { batch, texts, truths, wholes, times })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// What conditions see: the same with whether each is critical.
    pub(super) fn with_critical(&self, critical: BooleanArray) -> Result<RecordBatch> {
        let seen = column::seen_by_conditions()?;
        let mut columns = self.batch.columns().to_vec();
        columns.push(Arc::new(critical));
        let fields: Vec<Arc<Field>> = seen.fields().iter().map(Arc::clone).collect();
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }

    /// What the conditions by which something is critical see.
    pub(super) fn before_critical(&self) -> Result<RecordBatch> {
        self.with_critical(BooleanArray::from(vec![false; self.len()]))
    }

    /// A text of a row.
    pub(super) fn text(&self, name: &str, row: usize) -> Option<&str> {
        let (_, array) = self.texts.iter().find(|(known, _)| *known == name)?;
        array.is_valid(row).then(|| array.value(row))
    }

    /// A truth of a row.
    pub(super) fn truth(&self, name: &str, row: usize) -> Option<bool> {
        let (_, array) = self.truths.iter().find(|(known, _)| *known == name)?;
        array.is_valid(row).then(|| array.value(row))
    }

    /// A whole number of a row.
    pub(super) fn whole(&self, name: &str, row: usize) -> Option<i64> {
        let (_, array) = self.wholes.iter().find(|(known, _)| *known == name)?;
        array.is_valid(row).then(|| array.value(row))
    }

    fn time(&self, name: &str, row: usize) -> Option<i64> {
        let (_, array) = self.times.iter().find(|(known, _)| *known == name)?;
        array.is_valid(row).then(|| array.value(row))
    }

    /// One of them.
    pub(super) fn row(&self, row: usize) -> Access<'_> {
        let text = |name| self.text(name, row);
        let time = self.time("time", row).unwrap_or_default();
        Access {
            row,
            of: self,
            is_sign_in: text("kind") == Some("sign_in"),
            time,
            ended: self.time("ended", row).unwrap_or(time),
            source: text("source").unwrap_or_default(),
            who: text("who"),
            login: text("login"),
            person: text("person"),
            account_kind: text("account_kind"),
            team: text("team"),
            role: text("role"),
            cohort: text("cohort"),
            pipeline: text("pipeline"),
            platform: text("platform"),
            outcome: text("outcome"),
            mfa: text("mfa").unwrap_or("unknown"),
            mfa_proof: text("mfa_proof"),
            strength: self.whole("strength", row),
            phishing_resistant: self.truth("phishing_resistant", row),
            prompts: self.whole("prompts", row).unwrap_or_default(),
            prompt_to_response_ms: self.whole("prompt_to_response_ms", row),
            device_managed: self.truth("device_managed", row),
        }
    }
}

impl<'a> Access<'a> {
    /// Any text of it, by the view's name.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.of.text(name, self.row)
    }

    /// Whether it went through.
    pub(super) fn went_through(&self) -> bool {
        matches!(self.outcome, Some("success" | "unknown"))
    }

    /// Whether nobody is there who could answer.
    pub(super) fn is_of_a_machine(&self) -> bool {
        self.account_kind == Some("service")
    }
}
