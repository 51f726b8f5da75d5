//! [`Address`] → query string, with something changed.

use rollcall_query::Dimension;
use url::form_urlencoded::Serializer;

use super::{Address, Days, Period, View};

impl Address {
    /// The query string, with its `?` where it isn't empty.
    pub(crate) fn query(&self) -> String {
        let mut pairs = Serializer::new(String::new());
        match self.period {
            Period::Default => {}
            Period::Preset(preset) => {
                pairs.append_pair("period", preset.as_str());
            }
            Period::Days(days) => {
                pairs.append_pair("from", &days.from.to_string());
                pairs.append_pair("to", &days.last.to_string());
            }
        }
        if let Some(zone) = self.zone {
            pairs.append_pair("tz", zone.name());
        }
        if let Some(grain) = self.grain {
            pairs.append_pair("grain", grain.as_str());
        }
        if let Some(by) = self.by {
            pairs.append_pair("by", by.as_str());
        }
        for (dimension, value) in &self.only {
            pairs.append_pair(dimension.as_str(), value);
        }
        for (name, value) in &self.own {
            pairs.append_pair(name, value);
        }
        let query = pairs.finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    /// The same with another period.
    pub(crate) fn with_period(&self, period: Period) -> Self {
        Self { period, ..self.paged_back() }
    }

    /// The same where a dimension has another value, or none.
    pub(crate) fn with_only(&self, dimension: Dimension, value: Option<&str>) -> Self {
        let mut changed = self.paged_back();
        changed.only.retain(|(key, _)| *key != dimension);
        changed.only.extend(value.map(|value| (dimension, value.to_owned())));
        changed
    }

    /// The same where one of the page's own parameters has another value.
    pub(crate) fn with_own(&self, name: &str, value: Option<&str>) -> Self {
        let mut changed = if name == PAGE { self.clone() } else { self.paged_back() };
        changed.own.retain(|(key, _)| key != name);
        changed.own.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        changed
    }

    /// The part that means the same on every page.
    pub(crate) fn shared(&self) -> Self {
        Self { own: Vec::new(), ..self.clone() }
    }

    /// Another question begins at its first page.
    fn paged_back(&self) -> Self {
        let mut changed = self.clone();
        changed.own.retain(|(key, _)| key != PAGE);
        changed
    }
}

/// The parameter that says where a page of rows begins.
pub(crate) const PAGE: &str = "before";

impl View {
    /// The address with every time absolute: it means the same next week.
    pub(crate) fn frozen(&self) -> Address {
        Address {
            period: Period::Days(self.days),
            zone: Some(self.zone),
            grain: Some(self.grain),
            ..self.address.clone()
        }
    }

    /// The address of the period beside this one.
    pub(crate) fn beside(&self, direction: i64) -> Address {
        let days: Days = self.days.beside(direction);
        self.address.with_period(Period::Days(days))
    }
}
