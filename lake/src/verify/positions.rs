//! Which records the rows and verdicts account for: each of a shard's, once, or a
//! gap that is stated.

use std::collections::{BTreeMap, HashSet};

use super::finding::{Finding, FindingKind};
use super::history::Sealed;
use crate::provenance::State;
use crate::table::Table;

/// A row's place: (shard, seq, part).
type Place = (i32, i64, i32);

/// Words of a block of bits.
const WORDS: usize = 1024;

/// A set of records of one shard, a bit each, in blocks: a topic may be old, and begin
/// at a high offset.
#[derive(Debug, Default)]
struct Bits(Vec<Option<Box<[u64; WORDS]>>>);

impl Bits {
    /// Sets one; whether it was set.
    fn set(&mut self, seq: i64) -> bool {
        let Ok(seq) = usize::try_from(seq) else { return false };
        let (block, word) = (seq / 64 / WORDS, seq / 64 % WORDS);
        if self.0.len() <= block {
            self.0.resize_with(block + 1, || None);
        }
        let Some(block) = self.0.get_mut(block) else { return false };
        let block = block.get_or_insert_with(|| Box::new([0; WORDS]));
        let Some(word) = block.get_mut(word) else { return false };
        let was = *word >> (seq % 64) & 1 == 1;
        *word |= 1 << (seq % 64);
        was
    }

    fn has(&self, seq: i64) -> bool {
        let Ok(seq) = usize::try_from(seq) else { return false };
        let block = self.0.get(seq / 64 / WORDS).and_then(Option::as_ref);
        let word = block.and_then(|block| block.get(seq / 64 % WORDS));
        word.is_some_and(|word| word >> (seq % 64) & 1 == 1)
    }
}

/// The records of one shard.
#[derive(Debug, Default)]
struct Records {
    /// Those with a row or a verdict.
    accounted: Bits,
    /// Those with a row.
    rows: Bits,
    /// Those whose first part has a row.
    first_rows: Bits,
    /// Those whose first part has a verdict.
    first_verdicts: Bits,
}

/// The records seen in all files.
#[derive(Debug, Default)]
pub(super) struct Positions {
    shards: BTreeMap<i32, Records>,
    /// Rows that verdicts point to.
    targets: Vec<(i32, i64)>,
    /// Quarantined parts that a replay superseded.
    replayed: HashSet<Place>,
    /// Parts that are there twice.
    twice: Vec<Place>,
    /// Of each shard, one past the last record that a commit names.
    ends: BTreeMap<i32, i64>,
    /// Rows and verdicts of records that no commit names.
    unnamed: Vec<Place>,
    /// Records of files that couldn't be read: shard, first, one past the last. That is
    /// told of the file.
    unread: Vec<(i32, i64, i64)>,
}

impl Positions {
    /// For the files of a ledger.
    pub(super) fn new(sealed: &[Sealed]) -> Self {
        let replayed = sealed
            .iter()
            .filter_map(|sealed| sealed.tags.as_ref())
            .flat_map(|tags| tags.replays.iter().copied())
            .collect();
        let mut ends: BTreeMap<i32, i64> = BTreeMap::new();
        for range in sealed.iter().filter_map(|s| s.tags.as_ref()).flat_map(|tags| &tags.ranges) {
            let end = ends.entry(range.shard).or_default();
            *end = range.to.max(*end);
        }
        Self { replayed, ends, ..Self::default() }
    }

    /// Notes the rows of a live file.
    pub(super) fn add(&mut self, table: Table, places: impl Iterator<Item = Place>) {
        let is_row = match table {
            Table::Events => true,
            Table::SetAside => false,
            Table::Shards
            | Table::People
            | Table::Factors
            | Table::Reconciliations
            | Table::VendorPolicies
            | Table::Policies
            | Table::Annotations => return,
        };
        for place in places {
            let (shard, seq, part) = place;
            // A row at the end of the world would take memory for everything before it.
            if seq < 0 || self.ends.get(&shard).is_none_or(|end| seq >= *end) {
                self.unnamed.push(place);
                continue;
            }
            let records = self.shards.entry(shard).or_default();
            records.accounted.set(seq);
            if is_row {
                records.rows.set(seq);
            }
            if part != 0 {
                continue;
            }
            let (own, other) = if is_row {
                (&mut records.first_rows, &records.first_verdicts)
            } else {
                (&mut records.first_verdicts, &records.first_rows)
            };
            if (own.set(seq) || other.has(seq)) && !self.replayed.contains(&place) {
                self.twice.push(place);
            }
        }
    }

    /// Notes a live file that couldn't be read.
    pub(super) fn add_unread(&mut self, sealed: &Sealed) {
        let ranges = sealed.tags.iter().flat_map(|tags| &tags.ranges);
        self.unread.extend(ranges.map(|range| (range.shard, range.from, range.to)));
    }

    fn is_unread(&self, shard: i32, seq: i64) -> bool {
        self.unread.iter().any(|(of, from, to)| *of == shard && *from <= seq && seq < *to)
    }

    /// Notes rows that verdicts point to.
    pub(super) fn point_to(&mut self, targets: Vec<(i32, i64)>) {
        self.targets.extend(targets);
    }

    /// Compares with what the commits say they account for.
    pub(super) fn check(&self, sealed: &[Sealed], findings: &mut Vec<Finding>) {
        let mut found = |kind, what: String, detail: String| {
            findings.push(Finding::new(kind, what, detail));
        };
        if let Some((shard, seq, part)) = self.twice.first() {
            let detail =
                format!("it has a row or a verdict more than once{}", others(self.twice.len()));
            found(FindingKind::Positions, format!("record {shard}-{seq}-{part}"), detail);
        }
        if let Some((shard, seq, part)) = self.unnamed.first() {
            let detail = format!(
                "it has a row or a verdict{}, and no commit names such a record",
                others(self.unnamed.len())
            );
            found(FindingKind::Positions, format!("record {shard}-{seq}-{part}"), detail);
        }
        let spans = spans(sealed);
        let mut told = HashSet::new();
        for (shard, spans) in &spans {
            let mut end = 0;
            for span in spans {
                if span.from > end {
                    let what = format!("shard {shard}, records {end} to {}", span.from - 1);
                    let detail = "no commit accounts for them".to_owned();
                    found(FindingKind::Positions, what, detail);
                }
                end = end.max(span.to);
                // A merged file and those that it came from name the same.
                if !told.insert((*shard, span.from, span.to)) {
                    continue;
                }
                let mut missing = span.outside_gaps().filter(|seq| self.misses(*shard, span, *seq));
                if let Some(first) = missing.next() {
                    let what = format!("shard {shard}, records {} to {}", span.from, span.to - 1);
                    let more = missing.count();
                    let detail = match more {
                        0 => format!("record {first} has neither a row nor a verdict"),
                        _ => format!(
                            "record {first} and {more} more have neither a row nor a verdict"
                        ),
                    };
                    found(FindingKind::Positions, what, detail);
                }
            }
        }
        let gone = sealed.iter().filter(|file| file.state == State::Gone);
        let gone = gone.filter_map(|file| file.tags.as_ref()).flat_map(|tags| &tags.replays);
        let gone: HashSet<(i32, i64)> = gone.map(|(shard, seq, _)| (*shard, *seq)).collect();
        self.check_targets(&spans, &gone, findings);
    }

    fn misses(&self, shard: i32, span: &Span, seq: i64) -> bool {
        let accounted = || self.shards.get(&shard).is_some_and(|r| r.accounted.has(seq));
        !span.is_excused && !accounted() && !self.is_unread(shard, seq)
    }

    fn check_targets(
        &self,
        spans: &BTreeMap<i32, Vec<Span>>,
        gone: &HashSet<(i32, i64)>,
        findings: &mut Vec<Finding>,
    ) {
        let is_excused = |shard: i32, seq: i64| {
            if gone.contains(&(shard, seq)) || self.is_unread(shard, seq) {
                return true;
            }
            let spans = spans.get(&shard).map(Vec::as_slice).unwrap_or_default();
            spans.iter().any(|span| span.is_excused && span.from <= seq && seq < span.to)
        };
        let mut false_targets = self.targets.iter().filter(|(shard, seq)| {
            let has_row = self.shards.get(shard).is_some_and(|records| records.rows.has(*seq));
            !has_row && !is_excused(*shard, *seq)
        });
        if let Some((shard, seq)) = false_targets.next() {
            let detail = format!(
                "a verdict says that its content is in a row of record {shard}-{seq}, which has none; {} more do alike",
                false_targets.count()
            );
            findings.push(Finding::new(FindingKind::FalseVerdict, "set_aside", detail));
        }
    }
}

/// Records that commits account for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    from: i64,
    to: i64,
    gaps: Vec<(i64, i64)>,
    /// Nothing is asked of it: its rows were removed by a rule, or aren't sealed yet.
    is_excused: bool,
}

impl Span {
    /// Its records that exist. A gap may be longer than anybody could count.
    fn outside_gaps(&self) -> impl Iterator<Item = i64> + use<> {
        let mut gaps = self.gaps.clone();
        gaps.sort_unstable();
        let starts: Vec<i64> =
            std::iter::once(self.from).chain(gaps.iter().map(|(_, to)| *to)).collect();
        let ends: Vec<i64> =
            gaps.iter().map(|(from, _)| *from).chain(std::iter::once(self.to)).collect();
        starts.into_iter().zip(ends).flat_map(|(from, to)| from..to)
    }
}

/// What the commits account for, by shard, in order. Both files of a seal name the
/// same ranges; after a crash between the two, the verdicts' may end earlier.
fn spans(sealed: &[Sealed]) -> BTreeMap<i32, Vec<Span>> {
    let mut sealed_to: BTreeMap<i32, i64> = BTreeMap::new();
    for file in sealed.iter().filter(|file| file.table == Table::Events) {
        for range in file.tags.iter().flat_map(|tags| &tags.ranges) {
            let to = sealed_to.entry(range.shard).or_default();
            *to = range.to.max(*to);
        }
    }
    let mut spans: BTreeMap<i32, Vec<Span>> = BTreeMap::new();
    for file in sealed {
        for range in file.tags.iter().flat_map(|tags| &tags.ranges) {
            // Its verdicts are committed and its rows not yet: the log has them.
            let is_half = range.rows > 0
                && file.table == Table::SetAside
                && sealed_to.get(&range.shard).copied().unwrap_or_default() < range.to;
            spans.entry(range.shard).or_default().push(Span {
                from: range.from,
                to: range.to,
                gaps: range.gaps.clone(),
                is_excused: is_half || file.state == State::Gone,
            });
        }
    }
    for spans in spans.values_mut() {
        spans.sort();
        excuse_covered(spans);
    }
    spans
}

/// What one file of a seal is excused from, the other is too.
fn excuse_covered(spans: &mut [Span]) {
    let excused: Vec<(i64, i64)> =
        spans.iter().filter(|span| span.is_excused).map(|span| (span.from, span.to)).collect();
    for span in spans {
        span.is_excused |= excused.iter().any(|(from, to)| *from <= span.from && span.to <= *to);
    }
}

/// That the first of so many isn't the only one.
fn others(all: usize) -> String {
    match all.saturating_sub(1) {
        0 => String::new(),
        1 => ", as has 1 other".to_owned(),
        more => format!(", as have {more} others"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::{SegmentTags, ShardRange};

    fn file(table: Table, from: i64, to: i64, rows: i64) -> Sealed {
        let range = ShardRange { shard: 1, from, to, rows, ..ShardRange::default() };
        let tags = SegmentTags { ranges: vec![range], ..SegmentTags::default() };
        let file = rollcall_ledger::File {
            path: format!("{}-{from}", table.name()),
            bytes: 0,
            sha256: String::new(),
            rows: 0,
            schema_version: 1,
            row_root: None,
            time_min: None,
            time_max: None,
            received_min: None,
            received_max: None,
            ranges_sha256: String::new(),
        };
        Sealed { table, file, tags: Some(tags), index: 0, state: State::Live, merged: Vec::new() }
    }

    fn rows(from: i64, to: i64) -> impl Iterator<Item = Place> {
        (from..to).map(|seq| (1, seq, 0))
    }

    fn found(sealed: &[Sealed], add: impl FnOnce(&mut Positions)) -> Vec<String> {
        let mut positions = Positions::new(sealed);
        add(&mut positions);
        let mut findings = Vec::new();
        positions.check(sealed, &mut findings);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_record_once_is_clean() {
        let sealed = [file(Table::Events, 0, 10, 6), file(Table::SetAside, 0, 10, 6)];
        let clean = found(&sealed, |positions| {
            positions.add(Table::Events, rows(0, 6));
            positions.add(Table::SetAside, rows(6, 10));
        });
        assert_eq!(clean, [""; 0]);
    }

    #[test]
    fn a_record_without_row_or_verdict_is_told() {
        let sealed = [file(Table::Events, 0, 10, 9)];
        let told = found(&sealed, |positions| {
            positions.add(Table::Events, rows(0, 4).chain(rows(5, 10)));
        });
        assert_eq!(
            told,
            ["positions: shard 1, records 0 to 9: record 4 has neither a row nor a verdict"]
        );
    }

    #[test]
    fn a_run_that_no_commit_names_is_told() {
        let sealed = [file(Table::Events, 0, 4, 4), file(Table::Events, 6, 8, 2)];
        let told = found(&sealed, |positions| positions.add(Table::Events, rows(0, 8)));
        assert_eq!(told, ["positions: shard 1, records 4 to 5: no commit accounts for them"]);
    }

    #[test]
    fn a_record_with_a_row_and_a_verdict_is_told_unless_it_was_replayed() {
        let mut sealed = vec![file(Table::Events, 0, 4, 4), file(Table::SetAside, 0, 4, 4)];
        let both = |positions: &mut Positions| {
            positions.add(Table::Events, rows(0, 4));
            positions.add(Table::SetAside, rows(2, 3));
        };
        let told = found(&sealed, both);
        let expected = "positions: record 1-2-0: it has a row or a verdict more than once";
        assert_eq!(told, [expected]);
        let tags = SegmentTags { replays: vec![(1, 2, 0)], ..SegmentTags::default() };
        sealed.push(Sealed { tags: Some(tags), ..file(Table::Events, 0, 0, 0) });
        assert_eq!(found(&sealed, both), [""; 0]);
    }

    #[test]
    fn verdicts_that_were_committed_before_a_crash_excuse_the_rows() {
        let sealed = [file(Table::Events, 0, 4, 4), file(Table::SetAside, 4, 9, 3)];
        let clean = found(&sealed, |positions| {
            positions.add(Table::Events, rows(0, 4));
            positions.add(Table::SetAside, rows(7, 9));
        });
        assert_eq!(clean, [""; 0]);
    }

    #[test]
    fn a_verdict_that_points_to_no_row_is_told() {
        let sealed = [file(Table::Events, 0, 2, 1), file(Table::SetAside, 0, 2, 1)];
        let told = found(&sealed, |positions| {
            positions.add(Table::Events, rows(0, 1));
            positions.add(Table::SetAside, rows(1, 2));
            positions.point_to(vec![(1, 0), (1, 7)]);
        });
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("false verdict: set_aside: "), "{told:?}");
    }
}
