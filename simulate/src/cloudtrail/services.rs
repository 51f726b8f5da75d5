//! Services that call AWS with an IAM user's access key.

use super::console::SECRETS;
use super::event::{ACCOUNTS, Call, Request, write};
use super::identity::UserIdentity;
use crate::people::Service;
use crate::record::Outbox;
use crate::world::{Chance, Network};

/// A day of one service, at its steady rhythm.
pub(crate) fn access_key(seed: u64, service: &Service, out: &mut Outbox) {
    let network = Network::cloud(service.index);
    let [(account, _), ..] = ACCOUNTS;
    let arn = format!("arn:aws:iam::{account}:user/{}", service.login);
    let who = UserIdentity {
        kind: "IAMUser",
        principal_id: &service.aws_id,
        arn: &arn,
        account_id: account,
        access_key_id: Some(&service.access_key),
        user_name: Some(service.login),
        session_context: None,
    };
    for (at, mut chance) in crate::traffic::runs(seed, service, out) {
        let base = Call {
            ip: &network.ip,
            agent: "aws-sdk-go-v2/1.39.2 os/linux lang/go#1.25.3",
            kind: "AwsApiCall",
            account,
            ..Call::default()
        };
        let call = call(service, base, &mut chance);
        write(out, at, &who, &call, &mut chance);
    }
}

/// One of the calls that services make.
fn call<'a>(service: &'a Service, base: Call<'a>, chance: &mut Chance) -> Call<'a> {
    let (source, name, request) = match chance.unit() {
        draw if draw < 0.45 => {
            let secret_id = chance.pick::<&str>(&SECRETS);
            ("secretsmanager.amazonaws.com", "GetSecretValue", Request::Secret { secret_id })
        }
        draw if draw < 0.6 => {
            let request = Request::Role {
                role_arn: "arn:aws:iam::111122223333:role/data-exchange",
                role_session_name: service.login,
                duration_seconds: 900,
            };
            ("sts.amazonaws.com", "AssumeRole", request)
        }
        draw if draw < 0.61 => {
            let request = Request::User { user_name: service.login };
            ("iam.amazonaws.com", "ListAccessKeys", request)
        }
        _ => {
            let request =
                Request::Bucket { bucket_name: "corp-example-data", key: "exports/latest.parquet" };
            ("s3.amazonaws.com", "GetObject", request)
        }
    };
    let denied = ("AccessDenied", "User is not authorized to perform: iam:ListAccessKeys");
    Call { source, name, request, error: (name == "ListAccessKeys").then_some(denied), ..base }
}
