//! GitHub: an organisation's members, and those without two-factor authentication (GitHub,
//! "List organization members"; `filter=2fa_disabled` is for owners). Which factor somebody
//! has GitHub doesn't say.

use std::collections::HashSet;

use rollcall_schemas::Factor;

use super::{Gathered, Held, Standing};
use crate::input::pull::error::PullResult;
use crate::input::pull::listing::{Pages, all, needed};
use crate::input::pull::settings::Account;

pub(super) async fn held(account: &Account) -> PullResult<Vec<Held>> {
    let members = format!("/orgs/{}/members?per_page=100", account.organisation);
    let without = format!("{members}&filter=2fa_disabled");
    let mut none = HashSet::new();
    for member in all(account, &without, &[], Pages::Link).await? {
        none.insert(needed(account, &member, &["login"])?.to_lowercase());
    }
    let mut gathered = Gathered::default();
    for member in all(account, &members, &[], Pages::Link).await? {
        let login = needed(account, &member, &["login"])?;
        gathered.account(login, Standing::Active);
        if !none.contains(&login.to_lowercase()) {
            gathered.factor(login, Factor::Unknown, Standing::Active, None);
        }
    }
    Ok(gathered.held())
}
