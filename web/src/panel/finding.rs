//! The sentence above a chart: what it says, from the data.

use chrono::NaiveDate;
use rollcall_query::{Band, Dimension, Grain, MetricResult, Point, Unit};

use super::estimate::estimate;
use crate::chart::FEW;
use crate::chart::series::{PER_1000, Series, base};
use crate::text;

/// How a metric's value is said, as the header of its file has it: what follows
/// the number, and what one of its population is called.
pub(crate) struct Saying {
    pub(crate) phrase: &'static str,
    pub(crate) one: &'static str,
    pub(crate) many: &'static str,
}

fn saying(metric: &str) -> Saying {
    let found = rollcall_query::metrics().iter().find(|one| one.name == metric);
    found.map_or(Saying { phrase: "", one: "case", many: "cases" }, |metric| {
        let (one, many) = metric.counts;
        Saying { phrase: metric.sentence, one, many }
    })
}

/// What a panel splits by, and which figure leads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lead<'a> {
    pub(crate) figure: &'a str,
    pub(crate) by: Option<Dimension>,
}

/// The sentence. `total` is over the whole period, `series` over its buckets.
pub(crate) fn finding(
    total: &MetricResult,
    lead: Lead<'_>,
    over_time: Option<(&[Series], &[NaiveDate], Grain)>,
) -> String {
    let shape = rollcall_query::metrics().iter().find(|one| one.name == total.name);
    let estimated =
        shape.and_then(|metric| estimate(metric.shape, total, lead.figure, &saying(total.name)));
    if lead.by.is_none()
        && let Some(sentence) = estimated
    {
        return sentence;
    }
    let mut sentence = match (lead.by, total.unit) {
        (Some(by), _) => groups(total, lead.figure, by),
        (None, Unit::Share) => share(total, lead.figure),
        (None, Unit::Milliseconds) => duration(total),
        (None, Unit::Count | Unit::Rate) => counts(total),
    };
    if let Some((series, buckets, grain)) = over_time
        && lead.by.is_none()
        && let Some(extreme) = extreme(series, buckets, grain, total.unit)
    {
        sentence.push(' ');
        sentence.push_str(&extreme);
    }
    sentence
}

fn point<'r>(result: &'r MetricResult, figure: &str) -> Option<&'r Point> {
    result.points.iter().find(|point| point.figure == figure && point.value.is_some())
}

fn share(total: &MetricResult, figure: &str) -> String {
    let figures: Vec<_> = total.points.iter().filter(|point| point.value.is_some()).collect();
    let saying = saying(total.name);
    let Some(point) = point(total, figure) else { return leading(&figures, &saying, total.unit) };
    let Some(value) = point.value else { return String::new() };
    let of =
        format!("{} of {}", text::count(point.k), text::plural(point.n, saying.one, saying.many));
    let sure = match (total.band, point.low, point.high) {
        (Band::Interval95, Some(low), Some(high)) => {
            format!("; 95% interval {} to {}", text::percent(low), text::percent(high))
        }
        (Band::Bounds, Some(low), Some(high)) if point.unknown > 0 => format!(
            "; bounds {} to {}, as {} can't be told",
            text::percent(low),
            text::percent(high),
            text::count(point.unknown)
        ),
        _ => String::new(),
    };
    format!("{} {} ({of}{sure}).", text::percent(value), saying.phrase)
}

fn duration(total: &MetricResult) -> String {
    let saying = saying(total.name);
    let value = |figure| point(total, figure).and_then(|point| point.value);
    let (Some(p50), Some(p95)) = (value("p50"), value("p95")) else { return String::new() };
    let n = point(total, "p50").map_or(0, |point| base(point, total.unit));
    format!(
        "Half of the {} took {} or less; one in twenty took more than {} (n {}).",
        saying.phrase,
        text::milliseconds(p50),
        text::milliseconds(p95),
        text::count(n)
    )
}

fn counts(total: &MetricResult) -> String {
    let saying = saying(total.name);
    if let (Some(p50), Some(p95)) = (point(total, "p50"), point(total, "p95")) {
        let value = |point: &Point| text::number(point.value.unwrap_or_default());
        if saying.one != "person-day" {
            return format!(
                "Half of the {} have {} {} at most; one in twenty has more than {} (n {}).",
                saying.many,
                value(p50),
                saying.phrase,
                value(p95),
                text::count(p50.n)
            );
        }
        return format!(
            "A typical active day has {} {} a person; one day in twenty has more than {} (n {}).",
            value(p50),
            saying.phrase,
            value(p95),
            text::plural(p50.n, saying.one, saying.many)
        );
    }
    let figures: Vec<_> =
        total.points.iter().filter(|point| point.value.is_some_and(|value| value > 0.0)).collect();
    leading(&figures, &saying, total.unit)
}

/// Figures that add up: their sum, and the largest three.
fn leading(points: &[&Point], saying: &Saying, unit: Unit) -> String {
    let mut figures: Vec<(&str, f64)> = Vec::new();
    for point in points.iter().filter(|point| !point.figure.starts_with(PER_1000)) {
        let value = point.value.unwrap_or(0.0);
        match figures.iter_mut().find(|(figure, _)| *figure == point.figure) {
            Some((_, sum)) => *sum += value,
            None => figures.push((&point.figure, value)),
        }
    }
    figures.sort_by(|a, b| b.1.total_cmp(&a.1));
    let sum: f64 = figures.iter().map(|(_, value)| value).sum();
    let whole = if unit == Unit::Share { 1.0 } else { sum };
    let parts: Vec<_> = figures
        .iter()
        .take(3)
        .map(|(figure, value)| format!("{} {}", text::words(figure), text::percent(value / whole)))
        .collect();
    let Some(first) = points.first() else { return String::new() };
    let n = match unit {
        Unit::Share => text::plural(first.n, saying.one, saying.many),
        _ => format!("{} {}", text::number(sum), saying.many),
    };
    format!("{n}: {}.", parts.join(", "))
}

/// The group furthest up and the one furthest down, of those with enough.
fn groups(total: &MetricResult, figure: &str, by: Dimension) -> String {
    let word = text::words(by.as_str());
    let mut found: Vec<_> = total
        .points
        .iter()
        .filter(|point| point.figure == figure && base(point, total.unit) >= FEW)
        .filter_map(|point| Some((point.group.as_deref()?, point.value?)))
        // What couldn't be told is no group to compare.
        .filter(|(group, _)| *group != "unknown")
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    let show = |(group, value): &(&str, f64)| {
        format!("{} ({})", text::words(group), text::value(*value, total.unit))
    };
    let (most, least) = match total.unit {
        Unit::Milliseconds => ("Slowest", "Quickest"),
        Unit::Count | Unit::Share | Unit::Rate => ("Highest", "Lowest"),
    };
    match found.as_slice() {
        [] => format!("No {word} has {FEW} or more, so none is compared."),
        [one] => format!("Only one {word} has {FEW} or more: {}.", show(one)),
        [first, .., last] => {
            format!("{most}: {}. {least}: {}.", show(first), show(last))
        }
    }
}

/// The bucket that stands out, for one line.
fn extreme(series: &[Series], buckets: &[NaiveDate], grain: Grain, unit: Unit) -> Option<String> {
    let lead = series.first()?;
    if matches!(unit, Unit::Count | Unit::Rate) || buckets.len() < 3 {
        return None;
    }
    let marks = || {
        let dated = lead.marks.iter().zip(buckets);
        dated
            .filter_map(|(mark, day)| Some(((*mark)?, *day)))
            .filter(|(m, _)| m.n >= FEW && !m.partial)
    };
    let by_value =
        |a: &(crate::chart::series::Mark, NaiveDate),
         b: &(crate::chart::series::Mark, NaiveDate)| { a.0.value.total_cmp(&b.0.value) };
    let (low, high) = (marks().min_by(by_value)?, marks().max_by(by_value)?);
    if low.1 == high.1 {
        return None;
    }
    let when = |day: NaiveDate| match grain {
        Grain::Day => day.format("%a %-d %b").to_string(),
        _ => text::bucket(day, grain),
    };
    Some(match unit {
        Unit::Share => format!(
            "Lowest {} ({}), highest {} ({}).",
            text::percent(low.0.value),
            when(low.1),
            text::percent(high.0.value),
            when(high.1)
        ),
        _ => format!("Slowest: {} ({}).", text::value(high.0.value, unit), when(high.1)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{point, result};

    const TOTAL: Lead<'static> = Lead { figure: "", by: None };

    #[test]
    fn a_share_says_its_population_and_how_sure_it_is() {
        let mut total = result("attempts/success_rate", Unit::Share, vec![point("", 972, 1_000)]);
        total.band = Band::Bounds;
        total.points[0].low = Some(0.972);
        total.points[0].high = Some(0.972);
        assert_eq!(
            finding(&total, TOTAL, None),
            "97.2% of sign-ins succeeded (972 of 1,000 attempts)."
        );
        total.band = Band::Interval95;
        total.points[0].low = Some(0.96);
        total.points[0].high = Some(0.98);
        assert_eq!(
            finding(&total, TOTAL, None),
            "97.2% of sign-ins succeeded (972 of 1,000 attempts; 95% interval 96.0% to 98.0%)."
        );
    }

    #[test]
    fn what_cant_be_told_is_said() {
        let mut total = result("adoption/enrolled", Unit::Share, vec![point("", 200, 400)]);
        total.band = Band::Bounds;
        total.points[0].unknown = 40;
        total.points[0].low = Some(0.5);
        total.points[0].high = Some(0.6);
        assert_eq!(
            finding(&total, TOTAL, None),
            "50.0% have a usable second factor (200 of 400 people; bounds 50.0% to 60.0%, as 40 can't be told)."
        );
    }

    #[test]
    fn durations_say_the_middle_and_the_tail() {
        let mut points = vec![point("p50", 500, 600), point("p95", 500, 600)];
        points[0].value = Some(2_400.0);
        points[1].value = Some(14_000.0);
        let total = result("latency/time_to_authenticate", Unit::Milliseconds, points);
        assert_eq!(
            finding(&total, TOTAL, None),
            "Half of the sign-ins took 2.4 s or less; one in twenty took more than 14.0 s (n 500)."
        );
    }

    #[test]
    fn groups_of_few_are_not_compared() {
        let mut points = vec![point("", 99, 100), point("", 5, 10), point("", 50, 100)];
        for (point, group) in points.iter_mut().zip(["a", "b", "c"]) {
            point.group = Some(group.to_owned());
        }
        let total = result("adoption/enrolled", Unit::Share, points);
        let lead = Lead { figure: "", by: Some(Dimension::Team) };
        assert_eq!(finding(&total, lead, None), "Highest: a (99.0%). Lowest: c (50.0%).");
    }

    #[test]
    fn counts_name_the_largest() {
        let mut points = vec![point("failure", 100, 0), point("success", 900, 0)];
        for point in &mut points {
            point.value = Some(point.k as f64);
        }
        let total = result("attempts/by_outcome", Unit::Count, points);
        assert_eq!(finding(&total, TOTAL, None), "1,000 attempts: success 90.0%, failure 10.0%.");
    }
}
