//! How long to wait: what is left of a budget, what a vendor asks for, and after failures.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::HeaderMap;

use super::clock::duration;
use super::error::PullError;

/// The longest wait that a vendor is believed.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// The first wait after a failure; each further one doubles it.
const FIRST: Duration = Duration::from_secs(2);
/// The longest of those.
const MOST: Duration = Duration::from_secs(300);
/// Where waiting alone won't mend it: a token, a permission, an address.
const REFUSED: Duration = Duration::from_secs(300);
/// Where a vendor wants fewer requests and doesn't say when (GitHub, "Rate limits for the
/// REST API": at least one minute).
const BUSY: Duration = Duration::from_secs(60);

/// What an answer says of its vendor's budget.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Budget {
    /// Requests that are left.
    remaining: Option<u64>,
    /// Until there are more.
    reset: Option<Duration>,
    /// `Retry-After`.
    retry_after: Option<Duration>,
}

impl Budget {
    /// Reads the headers; `now` is the vendor's time, µs.
    pub(super) fn read(headers: &HeaderMap, now: i64) -> Self {
        let number = |names: [&str; 2]| {
            names.into_iter().find_map(|name| text(headers, name)?.trim().parse::<u64>().ok())
        };
        let reset = number(["x-rate-limit-reset", "x-ratelimit-reset"])
            .and_then(|seconds| i64::try_from(seconds).ok()?.checked_mul(1_000_000))
            .map(|at| duration(at.saturating_sub(now)).min(LONGEST));
        Self {
            remaining: number(["x-rate-limit-remaining", "x-ratelimit-remaining"]),
            reset,
            retry_after: text(headers, "retry-after").and_then(|after| retry_after(after, now)),
        }
    }

    /// Whether it is used up.
    pub(super) fn is_spent(self) -> bool {
        self.remaining == Some(0) || self.retry_after.is_some()
    }

    /// How long the vendor wants to be left alone, as far as it says.
    pub(super) fn wait(self) -> Option<Duration> {
        self.retry_after.or(self.reset)
    }

    /// The least time to the next request: half of what is left is for others, and the
    /// rest is spread over the time that it must last.
    pub(super) fn spacing(self) -> Option<Duration> {
        let (remaining, reset) = (self.remaining?, self.reset?);
        let ours = u32::try_from(remaining / 2).unwrap_or(u32::MAX);
        Some(reset.checked_div(ours).unwrap_or(reset))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Seconds, or a time (RFC 9110, section 10.2.3).
fn retry_after(text: &str, now: i64) -> Option<Duration> {
    let seconds = || text.trim().parse::<u64>().ok().map(Duration::from_secs);
    let time = || {
        let at = DateTime::parse_from_rfc2822(text.trim()).ok()?.timestamp_micros();
        Some(duration(at.saturating_sub(now)))
    };
    seconds().or_else(time).map(|wait| wait.min(LONGEST))
}

/// Waits after failures.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// It went well.
    pub(super) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures in a row.
    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    /// How long to wait after a failure. `random` is any number.
    pub(super) fn after(&mut self, error: &PullError, random: u64) -> Duration {
        self.failures = self.failures.saturating_add(1);
        let doubled = FIRST.saturating_mul(2_u32.saturating_pow(self.failures - 1)).min(MOST);
        let wait = match error {
            // As long as it says, and a little longer: not all at the same moment.
            PullError::Busy { wait, .. } => {
                let wait = wait.unwrap_or(BUSY.max(doubled));
                return wait + part(Duration::from_secs(5), random);
            }
            PullError::Refused { .. }
            | PullError::Rejected { .. }
            | PullError::Missing { .. }
            | PullError::Settings(_) => REFUSED,
            _ => doubled,
        };
        wait / 2 + part(wait / 2, random)
    }
}

/// A part of a time: none to all of it.
fn part(of: Duration, random: u64) -> Duration {
    of * u32::try_from(random % 1_000).unwrap_or_default() / 1_000
}

/// Any number.
pub(super) fn random() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    /// 2026-03-01T10:00:00Z.
    const NOW: i64 = 1_772_359_200_000_000;

    fn budget(headers: &[(&'static str, &str)]) -> Budget {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                let value = HeaderValue::from_str(value).expect("a value");
                (HeaderName::from_static(name), value)
            })
            .collect();
        Budget::read(&headers, NOW)
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn half_of_what_is_left_is_spread_over_the_time_to_its_reset() {
        let reset = "1772359260";
        let okta = budget(&[("x-rate-limit-remaining", "60"), ("x-rate-limit-reset", reset)]);
        assert_eq!(okta.spacing(), Some(seconds(2)));
        let github = budget(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset)]);
        assert_eq!((github.spacing(), github.wait()), (Some(seconds(60)), Some(seconds(60))));
        assert!(github.is_spent() && !okta.is_spent());
        assert_eq!(budget(&[]).spacing(), None);
        let past = budget(&[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "1")]);
        assert_eq!(past.spacing(), Some(Duration::ZERO));
    }

    #[test]
    fn retry_after_is_seconds_or_a_time() {
        let wait = |after: &str| budget(&[("retry-after", after)]).wait();
        assert_eq!(wait("17"), Some(seconds(17)));
        assert_eq!(wait("Sun, 01 Mar 2026 10:00:30 GMT"), Some(seconds(30)));
        assert_eq!(wait("Sun, 01 Mar 2026 09:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("99999999999"), Some(LONGEST));
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn failures_double_the_wait_up_to_a_limit() {
        let error = PullError::Unreachable { place: "x".to_owned(), detail: "x".to_owned() };
        let mut backoff = Backoff::default();
        let waits: Vec<Duration> = (0..12).map(|_| backoff.after(&error, 999)).collect();
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
        assert!(waits[0] <= seconds(2) && waits[11] > seconds(299) && waits[11] <= MOST);
        backoff.reset();
        assert!(backoff.after(&error, 0) == seconds(1));
        let busy = PullError::Busy { place: "x".to_owned(), wait: Some(seconds(17)) };
        assert_eq!(backoff.after(&busy, 0), seconds(17));
    }
}
