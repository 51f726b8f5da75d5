//! Okta: users, and each user's factors (Okta, "List all users", "List all enrolled
//! factors"). A request a user: at one a second, an hour for 3,600 people.

use rollcall_schemas::Factor;

use super::{Gathered, Held, Standing};
use crate::input::pull::error::PullResult;
use crate::input::pull::listing::{Pages, all, needed, text};
use crate::input::pull::request::encoded;
use crate::input::pull::settings::Account;

pub(super) async fn held(account: &Account) -> PullResult<Vec<Held>> {
    let mut gathered = Gathered::default();
    for user in all(account, "/api/v1/users?limit=200", &[], Pages::Link).await? {
        let login = needed(account, &user, &["profile", "login"])?;
        let id = needed(account, &user, &["id"])?;
        let is_off = is_off(text(&user, &["status"]).unwrap_or_default());
        gathered.account(login, Standing::of(is_off));
        let path = format!("/api/v1/users/{}/factors", encoded(id));
        for factor in all(account, &path, &[], Pages::Link).await? {
            let created = text(&factor, &["created"]).and_then(|at| at.get(..10)?.parse().ok());
            let kind = factor_of(text(&factor, &["factorType"]).unwrap_or_default());
            let standing = match is_off {
                true => Standing::Disabled,
                false => standing(text(&factor, &["status"]).unwrap_or_default()),
            };
            gathered.factor(login, kind, standing, created);
        }
    }
    Ok(gathered.held())
}

/// Whether nobody can sign in to a user (Okta, "User status"). Someone who is locked out, or
/// whose password has expired, gets in again by themselves.
fn is_off(status: &str) -> bool {
    matches!(status, "SUSPENDED" | "DEPROVISIONED")
}

fn factor_of(kind: &str) -> Factor {
    match kind {
        "push" => Factor::Push,
        // FastPass: a key in the device.
        "signed_nonce" | "webauthn" => Factor::Webauthn,
        "u2f" => Factor::HardwareKey,
        "token:software:totp" => Factor::Totp,
        "token" | "token:hardware" | "token:hotp" => Factor::HardwareOtp,
        "sms" => Factor::Sms,
        "call" => Factor::Voice,
        "email" => Factor::Email,
        "question" => Factor::SecurityQuestion,
        _ => Factor::Other,
    }
}

fn standing(status: &str) -> Standing {
    match status {
        "ACTIVE" => Standing::Active,
        "INACTIVE" | "DISABLED" | "EXPIRED" => Standing::Disabled,
        _ => Standing::Pending,
    }
}
