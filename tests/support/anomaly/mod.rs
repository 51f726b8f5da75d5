//! What the count-anomaly engine makes of a real campaign, laid over the invented
//! company's sign-ins; and what the rule for password sprays makes of it alone.
//!
//! ```text
//! company   benign sign-ins, out of the invented company's logs
//! campaign  the real campaign from its file, or an invented one of its shape
//! spray     the rule at its defaults
//! ```

mod campaign;
mod company;
mod spray;

use std::collections::BTreeSet;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rollcall_query::anomaly::{Calendar, Engine, Settings, Sighting, What};

pub use campaign::Campaign;
pub use company::{Company, Feed};

pub const MINUTE_US: i64 = 60_000_000;
pub const DAY_US: i64 = 1_440 * MINUTE_US;

/// One sign-in, as detectors see it.
#[derive(Debug, Clone, Copy)]
pub struct SignIn {
    pub at_us: i64,
    pub feed: Feed,
    pub what: What,
    pub user: u64,
    pub network: u64,
}

impl SignIn {
    fn sighting(&self) -> Sighting<'static> {
        Sighting {
            at_us: self.at_us,
            source: self.feed.name(),
            service: None,
            what: self.what,
            user: Some(self.user),
            network: Some(self.network),
        }
    }
}

/// How often and how soon a campaign was seen.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Minutes to the first finding, of each placement; none: not at all.
    pub engine: Vec<Option<i64>>,
    /// The same of the rule.
    pub rule: Vec<Option<i64>>,
}

impl Seen {
    /// How many of some delays are at most so many minutes.
    pub fn within(delays: &[Option<i64>], minutes: i64) -> usize {
        delays.iter().flatten().filter(|delay| **delay <= minutes).count()
    }

    /// The middle delay, where at least half were seen.
    pub fn middle(delays: &[Option<i64>]) -> Option<i64> {
        let mut sorted: Vec<i64> = delays.iter().map(|delay| delay.unwrap_or(i64::MAX)).collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().filter(|delay| *delay < i64::MAX)
    }
}

/// An engine that has learned, as it stood at the beginning of each day of the period.
pub struct Watched {
    company: Company,
    mornings: Vec<Engine>,
    /// Incidents of the period, which has nothing to find: all of them false.
    pub false_incidents: Vec<String>,
    /// The same of the rule.
    pub false_sprays: usize,
    /// Events that the engine looked at, and how long that took.
    pub events: usize,
    pub took: std::time::Duration,
}

impl Watched {
    /// Lets an engine learn the weeks before the period, and watch the period.
    pub fn new(company: Company) -> Self {
        let begun = std::time::Instant::now();
        let calendar = Calendar::new(chrono_tz::Tz::Europe__Berlin, []);
        let mut engine = Engine::new(Settings::new(calendar));
        let (mut mornings, mut keys) = (Vec::new(), BTreeSet::new());
        let mut told = Vec::new();
        for day in company.events.chunk_by(|a, b| a.at_us / DAY_US == b.at_us / DAY_US) {
            let is_watched = day.first().is_some_and(|event| event.at_us >= company.from_us);
            if is_watched {
                // Models are made once a day, not by each placement again.
                let _standing = engine.standing();
                mornings.push(engine.clone());
            }
            let step = if is_watched { MINUTE_US } else { DAY_US };
            for batch in day.chunk_by(|a, b| a.at_us / step == b.at_us / step) {
                let now = batch.last().map_or(0, |event| event.at_us);
                batch.iter().for_each(|event| engine.see(&event.sighting(), now));
                for incident in engine.judge() {
                    if is_watched && keys.insert(incident.key.clone()) {
                        told.push(format!("{}: {}", incident.key, incident.words()));
                    }
                }
            }
        }
        let took = begun.elapsed();
        let period = company.since(company.from_us);
        let false_sprays = spray::incidents(period);
        let events = company.events.len();
        Self { company, mornings, false_incidents: told, false_sprays, events, took }
    }

    /// Lays a campaign over the period at random times; `until` minutes after its first
    /// attempt a placement ends.
    pub fn placed(&self, campaign: &Campaign, thinned: u32, placements: u64, until: i64) -> Seen {
        let mut seen = Seen { engine: Vec::new(), rule: Vec::new() };
        for placement in 0..placements {
            let mut random = ChaCha8Rng::seed_from_u64(placement * 1_000 + u64::from(thinned));
            let room = self.company.to_us - self.company.from_us - until * MINUTE_US;
            let from = self.company.from_us + random.random_range(0..room);
            let attack = campaign.placed(from, until, thinned, &self.company.logins, &mut random);
            let (engine, rule) = self.one(from, until, &attack);
            seen.engine.push(engine);
            seen.rule.push(rule);
        }
        seen
    }

    /// Minutes until each sees one placement.
    fn one(&self, from: i64, until: i64, attack: &[SignIn]) -> (Option<i64>, Option<i64>) {
        let morning = (from - self.company.from_us) / DAY_US;
        let start = self.company.from_us + morning * DAY_US;
        let end = from + until * MINUTE_US;
        let benign = self.company.since(start).iter().take_while(|event| event.at_us < end);
        let mut events: Vec<SignIn> = benign.copied().collect();
        events.extend(attack);
        events.sort_by_key(|event| event.at_us);
        let delay = |at: i64| (at - from + MINUTE_US - 1) / MINUTE_US;
        let rule = spray::first(&events, from).map(delay);
        let mut engine = self.mornings[usize::try_from(morning).expect("a day")].clone();
        for batch in events.chunk_by(|a, b| a.at_us / MINUTE_US == b.at_us / MINUTE_US) {
            let now = batch.last().map_or(0, |event| event.at_us);
            batch.iter().for_each(|event| engine.see(&event.sighting(), now));
            if !engine.judge().is_empty() && now >= from {
                return (Some(delay(now)), rule);
            }
        }
        (None, rule)
    }
}
