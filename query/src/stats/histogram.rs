//! Exact quantiles of whole numbers that come as (value, how often), with
//! order-statistic intervals: David & Nagaraja 2003, "Order Statistics", 7.1.
//! No shape of the distribution is assumed.

use statrs::distribution::{Binomial, DiscreteCDF};

use super::{Ends, TAIL, real};

/// Values and how often each one occurs, ascending by value.
#[derive(Debug, Default, Clone)]
pub(crate) struct Histogram {
    counts: std::collections::BTreeMap<i64, i64>,
    n: i64,
}

/// A quantile and its interval; an end that the sample can't give is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Quantile {
    /// The smallest value that at least this share of values doesn't exceed.
    pub(crate) value: f64,
    /// Lower end.
    pub(crate) low: Option<f64>,
    /// Upper end.
    pub(crate) high: Option<f64>,
}

impl Histogram {
    /// Adds a value that occurs `count` times.
    pub(crate) fn add(&mut self, value: i64, count: i64) {
        if count > 0 {
            *self.counts.entry(value).or_default() += count;
            self.n += count;
        }
    }

    /// How many values there are.
    pub(crate) const fn n(&self) -> i64 {
        self.n
    }

    /// The sum of all values.
    pub(crate) fn sum(&self) -> i64 {
        self.counts.iter().map(|(value, count)| value.saturating_mul(*count)).sum()
    }

    /// The value of a rank from 1 to n.
    fn at_rank(&self, rank: i64) -> Option<f64> {
        if rank < 1 {
            return None;
        }
        let mut seen = 0;
        self.counts.iter().find_map(|(value, count)| {
            seen += count;
            (seen >= rank).then(|| real(*value))
        })
    }

    /// The `p`-quantile (inverse of the empirical distribution) with a 95%
    /// interval; `None` without values.
    pub(crate) fn quantile(&self, p: f64) -> Option<Quantile> {
        let rank = whole((p * real(self.n)).ceil()).max(1);
        let value = self.at_rank(rank)?;
        let (low, high) = self.ranks(p)?;
        Some(Quantile { value, low: self.at_rank(whole(low)), high: self.at_rank(whole(high)) })
    }

    /// Ranks between which the true quantile lies with 95% probability.
    fn ranks(&self, p: f64) -> Option<Ends> {
        let below = Binomial::new(p, u64::try_from(self.n).ok()?).ok()?;
        let low = below.inverse_cdf(TAIL);
        let high = below.inverse_cdf(1.0 - TAIL) + 1;
        let rank = |rank: u64| i64::try_from(rank).map(real).ok();
        Some((rank(low)?, rank(high)?))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "ranks are whole and below 2^53")]
const fn whole(rank: f64) -> i64 {
    rank as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::oracle::cases;

    #[test]
    fn quantiles_agree_with_numpy_and_scipy() {
        for case in cases(include_str!("oracle/intervals.json"), "quantile") {
            let mut histogram = Histogram::default();
            for value in case.wholes("values") {
                histogram.add(value, 1);
            }
            let p = case.number("p");
            let found = histogram.quantile(p).expect("a quantile");
            let what = format!("p {p} of {}", histogram.n());
            let end = |name: &str| case.wholes(name).first().map(|value| real(*value));
            assert_eq!(Some(found.value), Some(real(case.whole("value"))), "{what}");
            assert_eq!(found.low, end("low"), "{what}, low");
            assert_eq!(found.high, end("high"), "{what}, high");
        }
        assert_eq!(Histogram::default().quantile(0.5), None, "no data is not zero");
    }
}
