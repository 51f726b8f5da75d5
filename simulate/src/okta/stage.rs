//! Where a flow of Okta events takes place: the same actor, client, session
//! and transaction for all of them.

use chrono::{DateTime, Utc};

use super::event::{
    ActorObject, AuthenticationContext, Client, DebugContext, DebugData, DeviceObject, Empty,
    Happening, LogEvent, Outcome, Request, SecurityContext, Transaction,
};
use crate::people::Person;
use crate::record::{Feed, Outbox, iso_millis};
use crate::world::{Chance, Device, Network};

/// Whose flow it is, in Okta's words.
#[derive(Clone, Copy)]
pub(crate) struct Actor<'a> {
    pub(crate) id: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) alternate_id: &'a str,
    pub(crate) name: &'a str,
}

impl<'a> Actor<'a> {
    pub(crate) fn person(person: &'a Person) -> Self {
        Self { id: &person.okta_id, kind: "User", alternate_id: &person.email, name: &person.name }
    }

    /// A login that belongs to nobody: Okta has no id for it.
    pub(crate) fn unknown(login: &'a str) -> Self {
        Self { id: "unknown", kind: "User", alternate_id: login, name: "unknown" }
    }

    /// Okta itself.
    pub(crate) fn system() -> Self {
        Self {
            id: "00u000systemPrincipal",
            kind: "SystemPrincipal",
            alternate_id: "system@okta.example",
            name: "Okta System",
        }
    }
}

/// One flow's surroundings.
pub(crate) struct Stage<'a> {
    pub(crate) actor: Actor<'a>,
    pub(crate) network: &'a Network,
    pub(crate) device: &'a Device,
    /// externalSessionId; rootSessionId is the same for a first session.
    pub(crate) session: &'a str,
    pub(crate) transaction: String,
    /// What the risk engine sees: a network or device that is new.
    pub(crate) unusual: bool,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(
        actor: Actor<'a>,
        network: &'a Network,
        device: &'a Device,
        session: &'a str,
        chance: &mut Chance,
    ) -> Self {
        Self { actor, network, device, session, transaction: chance.hex("", 32), unusual: false }
    }

    /// Writes one event. The request's fields of `debugData` are filled here.
    pub(crate) fn write(
        &self,
        out: &mut Outbox,
        at: DateTime<Utc>,
        happening: &Happening,
        chance: &mut Chance,
    ) {
        // Drawn in any case: what is told by the day before shifts no draws.
        let (request, uuid) = (chance.hex("", 32), chance.uuid());
        // While Okta is down it writes of nothing that works.
        let dark = out.dark(at) && happening.result != "FAILURE";
        if dark || !out.wants(at) {
            return;
        }
        let event = LogEvent {
            actor: ActorObject {
                id: self.actor.id,
                kind: self.actor.kind,
                alternate_id: self.actor.alternate_id,
                display_name: self.actor.name,
                detail_entry: None,
            },
            client: Client::of(self.network, self.device),
            device: DeviceObject::of(self.device),
            authentication_context: AuthenticationContext {
                authentication_provider: None,
                credential_provider: None,
                credential_type: happening.credential,
                issuer: None,
                interface: None,
                authentication_step: 0,
                root_session_id: self.session,
                external_session_id: self.session,
            },
            display_message: happening.display,
            event_type: happening.event_type,
            outcome: Outcome { result: happening.result, reason: happening.reason },
            published: &iso_millis(at),
            security_context: SecurityContext::of(self.network),
            severity: if happening.warn { "WARN" } else { "INFO" },
            debug_context: DebugContext { debug_data: self.debug_data(&happening.debug, &request) },
            legacy_event_type: happening.legacy,
            transaction: Transaction { kind: "WEB", id: &self.transaction, detail: Empty {} },
            uuid: &uuid,
            version: "0",
            request: Request::of(self.network),
            target: happening.targets,
        };
        out.json(at, Feed::Okta, &event);
    }

    /// What every request has, beside what the event itself says.
    fn debug_data<'b>(&'b self, own: &DebugData<'b>, request: &'b str) -> DebugData<'b> {
        let (risk, behaviors) = if self.unusual { UNUSUAL } else { USUAL };
        DebugData {
            authn_request_id: Some(&self.transaction),
            behaviors: Some(behaviors),
            device_fingerprint: Some(&self.device.fingerprint),
            dt_hash: Some(&self.device.dt_hash),
            request_id: Some(request),
            risk: Some(risk),
            threat_suspected: Some("false"),
            ..own.clone()
        }
    }
}

/// Okta's risk and behaviours of an ordinary request, and of one that isn't.
const USUAL: (&str, &str) = (
    "{level=LOW}",
    "{New Geo-Location=NEGATIVE, New Device=NEGATIVE, New IP=NEGATIVE, Velocity=NEGATIVE}",
);
const UNUSUAL: (&str, &str) = (
    "{reasons=Anomalous Device, New Geo-Location, level=HIGH}",
    "{New Geo-Location=POSITIVE, New Device=POSITIVE, New IP=POSITIVE, Velocity=NEGATIVE}",
);
