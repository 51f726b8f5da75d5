//! What a figure compares with what, in words: made here and nowhere else, for the
//! command line, the pages and the report.

use chrono::NaiveDate;

use super::header::header;
use super::question::before;
use super::registry::{Metric, Shape};
use super::shape::counts::PER_1000;
use super::shape::spells::{Asked, asked};
use super::statistic::Statistic;
use crate::filter::Filter;
use crate::result::{Band, Explanation, Point, Unit};

/// An explanation of every figure; figures that are explained alike share one.
pub(super) fn explain(metric: &Metric, points: &[Point], filter: &Filter) -> Vec<Explanation> {
    let mut found: Vec<Explanation> = Vec::new();
    for point in points {
        if found.iter().any(|one| one.figures.contains(&point.figure)) {
            continue;
        }
        let words = words(metric, &point.figure, filter);
        match found.iter_mut().find(|one| one.words == words) {
            Some(one) => one.figures.push(point.figure.clone()),
            None => found.push(Explanation { figures: vec![point.figure.clone()], words }),
        }
    }
    let only: Vec<String> = filter
        .only
        .iter()
        .map(|(dimension, value)| format!("{} is {value}", dimension.as_str()))
        .collect();
    if !only.is_empty() {
        let words = format!("Only where {}.", only.join(" and "));
        found.push(Explanation { figures: vec!["*".to_owned()], words });
    }
    found
}

/// What `k` and `n` of a figure are: as its own header lines say (`k used`), else the
/// metric's.
fn parts(metric: &Metric, figure: &str) -> (String, String) {
    let part = |letter: &str, general: &'static str, otherwise: &str| {
        let own = header(metric.sql, &format!("{letter} {figure}"));
        let said = if own.is_empty() { general } else { own };
        if said.is_empty() { otherwise.to_owned() } else { said.to_owned() }
    };
    let many = metric.counts.1;
    let k = part("k", metric.compares.0, &format!("{many} that have it"));
    (k, part("n", metric.compares.1, &format!("all {many} of the population")))
}

fn words(metric: &Metric, figure: &str, filter: &Filter) -> String {
    match metric.shape {
        Shape::Counts => counts(metric, figure),
        Shape::Histogram => histogram(metric, figure),
        Shape::Rate => rate(metric, figure),
        Shape::Spells => spells(metric, figure),
        Shape::Compared => compared(metric, figure, filter),
        Shape::Segmented => segmented(metric, figure),
    }
}

fn counts(metric: &Metric, figure: &str) -> String {
    let (per, figure) = match figure.strip_prefix(PER_1000) {
        Some(figure) => (true, figure),
        None => (false, figure),
    };
    let (k, n) = parts(metric, figure);
    let said = match (per, metric.unit) {
        (true, _) => format!("1,000 × {k}, divided by {n}."),
        (false, Unit::Share) => format!("{}, divided by {n}.", capital(&k)),
        (false, _) => format!("{}; beside them n, {n}.", capital(&k)),
    };
    let sure = match metric.band {
        Band::Bounds => {
            "Everyone is counted: nothing is uncertain but what can't be told, which the \
             lower bound takes as no and the upper as yes."
        }
        Band::Interval95 | Band::None => "Everyone is counted, so there is no interval.",
    };
    format!("{said} {sure}")
}

fn histogram(metric: &Metric, figure: &str) -> String {
    let many = metric.counts.1;
    let percent = figure.strip_prefix('p').and_then(|percent| percent.parse::<u8>().ok());
    let said = match percent {
        Some(percent) => format!("The value that {percent}% of the {many} don't exceed."),
        None => format!("The sum of the values, divided by the number of {many}."),
    };
    let timed = match metric.unit {
        Unit::Milliseconds => " k are those that could be timed, n all.",
        Unit::Count | Unit::Share | Unit::Rate => "",
    };
    let sure = match (metric.band, percent) {
        (Band::None, _) => "Everyone is counted, so there is no interval.",
        (_, Some(_)) => {
            "95% interval between two of the values, as many of them lie below the true one; \
             no shape is supposed."
        }
        (_, None) => {
            "95% interval with persons as the sample: one person's values resemble each other."
        }
    };
    format!("{said}{timed} {sure}")
}

fn rate(metric: &Metric, figure: &str) -> String {
    let (k, n) = parts(metric, figure);
    let per = match metric.per {
        Some(per) if per.number > 1 => format!("times {}, divided by {n}", per.number),
        Some(_) | None => format!("divided by {n}"),
    };
    let sure = match metric.statistic {
        Statistic::ClusteredByDay => {
            "95% interval with days as the sample: what happens on one day resembles itself."
        }
        Statistic::ClusteredByPerson => {
            "95% interval with persons as the sample: what one person does resembles itself."
        }
        _ => "Exact 95% interval of a count (Poisson), as if each happened on its own.",
    };
    format!("{} {per}. {sure}", capital(&k))
}

fn spells(metric: &Metric, figure: &str) -> String {
    let many = metric.counts.1;
    let (event, _) = parts(metric, figure);
    let Some(asked) = asked(figure) else { return String::new() };
    let sure = match metric.statistic {
        Statistic::CumulativeIncidence => {
            "Cumulative incidence (Aalen–Johansen): what makes it impossible is not taken for \
             'not yet'; 95% interval by ln(−ln)."
        }
        _ => {
            "Kaplan–Meier: one that is still open counts for as long as it was watched; 95% \
             interval by ln(−ln), each on its own."
        }
    };
    match asked {
        Asked::Quantile(share) => {
            format!("The time within which {event} for {:.0}% of the {many}. {sure}", share * 100.0)
        }
        Asked::Restricted(ms) => format!(
            "The mean time until {event}, of the {many}; of what takes longer than {} only that \
             much counts. 95% interval by the normal distribution, the variance Greenwood's.",
            span(ms)
        ),
        Asked::Within(ms) => {
            format!("The share of the {many} for which {event} within {}. {sure}", span(ms))
        }
    }
}

/// A round length of time.
fn span(ms: i64) -> String {
    let seconds = ms / 1_000;
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let fits = units.into_iter().find(|(unit, _)| seconds % unit == 0);
    let (count, unit) = fits.map_or((seconds, "second"), |(unit, name)| (seconds / unit, name));
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

fn compared(metric: &Metric, figure: &str, filter: &Filter) -> String {
    let (k, n) = parts(metric, figure);
    let last = |end: NaiveDate| end.pred_opt().unwrap_or(end);
    let period = format!("{} to {}", filter.from, last(filter.to));
    let before = format!("{} to {}", before(filter), last(filter.from));
    let pilot = "the people of the cohort `pilot`";
    let control = "everybody else in the directory";
    match figure {
        "pilot" => format!("{} divided by {n}, of {pilot}, {period}.", capital(&k)),
        "control" => format!("{} divided by {n}, of {control}, {period}.", capital(&k)),
        "difference" => {
            let sure = match metric.statistic {
                Statistic::Newcombe => {
                    "95% interval by Newcombe's method 10, as if people of one team didn't \
                     resemble each other: where they do, believe by_team."
                }
                _ => "Without an interval: one person's attempts resemble each other; see by_team.",
            };
            format!("The figure of {pilot} less that of {control}, {period}. {sure}")
        }
        "by_team" => format!(
            "The mean over the pilot's teams less the mean over the other teams, each team once, \
             {period}. How often chance, choosing which teams are the pilot's, gives as much: a \
             permutation test."
        ),
        _ => format!(
            "How much more the pilot's teams changed than the others, from the time before \
             ({before}) to the period ({period}), week by week (difference in differences). With ten teams or more a side \
             a 95% interval clustered by team, with fewer a permutation test."
        ),
    }
}

fn segmented(metric: &Metric, figure: &str) -> String {
    let (k, n) = parts(metric, figure);
    let k = capital(&k);
    match figure {
        "before" => format!("{k} divided by {n}, over the 28 days before the change."),
        "after" => {
            format!("{k} divided by {n}, from the day of the change on, over 28 days at most.")
        }
        "step" => "The daily figure at the change, against where the line of the days before it \
                   led, days of the week held fixed. 95% interval for errors that follow each \
                   other (Newey–West). Anything else of that day would show here too."
            .to_owned(),
        _ => "How much the daily figure rises more a day since the change than before it; 95% \
              interval likewise (Newey–West)."
            .to_owned(),
    }
}

/// With its first letter as a capital.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_their_largest_unit() {
        let said = [120_000, 3_600_000, 90_000, 172_800_000].map(span);
        assert_eq!(said, ["2 minutes", "1 hour", "90 seconds", "2 days"]);
    }
}
