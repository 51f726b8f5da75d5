//! Count anomalies: a campaign of password guessing laid over the invented company's
//! sign-ins. By default an invented campaign of the real one's shape, few placements and
//! two weeks; with `ROLLCALL_CAMPAIGN` naming the real one's file all of it, printed.

use std::path::PathBuf;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::guessing::{Campaign, Company, Seen, Watched};

/// How much is measured.
struct Form {
    campaign: Campaign,
    placements: u64,
    weeks: i64,
}

fn form() -> Form {
    match std::env::var_os("ROLLCALL_CAMPAIGN").map(PathBuf::from) {
        Some(path) => Form { campaign: Campaign::read(&path), placements: 100, weeks: 4 },
        None => {
            let campaign = Campaign::invented(24, &mut ChaCha8Rng::seed_from_u64(1));
            Form { campaign, placements: 12, weeks: 2 }
        }
    }
}

#[test]
fn a_campaign_is_seen_soon_also_where_it_is_thinned() {
    let Form { campaign, placements, weeks } = form();
    let watched = Watched::new(Company::new(7, 10, weeks));
    eprintln!(
        "{} events in {:.1} s; false in {weeks} weeks: {:?}; of the spray rule: {}",
        watched.events,
        watched.took.as_secs_f64(),
        watched.false_incidents,
        watched.false_sprays
    );
    assert!(watched.false_incidents.len() <= 1, "{:?}", watched.false_incidents);
    for (thinned, minutes, share) in [(1, 15, 1.0), (10, 120, 0.95), (100, 1_440, 0.8)] {
        let seen = watched.placed(&campaign, thinned, placements, 1_440);
        let within = Seen::within(&seen.engine, minutes);
        eprintln!(
            "1 in {thinned}: within {minutes} min {within} of {placements}, middle {:?}, {:?}; the \
             spray rule {}, middle {:?}",
            Seen::middle(&seen.engine),
            seen.engine,
            Seen::within(&seen.rule, minutes),
            Seen::middle(&seen.rule),
        );
        assert!(within as f64 >= share * placements as f64, "1 in {thinned}: {:?}", seen.engine);
    }
}
