//! Benign sign-ins: the invented company's logs of identity providers and servers, read
//! without rollcall's own parsers. Between the labelled incidents of a quarter's end and
//! those before "now" lie weeks without any; what comes before has some, as real history
//! does. The company mistypes passwords but no names; one failure in seven gets another
//! before it, of a name that is mistyped, so that unknown names are nothing that only
//! attackers have.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, NaiveDate, Utc};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rollcall_query::anomaly::What;
use rollcall_simulate as simulate;
use serde_json::Value;

use super::{DAY_US, SignIn};

/// Whose log an event is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    Okta,
    Entra,
    Sshd,
}

impl Feed {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Okta => "okta",
            Self::Entra => "entra",
            Self::Sshd => "sshd",
        }
    }
}

/// A company's sign-ins: weeks to learn from, and a period without incidents.
pub struct Company {
    pub events: Vec<SignIn>,
    /// The period, µs.
    pub from_us: i64,
    pub to_us: i64,
    /// Names that sign in at Okta, the attacked source: at most 400.
    pub logins: Vec<u64>,
}

/// A number for a name or network.
pub fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl Company {
    /// So many weeks before the period, which has four or less and begins on Monday
    /// 27 July 2026.
    pub fn new(seed: u64, before: i64, weeks: i64) -> Self {
        let until = "2026-09-28T00:00:00Z".parse::<DateTime<Utc>>().expect("a time");
        let company = simulate::Company::new(&simulate::Plan::new(seed, until));
        let monday = NaiveDate::from_ymd_opt(2026, 7, 27).expect("a date");
        let from_us = monday.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros();
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (mut events, mut lines) = (Vec::new(), HashSet::new());
        for day in -7 * before..7 * weeks {
            let date = monday + chrono::TimeDelta::days(day);
            for record in company.day(date) {
                // What a vendor sends again is no second attempt.
                if !lines.insert(hash(&record.line)) {
                    continue;
                }
                let Some(event) = read(&record) else { continue };
                if event.what == What::Failure && random.random_ratio(1, 7) {
                    let mistyped = SignIn {
                        at_us: event.at_us - random.random_range(1..40_000_000),
                        user: random.random(),
                        ..event
                    };
                    events.push(mistyped);
                }
                events.push(event);
            }
        }
        events.sort_by_key(|event| event.at_us);
        let mut logins: Vec<u64> = events
            .iter()
            .filter(|event| event.what == What::Success && event.feed == Feed::Okta)
            .map(|event| event.user)
            .collect();
        logins.sort_unstable();
        logins.dedup();
        logins.truncate(400);
        Self { events, from_us, to_us: from_us + weeks * 7 * DAY_US, logins }
    }

    /// Events from an instant on.
    pub fn since(&self, at_us: i64) -> &[SignIn] {
        let first = self.events.partition_point(|event| event.at_us < at_us);
        self.events.get(first..).unwrap_or_default()
    }
}

/// One record, where it is of a sign-in.
fn read(record: &simulate::Record) -> Option<SignIn> {
    let at_us = record.time.timestamp_micros();
    let (feed, (what, user, address)) = match record.feed {
        simulate::Feed::Okta => (Feed::Okta, okta(&record.line)?),
        simulate::Feed::Entra => (Feed::Entra, entra(&record.line)?),
        simulate::Feed::Sshd => (Feed::Sshd, sshd(&record.line)?),
        simulate::Feed::GitHub | simulate::Feed::CloudTrail => return None,
    };
    let network = address.rsplit_once(['.', ':']).map_or(address.as_str(), |(network, _)| network);
    Some(SignIn { at_us, feed, what, user: hash(&user), network: hash(network) })
}

fn okta(line: &str) -> Option<(What, String, String)> {
    let event: Value = serde_json::from_str(line).ok()?;
    let kind = event["eventType"].as_str()?;
    let what = match (kind, event["outcome"]["result"].as_str()?) {
        ("user.session.start", "SUCCESS") => What::Success,
        ("user.session.start" | "user.authentication.auth_via_mfa", "FAILURE") => What::Failure,
        ("user.account.lock", _) => What::Lockout,
        ("system.push.send_factor_verify_push", _) => What::Prompt,
        (_, "DENY") => What::Denial,
        _ => What::Other,
    };
    let name = event["actor"]["alternateId"].as_str()?.to_owned();
    Some((what, name, event["client"]["ipAddress"].as_str()?.to_owned()))
}

fn entra(line: &str) -> Option<(What, String, String)> {
    let event: Value = serde_json::from_str(line).ok()?;
    let what = match event["status"]["errorCode"].as_i64()? {
        0 => What::Success,
        53_003 => What::Denial,
        50_053 => What::Lockout,
        _ => What::Failure,
    };
    let name = event["userPrincipalName"].as_str()?.to_owned();
    Some((what, name, event["ipAddress"].as_str()?.to_owned()))
}

fn sshd(line: &str) -> Option<(What, String, String)> {
    let (what, rest) = if let Some((_, rest)) = line.split_once("Failed password for ") {
        (What::Failure, rest.strip_prefix("invalid user ").unwrap_or(rest))
    } else {
        (What::Success, line.split_once("Accepted ")?.1.split_once(" for ")?.1)
    };
    let (name, rest) = rest.split_once(" from ")?;
    Some((what, name.to_owned(), rest.split_once(' ')?.0.to_owned()))
}
