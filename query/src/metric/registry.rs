//! The metrics, read from the headers of their files.

use std::sync::LazyLock;

use serde::Serialize;

use super::header::{body, header, words};
use super::statistic::Statistic;
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
    /// `k` over an exposure, a row a cluster.
    Rate,
    /// How long cases lasted, and how they went out.
    Spells,
    /// `k` of `n` by side, team and week.
    Compared,
    /// `k` of `n` by day, before and after a change.
    Segmented,
}

/// What a rate is given per.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Per {
    /// How many exposures.
    pub number: i64,
    /// Exposures of what: one of them where the number is 1.
    pub of: &'static str,
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
    /// What `k` and `n` of its figures are, in words; empty where the sentence says it.
    pub compares: (&'static str, &'static str),
    /// What its values are.
    pub unit: Unit,
    /// What its band is.
    pub band: Band,
    /// How its rows become points.
    pub shape: Shape,
    /// What its intervals rest on.
    pub statistic: Statistic,
    /// Of a rate: per how many of what.
    pub per: Option<Per>,
    /// Figures that Rust makes, in order; of counts the SQL names them.
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
    metric!("adoption/funnel"),
    metric!("adoption/weakest_way_in"),
    metric!("adoption/privileged_without_mfa"),
    metric!("adoption/dormant_factors"),
    metric!("adoption/sso_share"),
    metric!("directory/unmatched"),
    metric!("latency/time_to_authenticate"),
    metric!("latency/prompt_to_response"),
    metric!("latency/answered"),
    metric!("latency/abandonment"),
    metric!("latency/measurable"),
    metric!("latency/abandoned"),
    metric!("failures/by_reason"),
    metric!("failures/rate"),
    metric!("friction/prompts_per_person_day"),
    metric!("friction/denials_before_success"),
    metric!("friction/time_per_person_week"),
    metric!("friction/blocked"),
    metric!("recovery/time"),
    metric!("recovery/recovered"),
    metric!("recovery/slips"),
    metric!("recovery/lockouts"),
    metric!("recovery/factor_reset"),
    metric!("break_glass/uses"),
    metric!("break_glass/untested"),
    metric!("break_glass/new_device_after_reset"),
    metric!("sessions/age_at_last_use"),
    metric!("sessions/older_than"),
    metric!("sessions/used_after_end"),
    metric!("credentials/age"),
    metric!("credentials/unused"),
    metric!("credentials/without_mfa"),
    metric!("outage/availability"),
    metric!("outage/failed_open"),
    metric!("pilot/second_factor"),
    metric!("pilot/failures"),
    metric!("pilot/time_to_authenticate"),
    metric!("changes/success_rate"),
    metric!("changes/time_to_authenticate"),
    metric!("feedback/favourable"),
    metric!("feedback/response"),
    metric!("data/completeness"),
    metric!("data/lag"),
    metric!("data/late"),
    metric!("data/silence"),
    metric!("data/revised"),
    metric!("data/rejected"),
    metric!("data/reconciled"),
    metric!("data/retention"),
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

fn per(text: &'static str) -> Option<Per> {
    let (number, of) = text.split_once(' ')?;
    Some(Per { number: number.parse().ok()?, of })
}

/// What a header says a metric can be split by: whole lists, or dimensions by name.
fn dimensions(text: &'static str) -> Vec<Dimension> {
    let mut found = Vec::new();
    for word in words(text) {
        match word {
            "attempts" => found.extend(Dimension::OF_ATTEMPTS),
            "people" => found.extend([
                Dimension::Source,
                Dimension::Team,
                Dimension::Role,
                Dimension::Cohort,
            ]),
            other => found.extend(Dimension::from_word(other)),
        }
    }
    found
}

/// The file's SQL. One whose header names another metric's rows has that one's below
/// its own header.
fn with_rows(sql: &'static str) -> &'static str {
    let of = header(sql, "rows");
    match FILES.iter().find(|(name, _)| *name == of) {
        // Made once, and needed for as long as the process runs.
        Some((_, other)) => {
            Box::leak(format!("{}\n{}", sql.trim_end(), body(other)).into_boxed_str())
        }
        None => sql,
    }
}

fn read(name: &'static str, sql: &'static str) -> Metric {
    let shape = match header(sql, "shape") {
        "histogram" => Shape::Histogram,
        "rate" => Shape::Rate,
        "spells" => Shape::Spells,
        "compared" => Shape::Compared,
        "segmented" => Shape::Segmented,
        _ => Shape::Counts,
    };
    let sql = with_rows(sql);
    Metric {
        name,
        version: header(sql, "version").parse().unwrap_or_default(),
        question: header(sql, "question"),
        sentence: header(sql, "sentence"),
        counts: header(sql, "counts").split_once(", ").unwrap_or_default(),
        compares: (header(sql, "k"), header(sql, "n")),
        unit: match header(sql, "unit") {
            "share" => Unit::Share,
            "milliseconds" => Unit::Milliseconds,
            "rate" => Unit::Rate,
            _ => Unit::Count,
        },
        band: match header(sql, "band") {
            "bounds" => Band::Bounds,
            "interval95" => Band::Interval95,
            _ => Band::None,
        },
        shape,
        statistic: Statistic::from_words(header(sql, "statistic"))
            .unwrap_or(Statistic::usual(shape)),
        per: per(header(sql, "per")),
        figures: words(header(sql, "figures")),
        absent_is_zero: header(sql, "absent") == "zero",
        per_1000: header(sql, "also") == "per_1000",
        grain: words(header(sql, "grain")).into_iter().filter_map(Grain::from_word).collect(),
        dimensions: dimensions(header(sql, "dimensions")),
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
const PARAMETERS: &[&str] = &["from", "to", "before", "grain", "time_zone", "as_of"];
