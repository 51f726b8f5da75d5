//! The `userIdentity` element.

use serde::Serialize;

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserIdentity<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) principal_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) arn: &'a str,
    pub(crate) account_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session_context: Option<SessionContext<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionContext<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session_issuer: Option<Issuer<'a>>,
    pub(crate) attributes: Attributes<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Issuer<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: &'a str,
    pub(crate) principal_id: &'a str,
    pub(crate) arn: &'a str,
    pub(crate) account_id: &'a str,
    pub(crate) user_name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attributes<'a> {
    pub(crate) creation_date: &'a str,
    pub(crate) mfa_authenticated: &'a str,
}

/// A role assumed under a session name, and the strings that its identity
/// borrows.
pub(crate) struct RoleSession {
    pub(crate) account: &'static str,
    role: String,
    pub(crate) session: String,
    role_id: String,
    /// `AROA…:session name`, and the ARN of the session.
    pub(crate) principal: String,
    pub(crate) arn: String,
    pub(crate) role_arn: String,
    created: String,
}

impl RoleSession {
    /// A permission set's role, as IAM Identity Center names it.
    pub(crate) fn permission_set(
        account: &'static str,
        set: &str,
        session: &str,
        created: String,
    ) -> Self {
        // One suffix a permission set and account, as AWS draws it once.
        let suffix =
            set.bytes().chain(account.bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        let role = format!("AWSReservedSSO_{set}_{suffix:016x}");
        let path = format!("aws-reserved/sso.amazonaws.com/eu-central-1/{role}");
        Self::of(account, role, path, session, created)
    }

    /// Any other role.
    pub(crate) fn role(account: &'static str, role: &str, session: &str, created: String) -> Self {
        Self::of(account, role.to_owned(), role.to_owned(), session, created)
    }

    fn of(
        account: &'static str,
        role: String,
        path: String,
        session: &str,
        created: String,
    ) -> Self {
        let letters: String =
            role.bytes().rev().filter(u8::is_ascii_alphanumeric).take(17).map(char::from).collect();
        let role_id = format!("AROA{:0>17}", letters.to_ascii_uppercase());
        Self {
            account,
            principal: format!("{role_id}:{session}"),
            arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
            role_arn: format!("arn:aws:iam::{account}:role/{path}"),
            role_id,
            role,
            session: session.to_owned(),
            created,
        }
    }

    /// AWS knows nothing of the provider's second factor: "false".
    pub(crate) fn identity<'a>(&'a self, key: Option<&'a str>) -> UserIdentity<'a> {
        UserIdentity {
            kind: "AssumedRole",
            principal_id: &self.principal,
            arn: &self.arn,
            account_id: self.account,
            access_key_id: key,
            user_name: None,
            session_context: Some(SessionContext {
                session_issuer: Some(Issuer {
                    kind: "Role",
                    principal_id: &self.role_id,
                    arn: &self.role_arn,
                    account_id: self.account,
                    user_name: &self.role,
                }),
                attributes: Attributes { creation_date: &self.created, mfa_authenticated: "false" },
            }),
        }
    }
}
