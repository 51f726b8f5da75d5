//! A console sign-in with a password of AWS's own: whether with MFA is said
//! here, and true.

use chrono::{DateTime, Utc};

use super::event::{Additional, Call, Response, write};
use super::identity::UserIdentity;
use crate::people::{AwsAccess, Service};
use crate::record::Outbox;
use crate::traffic::Scene;
use crate::world::{Chance, Device, Network};

/// A person who is a user of IAM.
pub(crate) fn iam_user(scene: &mut Scene, out: &mut Outbox) {
    let AwsAccess::IamUser { mfa } = scene.person.aws else {
        return;
    };
    let (person, agent) = (scene.person, scene.device.make.user_agent);
    let chance = &mut scene.chance;
    let mut at = scene.visit.at;
    let client = (scene.network, agent);
    if chance.yes(0.05) {
        console(&person.login, &person.aws_id, mfa, false, out, at, client, chance);
        at += chance.delay(10.0, 0.5, 60.0);
    }
    console(&person.login, &person.aws_id, mfa, true, out, at, client, chance);
}

/// A break-glass account signs in with its hardware key.
pub(crate) fn break_glass(
    account: &Service,
    (network, device): (&Network, &Device),
    out: &mut Outbox,
    at: DateTime<Utc>,
    chance: &mut Chance,
) {
    let client = (network, device.make.user_agent);
    console(account.login, &account.aws_id, true, true, out, at, client, chance);
}

#[expect(
    clippy::too_many_arguments,
    reason = "who, how, where, when: a struct would be used here only"
)]
fn console(
    login: &str,
    id: &str,
    mfa: bool,
    right: bool,
    out: &mut Outbox,
    at: DateTime<Utc>,
    (network, agent): (&Network, &str),
    chance: &mut Chance,
) {
    let account = "111122223333";
    let arn = format!("arn:aws:iam::{account}:user/{login}");
    let device = format!("arn:aws:iam::{account}:mfa/{login}");
    let who = UserIdentity {
        kind: "IAMUser",
        principal_id: id,
        arn: &arn,
        account_id: account,
        user_name: Some(login),
        ..UserIdentity::default()
    };
    let call = Call {
        region: "us-east-1",
        ip: &network.ip,
        agent,
        error: (!right).then_some(("", "Failed authentication")),
        response: Response::ConsoleLogin {
            console_login: if right { "Success" } else { "Failure" },
        },
        additional: Some(Additional {
            login_to: Some("https://console.aws.amazon.com/console/home"),
            mobile_version: Some("No"),
            mfa_used: Some(if mfa { "Yes" } else { "No" }),
            mfa_identifier: mfa.then_some(device.as_str()),
            ..Additional::default()
        }),
        ..Call::default()
    };
    write(out, at, &who, &call, chance);
}
