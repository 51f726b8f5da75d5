//! One series: what it counted, what it usually has, and what is unusual now.

use serde::{Deserialize, Serialize};

use super::{
    budget::{Budget, Scope},
    calendar::Calendar,
    kind::Kind,
    model::{Model, Span},
    tally::Tally,
    window::{DAY_MINUTES, Hour, LEARNED_HOURS, LENGTHS, Length, Minute, RECENT_MINUTES},
};
use crate::stats::{
    counts::Counts,
    estimate::{Estimate, NotEstimable},
    real,
};

/// Weeks of counts that are kept and fitted.
pub(super) const KEPT_WEEKS: u32 = 16;

/// Days for which hours in which something was raised are left out of the fit: what was
/// an attack must not be learned while it goes on. Later they come back, weighed down; a
/// level that stays is the new usual.
const LOOKED_AT_DAYS: u32 = 14;

/// Counts below which nothing is told, however unusual; and by how much it must be more
/// than expected: what is smaller helps nobody.
const LEAST: u64 = 5;
const LEAST_RATIO: f64 = 1.5;

/// A series' past and present.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Series {
    pub(super) kind: Kind,
    /// Its source by number; none: all sources together.
    pub(super) source: Option<usize>,
    pub(super) service: Option<String>,
    /// The first hour that counts.
    pub(super) began: Hour,
    recent: Tally,
    history: Tally,
    /// What was raised: length, cell, and the most that a window of it had.
    raised: Vec<(usize, u32, u64)>,
    /// Hours in which something was raised, `[from, to)`.
    outbreaks: Vec<(Hour, Hour)>,
    /// Minutes that changed since it was last judged.
    touched: Option<(Minute, Minute)>,
    #[serde(skip)]
    fitted: Option<Fitted>,
}

/// The model of a day, and what the newest cell of each length should have.
#[derive(Debug, Clone)]
struct Fitted {
    upto: Hour,
    model: Estimate<Model>,
    cells: [Option<(u32, Counts)>; LENGTHS.len()],
}

/// What judging needs beside the series.
#[derive(Clone, Copy)]
pub(super) struct Court<'a> {
    pub(super) calendar: &'a Calendar,
    pub(super) budget: &'a Budget,
    pub(super) level: f64,
    /// The first hour of the day: models are of what was before.
    pub(super) today: Hour,
    /// Whether a source was silent in an hour.
    pub(super) is_silent: &'a dyn Fn(Option<usize>, Hour) -> bool,
}

/// A window that is raised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Raised {
    pub(super) length: Length,
    /// Its minutes, `[from, to)`.
    pub(super) span: (Minute, Minute),
    pub(super) count: u64,
    pub(super) expected: f64,
    /// What 99 of 100 such windows have at most.
    pub(super) most: u64,
    pub(super) p_value: f64,
    pub(super) q_value: f64,
    pub(super) weeks: f64,
}

impl Series {
    pub(super) fn new(
        kind: Kind,
        source: Option<usize>,
        service: Option<String>,
        began: Hour,
    ) -> Self {
        Self {
            kind,
            source,
            service,
            began,
            recent: Tally::default(),
            history: Tally::default(),
            raised: Vec::new(),
            outbreaks: Vec::new(),
            touched: None,
            fitted: None,
        }
    }

    pub(super) const fn scope(&self) -> Scope {
        match (self.source, &self.service) {
            (None, _) => Scope::All,
            (Some(_), None) => Scope::Source,
            (Some(_), Some(_)) => Scope::Service,
        }
    }

    /// Counts one event. What is later than the longest window still counts for what is
    /// usual, but isn't judged.
    pub(super) fn count(&mut self, minute: Minute, newest: Minute) {
        if minute / 60 < self.began {
            return;
        }
        self.history.add(minute / 15, 1);
        if minute.saturating_add(RECENT_MINUTES) > newest {
            self.recent.add(minute, 1);
            let (from, to) = self.touched.unwrap_or((minute, minute));
            self.touched = Some((from.min(minute), to.max(minute)));
        }
    }

    /// Takes another series' counts to its own. Its past then begins where both are known.
    pub(super) fn absorb(&mut self, other: &Self) {
        self.began = self.began.max(other.began);
        other.history.iter().for_each(|(quarter, count)| self.history.add(quarter, count));
        other.recent.iter().for_each(|(minute, count)| self.recent.add(minute, count));
        self.fitted = None;
    }

    /// Whether it has been counted for long enough, at the beginning of a day.
    pub(super) fn has_learned(&self, today: Hour) -> bool {
        fitted_upto(self.began, today).is_some()
    }

    /// What it lacks to be judged, where it does: as told of its own past.
    pub(super) fn lacks(&mut self, court: &Court<'_>) -> Option<NotEstimable> {
        let need = usize::try_from(LEARNED_HOURS).unwrap_or(usize::MAX);
        if self.has_learned(court.today) {
            return self.fit(court).and_then(|fitted| fitted.model.as_ref().err().copied());
        }
        let have = usize::try_from(court.today.saturating_sub(self.began)).unwrap_or(0);
        Some(NotEstimable::TooFew { what: "hours of data", have, need })
    }

    /// Judges the windows that changed since the last time.
    pub(super) fn judge(&mut self, court: &Court<'_>, newest: Minute) -> Vec<Raised> {
        let Some((from, to)) = self.touched.take() else { return Vec::new() };
        if !self.has_learned(court.today) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (at, length) in LENGTHS.into_iter().enumerate() {
            // A late event is in all windows that end up to a length after it.
            let ends = (from, to.saturating_add(length.minutes).min(newest.saturating_add(1)));
            let candidates: Vec<(Minute, u64)> = self
                .recent
                .sliding(ends, length.minutes)
                .filter(|(_, count)| *count >= LEAST)
                .collect();
            for (end, count) in candidates {
                found.extend(self.weigh(court, (at, length), end, count));
            }
        }
        found
    }

    /// Decides about one window, where it is more than its cell had before.
    fn weigh(
        &mut self,
        court: &Court<'_>,
        (at, length): (usize, Length),
        end: Minute,
        count: u64,
    ) -> Option<Raised> {
        let cell = length.cell(end);
        let before = self.raised.iter().position(|(of, then, _)| (*of, *then) == (at, cell));
        let most = before.and_then(|before| self.raised.get(before)).map_or(0, |row| row.2);
        if count <= most {
            return None;
        }
        let share = court.budget.share(self.scope(), length);
        let counts = self.counts_of(court, at, cell)?;
        // Most windows end here: a count near its mean is never that unusual.
        let seen = real(i64::try_from(count).unwrap_or(i64::MAX));
        if seen <= counts.mean() {
            return None;
        }
        let p_value = counts.tail(count).reported();
        let q_value = if share > 0.0 { (p_value / share).min(1.0) } else { 1.0 };
        if q_value > court.level {
            return None;
        }
        let span = (end.saturating_sub(length.minutes - 1), end.saturating_add(1));
        let model = self.fitted.as_ref()?.model.as_ref().ok()?;
        let (expected, weeks) = (model.mean(court.calendar, span), model.weeks());
        if seen < expected * LEAST_RATIO {
            return None;
        }
        let usual = Counts::new(expected, counts.dispersion()).ok()?.quantile(0.99);
        match before.and_then(|before| self.raised.get_mut(before)) {
            Some(row) => row.2 = count,
            None => self.raised.push((at, cell, count)),
        }
        self.note_outbreak(span);
        Some(Raised { length, span, count, expected, most: usual, p_value, q_value, weeks })
    }

    /// What all that a cell's windows lie in should have.
    fn counts_of(&mut self, court: &Court<'_>, length: usize, cell: u32) -> Option<Counts> {
        let reach = LENGTHS.get(length)?.reach(cell);
        let fitted = self.fit(court)?;
        let slot = fitted.cells.get_mut(length)?;
        if let Some((of, counts)) = slot
            && *of == cell
        {
            return Some(*counts);
        }
        let model = fitted.model.as_ref().ok()?;
        let counts = model.counts(court.calendar, reach, length).ok()?;
        *slot = Some((cell, counts));
        Some(counts)
    }

    /// Remembers hours in which something was raised.
    fn note_outbreak(&mut self, (from, to): (Minute, Minute)) {
        let (from, to) = (from / 60, to.div_ceil(60));
        match self.outbreaks.iter_mut().find(|(start, end)| *start <= to && from <= *end) {
            Some(span) => *span = (span.0.min(from), span.1.max(to)),
            None => self.outbreaks.push((from, to)),
        }
    }

    /// The model of the day; made when it is first needed, which for most series is never.
    fn fit(&mut self, court: &Court<'_>) -> Option<&mut Fitted> {
        let upto = fitted_upto(self.began, court.today)?;
        if self.fitted.as_ref().is_none_or(|fitted| fitted.upto != upto) {
            let looked_at = upto.saturating_sub(LOOKED_AT_DAYS * 24);
            let (source, outbreaks) = (self.source, &self.outbreaks);
            let is_silent = |hour: Hour| (court.is_silent)(source, hour);
            let is_left_out = |hour: Hour| {
                let is_new =
                    |(from, to): &(Hour, Hour)| *to > looked_at && (*from..*to).contains(&hour);
                outbreaks.iter().any(is_new) || is_silent(hour)
            };
            let from = self.began.max(upto.saturating_sub(KEPT_WEEKS * 168));
            let fit = |is_left_out: &dyn Fn(Hour) -> bool| {
                Model::fit(&self.history, &Span { from, upto, is_left_out }, court.calendar)
            };
            // A long campaign must not make a young series deaf: it then learns from all,
            // the campaign weighed down.
            let model = match fit(&is_left_out) {
                Err(NotEstimable::TooFew { .. }) => fit(&is_silent),
                model => model,
            };
            self.fitted = Some(Fitted { upto, model, cells: [None; LENGTHS.len()] });
        }
        self.fitted.as_mut()
    }

    /// Drops what is neither judged nor fitted any more.
    pub(super) fn tidy(&mut self, newest: Minute) {
        let recent = newest.saturating_sub(RECENT_MINUTES);
        self.recent.forget_before(recent);
        let kept = (newest / 60).saturating_sub((KEPT_WEEKS + 1) * 168);
        self.history.forget_before(kept * 4);
        let is_recent = |(at, cell, _): &(usize, u32, u64)| {
            LENGTHS.get(*at).is_some_and(|length| length.reach(*cell).1 > recent)
        };
        self.raised.retain(is_recent);
        self.outbreaks.retain(|(_, to)| *to > kept);
    }
}

/// Up to which hour a series that began then is fitted on a day: at four weeks for the
/// first time, and anew when there is a tenth more, after a day at the earliest and a
/// week at the latest.
fn fitted_upto(began: Hour, today: Hour) -> Option<Hour> {
    let age = today.checked_sub(began)? / 24;
    let first = LEARNED_HOURS / 24;
    if age < first {
        return None;
    }
    let mut days = first;
    loop {
        let next = days + (days / 10).clamp(1, 7);
        if next > age {
            return Some(began + days * 24);
        }
        days = next;
    }
}

/// The first hour of the day that a minute is in.
pub(super) const fn day_began(minute: Minute) -> Hour {
    minute / DAY_MINUTES * 24
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_fitted_when_there_is_a_tenth_more() {
        assert_eq!(fitted_upto(1_000, 1_000 + 671), None);
        let upto =
            |days: u32| fitted_upto(1_000, 1_000 + days * 24).map(|hour| (hour - 1_000) / 24);
        assert_eq!(upto(28), Some(28));
        assert_eq!(upto(29), Some(28));
        assert_eq!(upto(30), Some(30));
        let days: std::collections::BTreeSet<_> = (28..120).filter_map(upto).collect();
        assert!(days.len() < 20, "{days:?}");
        for day in 28..400 {
            let behind = day - upto(day).expect("a day");
            assert!(behind < 7, "{day}");
        }
        assert_eq!(fitted_upto(5_000, 1_000), None);
    }

    #[test]
    fn what_comes_too_late_is_history_only() {
        let mut series = Series::new(Kind::Failures, Some(0), None, 0);
        let newest = 40_000;
        series.count(newest - RECENT_MINUTES, newest);
        assert_eq!(series.touched, None);
        series.count(newest - RECENT_MINUTES + 1, newest);
        assert!(series.touched.is_some());
        assert_eq!(series.history.sum(0, u32::MAX), 2);
        assert_eq!(series.recent.sum(0, u32::MAX), 1);
    }

    #[test]
    fn neighbouring_outbreaks_are_one() {
        let mut series = Series::new(Kind::Failures, None, None, 0);
        series.note_outbreak((600, 630));
        series.note_outbreak((640, 700));
        series.note_outbreak((6_000, 6_001));
        assert_eq!(series.outbreaks, [(10, 12), (100, 101)]);
        series.tidy(6_000 + 17 * 10_080);
        assert!(series.outbreaks.len() <= 1);
    }
}
