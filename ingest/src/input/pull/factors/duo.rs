//! Duo: users with their phones, tokens and keys (Duo, "Retrieve Users"; needs "Grant read
//! resource").

use rollcall_schemas::Factor;
use serde_json::Value;

use super::{Gathered, Held, Standing};
use crate::input::pull::error::PullResult;
use crate::input::pull::listing::{Pages, all, needed, text};
use crate::input::pull::settings::Account;

pub(super) async fn held(account: &Account) -> PullResult<Vec<Held>> {
    let mut gathered = Gathered::default();
    let users = all(account, "/admin/v1/users?limit=300", &["response"], Pages::Offset).await?;
    for user in users {
        let login = needed(account, &user, &["username"])?;
        let is_off = matches!(text(&user, &["status"]), Some("disabled" | "pending deletion"));
        let standing = Standing::of(is_off);
        gathered.account(login, standing);
        let listed = |key: &str| {
            user.get(key).and_then(|value| value.as_array()).map_or(&[][..], Vec::as_slice)
        };
        for phone in listed("phones") {
            for factor in capabilities(phone) {
                gathered.factor(login, factor, standing, None);
            }
        }
        for (key, factor) in [
            ("tokens", Factor::HardwareOtp),
            ("u2ftokens", Factor::HardwareKey),
            ("webauthncredentials", Factor::Webauthn),
        ] {
            if !listed(key).is_empty() {
                gathered.factor(login, factor, standing, None);
            }
        }
    }
    Ok(gathered.held())
}

/// What a phone can do; `auto` only chooses among the others.
fn capabilities(phone: &Value) -> impl Iterator<Item = Factor> {
    let capabilities = phone["capabilities"].as_array().map_or(&[][..], Vec::as_slice);
    capabilities.iter().filter_map(|capability| match capability.as_str()? {
        "push" => Some(Factor::Push),
        "mobile_otp" => Some(Factor::Totp),
        "sms" => Some(Factor::Sms),
        "phone" => Some(Factor::Voice),
        _ => None,
    })
}
