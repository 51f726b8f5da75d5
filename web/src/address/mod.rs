//! The address is the state: period, zone, grain, split and filters stand in
//! the query string, and nowhere else.
//!
//! ```text
//! parse     query string → Address, or what is wrong with it
//! period    which days that means: presets, the default
//! view      Address + what data there is → the filter for questions
//! link      Address → query string, with something changed
//! ```

mod link;
mod parse;
mod period;
mod view;

pub(crate) use parse::Problem;
pub(crate) use period::{Days, Preset};
pub(crate) use view::{Span, View};

use chrono_tz::Tz;
use rollcall_query::{Dimension, Grain};

/// What a query string says. What it doesn't say is left to the defaults.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Address {
    /// Which days.
    pub(crate) period: Period,
    /// Whose days.
    pub(crate) zone: Option<Tz>,
    /// Width of a bucket.
    pub(crate) grain: Option<Grain>,
    /// What to split by.
    pub(crate) by: Option<Dimension>,
    /// Values that rows must have.
    pub(crate) only: Vec<(Dimension, String)>,
    /// A page's own parameters, in the order of the address.
    pub(crate) own: Vec<(String, String)>,
}

/// The period as an address says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Period {
    /// Not said: the last 28 days with data.
    #[default]
    Default,
    /// By name.
    Preset(Preset),
    /// By first and last day.
    Days(Days),
}

impl Address {
    /// One of the page's own parameters.
    pub(crate) fn own(&self, name: &str) -> Option<&str> {
        self.own.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value that a dimension must have.
    pub(crate) fn only(&self, dimension: Dimension) -> Option<&str> {
        self.only.iter().find(|(key, _)| *key == dimension).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests;
