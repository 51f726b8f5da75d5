//! The activity log (`/admin/v2/logs/activity`): what administrators, people and Duo itself
//! did to accounts, factors, applications and policies.

use rollcall_schemas::Event;
use serde::Deserialize;

use super::super::adapter::{Context, Output};
use super::super::object::Object;
use super::super::text::Text;
use super::super::time::Moment;
use super::super::{address, country, json};
use super::action;
use super::details::{self, Details};
use super::record::Location;

/// One act.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Act<'a> {
    #[serde(borrow)]
    activity_id: Text<'a>,
    #[serde(borrow)]
    ts: Moment<'a>,
    #[serde(borrow)]
    action: Object<Action<'a>>,
    #[serde(borrow)]
    actor: Object<Party<'a>>,
    #[serde(borrow)]
    target: Object<Party<'a>>,
    #[serde(borrow)]
    outcome: Object<Ended<'a>>,
    #[serde(borrow)]
    access_device: Object<Device<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Action<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    /// JSON as text, or null.
    #[serde(borrow)]
    details: Text<'a>,
}

/// Who did it, or what it was done to.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Party<'a> {
    #[serde(borrow)]
    key: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    /// `admin`, `user`, `user_bypass`, `phone`, …
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
}

impl Party<'_> {
    /// Whether it is somebody's account, or what hangs on one.
    fn is_account(&self) -> bool {
        let kind = self.kind.or_empty();
        kind == "admin" || kind == "user" || kind.starts_with("user_")
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Ended<'a> {
    #[serde(borrow)]
    result: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Device<'a> {
    #[serde(borrow)]
    ip: Object<Address<'a>>,
    #[serde(borrow)]
    browser: Text<'a>,
    #[serde(borrow)]
    os: Text<'a>,
    #[serde(borrow)]
    location: Object<Location<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address<'a> {
    #[serde(borrow)]
    address: Text<'a>,
}

/// Reads an act.
pub(super) fn read(record: &[u8], context: &Context<'_>, out: &mut dyn Output) {
    let text = json::text(record);
    let act: Act<'_> = match json::read(&text) {
        Ok(act) => act,
        Err(reason) => return out.reject(&reason),
    };
    if act.action.name.get().is_none() {
        return out.reject("an act in Duo's activity log has an `action.name`; there is none");
    }
    let Some(time) = act.ts.micros(context.zone) else {
        return out.reject("`ts` is missing or no time; ISO 8601 was expected");
    };
    let details = Details::of(&act.action.details);
    out.event(&mut event(&act, &details, time));
}

fn event<'a>(act: &'a Act<'_>, details: &'a Details<'_>, time: i64) -> Event<'a> {
    let mut event = details::event(&act.action.name, act.outcome.result.or_empty(), details, time);
    event.source_event_id = act.activity_id.cow();
    who(&mut event, act);
    let device = &act.access_device;
    let ip = device.ip.address.get().and_then(address::address);
    event.ip = ip.map(std::borrow::Cow::Borrowed).or(event.ip);
    event.country = device.location.country.get().and_then(country::code);
    event.region = device.location.state.cow();
    event.city = device.location.city.cow();
    event.browser = device.browser.cow();
    event.os = device.os.cow();
    event
}

/// The account that it was done to, and who did it where that is somebody else; else who did
/// it, and to what.
fn who<'a>(event: &mut Event<'a>, act: &'a Act<'_>) {
    let (actor, target) = (&*act.actor, &*act.target);
    let is_other = target.key.get().or(target.name.get()) != actor.key.get().or(actor.name.get());
    let is_self_service = actor.kind.is("user");
    let account = if target.is_account() && is_other {
        event.actor = actor.name.cow().or(actor.key.cow());
        Some(target)
    } else {
        event.resource = target.name.cow().or(target.key.cow()).filter(|_| is_other);
        // Whose the phone is that an administrator adds or takes isn't said.
        let is_somebodys = action::is_of_somebody(act.action.name.or_empty());
        Some(actor).filter(|_| is_self_service || !is_somebodys)
    };
    match account {
        Some(account) => {
            event.user_id = account.key.cow();
            event.user_name = account.name.lower();
            // A bypass code is its user's.
            event.user_type = account.kind.cow().filter(|kind| !kind.starts_with("user_"));
        }
        None => event.actor = actor.name.cow().or(actor.key.cow()),
    }
    if target.kind.or_empty().starts_with("policy") {
        event.policy_id = target.key.cow();
        event.policy_name = target.name.cow();
    }
}
