//! Keycloak: users of a realm, and each user's credentials (Keycloak, "Admin REST API"; the
//! client's service account needs `view-users` of `realm-management`). A request a user.

use chrono::DateTime;
use rollcall_schemas::Factor;
use serde_json::Value;

use super::{Gathered, Held, Standing};
use crate::input::pull::error::PullResult;
use crate::input::pull::listing::{Pages, all, needed, text};
use crate::input::pull::request::encoded;
use crate::input::pull::settings::Account;

/// Users of a page.
const MOST: usize = 100;

pub(super) async fn held(account: &Account) -> PullResult<Vec<Held>> {
    let mut gathered = Gathered::default();
    let users = format!("/admin/realms/{}/users", account.organisation);
    let listed = format!("{users}?briefRepresentation=true&max={MOST}");
    for user in all(account, &listed, &[], Pages::First(MOST)).await? {
        let login = needed(account, &user, &["username"])?;
        let id = needed(account, &user, &["id"])?;
        let is_off = user.get("enabled").and_then(Value::as_bool) == Some(false);
        let standing = Standing::of(is_off);
        gathered.account(login, standing);
        let path = format!("{users}/{}/credentials", encoded(id));
        for credential in all(account, &path, &[], Pages::Link).await? {
            if let Some(factor) = factor_of(&credential) {
                let created = credential.get("createdDate").and_then(Value::as_i64);
                let created = created.and_then(DateTime::from_timestamp_millis);
                gathered.factor(login, factor, standing, created.map(|time| time.date_naive()));
            }
        }
    }
    Ok(gathered.held())
}

/// A credential's factor; none of a password.
fn factor_of(credential: &Value) -> Option<Factor> {
    Some(match text(credential, &["type"])? {
        "password" | "password-history" => return None,
        // Counters and times, mostly in telephones.
        "otp" => Factor::Totp,
        "webauthn" => Factor::Webauthn,
        "webauthn-passwordless" => Factor::Passkey,
        "recovery-authn-codes" => Factor::RecoveryCode,
        _ => Factor::Other,
    })
}
