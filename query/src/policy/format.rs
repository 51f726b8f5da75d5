//! A policy's file: what it says, read with the line of everything that is wrong.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use toml::de::DeTable;

use super::case::Case;
use super::document::Keys;
use super::exception::Exception;
use super::fault::{Fault, Faults, Place, Severity, meant};
use super::group::Group;
use super::milestone::Milestone;
use super::rule::{Critical, Rule};

/// Longest file that is taken, in bytes.
const LONGEST: usize = 256 * 1024;

/// How far a policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nobody is bound; what it would do is reported.
    ReportOnly,
    /// Some are bound.
    Pilot,
    /// Everyone is.
    Enforced,
}

const PHASES: &[(&str, Phase)] =
    &[("report_only", Phase::ReportOnly), ("pilot", Phase::Pilot), ("enforced", Phase::Enforced)];

impl Phase {
    /// The word.
    pub fn as_str(self) -> &'static str {
        PHASES.iter().find(|(_, phase)| *phase == self).map_or("", |(word, _)| word)
    }
}

/// A policy of a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterpart {
    /// The vendor's source.
    pub source: String,
    /// The vendor's id of it.
    pub id: String,
    /// Where it stands.
    pub(super) place: Place,
}

/// A policy, as its file says it.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its id, the same through all versions.
    pub id: String,
    /// What it is called.
    pub title: Option<String>,
    /// Its version, from 1.
    pub version: i32,
    /// Whose it is.
    pub owner: String,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// Controls that it serves.
    pub control: Vec<String>,
    /// Its counterparts at vendors.
    pub vendor: Vec<Counterpart>,
    /// From when it counts.
    pub effective: DateTime<Utc>,
    /// How far it is.
    pub phase: Phase,
    /// Whom a pilot binds.
    pub(super) cohorts: Vec<(Group, Place)>,
    /// Whether no exception may lower it.
    pub floor: bool,
    /// What is critical, the defaults first.
    pub(super) criticals: Vec<Critical>,
    /// How many of these are defaults.
    pub(super) default_criticals: usize,
    pub(super) rules: Vec<Rule>,
    pub(super) exceptions: Vec<Exception>,
    pub(super) milestones: Vec<Milestone>,
    pub(super) cases: Vec<Case>,
    /// Where its phase stands.
    pub(super) phase_place: Place,
    /// The file.
    pub text: String,
}

const KEYS: [&str; 17] = [
    "id",
    "title",
    "version",
    "owner",
    "approved_by",
    "control",
    "vendor",
    "effective",
    "phase",
    "cohorts",
    "floor",
    "critical_defaults",
    "critical",
    "rule",
    "exception",
    "milestone",
    "case",
];

const DEFAULTS: &str = include_str!("critical.toml");

static DEFAULT_CRITICALS: LazyLock<Vec<Critical>> = LazyLock::new(|| {
    let mut faults = Faults::of(DEFAULTS);
    let document = DeTable::parse(DEFAULTS);
    document.map_or_else(|_| Vec::new(), |doc| Critical::read_all(&Keys::of(&doc), &mut faults))
});

impl Policy {
    /// Reads a policy's file.
    ///
    /// # Errors
    /// Everything that keeps it from being one, in the order of its lines.
    pub fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::of(text);
        if text.len() > LONGEST {
            faults.whole(format!("it has {} bytes; at most {LONGEST} are taken", text.len()));
            return Err(faults.found);
        }
        let document = match DeTable::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let what = error.message().trim().to_owned();
                match error.span() {
                    Some(span) => faults.at(&span, "", what),
                    None => faults.whole(what),
                }
                return Err(faults.found);
            }
        };
        let policy = Self::read(&Keys::of(&document), text, &mut faults);
        let mut found = faults.found;
        found.sort_by_key(|fault| fault.line);
        let is_good = found.iter().all(|fault| fault.severity != Severity::Error);
        match policy {
            Some(policy) if is_good => Ok(policy),
            _ => Err(found),
        }
    }

    fn read(keys: &Keys<'_, '_>, text: &str, faults: &mut Faults<'_>) -> Option<Self> {
        keys.only(&KEYS, faults);
        let id = id(keys, faults);
        let mut said = |key| keys.text(key, faults).map(str::to_owned);
        let (title, approved_by) = (said("title"), said("approved_by"));
        for (key, what) in [
            ("version", "it is missing; count from 1, and up with each change"),
            ("effective", "it is missing; write from when it counts, as 2026-07-01T00:00:00Z"),
        ] {
            if keys.get(key).is_none() {
                keys.wrong(key, what, faults);
            }
        }
        let version = keys.number("version", faults);
        let owner = keys.needed("owner", "write whose policy it is", faults).map(str::to_owned);
        let effective = keys.moment("effective", faults);
        let phase = phase(keys, faults);
        let control = keys.texts("control", faults).into_iter().map(|(text, _)| text.to_owned());
        let control = control.collect();
        let vendor = counterparts(keys, faults);
        let cohorts = cohorts(keys, faults);
        let floor = keys.truth("floor", faults).unwrap_or_default();
        let with_defaults = keys.truth("critical_defaults", faults).unwrap_or(true);
        let defaults: &[Critical] = if with_defaults { &DEFAULT_CRITICALS } else { &[] };
        let mut criticals = defaults.to_vec();
        criticals.extend(Critical::read_all(keys, faults));
        let (rules, exceptions) = (Rule::read_all(keys, faults), Exception::read_all(keys, faults));
        let (milestones, cases) = (Milestone::read_all(keys, faults), Case::read_all(keys, faults));
        Some(Self {
            id: id?,
            title,
            version: version?,
            owner: owner?,
            approved_by,
            control,
            vendor,
            effective: effective?,
            phase: phase?,
            cohorts,
            floor,
            default_criticals: defaults.len(),
            criticals,
            rules,
            exceptions,
            milestones,
            cases,
            phase_place: keys.place_of("phase", faults),
            text: text.to_owned(),
        })
    }

    /// SHA-256 of its file, hex.
    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.text))
    }

    /// The longest that one of its rules looks back, in seconds.
    pub(super) fn looks_back_s(&self) -> i64 {
        self.rules.iter().map(|rule| rule.require.age_s()).max().unwrap_or_default()
    }

    /// Whether a source names one of its counterparts.
    pub(super) fn is_named_by(&self, source: &str, id: Option<&str>) -> bool {
        self.vendor.iter().any(|named| named.source == source && Some(named.id.as_str()) == id)
    }
}

fn id(keys: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Option<String> {
    let what = "write an id that stays the same, as \"production-needs-a-key\"";
    let id = keys.needed("id", what, faults)?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.len() > 80 || !id.chars().all(fits) {
        let what = "an id has at most 80 small letters, digits and hyphens";
        keys.wrong("id", what, faults);
        return None;
    }
    Some(id.to_owned())
}

fn phase(keys: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Option<Phase> {
    let what = "write report_only, pilot or enforced";
    let word = keys.needed("phase", what, faults)?;
    let found = PHASES.iter().find(|(known, _)| *known == word);
    if found.is_none() {
        let what = format!("there is no phase {word:?}{}", meant(word, PHASES.iter().map(|p| p.0)));
        keys.wrong("phase", what, faults);
    }
    found.map(|(_, phase)| *phase)
}

fn counterparts(keys: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Vec<Counterpart> {
    let mut read = Vec::new();
    for (text, place) in keys.texts("vendor", faults) {
        match text.split_once(':') {
            Some((source, id)) if !source.is_empty() && !id.is_empty() => {
                let (source, id) = (source.to_owned(), id.to_owned());
                read.push(Counterpart { source, id, place });
            }
            _ => faults.found.push(place.error(format!(
                "{text:?} is no source with the vendor's id of a policy; write \"okta:00p1abc\""
            ))),
        }
    }
    read
}

fn cohorts(keys: &Keys<'_, '_>, faults: &mut Faults<'_>) -> Vec<(Group, Place)> {
    let mut read = Vec::new();
    for (text, place) in keys.texts("cohorts", faults) {
        match Group::parse(text) {
            Ok(group) => read.push((group, place)),
            Err(what) => faults.found.push(place.error(what)),
        }
    }
    read
}
