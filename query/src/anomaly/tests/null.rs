//! Where there is nothing to find. With `ROLLCALL_ANOMALY_SEEDS` so many seeds; without, a
//! few.

use chrono_tz::Tz;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

use super::{
    settings,
    traffic::{DAY_US, HOUR_US, MONDAY_US, Traffic, even},
    watch,
};
use crate::anomaly::What;
use crate::anomaly::{
    Calendar, Engine,
    model::{Model, Span},
    tally::Tally,
    window::LENGTHS,
};

fn seeds(quick: u64) -> u64 {
    let wanted = std::env::var("ROLLCALL_ANOMALY_SEEDS").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or(quick)
}

/// Traffic of several kinds: hardly varying, ordinary, and wild.
fn traffic(seed: u64) -> Traffic {
    let mut traffic = Traffic::ordinary(1_000 + seed);
    (traffic.dispersion, traffic.days_vary) = match seed % 3 {
        0 => (0.0, 0.0),
        1 => (0.1, 0.15),
        _ => (0.4, 0.3),
    };
    traffic
}

#[test]
fn what_chance_raises_stays_below_the_level() {
    let seeds = seeds(6);
    let (mut days, mut wrong, mut incidents) = (0.0, 0.0, 0);
    for seed in 0..seeds {
        let traffic = traffic(seed);
        let mut engine = Engine::new(settings());
        watch(&mut engine, &traffic.weeks(0..8), DAY_US);
        let raised = watch(&mut engine, &traffic.weeks(8..12), HOUR_US);
        let on: std::collections::BTreeSet<i64> =
            raised.iter().map(|(now, _)| now / DAY_US).collect();
        let keys: std::collections::BTreeSet<&str> =
            raised.iter().map(|(_, incident)| incident.key.as_str()).collect();
        days += 28.0;
        wrong += crate::stats::size(on.len());
        incidents += keys.len();
    }
    // Where nothing is to be found, a day on which something is raised has a share of
    // chance of one, and any other of zero.
    let (share, level) = (wrong / days, settings().level);
    let error = (level * (1.0 - level) / days).sqrt();
    assert!(share <= level + 3.0 * error, "{share} of {days} days, {incidents} incidents");
    let mean =
        crate::stats::size(incidents) / crate::stats::size(usize::try_from(seeds).expect("few"));
    assert!(mean <= 1.0, "{mean} in four weeks");
}

/// P-values of windows of each length in the week after sixteen: randomised, reported.
fn p_values(seeds: u64) -> Vec<Vec<(f64, f64)>> {
    let calendar = Calendar::new(Tz::UTC, []);
    let mut found = vec![Vec::new(); LENGTHS.len()];
    for seed in 0..seeds {
        let traffic = traffic(seed);
        let mut history = Tally::default();
        for event in traffic.weeks(0..17).iter().filter(|event| event.what == What::Failure) {
            let quarter = event.at_us / (HOUR_US / 4);
            history.add(u32::try_from(quarter).expect("a quarter"), 1);
        }
        let from = u32::try_from(MONDAY_US / HOUR_US).expect("an hour");
        let span = Span { from, upto: from + 16 * 168, is_left_out: &|_| false };
        let model = Model::fit(&history, &span, &calendar).expect("a model");
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        for (at, length) in LENGTHS.into_iter().enumerate() {
            // A window a day, at another hour each.
            for day in 0..7 {
                let hour = u32::try_from((seed + day * 5) % 24).expect("an hour");
                let day = u32::try_from(day).expect("a day");
                let begin =
                    (span.upto + day * 24 + if length.minutes < 1_440 { hour } else { 0 }) * 60;
                let end = begin + length.minutes;
                let counts = model.counts(&calendar, (begin, end), at).expect("counts");
                let count = history.sum(begin / 15, end / 15);
                let tail = counts.tail(count);
                found[at].push((tail.randomised(even(&mut random)), tail.reported()));
            }
        }
    }
    found
}

/// Kolmogorov's distance from evenly spread.
fn distance(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let all = crate::stats::size(values.len());
    let apart = values.iter().enumerate().map(|(at, value)| {
        let below = crate::stats::size(at) / all;
        (value - below).abs().max((value - below - 1.0 / all).abs())
    });
    apart.fold(0.0, f64::max)
}

#[test]
fn randomised_p_values_are_even_and_reported_ones_never_too_small() {
    let seeds = seeds(24);
    for (found, length) in p_values(seeds).into_iter().zip(LENGTHS) {
        let all = crate::stats::size(found.len());
        let apart = distance(found.iter().map(|row| row.0).collect());
        // Kolmogorov–Smirnov at 0.1%; and the windows of a week share what its level is off
        // by, for which the widths are wider on purpose: by so much.
        let allowed = 1.95 / all.sqrt() + 0.05;
        assert!(apart < allowed, "{}: {apart} of {all}", length.words);
        for level in [0.001, 0.01, 0.05, 0.2, 0.5] {
            let below = found.iter().filter(|row| row.1 <= level).count();
            let share = crate::stats::size(below) / all;
            let error = (level * (1.0 - level) / all).sqrt();
            assert!(share <= level + 3.0 * error, "{}: {share} at {level}", length.words);
        }
    }
}
