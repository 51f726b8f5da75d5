//! How long something lasts where not all of it has ended: Kaplan & Meier 1958,
//! JASA 53:457–481.

use super::{
    estimate::{Estimate, Interval, Level, NotEstimable},
    size,
};

/// How long one spell was watched, and whether it ended then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spell {
    /// How long, zero or more; the curve has the same unit.
    pub length: f64,
    /// Whether it ended then; else it went on, and how long is unknown (censored).
    pub ended: bool,
}

/// The curve at one length at which spells ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The length.
    pub length: f64,
    /// Spells that had lasted this long.
    pub at_risk: usize,
    /// Those of them that ended now.
    pub ended: usize,
    /// Estimated share that lasts longer.
    pub lasting: f64,
    /// Greenwood's sum Σ d/(n(n−d)) up to here: the variance of ln(lasting).
    greenwood: f64,
}

/// Share still lasting by length.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    steps: Vec<Step>,
    /// The longest that anything was watched.
    watched: f64,
}

/// A quantile of the length, and its interval; an end beyond what was watched is
/// `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lasting {
    /// The length after which at most the asked share still lasts.
    pub value: f64,
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// Restricted mean length: of what lasts longer, only the part up to the limit counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Restricted {
    /// The mean, in the lengths' unit.
    pub mean: f64,
    /// Standard error of the mean, same unit: Klein & Moeschberger 2003, "Survival
    /// Analysis", (4.5.2).
    pub standard_error: f64,
    /// Variance of the lengths themselves, cut at the limit; unit squared.
    pub variance: f64,
}

impl Restricted {
    /// The mean's interval, by the normal distribution.
    #[must_use]
    pub fn interval(&self, level: Level) -> Interval {
        Interval::around(self.mean, level.normal() * self.standard_error, level)
    }
}

impl Curve {
    /// The curve of some spells, in any order. Where ends and censorings tie, the
    /// censored ones were still at risk.
    ///
    /// # Errors
    ///
    /// `NoData`, `Invalid` if a length is negative or not finite.
    pub fn new(spells: &[Spell]) -> Estimate<Self> {
        if spells.iter().any(|spell| !spell.length.is_finite() || spell.length < 0.0) {
            return Err(NotEstimable::Invalid("a length is negative or not finite"));
        }
        let mut sorted = spells.to_vec();
        sorted.sort_by(|a, b| a.length.total_cmp(&b.length));
        let watched = sorted.last().ok_or(NotEstimable::NoData)?.length;
        let (mut at_risk, mut lasting, mut greenwood) = (sorted.len(), 1.0, 0.0);
        let mut steps = Vec::new();
        for tied in sorted.chunk_by(|a, b| a.length.total_cmp(&b.length).is_eq()) {
            let ended = tied.iter().filter(|spell| spell.ended).count();
            if let (Some(first), true) = (tied.first(), ended > 0) {
                let stay = at_risk - ended;
                lasting *= size(stay) / size(at_risk);
                greenwood += size(ended) / (size(at_risk) * size(stay));
                steps.push(Step { length: first.length, at_risk, ended, lasting, greenwood });
            }
            at_risk -= tied.len();
        }
        Ok(Self { steps, watched })
    }

    /// The lengths at which something ended, ascending.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Share that lasts longer than `length`; beyond what was watched nothing is
    /// known, unless all had ended.
    #[must_use]
    pub fn lasting(&self, length: f64) -> Option<f64> {
        let upto = self.steps.iter().take_while(|step| step.length <= length).last();
        let lasting = upto.map_or(1.0, |step| step.lasting);
        (length <= self.watched || lasting == 0.0).then_some(lasting)
    }

    /// The length after which at most `share` still lasts (0.5: the median), with an
    /// interval from the curve's own: Brookmeyer & Crowley 1982, Biometrics 38:29–41.
    /// `None` if more than `share` lasted to the end of watching.
    #[must_use]
    pub fn quantile(&self, share: f64, level: Level) -> Option<Lasting> {
        let first = |height: &dyn Fn(&Step) -> Option<f64>| {
            let step = self.steps.iter().find(|step| height(step).is_some_and(|at| at <= share));
            step.map(|step| step.length)
        };
        let value = first(&|step| Some(step.lasting))?;
        let low = first(&|step| step.interval(level).map(|ends| ends.low));
        let high = first(&|step| step.interval(level).map(|ends| ends.high));
        // Where all had ended the curve has no interval: its low end is no higher than it.
        Some(Lasting { value, low: low.or(Some(value)), high })
    }

    /// Mean of lengths cut at `limit`.
    ///
    /// # Errors
    ///
    /// `Invalid` if the limit is not above zero or lies beyond what was watched.
    pub fn restricted_mean(&self, limit: f64) -> Estimate<Restricted> {
        if limit.is_nan() || limit <= 0.0 || self.lasting(limit).is_none() {
            return Err(NotEstimable::Invalid("nothing was watched up to the limit"));
        }
        // Backwards, the area under the curve from each step to the limit.
        let (mut area, mut squares, mut variance, mut end) = (0.0, 0.0, 0.0, limit);
        for step in self.steps.iter().rev().filter(|step| step.length < limit) {
            area += step.lasting * (end - step.length);
            squares += step.lasting * (end * end - step.length * step.length);
            // The last step, where all end, has nothing behind it to be unsure about.
            if step.ended < step.at_risk {
                let free = size(step.at_risk) * size(step.at_risk - step.ended);
                variance += area * area * size(step.ended) / free;
            }
            end = step.length;
        }
        let mean = area + end;
        let variance_of_lengths = (squares + end * end - mean * mean).max(0.0);
        let standard_error = variance.max(0.0).sqrt();
        Ok(Restricted { mean, standard_error, variance: variance_of_lengths })
    }
}

impl Step {
    /// Interval of the share that lasts longer, by ln(−ln S), which stays between 0
    /// and 1: Kalbfleisch & Prentice 2002, "The Statistical Analysis of Failure Time
    /// Data", 1.4. `None` where all had ended.
    #[must_use]
    pub fn interval(&self, level: Level) -> Option<Interval> {
        if self.lasting <= 0.0 {
            return None;
        }
        let log = self.lasting.ln();
        let reach = level.normal() * self.greenwood.sqrt() / log;
        let end = |sign: f64| (log * (sign * reach).exp()).exp();
        // The logarithm is negative, and so is the reach.
        Some(Interval { low: end(-1.0), high: end(1.0), level })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::{Case, cases, close};

    fn spells(case: &Case) -> Vec<Spell> {
        case.numbers("length")
            .into_iter()
            .zip(case.numbers("ended"))
            .map(|(length, ended)| Spell { length, ended: ended > 0.5 })
            .collect()
    }

    fn end(value: f64) -> Option<f64> {
        // The oracle says "never" with a number no length has.
        (value >= 0.0).then_some(value)
    }

    #[test]
    fn curves_and_their_intervals_agree_with_lifelines() {
        for case in cases(include_str!("oracle/survival.json"), "kaplan_meier") {
            let curve = Curve::new(&spells(&case)).expect("a curve");
            let lengths = case.numbers("steps");
            assert_eq!(curve.steps().len(), lengths.len());
            let expected = lengths
                .iter()
                .zip(case.numbers("lasting"))
                .zip(case.numbers("low").into_iter().zip(case.numbers("high")));
            for (step, ((length, lasting), (low, high))) in curve.steps().iter().zip(expected) {
                close(step.length, *length, 1e-12, "length");
                close(step.lasting, lasting, 1e-9, "lasting");
                assert_eq!(curve.lasting(*length), Some(step.lasting));
                let Some(interval) = step.interval(Level::P95) else {
                    assert!(lasting == 0.0);
                    continue;
                };
                close(interval.low, low, 1e-9, "low");
                close(interval.high, high, 1e-9, "high");
            }
        }
    }

    #[test]
    fn quantiles_agree_with_lifelines() {
        for case in cases(include_str!("oracle/survival.json"), "kaplan_meier") {
            let curve = Curve::new(&spells(&case)).expect("a curve");
            for (share, name) in [(0.5, "median"), (0.25, "p75")] {
                let [value, low, high] = case.numbers(name)[..] else { panic!("three") };
                let found = curve.quantile(share, Level::P95);
                assert_eq!(found.map(|found| found.value), end(value), "{name}");
                if let Some(found) = found {
                    assert_eq!(found.low, end(low), "{name}, low");
                    assert_eq!(found.high, end(high), "{name}, high");
                }
            }
        }
    }

    #[test]
    fn restricted_means_agree_with_lifelines() {
        for case in cases(include_str!("oracle/survival.json"), "kaplan_meier") {
            let curve = Curve::new(&spells(&case)).expect("a curve");
            let found = curve.restricted_mean(case.number("limit")).expect("a mean");
            close(found.mean, case.number("rmst"), 1e-9, "mean");
            // Integrated numerically by the oracle.
            close(found.variance, case.number("rmst_variance"), 1e-6, "variance");
        }
    }

    #[test]
    fn without_censoring_the_restricted_mean_is_a_plain_mean() {
        let lengths = [1.0, 2.0, 2.0, 5.0, 9.0, 11.0, 30.0];
        let all: Vec<Spell> =
            lengths.iter().map(|length| Spell { length: *length, ended: true }).collect();
        let found = Curve::new(&all).expect("a curve").restricted_mean(10.0).expect("a mean");
        let cut: Vec<f64> = lengths.iter().map(|length| length.min(10.0)).collect();
        let mean = cut.iter().sum::<f64>() / 7.0;
        let variance = cut.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 7.0;
        close(found.mean, mean, 1e-12, "mean");
        close(found.variance, variance, 1e-12, "variance");
        close(found.standard_error, (variance / 7.0).sqrt(), 1e-12, "standard error");
    }

    #[test]
    fn what_was_not_watched_is_not_told() {
        assert_eq!(Curve::new(&[]), Err(NotEstimable::NoData));
        let spell = |length, ended| Spell { length, ended };
        let curve = Curve::new(&[spell(1.0, true), spell(4.0, false)]).expect("a curve");
        assert_eq!(curve.lasting(0.5), Some(1.0));
        assert_eq!(curve.lasting(4.0), Some(0.5));
        assert_eq!(curve.lasting(4.1), None);
        assert!(curve.restricted_mean(5.0).is_err());
        assert_eq!(curve.quantile(0.25, Level::P95), None);
        assert!(Curve::new(&[spell(-1.0, true)]).is_err());
    }
}
