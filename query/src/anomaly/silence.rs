//! Whether a collector is quieter than its own rhythm allows. The rule is the one of the
//! page Data health (`query/pages/collectors_health.sql`), so that an alert and the page
//! never say different things: the stretch of the week from its last sign of life until
//! now is compared with the same stretch of the last eight weeks that it was there for.
//! It is quieter than usual where something came in each of at least four, so that none
//! of its gaps there was as long, and it has been silent for a quarter of an hour and for
//! three times its usual gap at this hour.

use serde::{Deserialize, Serialize};

use crate::stats::real;

const SECOND_US: i64 = 1_000_000;
const QUARTER_US: i64 = 900 * SECOND_US;
const HOUR_US: i64 = 3_600 * SECOND_US;
const WEEK_US: i64 = 168 * HOUR_US;
/// Weeks that are looked back.
const WEEKS: i64 = 8;
/// Weeks below which it is still learning.
const NEEDED: i64 = 4;
/// Silence below which nobody is silent.
const TALKING_US: i64 = 15 * 60 * SECOND_US;
/// Silence from which on one has stopped that was never active for as long.
const STOPPED_US: i64 = 24 * HOUR_US;

/// What came in during one quarter of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Quarter {
    number: i64,
    first_us: i64,
    last_us: i64,
    events: u32,
}

/// When one collector of one source sent something: of eight weeks before its last sign.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Rhythm {
    /// First sign of life, and first event.
    began_us: Option<i64>,
    first_event_us: Option<i64>,
    quarters: Vec<Quarter>,
}

/// How a collector stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Silence {
    /// It sent something within a quarter of an hour; or nothing is known of it.
    Talking,
    /// It is silent, and there are too few weeks to tell by.
    Learning,
    /// It is silent as it has been before.
    AsUsual,
    /// It is quieter than its own rhythm allows.
    Quieter,
    /// It is silent for longer than it was ever active, or for a week before four weeks
    /// of it were known.
    Stopped,
}

/// A collector's silence, and what it was compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quiet {
    /// How it stands.
    pub silence: Silence,
    /// How long it has been silent, in seconds.
    pub silent_s: i64,
    /// Usual time for each event in this hour of the week, in seconds; none if there was
    /// none.
    pub usual_s: Option<f64>,
    /// In how many weeks something came in this stretch.
    pub weeks_heard: i64,
    /// Of how many.
    pub weeks: i64,
    /// Receipt of its last sign of life, µs since 1970 UTC.
    pub last_us: i64,
}

impl Rhythm {
    /// Something came in: an event, or a record that was set aside, which is a sign of life
    /// too. In order of receipt, as inputs number it.
    pub fn sign(&mut self, received_us: i64, is_event: bool) {
        self.began_us = Some(self.began_us.map_or(received_us, |first| first.min(received_us)));
        if is_event {
            let first = self.first_event_us.map_or(received_us, |first| first.min(received_us));
            self.first_event_us = Some(first);
        }
        let (number, events) = (received_us.div_euclid(QUARTER_US), u32::from(is_event));
        let newest = self.quarters.last().map_or(i64::MIN, |quarter| quarter.number);
        if number <= newest {
            let at = self.quarters.partition_point(|quarter| quarter.number < number);
            if let Some(quarter) = self.quarters.get_mut(at).filter(|of| of.number == number) {
                quarter.first_us = quarter.first_us.min(received_us);
                quarter.last_us = quarter.last_us.max(received_us);
                quarter.events = quarter.events.saturating_add(events);
                return;
            }
        }
        let at = self.quarters.partition_point(|quarter| quarter.number < number);
        let new = Quarter { number, first_us: received_us, last_us: received_us, events };
        self.quarters.insert(at, new);
        self.tidy();
    }

    /// Drops what no stretch reaches any more, once a quarter of it is to go.
    fn tidy(&mut self) {
        let Some(last) = self.quarters.last() else { return };
        let kept = last.number - (WEEKS + 2) * WEEK_US / QUARTER_US;
        let old = self.quarters.partition_point(|quarter| quarter.number < kept);
        if old * 4 > self.quarters.len() {
            self.quarters.drain(..old);
        }
    }

    /// How it stands at an instant.
    #[must_use]
    pub fn at(&self, now_us: i64) -> Quiet {
        let last = self.quarters.last().map(|quarter| quarter.last_us);
        let (Some(last_us), Some(began_us)) = (last, self.began_us) else {
            return Quiet {
                silence: Silence::Talking,
                silent_s: 0,
                usual_s: None,
                weeks_heard: 0,
                weeks: 0,
                last_us: now_us,
            };
        };
        let silent = (now_us - last_us).max(0);
        let age = (now_us - began_us).max(0);
        let length = silent.min(WEEK_US);
        let first_week = ((silent + WEEK_US - 1) / WEEK_US).max(1);
        let reached = ((age - length) / WEEK_US).min(first_week + WEEKS - 1);
        let weeks = if age < length { 0 } else { (reached - first_week + 1).max(0) };
        let weeks_heard = self.heard(now_us, length, first_week..first_week + weeks);
        let usual_s = self.usual_s(now_us);
        let few_gaps = real(silent) > 3.0 * usual_s.unwrap_or(0.0) * real(SECOND_US);
        let outlasted = silent > last_us - began_us;
        let silence = if silent < TALKING_US {
            Silence::Talking
        } else if weeks >= NEEDED && weeks_heard == weeks && few_gaps {
            Silence::Quieter
        } else if (outlasted && silent >= STOPPED_US) || (weeks < NEEDED && silent >= WEEK_US) {
            Silence::Stopped
        } else if weeks < NEEDED {
            Silence::Learning
        } else {
            Silence::AsUsual
        };
        Quiet { silence, silent_s: silent / SECOND_US, usual_s, weeks_heard, weeks, last_us }
    }

    /// In how many of some weeks back something came in the last `length` of them.
    fn heard(&self, now_us: i64, length: i64, weeks: std::ops::Range<i64>) -> i64 {
        let heard = weeks.filter(|week| {
            let to = now_us - week * WEEK_US;
            let within = |moment: i64| moment > to - length && moment <= to;
            let first = self.quarters.partition_point(|q| q.last_us <= to - length);
            let mut near = self.quarters.iter().skip(first).take_while(|q| q.first_us <= to);
            near.any(|quarter| within(quarter.first_us) || within(quarter.last_us))
        });
        i64::try_from(heard.count()).unwrap_or(0)
    }

    /// Time for each event in this hour of the last eight weeks.
    fn usual_s(&self, now_us: i64) -> Option<f64> {
        let hour = now_us.div_euclid(HOUR_US);
        let began = self.first_event_us?.div_euclid(HOUR_US);
        let weeks = ((hour - began - 1) / 168).min(WEEKS);
        let events: i64 = (1..=WEEKS)
            .map(|week| {
                let from = (hour - week * 168) * 4;
                let first = self.quarters.partition_point(|quarter| quarter.number < from);
                let hour = self.quarters.iter().skip(first).take_while(|q| q.number < from + 4);
                hour.map(|quarter| i64::from(quarter.events)).sum::<i64>()
            })
            .sum();
        (events > 0 && weeks > 0).then(|| real(weeks * 3_600) / real(events))
    }
}

impl Quiet {
    /// What it was compared with, in a sentence that begins with the collector's name.
    #[must_use]
    pub fn words(&self, name: &str) -> String {
        let silent = span(self.silent_s);
        let compared = format!(
            "something came in this stretch of the week in {} of the last {} weeks",
            self.weeks_heard, self.weeks
        );
        match self.silence {
            Silence::Talking => format!("{name} is talking."),
            Silence::Learning => format!(
                "{name} has been silent for {silent}. Still learning: {} of {NEEDED} weeks are known.",
                self.weeks
            ),
            Silence::AsUsual => {
                format!("{name} has been silent for {silent}, as before: {compared}.")
            }
            Silence::Quieter => {
                let usual = self.usual_s.map(|usual| {
                    format!("; usually one event comes every {usual:.0} s at this hour")
                });
                let usual = usual.unwrap_or_default();
                format!("{name} has been silent for {silent}{usual}; {compared}.")
            }
            Silence::Stopped => format!("{name} has stopped: silent for {silent}."),
        }
    }
}

/// Seconds in words.
fn span(seconds: i64) -> String {
    match seconds {
        ..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(time: &str) -> i64 {
        chrono::DateTime::parse_from_rfc3339(time).expect("a time").timestamp_micros()
    }

    fn rhythm(events: &[&str]) -> Rhythm {
        let mut rhythm = Rhythm::default();
        // Received a second after, as in the page's own cases.
        events.iter().for_each(|time| rhythm.sign(us(time) + SECOND_US, true));
        rhythm
    }

    const NOW: &str = "2026-03-04T00:00:00Z";

    /// The cases of `a_collectors_silence_is_told_against_its_own_weeks` of the page.
    #[test]
    fn a_silence_is_told_as_the_page_tells_it() {
        let okta = rhythm(&[
            "2026-01-27T22:30:00Z",
            "2026-02-03T22:30:00Z",
            "2026-02-04T00:10:00Z",
            "2026-02-04T00:20:00Z",
            "2026-02-10T22:30:00Z",
            "2026-02-11T00:10:00Z",
            "2026-02-11T00:20:00Z",
            "2026-02-17T22:30:00Z",
            "2026-02-18T00:10:00Z",
            "2026-02-18T00:20:00Z",
            "2026-02-24T22:30:00Z",
            "2026-02-25T00:10:00Z",
            "2026-02-25T00:20:00Z",
            "2026-03-03T21:00:00Z",
        ]);
        let quiet = okta.at(us(NOW));
        let told = (quiet.silence, quiet.silent_s, quiet.usual_s);
        assert_eq!(told, (Silence::Quieter, 10_799, Some(2_250.0)));
        assert_eq!((quiet.weeks_heard, quiet.weeks), (4, 4));
        assert_eq!(
            quiet.words("okta by pull"),
            "okta by pull has been silent for 2 h; usually one event comes every 2250 s at this \
             hour; something came in this stretch of the week in 4 of the last 4 weeks."
        );
        let sshd = rhythm(&[
            "2026-01-27T22:30:00Z",
            "2026-02-03T22:30:00Z",
            "2026-02-17T22:30:00Z",
            "2026-02-24T22:30:00Z",
            "2026-03-03T20:00:00Z",
        ]);
        let quiet = sshd.at(us(NOW));
        assert_eq!((quiet.silence, quiet.weeks_heard, quiet.weeks), (Silence::AsUsual, 3, 4));
        let entra = rhythm(&["2026-03-01T00:00:00Z"]).at(us(NOW));
        assert_eq!((entra.silence, entra.silent_s), (Silence::Stopped, 259_199));
        assert_eq!(rhythm(&["2026-03-03T23:50:00Z"]).at(us(NOW)).silence, Silence::Talking);
    }

    /// The cases of `a_collector_that_stopped_before_its_weeks_were_known_is_raised`.
    #[test]
    fn one_that_stopped_young_is_told_as_the_page_tells_it() {
        let cases: [(&[&str], Silence, i64, i64); 6] = [
            (&["2026-02-15T00:00:00Z", "2026-02-24T23:59:59Z"], Silence::Stopped, 604_800, 1),
            (&["2026-02-15T00:00:00Z", "2026-02-25T00:00:00Z"], Silence::Learning, 604_799, 0),
            (&["2026-03-01T11:59:59Z", "2026-03-02T17:59:59Z"], Silence::Learning, 108_000, 0),
            (&["2026-03-01T11:59:59Z", "2026-03-02T17:59:58Z"], Silence::Stopped, 108_001, 0),
            (&["2026-03-02T23:59:59Z"], Silence::Stopped, 86_400, 0),
            (&["2026-03-03T00:00:00Z"], Silence::Learning, 86_399, 0),
        ];
        for (events, silence, silent_s, heard) in cases {
            let quiet = rhythm(events).at(us(NOW));
            assert_eq!(
                (quiet.silence, quiet.silent_s, quiet.weeks_heard),
                (silence, silent_s, heard)
            );
        }
    }

    #[test]
    fn what_was_set_aside_is_a_sign_of_life_but_no_event() {
        let mut rhythm = rhythm(&["2026-03-03T12:00:00Z"]);
        rhythm.sign(us("2026-03-03T23:59:00Z"), false);
        let quiet = rhythm.at(us(NOW));
        assert_eq!((quiet.silence, quiet.silent_s), (Silence::Talking, 60));
        assert_eq!(Rhythm::default().at(us(NOW)).silence, Silence::Talking);
        let kept: Rhythm =
            serde_json::from_str(&serde_json::to_string(&rhythm).expect("text")).expect("a rhythm");
        assert_eq!(kept.at(us(NOW)), quiet);
    }

    #[test]
    fn what_it_keeps_is_bounded() {
        let mut rhythm = Rhythm::default();
        (0..40 * 672).for_each(|quarter| rhythm.sign(quarter * QUARTER_US, true));
        assert!(rhythm.quarters.len() < 14 * 672, "{}", rhythm.quarters.len());
    }
}
