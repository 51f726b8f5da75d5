//! All detectors together: each event goes through every one of them, then what is usual
//! learns from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::alert::Alert;
use super::detector::{Detector, Known};
use super::habits::Habits;
use super::id::Ids;
use super::incident::{Incidents, Out};
use super::names::Names;
use super::parameter::Parameters;
use super::policies::Weakened;
use super::registry::{DetectorInfo, LooksAt, detectors};
use super::row::{HOUR, Row};

/// The detector that policies which ask for less are told by.
const WEAKENED: &str = "factor_downgrade";

/// One detector at work.
#[derive(Debug)]
struct Running {
    info: &'static DetectorInfo,
    parameters: Parameters,
    detector: Box<dyn Detector>,
}

/// Everything that detectors know.
#[derive(Debug)]
pub(crate) struct Engine {
    running: Vec<Running>,
    pub(crate) incidents: Incidents,
    pub(crate) habits: Habits,
    pub(crate) clock: Clock,
    /// How far behind the newest event one may lie to be looked at, µs.
    late: i64,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Clock {
    /// Times of the first and of the newest event.
    pub(crate) since: i64,
    pub(crate) now: i64,
    /// When was tidied up last.
    tidied: i64,
    /// Events that were looked at, and those that came too late for it.
    pub(crate) events: u64,
    pub(crate) too_late: u64,
}

/// As it is saved.
#[derive(Debug, Serialize)]
pub(crate) struct Saving<'e> {
    incidents: &'e Incidents,
    habits: &'e Habits,
    clock: Clock,
    detectors: BTreeMap<&'static str, SavedDetector>,
}

/// As it was saved.
#[derive(Debug, Deserialize)]
pub(crate) struct Saved {
    incidents: Incidents,
    habits: Habits,
    clock: Clock,
    detectors: BTreeMap<String, SavedDetector>,
}

/// What one detector remembers; with other parameters it begins anew.
#[derive(Debug, Default, Serialize, Deserialize)]
struct SavedDetector {
    parameters: String,
    state: String,
}

impl Engine {
    /// Knows nothing yet. `parameters` are those of each detector that is switched on.
    pub(crate) fn new(mut parameters: BTreeMap<&'static str, Parameters>, late: i64) -> Self {
        let running = detectors().iter().filter_map(|info| {
            let parameters = parameters.remove(info.name)?;
            let LooksAt::Events(open) = info.looks_at;
            Some(Running { info, detector: open(parameters.clone()), parameters })
        });
        Self {
            running: running.collect(),
            incidents: Incidents::default(),
            habits: Habits::default(),
            clock: Clock::default(),
            late,
        }
    }

    /// Looks at events; they come in the order of their times, as far as they came in it.
    pub(crate) fn look(&mut self, rows: &[Row], ids: &Ids, names: &Names, alerts: &mut Vec<Alert>) {
        for row in rows {
            self.tick(row.time);
            if row.time < self.clock.now - self.late {
                self.clock.too_late += 1;
            } else {
                self.clock.events += 1;
                self.one(row, ids, names, alerts);
            }
            self.habits.add(row);
        }
    }

    fn one(&mut self, row: &Row, ids: &Ids, names: &Names, alerts: &mut Vec<Alert>) {
        let known = Known { habits: &self.habits, since: self.clock.since };
        for running in &mut self.running {
            let mut out = Out {
                detector: running.info.name,
                next_step: running.info.next_step,
                quiet: running.info.quiet,
                ids,
                names,
                incidents: &mut self.incidents,
                alerts: &mut *alerts,
            };
            running.detector.look(row, &known, &mut out);
        }
    }

    /// Tells of policies that ask for less, if that is looked for.
    pub(crate) fn weakened(
        &mut self,
        policies: &[Weakened],
        ids: &Ids,
        names: &Names,
        alerts: &mut Vec<Alert>,
    ) {
        let Some(running) = self.running.iter().find(|one| one.info.name == WEAKENED) else {
            return;
        };
        for policy in policies {
            let mut out = Out {
                detector: running.info.name,
                next_step: running.info.next_step,
                quiet: running.info.quiet,
                ids,
                names,
                incidents: &mut self.incidents,
                alerts: &mut *alerts,
            };
            policy.report(&mut out);
        }
    }

    fn tick(&mut self, time: i64) {
        let clock = &mut self.clock;
        if clock.since == 0 || time < clock.since {
            clock.since = time;
        }
        clock.now = clock.now.max(time);
        if clock.now - clock.tidied >= HOUR {
            clock.tidied = clock.now;
            let now = clock.now;
            for running in &mut self.running {
                running.detector.forget(now);
            }
            // No incident is quiet for longer and still open.
            self.incidents.forget_before(now - 48 * HOUR);
        }
    }

    /// What is to be saved.
    ///
    /// # Errors
    /// Only if JSON can't be written.
    pub(crate) fn saving(&self) -> serde_json::Result<Saving<'_>> {
        let mut detectors = BTreeMap::new();
        for running in &self.running {
            let parameters = format!("{:?}", running.parameters);
            let state = running.detector.save()?;
            detectors.insert(running.info.name, SavedDetector { parameters, state });
        }
        let (incidents, habits) = (&self.incidents, &self.habits);
        Ok(Saving { incidents, habits, clock: self.clock, detectors })
    }

    /// Takes up what was saved; a detector whose state can't be read begins anew, and so
    /// does one with other parameters.
    pub(crate) fn load(&mut self, saved: Saved) {
        let Saved { incidents, habits, clock, mut detectors } = saved;
        (self.incidents, self.habits, self.clock) = (incidents, habits, clock);
        for running in &mut self.running {
            let Some(saved) = detectors.remove(running.info.name) else { continue };
            if saved.parameters != format!("{:?}", running.parameters) {
                continue;
            }
            if let Err(error) = running.detector.load(&saved.state) {
                tracing::warn!(detector.name = running.info.name, %error,
                    "a detector's memory can't be read; it begins anew");
            }
        }
    }
}
