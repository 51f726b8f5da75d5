//! Panels: a question, a sentence with the finding, a chart, the table, the
//! SQL, ways to take it along, and what to know of it.
//!
//! ```text
//! spec      which panels there are, as data
//! context   what all panels of a page share: one instant, one period
//! metric    a panel over a metric
//! query     a panel over a page's query; its tables are rows of `listing`
//! process   a panel over what the process tells of itself
//! finding   the sentence, by unit
//! estimate  the sentence of rates, spells, comparisons and changes
//! table     the table
//! draw      a metric's result as a chart of the panel's shape
//! footer    as of, lag, n, what is left out; what is missing
//! run       panels side by side, each on its own feet
//! ```

pub(crate) mod context;
pub(crate) mod draw;
pub(crate) mod estimate;
pub(crate) mod finding;
pub(crate) mod footer;
pub(crate) mod listing;
pub(crate) mod metric;
pub(crate) mod process;
pub(crate) mod query;
pub(crate) mod run;
pub(crate) mod spec;
pub(crate) mod table;

use askama::Template;

use crate::chart::flag::Flag;
use crate::chart::stack::Layer;
use crate::markup::Markup;
use table::Table;

/// How a panel fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// All there.
    Whole,
    /// There, and something is missing: what.
    Partial(Vec<String>),
    /// What it needs isn't set up: what to do.
    NotConfigured(String),
    /// There is nothing in the period.
    NoEvents(String),
    /// The filters leave nothing; the address without them has something.
    Excluded {
        /// Which filters.
        filters: String,
        /// The address without them.
        href: String,
    },
    /// It failed.
    Failed {
        /// The id in the log.
        operation: String,
        /// What happened.
        message: String,
    },
}

/// A way to take a panel along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// What it says.
    pub(crate) label: &'static str,
    /// Where it goes.
    pub(crate) href: String,
}

/// A panel, ready to be shown.
#[derive(Debug, Clone, Template)]
#[template(path = "panel/panel.html")]
pub(crate) struct Panel {
    /// Its id on the page and in the address.
    pub(crate) id: &'static str,
    /// The question.
    pub(crate) title: String,
    /// The answer in a sentence.
    pub(crate) finding: String,
    /// How it fares.
    pub(crate) state: State,
    /// Whether it takes the whole width.
    pub(crate) wide: bool,
    /// The chart.
    pub(crate) chart: Option<Markup>,
    /// A key to the colours, where the chart has no labels of its own.
    pub(crate) key: Vec<Layer>,
    /// A key to the flags.
    pub(crate) flags: Vec<Flag>,
    /// The table.
    pub(crate) table: Option<Table>,
    /// Whether the table stands open: a list is its table.
    pub(crate) open: bool,
    /// The SQL.
    pub(crate) sql: String,
    /// CSV, XLSX, JSON, SVG, link.
    pub(crate) links: Vec<Link>,
    /// As of, lag, n, what is left out: names and values.
    pub(crate) footer: Vec<(&'static str, String)>,
}

impl Panel {
    /// A panel that shows nothing but how it fares.
    pub(crate) fn bare(id: &'static str, title: String, wide: bool, state: State) -> Self {
        Self {
            id,
            title,
            finding: String::new(),
            state,
            wide,
            chart: None,
            key: Vec::new(),
            flags: Vec::new(),
            table: None,
            open: false,
            sql: String::new(),
            links: Vec::new(),
            footer: Vec::new(),
        }
    }
}
