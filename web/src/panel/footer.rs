//! What to know of a figure: as of, lag, n, what is left out. And what is
//! missing: a gap is shown, never smoothed over.

use rollcall_query::{Band, Completeness, Explanation, MetricResult, Pin};

use super::context::Context;
use crate::text;

/// Events younger than this may still be on their way.
const LATE_S: f64 = 900.0;
/// More figures than these are each figure.
const MOST_NAMES: usize = 6;
/// Nothing received for this long, in a period that isn't over, is stale.
const STALE_S: i64 = 2 * 3_600;

/// Names and values of a metric's footer.
pub(crate) fn of_metric(result: &MetricResult, n: i64) -> Vec<(&'static str, String)> {
    let mut footer = as_of(&result.pin);
    footer.extend(lag(&result.completeness).map(|lag| ("Lag (p95)", lag)));
    footer.push(("n", text::count(n)));
    footer.extend(band(result.band).map(|words| ("Band", words.to_owned())));
    let (unmatched, all) = result.completeness.unmatched;
    if unmatched > 0 && all > 0 {
        footer.push(("Without a person", text::percent(unmatched as f64 / all as f64)));
    }
    if !result.explained.is_empty() {
        let words: Vec<_> = result.explained.iter().map(explained).collect();
        footer.push(("Compares", words.join(" ")));
    }
    if !result.population.is_empty() {
        footer.push(("Counts", result.population.to_owned()));
    }
    if !result.excludes.is_empty() {
        footer.push(("Leaves out", result.excludes.to_owned()));
    }
    footer
}

/// What some figures compare, with their names.
fn explained(one: &Explanation) -> String {
    let named = one.figures.iter().filter(|figure| !figure.is_empty() && *figure != "*");
    let names: Vec<_> = named.map(|figure| text::words(figure)).collect();
    match names.as_slice() {
        [] => one.words.clone(),
        names if names.len() > MOST_NAMES => format!("Each figure: {}", one.words),
        names => format!("{}: {}", text::sentence(&names.join(", ")), one.words),
    }
}

/// What the band around a value is.
pub(crate) const fn band(band: Band) -> Option<&'static str> {
    match band {
        Band::None => None,
        Band::Bounds => Some("bounds of a census: those known, and those known and unknown"),
        Band::Interval95 => Some("95% interval"),
    }
}

/// How late events come in; only a live input can tell.
fn lag(completeness: &Completeness) -> Option<String> {
    let (live, all) = completeness.live;
    let lag = match completeness.lag_p95_s {
        Some(lag) => text::seconds(lag),
        None if all > 0 => "no live input".to_owned(),
        None => return None,
    };
    Some(match all - live {
        0 => lag,
        left_out => format!("{lag}; {} imported or caught up on", text::count(left_out)),
    })
}

/// The instant.
pub(crate) fn as_of(pin: &Pin) -> Vec<(&'static str, String)> {
    pin.as_of.map(|at| ("As of", text::instant(at))).into_iter().collect()
}

/// What is missing in the period; empty where nothing is known to be.
pub(crate) fn missing(completeness: &Completeness, context: &Context) -> Vec<String> {
    let mut missing = Vec::new();
    let silent = &completeness.silent_sources;
    if !silent.is_empty() {
        let names: Vec<_> = silent.iter().map(|name| text::visible(name)).collect();
        missing.push(format!("Quieter than usual: {}.", names.join(", ")));
    }
    if completeness.quarantined > 0 {
        let n = text::plural(completeness.quarantined, "record is", "records are");
        missing.push(format!("{n} in quarantine and not counted."));
    }
    if let Some(lag) = completeness.lag_p95_s.filter(|lag| *lag > LATE_S) {
        missing.push(format!("Events come late: p95 {}.", text::seconds(lag)));
    }
    missing.extend(stale(context));
    missing
}

fn stale(context: &Context) -> Option<String> {
    let last = context.totals.as_ref()?.last_received?;
    let today = context.now.with_timezone(&context.view.zone).date_naive();
    let silent = (context.now - last).num_seconds();
    (context.view.days.last >= today && silent > STALE_S)
        .then(|| format!("Nothing has come in since {}.", text::instant(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lag_is_told_of_live_input_only() {
        let said = |lag_p95_s, live| lag(&Completeness { lag_p95_s, live, ..Default::default() });
        assert_eq!(said(Some(20.0), (5, 5)).as_deref(), Some("20 s"));
        let some = said(Some(20.0), (5, 1_005));
        assert_eq!(some.as_deref(), Some("20 s; 1,000 imported or caught up on"));
        let none = said(None, (0, 7));
        assert_eq!(none.as_deref(), Some("no live input; 7 imported or caught up on"));
        assert_eq!(said(None, (0, 0)), None, "no events at all");
    }
}
