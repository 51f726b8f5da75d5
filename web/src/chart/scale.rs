//! Axes with round ticks.

use rollcall_query::Unit;

/// An axis from `min` to `max`, drawn from `bottom` up to `top` pixels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    /// Value at the bottom.
    pub(crate) min: f64,
    /// Value at the top.
    pub(crate) max: f64,
    /// Values with a line and a label.
    pub(crate) ticks: Vec<f64>,
    top: f64,
    bottom: f64,
}

impl Scale {
    /// An axis that holds both values, ends at round ones, and has about
    /// `want` steps. Shares never leave 0 … 1.
    pub(crate) fn new(low: f64, high: f64, unit: Unit, want: u32, top: f64, bottom: f64) -> Self {
        let (low, high) = spread(low, high, unit);
        let step = step((high - low) / f64::from(want.max(1)), unit);
        let mut min = (low / step + 1e-9).floor() * step;
        let mut max = (high / step - 1e-9).ceil() * step;
        if unit == Unit::Share {
            min = min.max(0.0);
            max = max.min(1.0);
        }
        let mut ticks = Vec::new();
        // Multiplied, not added up: 20 times a tenth is two.
        for i in 0..16 {
            let tick = min + f64::from(i) * step;
            if tick > max + step * 1e-6 {
                break;
            }
            ticks.push(tick.min(max));
        }
        Self { min, max, ticks, top, bottom }
    }

    /// The height of a value, in pixels from the top.
    pub(crate) fn y(&self, value: f64) -> f64 {
        let share = ((value - self.min) / (self.max - self.min)).clamp(0.0, 1.0);
        self.bottom - share * (self.bottom - self.top)
    }

    /// How far a value is from the axis' begin, 0 … 1.
    pub(crate) fn share(&self, value: f64) -> f64 {
        ((value - self.min) / (self.max - self.min)).clamp(0.0, 1.0)
    }
}

/// Makes room where all values are the same.
fn spread(low: f64, high: f64, unit: Unit) -> (f64, f64) {
    let least = match unit {
        Unit::Share => 0.02,
        Unit::Count => 4.0,
        Unit::Milliseconds => 100.0,
        Unit::Rate => 0.1,
    };
    if high - low >= least {
        return (low, high);
    }
    let middle = f64::midpoint(low, high);
    let (low, high) = (middle - least / 2.0, middle + least / 2.0);
    match unit {
        Unit::Share if high > 1.0 => (1.0 - least, 1.0),
        _ if low < 0.0 => (0.0, least),
        _ => (low, high),
    }
}

/// The next round step: 1, 2, 2.5 or 5 times a power of ten; for durations
/// also those of a clock.
fn step(rough: f64, unit: Unit) -> f64 {
    const CLOCK: [f64; 9] = [
        15_000.0,
        30_000.0,
        60_000.0,
        120_000.0,
        300_000.0,
        600_000.0,
        1_800_000.0,
        3_600_000.0,
        7_200_000.0,
    ];
    if unit == Unit::Milliseconds
        && rough > 10_000.0
        && let Some(step) = CLOCK.into_iter().find(|step| *step >= rough)
    {
        return step;
    }
    let power = 10_f64.powf(rough.max(1e-12).log10().floor());
    let round = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|m| m * power >= rough * 0.999);
    let step = round.unwrap_or(10.0) * power;
    // Nobody counts halves.
    if unit == Unit::Count { step.max(1.0).ceil() } else { step }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(low: f64, high: f64, unit: Unit) -> Vec<String> {
        let scale = Scale::new(low, high, unit, 4, 0.0, 100.0);
        scale.ticks.iter().map(|tick| crate::text::tick(*tick, unit)).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(ticks(0.0, 9_432.0, Unit::Count), ["0", "2,500", "5,000", "7,500", "10,000"]);
        assert_eq!(ticks(0.0, 3.0, Unit::Count), ["0", "1", "2", "3", "4"]);
        assert_eq!(ticks(0.931, 0.988, Unit::Share), ["92%", "94%", "96%", "98%", "100%"]);
        assert_eq!(ticks(0.0, 14_000.0, Unit::Milliseconds), ["0", "5 s", "10 s", "15 s"]);
        assert_eq!(
            ticks(0.0, 100_000.0, Unit::Milliseconds),
            ["0", "30 s", "1 min", "1 min 30 s", "2 min"]
        );
    }

    #[test]
    fn shares_stay_between_none_and_all() {
        let scale = Scale::new(0.0, 1.0, Unit::Share, 4, 0.0, 100.0);
        assert_eq!((scale.min, scale.max), (0.0, 1.0));
        let flat = Scale::new(1.0, 1.0, Unit::Share, 4, 0.0, 100.0);
        assert!(flat.max <= 1.0 && flat.min < 1.0);
        let none = Scale::new(0.0, 0.0, Unit::Count, 4, 0.0, 100.0);
        assert_eq!((none.min, none.max), (0.0, 4.0));
    }

    #[test]
    fn values_fall_between_top_and_bottom() {
        let scale = Scale::new(0.0, 10.0, Unit::Count, 5, 20.0, 120.0);
        assert_eq!(scale.y(0.0), 120.0);
        assert_eq!(scale.y(10.0), 20.0);
        assert_eq!(scale.y(5.0), 70.0);
        assert_eq!(scale.y(99.0), 20.0, "outside is drawn at the edge");
    }
}
