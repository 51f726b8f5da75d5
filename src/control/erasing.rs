//! Who is to be erased, and from where.

use std::sync::Arc;

use anyhow::Result;
use rollcall_lake::{Erased, Identifiers, Lake, SHORTEST, Unfinished, is_searchable};
use rollcall_web::StateDb;
use serde::{Deserialize, Serialize};

use crate::usage;

/// What an erasure did, or would do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Erasure {
    /// The texts that were searched for.
    pub texts: Vec<String>,
    /// What came of it in the tables.
    pub erased: Erased,
    /// Accounts and tokens of the dashboard that lost their names.
    pub accounts: usize,
}

/// Erases a person from the tables and from the dashboard's accounts.
pub async fn erase(
    lake: &Lake,
    person: String,
    also: Vec<String>,
    dry_run: bool,
    tell: &(dyn Fn(String) + Sync),
) -> Result<Erasure> {
    let mut texts = lake.texts_about(&person).await?;
    for text in also.iter().chain([&person]) {
        if !is_searchable(text) && !texts.contains(text) {
            return Err(usage(format!(
                "{text:?} is too short to be searched for: it would be found everywhere; name a text of at least {SHORTEST} characters"
            )));
        }
    }
    texts.extend([person].into_iter().chain(also));
    tell("looking for their accounts".to_owned());
    let ids = lake.account_ids(texts.clone()).await?;
    texts.extend(ids.into_iter().filter(|id| is_searchable(id)));
    let unfinished = Unfinished::at(lake.directory());
    texts.extend(unfinished.texts()?);
    if !dry_run {
        // What leads from one text to another is erased too: a second run needs them all.
        unfinished.keep(&texts)?;
    }
    let who = Identifiers::new(texts)
        .ok_or_else(|| usage("nothing is left to search for: name a login or an id with --also"))?;
    let who = Arc::new(who);
    let state = lake.directory().state();
    let is_meant = |name: &str| who.is(name) || who.occurs_in(name.as_bytes());
    let accounts = match state.exists() {
        true if dry_run => StateDb::open(&state)?.named(is_meant)?,
        true => StateDb::open(&state)?.forget(is_meant)?,
        false => 0,
    };
    let told = |now: &Erased| tell(format!("{} rows in {} files", now.rows, now.files));
    let erased = lake.erase(Arc::clone(&who), dry_run, &told).await?;
    if !dry_run {
        unfinished.end()?;
    }
    Ok(Erasure { texts: who.texts().map(str::to_owned).collect(), erased, accounts })
}
