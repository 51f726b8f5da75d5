//! What is read of an entry. What Vault answers and is asked (`data`) holds
//! secrets, hashed or not, and is not read but for whether it tells of an error.

use serde::Deserialize;

use super::super::object::{List, Object};
use super::super::text::{Flag, Text};
use super::super::words::Words;

/// One entry.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub(super) time: Text<'a>,
    /// `request` or `response`.
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    /// Whoever asked; of a sign-in's response whoever signed in.
    #[serde(borrow)]
    pub(super) auth: Object<Auth<'a>>,
    #[serde(borrow)]
    pub(super) request: Object<Request<'a>>,
    #[serde(borrow)]
    pub(super) response: Object<Response<'a>>,
    #[serde(borrow)]
    pub(super) error: Text<'a>,
}

/// A token and its owner.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Auth<'a> {
    #[serde(borrow)]
    pub(super) accessor: Text<'a>,
    #[serde(borrow)]
    pub(super) client_token: Text<'a>,
    #[serde(borrow)]
    pub(super) display_name: Text<'a>,
    #[serde(borrow)]
    pub(super) entity_id: Text<'a>,
    #[serde(borrow)]
    pub(super) metadata: Object<Metadata<'a>>,
    #[serde(borrow)]
    pub(super) policies: Words<'a>,
    #[serde(borrow)]
    pub(super) policy_results: Object<PolicyResults<'a>>,
    #[serde(borrow)]
    pub(super) token_type: Text<'a>,
}

impl Auth<'_> {
    /// Whether there is a token. A batch token has no accessor.
    pub(super) fn has_token(&self) -> bool {
        self.accessor.get().is_some() || self.client_token.get().is_some()
    }
}

/// What the auth method knows of the owner; each has keys of its own.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Metadata<'a> {
    #[serde(borrow)]
    pub(super) username: Text<'a>,
    #[serde(borrow)]
    pub(super) email: Text<'a>,
    #[serde(borrow)]
    pub(super) role_name: Text<'a>,
    #[serde(borrow)]
    pub(super) service_account_name: Text<'a>,
    #[serde(borrow)]
    pub(super) common_name: Text<'a>,
}

/// Which of the token's policies let the request through.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PolicyResults<'a> {
    pub(super) allowed: Flag,
    #[serde(borrow)]
    pub(super) granting_policies: List<'a, Policy<'a>>,
}

/// One policy.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Policy<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
}

/// What was asked.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Request<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) operation: Text<'a>,
    #[serde(borrow)]
    pub(super) path: Text<'a>,
    #[serde(borrow)]
    pub(super) mount_point: Text<'a>,
    #[serde(borrow)]
    pub(super) mount_type: Text<'a>,
    #[serde(borrow)]
    pub(super) namespace: Object<Namespace<'a>>,
    #[serde(borrow)]
    pub(super) client_token_accessor: Text<'a>,
    #[serde(borrow)]
    pub(super) remote_address: Text<'a>,
    /// Only those that an operator chose to have audited.
    #[serde(borrow)]
    pub(super) headers: Object<Headers<'a>>,
}

/// Where in Vault.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Namespace<'a> {
    #[serde(borrow)]
    pub(super) path: Text<'a>,
}

/// The client's headers.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Headers<'a> {
    #[serde(borrow, rename = "user-agent")]
    pub(super) user_agent: Words<'a>,
}

/// What was answered.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Response<'a> {
    /// The token of a sign-in, or a token that was made.
    #[serde(borrow)]
    pub(super) auth: Option<Object<Auth<'a>>>,
    #[serde(borrow)]
    pub(super) data: Object<Data<'a>>,
}

/// The answer's particulars; their values are hashed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Data<'a> {
    #[serde(borrow)]
    pub(super) error: Text<'a>,
}
