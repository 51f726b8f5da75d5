//! Query string → [`Address`]. Every parameter is known and valid, or it is
//! named together with what would be.

use chrono::NaiveDate;
use rollcall_query::{Dimension, Grain};
use url::form_urlencoded;

use super::{Address, Days, Period, Preset};

/// Longest value that a filter may have.
const LONGEST: usize = 200;

/// One parameter that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Its name.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: String,
    /// What would be right.
    pub(crate) hint: String,
}

impl Problem {
    fn new(name: &str, value: &str, hint: impl Into<String>) -> Self {
        let short = |text: &str| crate::text::visible(text).chars().take(60).collect();
        Self { name: short(name), value: short(value), hint: hint.into() }
    }
}

#[derive(Default)]
struct Reading {
    address: Address,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    problems: Vec<Problem>,
}

impl Address {
    /// Reads a query string; `own` names the page's own parameters. Empty
    /// values are those of empty form fields and say nothing.
    pub(crate) fn parse(query: &str, own: &[&str]) -> Result<Self, Vec<Problem>> {
        let mut reading = Reading::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !value.trim().is_empty() {
                reading.take(&name, value.trim(), own);
            }
        }
        reading.finish()
    }
}

impl Reading {
    fn take(&mut self, name: &str, value: &str, own: &[&str]) {
        if value.chars().count() > LONGEST {
            self.wrong(name, value, format!("at most {LONGEST} characters"));
        } else if own.contains(&name) {
            self.address.own.push((name.to_owned(), value.to_owned()));
        } else if let Some(dimension) = Dimension::from_word(name) {
            if self.address.only(dimension).is_some() {
                self.wrong(name, value, "once at most");
            } else {
                self.address.only.push((dimension, value.to_owned()));
            }
        } else {
            self.take_common(name, value);
        }
    }

    fn take_common(&mut self, name: &str, value: &str) {
        match name {
            "from" => self.from = self.day(name, value),
            "to" => self.to = self.day(name, value),
            "period" => match Preset::from_word(value) {
                Some(preset) => self.address.period = Period::Preset(preset),
                None => self.wrong(name, value, Preset::WORDS),
            },
            "tz" => match value.parse() {
                Ok(zone) => self.address.zone = Some(zone),
                Err(_) => self.wrong(name, value, "a time zone, for instance Europe/Berlin or UTC"),
            },
            "grain" => match Grain::from_word(value) {
                Some(grain) => self.address.grain = Some(grain),
                None => self.wrong(name, value, Grain::ALL.map(Grain::as_str).join(", ")),
            },
            "by" => match Dimension::from_word(value) {
                Some(dimension) => self.address.by = Some(dimension),
                None => self.wrong(name, value, Dimension::ALL.map(Dimension::as_str).join(", ")),
            },
            _ => self.wrong(name, value, "this page has no filter of that name"),
        }
    }

    fn day(&mut self, name: &str, value: &str) -> Option<NaiveDate> {
        let day = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok();
        // Four digits of a year: what fits into every format we write.
        let day = day.filter(|day| (1970..=9999).contains(&chrono::Datelike::year(day)));
        if day.is_none() {
            self.wrong(name, value, "a day, for instance 2026-03-31");
        }
        day
    }

    fn wrong(&mut self, name: &str, value: &str, hint: impl Into<String>) {
        self.problems.push(Problem::new(name, value, hint));
    }

    fn finish(mut self) -> Result<Address, Vec<Problem>> {
        match (self.from, self.to) {
            (None, None) => {}
            (Some(from), Some(to)) if from > to => {
                self.wrong("to", &to.to_string(), format!("not before from, {from}"));
            }
            (Some(from), Some(to)) => self.address.period = Period::Days(Days { from, last: to }),
            (Some(from), None) => self.wrong("from", &from.to_string(), "together with to"),
            (None, Some(to)) => self.wrong("to", &to.to_string(), "together with from"),
        }
        if self.problems.is_empty() { Ok(self.address) } else { Err(self.problems) }
    }
}
