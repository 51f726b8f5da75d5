//! What is read of an event.

use serde::Deserialize;

use super::super::object::Object;
use super::super::text::{Flag, Text};
use super::super::time::Moment;

/// A user event, an admin event, or a line of the server log in its JSON form:
/// each has keys that the others haven't.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    /// ms since 1970.
    #[serde(borrow)]
    pub(super) time: Moment<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) realm_id: Text<'a>,
    /// Newer versions only, where `realmId` is no name any more.
    #[serde(borrow)]
    pub(super) realm_name: Text<'a>,
    #[serde(borrow)]
    pub(super) client_id: Text<'a>,
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) session_id: Text<'a>,
    #[serde(borrow)]
    pub(super) ip_address: Text<'a>,
    #[serde(borrow)]
    pub(super) error: Text<'a>,
    #[serde(borrow)]
    pub(super) details: Object<Details<'a>>,

    /// `CREATE`, `UPDATE`, `DELETE`, `ACTION`: an admin event.
    #[serde(borrow)]
    pub(super) operation_type: Text<'a>,
    #[serde(borrow)]
    pub(super) resource_type: Text<'a>,
    #[serde(borrow)]
    pub(super) resource_path: Text<'a>,
    #[serde(borrow)]
    pub(super) auth_details: Object<AuthDetails<'a>>,

    /// The server log's.
    #[serde(borrow)]
    pub(super) message: Text<'a>,
    #[serde(borrow)]
    pub(super) timestamp: Moment<'a>,
    /// The same in the log's ECS form.
    #[serde(borrow, rename = "@timestamp")]
    pub(super) at_timestamp: Moment<'a>,
}

impl Entry<'_> {
    /// Whether it is an event at all: its type or operation is a word.
    pub(super) fn is_event(&self) -> bool {
        let is_word = |text: &Text<'_>| {
            let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
            text.get().is_some_and(|text| text.bytes().all(is_part))
        };
        is_word(&self.kind) || is_word(&self.operation_type)
    }
}

/// Who administrates, in JSON; in text it stands in the event itself.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AuthDetails<'a> {
    #[serde(borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(borrow)]
    pub(super) ip_address: Text<'a>,
}

/// What goes with the type of a user event.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Details<'a> {
    #[serde(borrow)]
    pub(super) username: Text<'a>,
    #[serde(borrow)]
    pub(super) code_id: Text<'a>,
    /// The same, as text gives it behind the details.
    #[serde(borrow, rename = "authSessionParentId")]
    pub(super) parent_id: Text<'a>,
    #[serde(borrow)]
    pub(super) auth_method: Text<'a>,
    #[serde(borrow)]
    pub(super) grant_type: Text<'a>,
    #[serde(borrow)]
    pub(super) credential_type: Text<'a>,
    #[serde(borrow)]
    pub(super) selected_credential_id: Text<'a>,
    #[serde(borrow)]
    pub(super) public_key_credential_id: Text<'a>,
    /// Of one that was removed by its owner.
    #[serde(borrow)]
    pub(super) credential_id: Text<'a>,
    #[serde(rename = "web_authn_authenticator_user_verification_checked")]
    pub(super) user_verified: Flag,
    #[serde(borrow, rename = "x509_cert_serial_number")]
    pub(super) certificate: Text<'a>,
    #[serde(borrow)]
    pub(super) identity_provider: Text<'a>,
    #[serde(borrow)]
    pub(super) impersonator: Text<'a>,
    #[serde(borrow)]
    pub(super) custom_required_action: Text<'a>,
    #[serde(borrow)]
    pub(super) token_id: Text<'a>,
    #[serde(borrow)]
    pub(super) reason: Text<'a>,
}
