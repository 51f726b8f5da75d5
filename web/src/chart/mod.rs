//! Charts: geometry in Rust, markup in `templates/chart`, colours in the style.
//!
//! A chart is as wide as its panel and keeps its letters' size: x is in
//! percent (or in thousandths, inside a stretched `viewBox` that holds paths
//! alone), y in pixels.
//!
//! ```text
//! bucket      which buckets a period has
//! series      points of a metric → at most four series and "Other"
//! ink         a colour and a dash for every series, the same everywhere
//! scale       axes with round ticks
//! trace       values → paths: broken by null, grey below 30, dashed at the end
//! flag        numbered flags where a policy changed
//! line, stack, bars, dots, multiples, spark   the kinds
//! ```

pub(crate) mod bars;
pub(crate) mod bucket;
pub(crate) mod dots;
pub(crate) mod flag;
pub(crate) mod ink;
pub(crate) mod line;
pub(crate) mod multiples;
pub(crate) mod scale;
pub(crate) mod series;
pub(crate) mod spark;
pub(crate) mod stack;
pub(crate) mod trace;

use askama::Template;

use crate::markup::Markup;

/// Below this many, a value is drawn in grey.
pub(crate) const FEW: i64 = 30;

/// What stands in front of every chart's drawing.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Head {
    /// Unique on the page; ids of title and description are made of it.
    pub(crate) id: String,
    /// What the chart shows.
    pub(crate) title: String,
    /// What it says, from the data.
    pub(crate) desc: String,
    /// Height in pixels.
    pub(crate) height: f64,
    /// Class of its kind.
    pub(crate) kind: &'static str,
    /// Room for labels on both sides, in a file; on a page the style has it.
    pub(crate) left: u32,
    pub(crate) right: u32,
    /// Room for a key below, in a file; a page has its own.
    pub(crate) below: f64,
    /// Whether names of series stand on the right.
    pub(crate) labelled: bool,
    /// How many buckets there are; none where it isn't over time.
    pub(crate) buckets: usize,
    /// Whether it is a file of its own, with its style inside.
    pub(crate) alone: bool,
}

/// A chart of any kind.
#[derive(Debug, Clone)]
pub(crate) enum Chart {
    /// Values over time.
    Line(line::Line),
    /// Counts or shares over time that add up.
    Stack(stack::Stack),
    /// One value a group.
    Bars(bars::Bars),
    /// Quantiles of groups.
    Dots(dots::Dots),
    /// The same small chart for every group.
    Multiples(multiples::Multiples),
}

impl Chart {
    /// The markup for a page.
    pub(crate) fn markup(&self) -> Result<Markup, askama::Error> {
        let text = match self {
            Self::Line(chart) => chart.render(),
            Self::Stack(chart) => chart.render(),
            Self::Bars(chart) => chart.render(),
            Self::Dots(chart) => chart.render(),
            Self::Multiples(chart) => chart.render(),
        };
        text.map(Markup)
    }

    /// A file of its own.
    pub(crate) fn file(mut self) -> Result<String, askama::Error> {
        match &mut self {
            Self::Line(chart) => chart.head.alone = true,
            Self::Stack(chart) => chart.head.alone = true,
            Self::Bars(chart) => chart.head.alone = true,
            Self::Dots(chart) => chart.head.alone = true,
            Self::Multiples(chart) => chart.head.alone = true,
        }
        self.markup().map(|markup| markup.0)
    }
}

/// A length or a share of the width, with one decimal at most: that is a tenth
/// of a pixel, and pages stay small.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub(crate) struct At(pub(crate) f64);

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rounded = (self.0 * 10.0).round() / 10.0;
        // Also turns −0 into 0.
        write!(f, "{}", rounded + 0.0)
    }
}
