//! The console: through the identity provider, or with a password of its own.

use chrono::{DateTime, TimeDelta, Utc};

use super::event::{
    ACCOUNTS, Additional, AssumedRoleUser, Call, Credentials, Request, Response, write,
};
use super::identity::{RoleSession, UserIdentity};
use super::saml::assume_with_saml;
use crate::people::{AwsAccess, Person};
use crate::record::{Outbox, iso_seconds};
use crate::traffic::Scene;
use crate::world::{Chance, Device, Network};

/// Secrets that people and services read.
pub(crate) const SECRETS: [&str; 6] = [
    "prod/payments/database",
    "prod/search/api-token",
    "prod/platform/signing",
    "staging/web/session",
    "prod/data/warehouse",
    "prod/mail/relay",
];

/// The real false alarm of the field: a federated sign-in says `MFAUsed: No`
/// whatever the identity provider asked for. It follows the provider's event
/// within a minute, from the same address.
pub(crate) fn federated_console(scene: &mut Scene, out: &mut Outbox, reached: DateTime<Utc>) {
    let AwsAccess::Federated(set) = scene.person.aws else {
        return;
    };
    let (network, agent) = (scene.network, scene.device.make.user_agent);
    let chance = &mut scene.chance;
    let at = reached + chance.delay(4.0, 0.7, 45.0);
    let (account, _) = *chance.pick(&ACCOUNTS);
    let login = &scene.person.login;
    let role = RoleSession::permission_set(account, set, login, iso_seconds(at));
    if chance.yes(0.12) {
        assume_with_saml(&role, out, at - TimeDelta::milliseconds(700), network, agent, chance);
    }
    signed_in(&role, out, at, network, agent, chance);
    let mut then = at;
    for _ in 0..chance.poisson(2.2).min(8) {
        then += chance.delay(60.0, 0.9, 240.0);
        call(&role, set, out, then, (network, agent), chance);
    }
}

fn signed_in(
    role: &RoleSession,
    out: &mut Outbox,
    at: DateTime<Utc>,
    network: &Network,
    agent: &str,
    chance: &mut Chance,
) {
    let console = Call {
        ip: &network.ip,
        agent,
        account: role.account,
        response: Response::SIGNED_IN,
        additional: Some(Additional {
            login_to: Some("https://eu-central-1.console.aws.amazon.com/console/home"),
            mobile_version: Some("No"),
            mfa_used: Some("No"),
            ..Additional::default()
        }),
        ..Call::default()
    };
    write(out, at, &role.identity(None), &console, chance);
}

/// What is done in the console after it, by permission set.
fn call(
    role: &RoleSession,
    set: &str,
    out: &mut Outbox,
    at: DateTime<Utc>,
    (network, agent): (&Network, &str),
    chance: &mut Chance,
) {
    let key = chance.capitals("ASIA", 16);
    let who = role.identity(Some(&key));
    let base = Call {
        ip: &network.ip,
        agent,
        account: role.account,
        kind: "AwsApiCall",
        ..Call::default()
    };
    let operates = matches!(set, "AdministratorAccess" | "PowerUserAccess");
    let draw = chance.unit();
    if (0.45..0.55).contains(&draw) {
        assume_role(role, &base, &who, out, at, chance);
        return;
    }
    let denied =
        ("AccessDenied", "User is not authorized to perform: secretsmanager:GetSecretValue");
    let secret = |secret_id| {
        ("secretsmanager.amazonaws.com", "GetSecretValue", Request::Secret { secret_id })
    };
    let mut error = None;
    let (source, name, request) = if operates && draw < 0.3 {
        secret(*chance.pick(&SECRETS))
    } else if operates && draw < 0.45 {
        let request = Request::Service { cluster: "main", service: "payments", desired_count: 6 };
        ("ecs.amazonaws.com", "UpdateService", request)
    } else if !operates && draw < 0.05 {
        error = Some(denied);
        secret("prod/payments/database")
    } else {
        let (source, name) = *chance.pick(&LOOKS);
        (source, name, Request::None)
    };
    write(out, at, &who, &Call { source, name, request, error, ..base }, chance);
}

/// What people look at in the console.
const LOOKS: [(&str, &str); 4] = [
    ("ec2.amazonaws.com", "DescribeInstances"),
    ("ecs.amazonaws.com", "DescribeServices"),
    ("logs.amazonaws.com", "GetLogEvents"),
    ("s3.amazonaws.com", "ListBuckets"),
];

fn assume_role(
    role: &RoleSession,
    base: &Call,
    who: &UserIdentity,
    out: &mut Outbox,
    at: DateTime<Utc>,
    chance: &mut Chance,
) {
    let (account, _) = *chance.pick(&ACCOUNTS);
    let target = RoleSession::role(account, "production-operator", &role.session, iso_seconds(at));
    let key = chance.capitals("ASIA", 16);
    let call = Call {
        source: "sts.amazonaws.com",
        name: "AssumeRole",
        ip: base.ip,
        agent: base.agent,
        kind: "AwsApiCall",
        account,
        request: Request::Role {
            role_arn: &target.role_arn,
            role_session_name: &role.session,
            duration_seconds: 3600,
        },
        response: Response::Credentials {
            credentials: Credentials {
                access_key_id: &key,
                expiration: &iso_seconds(at + TimeDelta::hours(1)),
            },
            assumed_role_user: AssumedRoleUser {
                assumed_role_id: &target.principal,
                arn: &target.arn,
            },
        },
        ..Call::default()
    };
    write(out, at, who, &call, chance);
}

/// Somebody reads several secrets out of a federated session; what a takeover
/// ends in.
pub(crate) fn read_secrets(
    person: &Person,
    (network, device): (&Network, &Device),
    out: &mut Outbox,
    reached: DateTime<Utc>,
    chance: &mut Chance,
) -> DateTime<Utc> {
    let set = match person.aws {
        AwsAccess::Federated(set) => set,
        _ => "PowerUserAccess",
    };
    let agent = device.make.user_agent;
    let mut at = reached + chance.pause(3.0, 25.0);
    let role = RoleSession::permission_set("111122223333", set, &person.login, iso_seconds(at));
    signed_in(&role, out, at, network, agent, chance);
    let key = chance.capitals("ASIA", 16);
    for secret in SECRETS {
        at += chance.delay(25.0, 0.6, 120.0);
        let call = Call {
            source: "secretsmanager.amazonaws.com",
            name: "GetSecretValue",
            ip: &network.ip,
            agent,
            kind: "AwsApiCall",
            account: role.account,
            request: Request::Secret { secret_id: secret },
            ..Call::default()
        };
        write(out, at, &role.identity(Some(&key)), &call, chance);
    }
    at
}
