//! A campaign of password guessing against a VPN: the real one from its file (columns
//! `time_utc,ip_key,net24_key`, gzip), or one of the same shape. The file has no names;
//! they are drawn evenly from 400 real ones (where fewer sign in at the attacked source,
//! some stand twice) and 1,600 invented ones. All attempts fail.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use chrono::NaiveDateTime;
use flate2::read::MultiGzDecoder;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rollcall_query::anomaly::What;

use super::company::{Feed, hash};
use super::{MINUTE_US, SignIn};

/// Names that are tried.
const REAL: usize = 400;
const INVENTED: usize = 1_600;

/// Attempts: microseconds since the first, and the network.
pub struct Campaign(Vec<(i64, u64)>);

impl Campaign {
    /// The one in a file.
    pub fn read(path: &Path) -> Self {
        let file = File::open(path).expect("the campaign's file");
        let mut attempts = Vec::new();
        for line in BufReader::new(MultiGzDecoder::new(file)).lines().skip(1) {
            let line = line.expect("a line of the campaign");
            let mut columns = line.split(',');
            let time = columns.next().expect("a time");
            let time = NaiveDateTime::parse_from_str(time, "%Y-%m-%dT%H:%M:%S%.f");
            let network = columns.nth(1).expect("a network");
            attempts.push((time.expect("a time").and_utc().timestamp_micros(), hash(network)));
        }
        let first = attempts.first().expect("an attempt").0;
        Self(attempts.into_iter().map(|(at, network)| (at - first, network)).collect())
    }

    /// An invented one: an attempt every two minutes at first, 530 an hour after four hours.
    pub fn invented(hours: u32, random: &mut ChaCha8Rng) -> Self {
        let (mut at, mut attempts) = (0.0, Vec::new());
        while at < f64::from(hours) {
            let network = hash(&format!("network {}", random.random_range(0..102)));
            let after = std::time::Duration::from_secs_f64(at * 3_600.0).as_micros();
            attempts.push((i64::try_from(after).expect("some hours"), network));
            let rate = (30.0 + 130.0 * at).min(530.0);
            at -= (1.0 - random.random::<f64>()).ln() / rate;
        }
        Self(attempts)
    }

    /// How many attempts it has.
    pub fn attempts(&self) -> usize {
        self.0.len()
    }

    /// Its attempts within `until` minutes of `from`, one in `thinned` kept at random.
    pub fn placed(
        &self,
        from_us: i64,
        until: i64,
        thinned: u32,
        logins: &[u64],
        random: &mut ChaCha8Rng,
    ) -> Vec<SignIn> {
        let mut placed = Vec::new();
        for (after, network) in self.0.iter().take_while(|(after, _)| *after < until * MINUTE_US) {
            let name = random.random_range(0..REAL + INVENTED);
            let user = if name < REAL {
                logins[name % logins.len()]
            } else {
                hash(&format!("invented {name}"))
            };
            if random.random_range(0..thinned) == 0 {
                let (at_us, network) = (from_us + after, *network);
                placed.push(SignIn { at_us, feed: Feed::Okta, what: What::Failure, user, network });
            }
        }
        placed
    }
}
