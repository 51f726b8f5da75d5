//! All series together: events in, incidents out.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{
    budget::{Budget, day_of},
    calendar::Calendar,
    finding::{Finding, Incident},
    incidents::Incidents,
    kind::{KINDS, Kind},
    known::{ACQUAINTED_HOURS, Face, Known},
    life::Life,
    series::{Court, Series, day_began},
    sighting::{Sighting, What},
    standing::Standing,
    window::{Hour, LEARNED_HOURS, Minute},
};

/// Version of what is remembered; another one is forgotten and learned anew.
const VERSION: u32 = 1;

/// Services at most. Those beyond are counted with their source only.
const MOST_SERVICES: usize = 500;

/// Microseconds of a minute.
const MINUTE_US: i64 = 60_000_000;

/// What an operator sets.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The organisation's week.
    pub calendar: Calendar,
    /// How many findings of chance a day may have at most, on average. The default is one
    /// in fifty days.
    pub level: f64,
}

impl Settings {
    /// The default level.
    #[must_use]
    pub const fn new(calendar: Calendar) -> Self {
        Self { calendar, level: 0.02 }
    }
}

/// One source: its life, and where its series are.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Source {
    name: String,
    life: Life,
    /// Series by kind.
    series: [Option<usize>; KINDS.len()],
    services: HashMap<String, Service>,
    /// Which of its series count in those of all sources: once they have learned.
    joined: [bool; KINDS.len()],
}

/// One service of a source.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Service {
    /// Its first hour: before, there was nothing to fail at.
    began: Hour,
    /// Series by kind.
    series: [Option<usize>; KINDS.len()],
}

/// Everything that must survive a restart. Models aren't in it: they are fitted again from
/// the same counts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Memory {
    version: u32,
    known: Known,
    sources: Vec<Source>,
    /// Series of all sources together, by kind.
    all: [Option<usize>; KINDS.len()],
    series: Vec<Series>,
    incidents: Incidents,
    /// The newest minute that was seen.
    newest: Minute,
    /// Services that are told apart.
    services: usize,
    /// Events of services that aren't, since there are too many.
    turned_away: u64,
}

/// The count-anomaly engine.
#[derive(Debug, Clone)]
pub struct Engine {
    settings: Settings,
    memory: Memory,
    by_name: HashMap<String, usize>,
    budget: Option<Budget>,
}

impl Engine {
    /// One that knows nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self::with(settings, Memory { version: VERSION, ..Memory::default() })
    }

    /// One that goes on where another stood. `None` if that was of another version: history
    /// must then be seen again.
    #[must_use]
    pub fn resume(settings: Settings, memory: Memory) -> Option<Self> {
        (memory.version == VERSION).then(|| Self::with(settings, memory))
    }

    fn with(settings: Settings, memory: Memory) -> Self {
        let names = memory.sources.iter().enumerate();
        let by_name = names.map(|(at, source)| (source.name.clone(), at)).collect();
        Self { settings, memory, by_name, budget: None }
    }

    /// What must survive a restart, to be serialised.
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Looks at one event. In any order; what is later than a day or so counts for what is
    /// usual but isn't judged any more. A time after `now_us` counts as now: a wrong clock
    /// doesn't move the windows.
    pub fn see(&mut self, sighting: &Sighting<'_>, now_us: i64) {
        let at_us = sighting.at_us.min(now_us);
        let Ok(minute) = Minute::try_from(at_us.div_euclid(MINUTE_US)) else { return };
        self.turn(minute);
        let source = self.source(sighting.source);
        self.sign(source, sighting.service, minute);
        let who = (sighting.user, sighting.network);
        match sighting.what {
            What::Other => {}
            What::Success => self.memory.known.signed_in(source, who, minute),
            What::Failure => {
                let face = self.memory.known.failed(source, who, minute);
                self.count(Kind::Failures, source, sighting.service, minute);
                self.count_faces(face, source, minute);
            }
            What::Denial => self.count(Kind::Denials, source, sighting.service, minute),
            What::Lockout => self.count(Kind::Lockouts, source, sighting.service, minute),
            What::Prompt => self.count(Kind::Prompts, source, sighting.service, minute),
        }
    }

    fn count_faces(&mut self, face: Face, source: usize, minute: Minute) {
        let kinds = [
            (Kind::FailingNames, face.failing),
            (Kind::UnknownNames, face.unknown_name),
            (Kind::UnknownNetworks, face.unknown_network),
            (Kind::Strangers, face.unknown_name && face.unknown_network),
        ];
        for (kind, counts) in kinds {
            if counts {
                self.count(kind, source, None, minute);
            }
        }
    }

    /// Takes note that a source, and a service of it, is there.
    fn sign(&mut self, source: usize, service: Option<&str>, minute: Minute) {
        let Some(source) = self.memory.sources.get_mut(source) else { return };
        source.life.sign(minute);
        let Some(service) = service else { return };
        if source.services.contains_key(service) {
            return;
        }
        if self.memory.services < MOST_SERVICES {
            self.memory.services += 1;
            let new = Service { began: minute / 60, series: [None; KINDS.len()] };
            source.services.insert(service.to_owned(), new);
        } else {
            self.memory.turned_away += 1;
        }
    }

    /// Judges what changed since the last time; gives incidents that are new or grew.
    pub fn judge(&mut self) -> Vec<Incident> {
        let newest = self.memory.newest;
        let today = day_began(newest);
        let budget = self.budget(newest);
        let Self { settings, memory, .. } = self;
        let Memory { series, sources, incidents, .. } = memory;
        let is_silent = |source: Option<usize>, hour: Hour| is_silent(sources, source, hour);
        let court = Court {
            calendar: &settings.calendar,
            budget: &budget,
            level: settings.level,
            today,
            is_silent: &is_silent,
        };
        let mut findings = Vec::new();
        for one in series {
            for raised in one.judge(&court, newest) {
                let source = one.source.and_then(|at| sources.get(at)).map(|of| of.name.as_str());
                let place = (source, one.service.as_deref());
                findings.push(Finding::new(one.kind, place, &raised, &settings.calendar));
            }
        }
        if findings.is_empty() {
            return Vec::new();
        }
        incidents.take(findings, i64::from(newest) * MINUTE_US)
    }

    /// How each series stands: judged, or what it lacks.
    pub fn standing(&mut self) -> Vec<Standing> {
        let newest = self.memory.newest;
        let budget = self.budget(newest);
        let Self { settings, memory, .. } = self;
        let Memory { series, sources, known, .. } = memory;
        let is_silent = |source: Option<usize>, hour: Hour| is_silent(sources, source, hour);
        let court = Court {
            calendar: &settings.calendar,
            budget: &budget,
            level: settings.level,
            today: day_began(newest),
            is_silent: &is_silent,
        };
        let each = series.iter_mut().map(|one| {
            let source = one.source.and_then(|at| sources.get(at)).map(|of| of.name.clone());
            let deaf = one.kind.about().needs_acquaintance && known.is_full();
            Standing::new(one.kind, (source, one.service.clone()), one.lacks(&court), deaf)
        });
        each.collect()
    }

    /// Events whose service is counted with its source only, since there are more services
    /// than are told apart.
    #[must_use]
    pub const fn of_other_services(&self) -> u64 {
        self.memory.turned_away
    }

    /// Takes note of the time. A new day tidies up, and lets series that have learned
    /// count with all sources together.
    fn turn(&mut self, minute: Minute) {
        let newest = self.memory.newest;
        if minute <= newest {
            return;
        }
        self.memory.newest = minute;
        if day_of(minute) == day_of(newest) {
            return;
        }
        self.budget = None;
        self.memory.known.tidy(minute);
        self.memory.series.iter_mut().for_each(|series| series.tidy(minute));
        self.memory.sources.iter_mut().for_each(|source| source.life.tidy(minute));
        self.join(day_began(minute));
    }

    /// The counts of a source that has just learned go to all sources together, past ones
    /// too: a source that is connected is no outbreak.
    fn join(&mut self, today: Hour) {
        let Memory { sources, series, all, .. } = &mut self.memory;
        for source in sources {
            for (kind, (own, joined)) in source.series.iter().zip(&mut source.joined).enumerate() {
                let Some(own) = own.and_then(|at| series.get(at)) else { continue };
                let Some(slot) = all.get_mut(kind).filter(|_| !*joined) else { continue };
                if !own.has_learned(today) {
                    continue;
                }
                *joined = true;
                let own = own.clone();
                match slot.and_then(|at| series.get_mut(at)) {
                    Some(together) => together.absorb(&own),
                    None => {
                        let mut together = Series::new(own.kind, None, None, own.began);
                        together.absorb(&own);
                        *slot = Some(series.len());
                        series.push(together);
                    }
                }
            }
        }
    }

    /// A source's number; a new one gets the next.
    fn source(&mut self, name: &str) -> usize {
        if let Some(at) = self.by_name.get(name) {
            return *at;
        }
        let at = self.memory.sources.len();
        self.memory.sources.push(Source {
            name: name.to_owned(),
            life: Life::default(),
            series: [None; KINDS.len()],
            services: HashMap::new(),
            joined: [false; KINDS.len()],
        });
        self.by_name.insert(name.to_owned(), at);
        at
    }

    /// Counts one event of a kind in its source's series, its service's, and that of all.
    fn count(&mut self, kind: Kind, at: usize, service: Option<&str>, minute: Minute) {
        let Memory { sources, series, all, newest, .. } = &mut self.memory;
        let (about, slot) = (kind.about(), kind as usize);
        let Some(source) = sources.get_mut(at) else { return };
        let wait = if about.needs_acquaintance { ACQUAINTED_HOURS } else { 0 };
        let began = source.life.began().unwrap_or(minute / 60) + wait;
        let own = Self::slot(&mut source.series, series, slot, || {
            Series::new(kind, Some(at), None, began)
        });
        let together = all.get(slot).copied().flatten();
        let together = together.filter(|_| source.joined.get(slot) == Some(&true));
        let service = service.filter(|_| about.by_service);
        let of_service = service.and_then(|name| {
            let service = source.services.get_mut(name)?;
            let began = service.began;
            Self::slot(&mut service.series, series, slot, || {
                Series::new(kind, Some(at), Some(name.to_owned()), began)
            })
        });
        for one in [own, together, of_service].into_iter().flatten() {
            if let Some(one) = series.get_mut(one) {
                one.count(minute, *newest);
            }
        }
    }

    /// A kind's series, made when its first event comes.
    fn slot(
        slots: &mut [Option<usize>; KINDS.len()],
        series: &mut Vec<Series>,
        kind: usize,
        new: impl FnOnce() -> Series,
    ) -> Option<usize> {
        let slot = slots.get_mut(kind)?;
        if slot.is_none() {
            *slot = Some(series.len());
            series.push(new());
        }
        *slot
    }

    /// The day's budget: for all series that there can be of sources and services that
    /// have learned when the day began, also those whose first event is yet to come.
    fn budget(&mut self, newest: Minute) -> Budget {
        let day = day_of(newest);
        if let Some(budget) = self.budget.filter(|budget| budget.is_of(day)) {
            return budget;
        }
        let today = day_began(newest);
        let by_service = KINDS.iter().filter(|about| about.by_service).count();
        let learned = |began: Hour| began + LEARNED_HOURS <= today;
        let sources = self.memory.sources.iter();
        let of_sources = sources.clone().filter(|source| source.life.began().is_some_and(learned));
        let services = sources.flat_map(|source| source.services.values());
        let of_services = services.filter(|service| learned(service.began));
        let budget = Budget::new(
            day,
            [KINDS.len(), KINDS.len() * of_sources.count(), by_service * of_services.count()],
        );
        self.budget = Some(budget);
        budget
    }
}

/// Whether a source was silent; of all together: one of those that count there.
fn is_silent(sources: &[Source], source: Option<usize>, hour: Hour) -> bool {
    match source {
        Some(at) => sources.get(at).is_some_and(|source| source.life.is_silent(hour)),
        None => sources
            .iter()
            .filter(|source| source.joined.contains(&true))
            .any(|source| source.life.is_silent(hour)),
    }
}
