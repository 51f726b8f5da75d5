//! One record: who, where, with which steps, and what it came to.

use chrono::{DateTime, Utc};

use super::event::{
    AuthenticationDetail, DeviceDetail, KeyValue, Location, MfaDetail, NetworkLocation, SignIn,
    Status,
};
use super::policy::{Verdict, applied};
use crate::people::{Factor, Person, Phase};
use crate::record::{Feed, Outbox, iso_seconds};
use crate::traffic::App;
use crate::world::{Chance, Device, Network};

const TENANT: &str = "c3f1a2b4-5d6e-4f70-8a9b-0c1d2e3f4a5b";
const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// One step of an authentication.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    Password {
        at: DateTime<Utc>,
        right: bool,
    },
    /// The factor and what the portal says of its answer.
    Factor {
        at: DateTime<Utc>,
        factor: Factor,
        right: bool,
        words: &'static str,
    },
    /// A claim in the token answers for an earlier factor.
    Claim {
        at: DateTime<Utc>,
    },
    /// A device that is remembered answers for it.
    Remembered {
        at: DateTime<Utc>,
    },
}

/// One record to be written.
pub(crate) struct Attempt<'a> {
    pub(crate) id: &'a str,
    pub(crate) correlation: &'a str,
    pub(crate) session: &'a str,
    pub(crate) person: &'a Person,
    pub(crate) network: &'a Network,
    pub(crate) device: &'a Device,
    pub(crate) app: App,
    pub(crate) phase: Phase,
    pub(crate) begun: DateTime<Utc>,
    pub(crate) interactive: bool,
    pub(crate) unusual: bool,
    pub(crate) steps: &'a [Step],
    pub(crate) status: Status<'a>,
    pub(crate) verdict: Verdict,
}

impl Attempt<'_> {
    /// riskLevel…, riskState, riskEventTypes_v2.
    fn risk(&self) -> (&'static str, &'static str, &'static [&'static str]) {
        if self.unusual {
            ("medium", "atRisk", &["unfamiliarFeatures"])
        } else {
            ("none", "none", &[])
        }
    }

    /// signInEventTypes and incomingTokenType.
    fn kind(&self) -> (&'static str, &'static str) {
        if self.interactive {
            ("interactiveUser", "none")
        } else {
            ("nonInteractiveUser", "primaryRefreshToken")
        }
    }

    /// What was required in the end, not what was given.
    fn requirement(&self) -> &'static str {
        match self.verdict {
            Verdict::NotReached => "singleFactorAuthentication",
            Verdict::Failed if self.phase != Phase::Enforced && self.status.error_code == 0 => {
                "singleFactorAuthentication"
            }
            _ => "multiFactorAuthentication",
        }
    }

    fn mfa_detail(&self) -> Option<MfaDetail<'static>> {
        self.steps.iter().find_map(|step| match step {
            Step::Factor { factor, words, .. } => {
                Some(MfaDetail { auth_method: factor.entra().0, auth_detail: words })
            }
            _ => None,
        })
    }
}

/// Writes the record as delivered at `at`.
pub(crate) fn write(attempt: &Attempt, out: &mut Outbox, at: DateTime<Utc>, chance: &mut Chance) {
    // Drawn in any case, so that a record of another day shifts no draws.
    let token = chance.token("", 22);
    let processing = chance.between(60, 900);
    if !out.wants(at) {
        return;
    }
    let details: Vec<AuthenticationDetail> = attempt.steps.iter().map(detail).collect();
    let person = attempt.person;
    let (risk, risk_state, risk_types) = attempt.risk();
    let (kind, token_kind) = attempt.kind();
    let (policies, access) = applied(
        attempt.person.cohort,
        attempt.phase,
        attempt.verdict,
        attempt.person.admin,
        attempt.device.managed,
    );
    let (app_id, app) = attempt.app.entra();
    let trusted = attempt.network.asn == 64496;
    let event = SignIn {
        id: attempt.id,
        created_date_time: &iso_seconds(attempt.begun),
        user_display_name: &person.name,
        user_principal_name: &person.email,
        user_id: &person.entra_id,
        app_id,
        app_display_name: app,
        ip_address: &attempt.network.ip,
        client_app_used: "Browser",
        user_agent: attempt.device.make.user_agent,
        correlation_id: attempt.correlation,
        conditional_access_status: access,
        is_interactive: attempt.interactive,
        original_request_id: attempt.id,
        token_issuer_type: "AzureAD",
        processing_time_in_milliseconds: processing,
        risk_detail: "none",
        risk_level_aggregated: risk,
        risk_level_during_sign_in: risk,
        risk_state,
        risk_event_types: risk_types,
        resource_display_name: "Microsoft Graph",
        resource_id: GRAPH,
        resource_tenant_id: TENANT,
        home_tenant_id: TENANT,
        authentication_requirement: attempt.requirement(),
        sign_in_identifier: &person.email,
        sign_in_event_types: [kind],
        user_type: "member",
        flagged_for_review: false,
        incoming_token_type: token_kind,
        autonomous_system_number: attempt.network.asn,
        cross_tenant_access_type: "none",
        unique_token_identifier: &token,
        session_id: attempt.session,
        status: attempt.status,
        device_detail: DeviceDetail::of(attempt.device),
        location: Location::of(attempt.network),
        mfa_detail: attempt.mfa_detail(),
        applied_conditional_access_policies: &policies,
        authentication_processing_details: [LOGIN_HINT],
        network_location_details: if trusted { &[OFFICES] } else { &[] },
        authentication_details: &details,
    };
    out.json(at, Feed::Entra, &event);
}

const LOGIN_HINT: KeyValue<'static> = KeyValue { key: "Login Hint Present", value: "True" };

const OFFICES: NetworkLocation<'static> =
    NetworkLocation { network_type: "trustedNamedLocation", network_names: ["Offices"] };

/// Steps are told to the second.
fn detail(step: &Step) -> AuthenticationDetail<'static> {
    let of = |at: &DateTime<Utc>, method, method_detail, succeeded, words, requirement| {
        AuthenticationDetail {
            authentication_step_date_time: iso_seconds(*at),
            authentication_method: method,
            authentication_method_detail: method_detail,
            succeeded,
            authentication_step_result_detail: words,
            authentication_step_requirement: requirement,
        }
    };
    let primary = "Primary authentication";
    let second = "Multi-factor authentication";
    match step {
        Step::Password { at, right } => {
            let words = if *right {
                "Correct password"
            } else {
                "Invalid username or password or Invalid on-premise username or password."
            };
            of(at, "Password", Some("Password in the cloud"), *right, words, primary)
        }
        Step::Factor { at, factor, right, words } => {
            let (method, method_detail) = factor.entra();
            of(at, method, Some(method_detail), *right, words, second)
        }
        Step::Claim { at } => of(
            at,
            "Previously satisfied",
            None,
            true,
            "MFA requirement satisfied by claim in the token",
            second,
        ),
        Step::Remembered { at } => of(
            at,
            "Previously satisfied",
            None,
            true,
            "MFA requirement skipped due to remembered device",
            second,
        ),
    }
}
