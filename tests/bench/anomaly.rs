//! Count anomalies: the real campaign of password guessing (`ROLLCALL_CAMPAIGN` names its
//! file) laid over four weeks of the invented company's sign-ins at a hundred random times,
//! whole and thinned; and the rule for password sprays at its defaults, alone. Then what
//! the engine itself takes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono_tz::Tz;
use rollcall_query::anomaly::{Calendar, Engine, Settings, Sighting, What};

use crate::guessing::{Campaign, Company, DAY_US, Seen, Watched};
use crate::{Figure, rate};

/// Placements of each.
const PLACEMENTS: u64 = 100;

pub fn run(events: u64) -> Vec<Figure> {
    let mut figures = vec![speed(events)];
    match std::env::var_os("ROLLCALL_CAMPAIGN").map(PathBuf::from) {
        Some(path) => figures.extend(campaign(&Campaign::read(&path))),
        None => eprintln!("ROLLCALL_CAMPAIGN names no file: the campaign is left out"),
    }
    figures
}

fn campaign(campaign: &Campaign) -> Vec<Figure> {
    let watched = Watched::new(Company::new(7, 10, 4));
    let mut figures = vec![Figure {
        name: "count anomalies, false alarms in four weeks".to_owned(),
        ours: watched.false_incidents.len().to_string(),
        theirs: format!("spray rule alone {}", watched.false_sprays),
        ratio: String::new(),
    }];
    for (thinned, minutes) in [(1, 15), (10, 120), (100, 1_440)] {
        let seen = watched.placed(campaign, thinned, PLACEMENTS, 1_440);
        let told = |delays: &[Option<i64>]| {
            let middle =
                Seen::middle(delays).map_or("-".to_owned(), |middle| format!("{middle} min"));
            format!("{} of {PLACEMENTS}, middle {middle}", Seen::within(delays, minutes))
        };
        figures.push(Figure {
            name: format!(
                "1 in {thinned} of {} guesses, seen within {minutes} min",
                campaign.attempts()
            ),
            ours: told(&seen.engine),
            theirs: format!("spray rule alone {}", told(&seen.rule)),
            ratio: String::new(),
        });
    }
    figures
}

/// A busy stream: 100,000 events a second of 40 sources with 400 services, one in ten a
/// failure, judged each ten seconds.
fn speed(events: u64) -> Figure {
    let sources: Vec<String> = (0..40).map(|at| format!("source {at}")).collect();
    let services: Vec<String> = (0..400).map(|at| format!("service {at}")).collect();
    let mut engine = Engine::new(Settings::new(Calendar::new(Tz::UTC, [])));
    let one = |n: u64, at_us: i64| {
        let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let service = usize::try_from(mixed >> 40).expect("memory") % services.len();
        Sighting {
            at_us,
            source: &sources[service % sources.len()],
            service: Some(&services[service]),
            what: if mixed % 10 == 0 { What::Failure } else { What::Success },
            user: Some((mixed >> 20) % 100_000),
            network: Some((mixed >> 24) % 20_000),
        }
    };
    // Six weeks in which each service has a failure an hour, so that all are judged.
    let begun = 1_767_571_200_000_000;
    let hours = 6 * 168;
    for hour in 0..hours {
        for n in 0..4_000 {
            let at_us = begun + hour * DAY_US / 24 + i64::try_from(n).expect("few") * 800_000;
            engine.see(&one(n + u64::try_from(hour).expect("few") * 4_001, at_us), at_us);
        }
        engine.judge();
    }
    let start = begun + hours * DAY_US / 24;
    let (mut judging, clock) = (Duration::ZERO, Instant::now());
    for n in 0..events {
        let at_us = start + i64::try_from(n).expect("few") * 10;
        engine.see(&one(n, at_us), at_us);
        if n % 1_000_000 == 999_999 {
            let clock = Instant::now();
            engine.judge();
            judging += clock.elapsed();
        }
    }
    let took = clock.elapsed();
    Figure {
        name: "count anomalies, events on one core".to_owned(),
        ours: rate(events, took),
        theirs: format!("of it judging {:.2} s", judging.as_secs_f64()),
        ratio: String::new(),
    }
}
