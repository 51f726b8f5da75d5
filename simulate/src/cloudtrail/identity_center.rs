//! Users of IAM Identity Center's own directory: each credential is asked for
//! and verified in records of one workflow.

use chrono::{DateTime, Utc};

use super::event::{Additional, Call, Response, write};
use super::identity::UserIdentity;
use crate::record::Outbox;
use crate::traffic::Scene;
use crate::world::Chance;

/// Password, then a code; then the user is authenticated.
pub(crate) fn identity_center(scene: &mut Scene, out: &mut Outbox) {
    let (person, device) = (scene.person, scene.device);
    let ip = scene.network.ip.as_str();
    let chance = &mut scene.chance;
    let workflow = Workflow {
        id: chance.uuid(),
        login: &person.login,
        principal: &person.entra_id,
        ip,
        agent: device.make.user_agent,
    };
    let factor = if person.index.is_multiple_of(2) { "TOTP" } else { "WEBAUTHN" };
    let median = if factor == "TOTP" { 12.0 } else { 4.0 };
    let challenge = "CredentialChallenge";
    let asked = workflow.tell(out, scene.visit.at, challenge, Some("PASSWORD"), false, chance);
    let at = workflow.verify(out, asked, "PASSWORD", (8.0, 0.05), chance);
    let asked =
        workflow.tell(out, at + chance.pause(0.2, 0.8), challenge, Some(factor), false, chance);
    if chance.yes(0.012) {
        // abandoned: a challenge without a verification
        return;
    }
    let at = workflow.verify(out, asked, factor, (median, 0.03), chance);
    let done = at + chance.pause(0.2, 0.9);
    workflow.tell(out, done, "UserAuthentication", None, false, chance);
}

/// What the records of one sign-in share.
struct Workflow<'a> {
    id: String,
    login: &'a str,
    principal: &'a str,
    ip: &'a str,
    agent: &'a str,
}

impl Workflow<'_> {
    /// A credential is given, sometimes only at the second try.
    fn verify(
        &self,
        out: &mut Outbox,
        asked: DateTime<Utc>,
        credential: &str,
        (median_s, failures): (f64, f64),
        chance: &mut Chance,
    ) -> DateTime<Utc> {
        let name = "CredentialVerification";
        let mut at = asked + chance.delay(median_s, 0.5, 240.0);
        if chance.yes(failures) {
            self.tell(out, at, name, Some(credential), true, chance);
            at += chance.delay(median_s, 0.5, 240.0);
        }
        self.tell(out, at, name, Some(credential), false, chance)
    }

    /// Writes one record and gives back its instant.
    fn tell(
        &self,
        out: &mut Outbox,
        at: DateTime<Utc>,
        name: &str,
        credential: Option<&str>,
        failed: bool,
        chance: &mut Chance,
    ) -> DateTime<Utc> {
        let who = UserIdentity {
            kind: "IdentityCenterUser",
            principal_id: self.principal,
            account_id: "111122223333",
            user_name: Some(self.login),
            ..UserIdentity::default()
        };
        let verdict = match (name, failed) {
            ("CredentialChallenge", _) => Response::None,
            (_, true) => Response::Verification {
                credential_verification: Some("Failure"),
                user_authentication: None,
            },
            ("CredentialVerification", false) => Response::Verification {
                credential_verification: Some("Success"),
                user_authentication: None,
            },
            _ => Response::Verification {
                credential_verification: None,
                user_authentication: Some("Success"),
            },
        };
        let call = Call {
            source: "signin.amazonaws.com",
            name,
            ip: self.ip,
            agent: self.agent,
            kind: "AwsServiceEvent",
            response: verdict,
            additional: Some(Additional {
                auth_workflow_id: Some(&self.id),
                credential_type: credential,
                user_name: Some(self.login),
                login_to: (name == "UserAuthentication")
                    .then_some("https://corp-example.awsapps.com/start"),
                ..Additional::default()
            }),
            ..Call::default()
        };
        write(out, at, &who, &call, chance);
        at
    }
}
