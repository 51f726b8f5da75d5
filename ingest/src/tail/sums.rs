//! What became of the records, for people: every record counted once.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use rollcall_lake::Standing;
use rollcall_schemas::Verdict;

/// Records by what became of them. The first four and `rows_from` add up to
/// `records`.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sums {
    /// Records read.
    pub records: i64,
    /// Records that gave at least one row.
    pub rows_from: i64,
    /// Records whose content is in another record's row.
    pub joined: i64,
    /// Records that are stored already.
    pub duplicate: i64,
    /// Records that couldn't be read.
    pub quarantined: i64,
    /// Records that say nothing about authentication.
    pub not_authentication: i64,
    /// Rows made.
    pub rows: i64,
    /// Rows that are older than the memory of ids: they are stored, and whether
    /// they are duplicates couldn't be told.
    #[serde(default)]
    pub unchecked: i64,
    /// Rows that replaced an earlier one.
    pub revisions: i64,
    /// Secrets cut out.
    pub redactions: i64,
}

impl Sums {
    /// Adds another sum.
    pub fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.rows_from += other.rows_from;
        self.joined += other.joined;
        self.duplicate += other.duplicate;
        self.quarantined += other.quarantined;
        self.not_authentication += other.not_authentication;
        self.rows += other.rows;
        self.unchecked += other.unchecked;
        self.revisions += other.revisions;
        self.redactions += other.redactions;
    }

    /// The sum as one line for people.
    pub fn line(&self) -> String {
        format!(
            "{} gave rows + {} joined + {} duplicate + {} quarantined + {} not authentication = {}",
            grouped(self.rows_from),
            grouped(self.joined),
            grouped(self.duplicate),
            grouped(self.quarantined),
            grouped(self.not_authentication),
            grouped(self.records),
        )
    }

    /// Counts the records of a judged chunk: a record with any row gave rows;
    /// one without counts by its gravest verdict. `stood` are verdicts that an
    /// interrupted seal committed before.
    pub(crate) fn of(
        records: i64,
        events: Option<&RecordBatch>,
        set_aside: &[RecordBatch],
        stood: &Standing,
    ) -> Self {
        let mut sums = Self { records, ..Self::default() };
        // `None` stands for "gave a row".
        let mut by_record: BTreeMap<i64, Option<Verdict>> = BTreeMap::new();
        for batch in set_aside {
            sums.redactions += redactions(batch);
            let Some(verdicts) = batch.column_by_name("verdict") else { continue };
            let verdicts = verdicts.as_string_view();
            for (row, seq) in seqs(batch).iter().enumerate() {
                note(&mut by_record, *seq, Verdict::from_word(verdicts.value(row)));
            }
        }
        for ((seq, _), (verdict, redactions)) in stood {
            sums.redactions += i64::from(*redactions);
            note(&mut by_record, *seq, Some(*verdict));
        }
        if let Some(batch) = events {
            sums.rows = i64::try_from(batch.num_rows()).unwrap_or_default();
            sums.redactions += redactions(batch);
            sums.revisions = batch
                .column_by_name("revises_seq")
                .map_or(0, |c| i64::try_from(c.len() - c.null_count()).unwrap_or_default());
            let mut last = None;
            for seq in seqs(batch) {
                if last != Some(*seq) {
                    last = Some(*seq);
                    sums.rows_from += 1;
                    by_record.remove(seq);
                }
            }
        }
        for verdict in by_record.into_values().flatten() {
            sums.count(verdict);
        }
        sums
    }

    /// Counts a record that gave no row.
    pub(crate) const fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Joined => self.joined += 1,
            Verdict::Duplicate => self.duplicate += 1,
            Verdict::Quarantined => self.quarantined += 1,
            Verdict::NotAuthentication => self.not_authentication += 1,
        }
    }

    /// The graver of two verdicts over one record.
    pub(crate) fn graver(one: Verdict, other: Verdict) -> Verdict {
        if gravity(Some(other)) > gravity(Some(one)) { other } else { one }
    }
}

fn note(by_record: &mut BTreeMap<i64, Option<Verdict>>, seq: i64, verdict: Option<Verdict>) {
    let entry = by_record.entry(seq).or_insert(verdict);
    if gravity(verdict) > gravity(*entry) {
        *entry = verdict;
    }
}

fn gravity(verdict: Option<Verdict>) -> u8 {
    match verdict {
        None => 0,
        Some(Verdict::NotAuthentication) => 1,
        Some(Verdict::Joined) => 2,
        Some(Verdict::Duplicate) => 3,
        Some(Verdict::Quarantined) => 4,
    }
}

fn seqs(batch: &RecordBatch) -> &[i64] {
    batch
        .column_by_name("seq")
        .and_then(|column| column.as_primitive_opt::<Int64Type>())
        .map_or(&[], |column| column.values())
}

fn redactions(batch: &RecordBatch) -> i64 {
    batch
        .column_by_name("redactions")
        .and_then(|column| column.as_primitive_opt::<arrow::datatypes::Int32Type>())
        .map_or(0, |column| column.values().iter().map(|n| i64::from(*n)).sum())
}

/// A count with thousands separators.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digit.is_ascii_digit() {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_adds_up_and_reads_well() {
        let sums = Sums {
            records: 7121,
            rows_from: 3000,
            joined: 4000,
            quarantined: 1,
            not_authentication: 120,
            ..Sums::default()
        };
        assert_eq!(
            sums.line(),
            "3,000 gave rows + 4,000 joined + 0 duplicate + 1 quarantined + 120 not authentication = 7,121"
        );
    }
}
