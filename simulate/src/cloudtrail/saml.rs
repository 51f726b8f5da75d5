//! A provider's assertion exchanged for a role's credentials.

use chrono::{DateTime, TimeDelta, Utc};

use super::event::{ACCOUNTS, AssumedRoleUser, Call, Credentials, Request, Response, write};
use super::identity::{RoleSession, UserIdentity};
use crate::people::AwsAccess;
use crate::record::{Outbox, iso_seconds};
use crate::traffic::Scene;
use crate::world::{Chance, Network};

/// The exchange as it should be.
pub(super) fn assume_with_saml(
    role: &RoleSession,
    out: &mut Outbox,
    at: DateTime<Utc>,
    network: &Network,
    agent: &str,
    chance: &mut Chance,
) {
    let key = chance.capitals("ASIA", 16);
    let response = Response::Credentials {
        credentials: Credentials {
            access_key_id: &key,
            expiration: &iso_seconds(at + TimeDelta::hours(1)),
        },
        assumed_role_user: AssumedRoleUser { assumed_role_id: &role.principal, arn: &role.arn },
    };
    saml(role, out, at, (network, agent), (response, None), chance);
}

fn saml(
    role: &RoleSession,
    out: &mut Outbox,
    at: DateTime<Utc>,
    (network, agent): (&Network, &str),
    (response, error): (Response, Option<(&str, &str)>),
    chance: &mut Chance,
) {
    let provider = format!("arn:aws:iam::{}:saml-provider/corp-example", role.account);
    let principal = format!("{provider}:{}", role.session);
    let assertion = chance.uuid();
    let call = Call {
        source: "sts.amazonaws.com",
        name: "AssumeRoleWithSAML",
        ip: &network.ip,
        agent,
        account: role.account,
        kind: "AwsApiCall",
        error,
        request: Request::Saml {
            assertion: &assertion,
            role_arn: &role.role_arn,
            principal_arn: &provider,
            duration_seconds: 3600,
        },
        response,
        ..Call::default()
    };
    let who = UserIdentity {
        kind: "SAMLUser",
        principal_id: &principal,
        account_id: role.account,
        user_name: Some(&role.session),
        ..UserIdentity::default()
    };
    write(out, at, &who, &call, chance);
}

/// While the provider is down an old assertion is tried, in vain.
pub(crate) fn federation_fails(scene: &mut Scene, out: &mut Outbox) {
    let AwsAccess::Federated(set) = scene.person.aws else {
        return;
    };
    let chance = &mut scene.chance;
    let at = scene.visit.at + chance.pause(1.0, 20.0);
    let (account, _) = *chance.pick(&ACCOUNTS);
    let role = RoleSession::permission_set(account, set, &scene.person.login, iso_seconds(at));
    let error =
        Some(("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance"));
    let client = (scene.network, scene.device.make.user_agent);
    saml(&role, out, at, client, (Response::None, error), chance);
}
