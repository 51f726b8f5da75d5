//! Who is to be erased, and from where.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rollcall_ingest::notify;
use rollcall_ingest::scim::{self, Scim};
use rollcall_lake::{Erased, Identifiers, Lake, SHORTEST, Table, Unfinished, is_searchable};
use rollcall_web::StateDb;
use serde::{Deserialize, Serialize};

use super::Detecting;
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
    /// Why it would be refused, where it was only asked what it would do.
    #[serde(default)]
    pub refusal: Option<String>,
}

/// What is asked of an erasure.
#[derive(Debug)]
pub(super) struct Asked {
    /// An id or a login.
    pub(super) person: String,
    /// Further texts that identify them.
    pub(super) also: Vec<String>,
    /// Only say what would be erased.
    pub(super) dry_run: bool,
    /// Also where they are named by many rows.
    pub(super) many: bool,
}

/// Fewer rows are never too many.
const FEW: u64 = 1000;

/// Erases a person from the tables, from what SCIM has provisioned, from the dashboard's
/// accounts, and from alerts that aren't sent yet.
pub(super) async fn erase(
    lake: &Lake,
    (provisioned, detecting): (Option<&Scim>, Option<&Detecting>),
    asked: Asked,
    tell: &(dyn Fn(String) + Sync),
) -> Result<Erasure> {
    let Asked { person, also, dry_run, many } = asked;
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
    let who = Identifiers::new(texts.clone())
        .ok_or_else(|| usage("nothing is left to search for: name a login or an id with --also"))?;
    let who = Arc::new(who);
    if !dry_run {
        if !many {
            tell("counting the rows that name them".to_owned());
            let would = lake.erase(Arc::clone(&who), true, &|_| {}).await?.rows;
            if let Some(refusal) = too_many(lake, would) {
                return Err(usage(refusal));
            }
        }
        // What leads from one text to another is erased too: a second run needs them all.
        unfinished.keep(&texts)?;
    }
    let state = lake.directory().state();
    let is_meant = {
        let who = Arc::clone(&who);
        move |name: &str| who.is(name) || who.occurs_in(name.as_bytes())
    };
    let accounts = match state.exists() {
        true if dry_run => StateDb::open(&state)?.named(&is_meant)?,
        true => StateDb::open(&state)?.forget(&is_meant)?,
        false => 0,
    };
    let told = |now: &Erased| tell(format!("{} rows in {} files", now.rows, now.files));
    if !dry_run {
        // First: what is left there would come back into the table.
        match provisioned {
            Some(scim) => scim.forget(&is_meant)?,
            None => scim::forget(lake.directory(), &is_meant)?,
        };
    }
    let erased = lake.erase(Arc::clone(&who), dry_run, &told).await?;
    if !dry_run {
        match detecting {
            Some(detecting) => detecting.forget(Arc::new(is_meant)).await?,
            None => {
                forget(&lake.directory().derived().join("detect"))?;
                notify::forget(&lake.directory().unsent(), is_meant)?;
            }
        }
        unfinished.end()?;
    }
    let refusal = (dry_run && !many).then(|| too_many(lake, erased.rows)).flatten();
    Ok(Erasure { texts: who.texts().map(str::to_owned).collect(), erased, accounts, refusal })
}

/// Removes a derived folder, if it is there.
pub(super) fn forget(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Why rows aren't erased whose texts stand in much of everything: they mean more than one
/// person.
fn too_many(lake: &Lake, would: u64) -> Option<String> {
    let snapshot = lake.snapshot();
    let all: u64 = Table::ALL.iter().map(|table| snapshot.table(*table).rows() as u64).sum();
    (would > FEW && would.saturating_mul(4) > all).then(|| {
        format!(
            "{would} of {all} rows of all tables name them, which is more than one person makes, and can't be taken back: look at the texts with --dry-run; --many erases them all the same"
        )
    })
}
