//! GitLab: users with and without two-factor authentication (GitLab, "Users API", as an
//! administrator sees them). Which factor somebody has GitLab doesn't say.

use rollcall_schemas::Factor;
use serde_json::Value;

use super::{Gathered, Held, Standing};
use crate::input::pull::error::{PullError, PullResult};
use crate::input::pull::listing::{Pages, all, needed, text};
use crate::input::pull::settings::Account;

const USERS: &str = "/api/v4/users?humans=true&pagination=keyset&order_by=id&sort=asc&per_page=100";

pub(super) async fn held(account: &Account) -> PullResult<Vec<Held>> {
    let mut gathered = Gathered::default();
    for user in all(account, USERS, &[], Pages::Link).await? {
        let login = needed(account, &user, &["username"])?;
        let standing = Standing::of(text(&user, &["state"]) != Some("active"));
        gathered.account(login, standing);
        match user.get("two_factor_enabled").and_then(Value::as_bool) {
            Some(true) => gathered.factor(login, Factor::Unknown, standing, None),
            Some(false) => {}
            // Others don't see it, and nobody would seem to have any.
            None => {
                return Err(PullError::BadAnswer {
                    place: account.client.place(),
                    detail:
                        "its users have no two_factor_enabled; an administrator's token shows it"
                            .to_owned(),
                });
            }
        }
    }
    Ok(gathered.held())
}
