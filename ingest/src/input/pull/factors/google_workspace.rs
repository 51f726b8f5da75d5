//! Google Workspace: users with and without 2-step verification (Directory API, "Retrieve all
//! account users"; the service account needs domain-wide delegation of
//! `admin.directory.user.readonly`). Which factor somebody has Google doesn't say.

use rollcall_schemas::Factor;
use serde_json::Value;

use super::{Gathered, Held, Standing};
use crate::input::pull::error::{PullError, PullResult};
use crate::input::pull::listing::{Pages, all, needed};
use crate::input::pull::settings::Account;

const USERS: &str =
    "/admin/directory/v1/users?customer=my_customer&maxResults=500&projection=basic";

pub(super) async fn held(account: &Account) -> PullResult<Vec<Held>> {
    let mut gathered = Gathered::default();
    for user in all(account, USERS, &["users"], Pages::Token).await? {
        let login = needed(account, &user, &["primaryEmail"])?;
        let says = |key: &str| user.get(key).and_then(Value::as_bool);
        let is_off = says("suspended") == Some(true) || says("archived") == Some(true);
        let standing = Standing::of(is_off);
        gathered.account(login, standing);
        let Some(is_enrolled) = says("isEnrolledIn2Sv") else {
            let detail = "a user has no isEnrolledIn2Sv".to_owned();
            return Err(PullError::BadAnswer { place: account.client.place(), detail });
        };
        if is_enrolled {
            gathered.factor(login, Factor::Unknown, standing, None);
        }
    }
    Ok(gathered.held())
}
