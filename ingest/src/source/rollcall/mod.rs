//! What rollcall writes down itself: what people say of signing in, which policies were
//! loaded, what detectors raised, what people did about it. Such a record names this source;
//! one that only looks like it, and came in by a collector, isn't one.
//!
//! ```text
//! {"rollcall_event":"feedback","id":…,"time":…,"by":"link","score":4,"comment":…,"flow_id":…,"team":…}
//! {"rollcall_event":"policy_change","id":…,"time":…,"policy":…,"title":…,"version":3,"phase":…,"effective":…,"approved_by":…}
//! {"rollcall_event":"alert","id":"KEY/UPDATE","time":…,"key":…,"subject":…,"observation":…, …}
//! {"rollcall_event":"triage","id":…,"time":…,"key":…,"who":…,"action":…,"note":…, …}
//! ```
//!
//! The views `alerts` and `triage` read the rest from the record itself.
//!
//! Of a kind that this version doesn't know it is kept that it was.

use std::borrow::Cow;

use rollcall_schemas::{Activity, Event, Outcome, Platform, PolicyMode};
use serde::Deserialize;

use super::adapter::{Adapter, Context, Output, Source};
use super::json;
use super::needle::needles;
use super::text::{Text, Whole};
use super::time::Moment;

/// The name of this source.
pub const OWN: &str = "rollcall";

/// rollcall's own row in the table of sources.
pub(super) static SOURCE: Source = Source {
    name: OWN,
    title: "rollcall's own events",
    documentation: "feedback.md",
    recognises: &|record| ROLLCALL_EVENT.is_in(record),
    split: None,
    stateful: false,
    has_event_id: true,
    open: &|| Box::new(Own),
    mapping: None,
    about: include_str!("about.toml"),
};

needles! { ROLLCALL_EVENT = "rollcall_event" }

/// What is read of a record.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry<'a> {
    /// What happened.
    #[serde(borrow, rename = "rollcall_event")]
    kind: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    time: Moment<'a>,
    score: Whole,
    #[serde(borrow)]
    comment: Text<'a>,
    #[serde(borrow)]
    flow_id: Text<'a>,
    /// The team that was asked.
    #[serde(borrow)]
    team: Text<'a>,
    #[serde(borrow)]
    policy: Text<'a>,
    #[serde(borrow)]
    title: Text<'a>,
    version: Whole,
    #[serde(borrow)]
    phase: Text<'a>,
    #[serde(borrow)]
    effective: Text<'a>,
    #[serde(borrow)]
    approved_by: Text<'a>,
    /// The alert that it is or is about.
    #[serde(borrow)]
    key: Text<'a>,
    /// Whom or what an alert is about.
    #[serde(borrow)]
    subject: Text<'a>,
    /// What an alert found, in words.
    #[serde(borrow)]
    observation: Text<'a>,
    /// Who did something about an alert.
    #[serde(borrow)]
    who: Text<'a>,
    #[serde(borrow)]
    note: Text<'a>,
}

struct Own;

impl Adapter for Own {
    fn read(&mut self, record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
        let text = json::text(record);
        let entry: Entry<'_> = match json::read(&text) {
            Ok(entry) => entry,
            Err(reason) => return out.reject(&reason),
        };
        if entry.kind.get().is_none() {
            return out.reject("an event of rollcall's own has a `rollcall_event`; there is none");
        }
        let Some(time) = entry.time.micros(context.zone) else {
            return out.reject("`time` is missing or no time; ISO 8601 was expected");
        };
        let mut event = Event {
            time,
            source_event_id: entry.id.cow(),
            operation: entry.kind.cow(),
            platform: Platform::Other,
            service: Some(Cow::Borrowed(OWN)),
            ..Event::default()
        };
        if entry.kind.is("alert") {
            event.activity = Activity::Admin;
            event.flow_id = entry.key.cow();
            event.resource = entry.subject.cow();
            event.reason_raw = entry.observation.cow();
        } else if entry.kind.is("triage") {
            event.activity = Activity::Admin;
            event.outcome = Outcome::Success;
            event.flow_id = entry.key.cow();
            event.actor = entry.who.cow();
            event.reason_raw = entry.note.cow();
        } else if entry.kind.is("feedback") {
            let score = entry.score.0.filter(|score| (1..=5).contains(score));
            let Some(score) = score.and_then(|score| i16::try_from(score).ok()) else {
                return out.reject("`score` of an answer is a whole number from 1 to 5");
            };
            event.activity = Activity::Feedback;
            event.outcome = Outcome::Success;
            event.score = Some(score);
            event.reason_raw = entry.comment.cow();
            event.flow_id = entry.flow_id.cow();
            event.resource = entry.team.get().map(|team| Cow::Owned(format!("team:{team}")));
        }
        if entry.kind.is("policy_change") {
            policy_change(&mut event, &entry);
        }
        out.event(&mut event);
    }
}

/// A version of a policy was loaded.
fn policy_change<'a>(event: &mut Event<'a>, entry: &'a Entry<'_>) {
    event.activity = Activity::PolicyChange;
    event.outcome = Outcome::Success;
    event.policy_id = entry.policy.cow();
    event.policy_name = entry.title.cow().or(entry.policy.cow());
    event.policy_mode = Some(match entry.phase.get() {
        Some("report_only") => PolicyMode::ReportOnly,
        Some("pilot" | "enforced") => PolicyMode::Enforced,
        _ => PolicyMode::Unknown,
    });
    event.ticket = entry.approved_by.cow();
    let version = entry.version.0.map(|version| format!("version {version}"));
    let phase = entry.phase.get().map(str::to_owned);
    let effective = entry.effective.get().map(|at| format!("effective {at}"));
    let words: Vec<String> = [version, phase, effective].into_iter().flatten().collect();
    event.reason_raw = (!words.is_empty()).then(|| Cow::Owned(words.join(", ")));
}

#[cfg(test)]
mod tests;
