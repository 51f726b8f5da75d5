//! Auth0: users, and each user's authentication methods (Auth0, "List or search users", "Get
//! a list of authentication methods"; needs `read:users` and `read:authentication_methods`).
//! A request a user. A search gives the first 1,000 users only: the next begins at the last
//! one's creation.

use std::collections::HashSet;

use rollcall_schemas::Factor;
use serde_json::Value;

use super::{Gathered, Held, Standing};
use crate::input::pull::error::{PullError, PullResult};
use crate::input::pull::listing::{Pages, all, needed, text};
use crate::input::pull::request::encoded;
use crate::input::pull::settings::Account;

/// Users of a page, and pages of a search.
const PAGE: usize = 100;
const PAGES: usize = 10;

pub(super) async fn held(account: &Account) -> PullResult<Vec<Held>> {
    let mut gathered = Gathered::default();
    for user in users(account).await? {
        let id = needed(account, &user, &["user_id"])?;
        let login = text(&user, &["email"]).or(text(&user, &["username"])).unwrap_or(id);
        let is_off = user.get("blocked").and_then(Value::as_bool) == Some(true);
        gathered.account(login, Standing::of(is_off));
        let path = format!("/api/v2/users/{}/authentication-methods?per_page=100", encoded(id));
        for method in all(account, &path, &[], Pages::Link).await? {
            let Some(factor) = factor_of(&method) else { continue };
            let is_confirmed = method.get("confirmed").and_then(Value::as_bool) != Some(false);
            let standing = match (is_off, is_confirmed) {
                (true, _) => Standing::Disabled,
                (false, true) => Standing::Active,
                (false, false) => Standing::Pending,
            };
            let created = text(&method, &["created_at"]).and_then(|at| at.get(..10)?.parse().ok());
            gathered.factor(login, factor, standing, created);
        }
    }
    Ok(gathered.held())
}

/// Every user, in the order of their creation.
async fn users(account: &Account) -> PullResult<Vec<Value>> {
    let (mut users, mut known) = (Vec::new(), HashSet::new());
    let mut since = "*".to_owned();
    loop {
        let query = encoded(&format!("created_at:[{since} TO *]"));
        let (mut came, mut new) = (0, 0);
        for page in 0..PAGES {
            let path = format!(
                "/api/v2/users?q={query}&search_engine=v3&sort=created_at%3A1&per_page={PAGE}&page={page}"
            );
            let listed = all(account, &path, &[], Pages::Link).await?;
            let is_last = listed.len() < PAGE;
            came += listed.len();
            for user in listed {
                if known.insert(needed(account, &user, &["user_id"])?.to_owned()) {
                    new += 1;
                    needed(account, &user, &["created_at"])?.clone_into(&mut since);
                    users.push(user);
                }
            }
            if is_last {
                break;
            }
        }
        if came < PAGE * PAGES {
            return Ok(users);
        }
        if new == 0 {
            let detail = "over 1,000 users were created at one moment, and it shows no more";
            let place = account.client.place();
            return Err(PullError::BadAnswer { place, detail: detail.to_owned() });
        }
    }
}

/// A method's factor; none of what stands alone or only proves an address.
fn factor_of(method: &Value) -> Option<Factor> {
    let is_voice = text(method, &["preferred_authentication_method"]) == Some("voice");
    Some(match text(method, &["type"])? {
        "password" | "email-verification" => return None,
        "totp" => Factor::Totp,
        "push" | "push-notification" | "guardian" => Factor::Push,
        "phone" if is_voice => Factor::Voice,
        "phone" | "sms" => Factor::Sms,
        "email" => Factor::Email,
        "webauthn-roaming" => Factor::HardwareKey,
        "webauthn-platform" => Factor::Webauthn,
        "passkey" => Factor::Passkey,
        "recovery-code" => Factor::RecoveryCode,
        _ => Factor::Other,
    })
}
