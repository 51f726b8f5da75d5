//! Count anomalies: the real campaign of password guessing (`ROLLCALL_CAMPAIGN` names its
//! file) laid over four weeks of the invented company's sign-ins at a hundred random times,
//! whole and thinned; and the rule for password sprays at its defaults, alone. Then what
//! the engine itself takes.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono_tz::Tz;
use rollcall_query::anomaly::{Calendar, Engine, Settings, Sighting, What};

use crate::guessing::{Campaign, Company, MINUTE_US, Seen, Watched};
use crate::{Figure, millis, rate};

/// Placements of each.
const PLACEMENTS: u64 = 100;
/// Monday 5 January 2026, 00:00 UTC.
const BEGUN_US: i64 = 1_767_571_200_000_000;
const HOUR_US: i64 = 60 * MINUTE_US;

pub fn run(events: u64) -> Vec<Figure> {
    let mut figures = speed(events);
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

/// Sources, services, and events an hour of the stream that is measured.
const SOURCES: usize = 40;
const SERVICES: usize = 400;
const HOURLY: u64 = 20_000;
/// Hours that are learned from.
const LEARNED: i64 = 5 * 168;

/// What the engine takes: to look at an event, to judge all series that have something
/// new, to fit all of them. One event in ten is a failure, of 400 services.
fn speed(events: u64) -> Vec<Figure> {
    let sources: Vec<String> = (0..SOURCES).map(|at| format!("source {at}")).collect();
    let services: Vec<String> = (0..SERVICES).map(|at| format!("service {at}")).collect();
    let mut engine = Engine::new(Settings::new(Calendar::new(Tz::UTC, [])));
    let one = |n: u64| {
        let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31).wrapping_mul(n | 1);
        let service = usize::try_from(mixed >> 40).expect("memory") % SERVICES;
        Sighting {
            at_us: BEGUN_US + i64::try_from(n).expect("few") * HOUR_US / HOURLY.cast_signed(),
            source: &sources[service % SOURCES],
            service: Some(&services[service]),
            what: if mixed.is_multiple_of(10) { What::Failure } else { What::Success },
            user: Some((mixed >> 20) % 100_000),
            network: Some((mixed >> 24) % 20_000),
        }
    };
    let first = HOURLY * LEARNED.unsigned_abs();
    for n in 0..first {
        let sighting = one(n);
        engine.see(&sighting, sighting.at_us);
    }
    let clock = Instant::now();
    let series = engine.standing().len();
    let fitting = clock.elapsed();
    let (mut looking, mut judging, mut judged) = (Duration::ZERO, Duration::ZERO, 0_u32);
    for batch in 0..events.div_ceil(HOURLY) {
        let clock = Instant::now();
        for n in 0..HOURLY {
            let sighting = one(first + batch * HOURLY + n);
            engine.see(&sighting, sighting.at_us);
        }
        looking += clock.elapsed();
        let clock = Instant::now();
        engine.judge();
        judging += clock.elapsed();
        judged += 1;
    }
    let figure = |name: String, ours: String| Figure {
        name,
        ours,
        theirs: String::new(),
        ratio: String::new(),
    };
    vec![
        figure(
            "count anomalies, events counted on one core".to_owned(),
            rate(events.div_ceil(HOURLY) * HOURLY, looking),
        ),
        figure(
            format!("judging {series} series after an hour, fits of new days included"),
            millis(judging / judged.max(1)),
        ),
        figure(format!("fitting {series} series, once in one to seven days"), millis(fitting)),
    ]
}
