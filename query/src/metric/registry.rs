//! The metrics, read from the headers of their files.

use std::sync::LazyLock;

use serde::Serialize;

use crate::filter::{Dimension, Grain};
use crate::result::{Band, Unit};

/// How the rows of a metric's SQL are turned into points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// `k` of `n`.
    Counts,
    /// Values and how often each one occurs.
    Histogram,
}

/// One metric.
#[derive(Debug, Clone, Serialize)]
pub struct Metric {
    /// `area/name`.
    pub name: &'static str,
    /// Changes when its meaning does.
    pub version: u32,
    /// Its title.
    pub question: &'static str,
    /// How its value is said: what follows the number; empty where the figures
    /// are named instead.
    pub sentence: &'static str,
    /// What it counts, in words: one, and many.
    pub counts: (&'static str, &'static str),
    /// What its values are.
    pub unit: Unit,
    /// What its band is.
    pub band: Band,
    /// How its rows become points.
    pub shape: Shape,
    /// Figures that Rust makes out of a histogram, in order.
    pub figures: Vec<&'static str>,
    /// Whether its figures share one population: one that has no row where
    /// others have is a zero out of the same number.
    pub absent_is_zero: bool,
    /// Whether every figure is given per 1,000 as well, as `per_1000/<figure>`.
    pub per_1000: bool,
    /// Widths of bucket that it can be asked in.
    pub grain: Vec<Grain>,
    /// What it can be split and filtered by.
    pub dimensions: Vec<Dimension>,
    /// Its bound parameters.
    pub parameters: Vec<&'static str>,
    /// What is counted.
    pub population: &'static str,
    /// What isn't.
    pub excludes: &'static str,
    /// The columns that its SQL gives.
    pub columns: &'static str,
    /// Its SQL as it stands in the file. `{group}` and `{only}` stand for the
    /// dimension's column and the conditions.
    pub sql: &'static str,
}

macro_rules! metric {
    ($name:literal) => {
        ($name, include_str!(concat!("../../metrics/", $name, ".sql")))
    };
}

const FILES: &[(&str, &str)] = &[
    metric!("attempts/by_outcome"),
    metric!("attempts/success_rate"),
    metric!("adoption/enrolled"),
    metric!("adoption/used"),
    metric!("adoption/phishing_resistant"),
    metric!("adoption/factor_mix"),
    metric!("latency/time_to_authenticate"),
    metric!("latency/prompt_to_response"),
    metric!("latency/measurable"),
    metric!("latency/abandoned"),
    metric!("failures/by_reason"),
    metric!("friction/prompts_per_person_day"),
    metric!("friction/blocked"),
    metric!("feedback/favourable"),
    metric!("data/completeness"),
    metric!("data/lag"),
    metric!("data/late"),
    metric!("data/silence"),
    metric!("data/revised"),
    metric!("data/rejected"),
    metric!("policies/violations"),
    metric!("policies/critical_coverage"),
    metric!("policies/blocked_work"),
    metric!("policies/blocked_minutes"),
    metric!("policies/exceptions"),
    metric!("policies/milestones"),
];

static METRICS: LazyLock<Vec<Metric>> =
    LazyLock::new(|| FILES.iter().map(|(name, sql)| read(name, sql)).collect());

/// Every metric.
pub fn metrics() -> &'static [Metric] {
    &METRICS
}

/// A metric by its name.
pub(super) fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// The value of a header line `-- key: value`; empty where there is none.
fn header(sql: &'static str, key: &str) -> &'static str {
    sql.lines()
        .map_while(|line| line.strip_prefix("-- "))
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
        .unwrap_or_default()
}

fn words(list: &'static str) -> Vec<&'static str> {
    list.split(", ").filter(|word| !word.is_empty()).collect()
}

fn read(name: &'static str, sql: &'static str) -> Metric {
    Metric {
        name,
        version: header(sql, "version").parse().unwrap_or_default(),
        question: header(sql, "question"),
        sentence: header(sql, "sentence"),
        counts: header(sql, "counts").split_once(", ").unwrap_or_default(),
        unit: match header(sql, "unit") {
            "share" => Unit::Share,
            "milliseconds" => Unit::Milliseconds,
            _ => Unit::Count,
        },
        band: match header(sql, "band") {
            "bounds" => Band::Bounds,
            "interval95" => Band::Interval95,
            _ => Band::None,
        },
        shape: match header(sql, "shape") {
            "histogram" => Shape::Histogram,
            _ => Shape::Counts,
        },
        figures: words(header(sql, "figures")),
        absent_is_zero: header(sql, "absent") == "zero",
        per_1000: header(sql, "also") == "per_1000",
        grain: words(header(sql, "grain")).into_iter().filter_map(Grain::from_word).collect(),
        dimensions: match header(sql, "dimensions") {
            "attempts" => Dimension::ALL.to_vec(),
            "people" => {
                vec![Dimension::Source, Dimension::Team, Dimension::Role, Dimension::Cohort]
            }
            "source" => vec![Dimension::Source],
            _ => Vec::new(),
        },
        parameters: PARAMETERS
            .iter()
            .copied()
            .filter(|name| sql.contains(&format!("${name}")))
            .collect(),
        population: header(sql, "population"),
        excludes: header(sql, "excludes"),
        columns: header(sql, "columns"),
        sql,
    }
}

/// What a metric's SQL may name.
const PARAMETERS: &[&str] = &["from", "to", "grain", "time_zone", "as_of"];
