//! Who is to be erased, and from where.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Result;
use arrow::array::AsArray;
use rollcall_lake::{Erased, Identifiers, Lake, SHORTEST, Table, read_rows};
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
    for text in also.iter().chain([&person]) {
        if text.trim().chars().count() < SHORTEST && !is_known(lake, text)? {
            return Err(usage(format!(
                "{text:?} is too short to be searched for: it would be found everywhere; name one of at least {SHORTEST} characters"
            )));
        }
    }
    let mut texts = known(lake, &person)?;
    texts.extend([person].into_iter().chain(also));
    tell("looking for their accounts".to_owned());
    texts.extend(lake.account_ids(texts.clone()).await?);
    let who = Identifiers::new(texts)
        .ok_or_else(|| usage("nothing is left to search for: name a login or an id with --also"))?;
    let who = Arc::new(who);
    let told = |now: &Erased| tell(format!("{} rows in {} files", now.rows, now.files));
    let erased = lake.erase(Arc::clone(&who), dry_run, &told).await?;
    let state = lake.directory().state();
    let is_meant = |name: &str| who.occurs_in(name.as_bytes());
    let accounts =
        if state.exists() && !dry_run { StateDb::open(&state)?.forget(is_meant)? } else { 0 };
    Ok(Erasure { texts: who.texts().map(str::to_owned).collect(), erased, accounts })
}

fn is_known(lake: &Lake, person: &str) -> Result<bool> {
    Ok(!known(lake, person)?.is_empty())
}

/// A row of the directory: id, login, name.
type Entry = (String, String, Option<String>);

/// What the directory of people knows of someone, in any of its imports. A name that
/// somebody else has too is left out.
fn known(lake: &Lake, person: &str) -> Result<Vec<String>> {
    let person = person.to_lowercase();
    let directory = directory(lake)?;
    let is_named = |(id, login, _): &&Entry| [id, login].iter().any(|t| t.to_lowercase() == person);
    let ids: HashSet<&String> = directory.iter().filter(is_named).map(|(id, ..)| id).collect();
    let (own, others): (Vec<_>, Vec<_>) = directory.iter().partition(|(id, ..)| ids.contains(id));
    let of_others: HashSet<_> = others.iter().filter_map(|(.., name)| name.as_ref()).collect();
    let names = own.iter().filter_map(|(.., name)| name.as_ref());
    let names = names.filter(|name| !of_others.contains(name));
    let accounts = own.iter().flat_map(|(id, login, _)| [id, login]);
    Ok(accounts.chain(names).cloned().collect())
}

fn directory(lake: &Lake) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for segment in lake.snapshot().table(Table::People).segments.iter() {
        for batch in read_rows(segment, &["id", "login", "name"], None)? {
            let column = |name| batch.column_by_name(name).map(|c| c.as_string_view());
            let (Some(ids), Some(logins), Some(names)) =
                (column("id"), column("login"), column("name"))
            else {
                continue;
            };
            for ((id, login), name) in ids.iter().zip(logins).zip(names) {
                if let (Some(id), Some(login)) = (id, login) {
                    entries.push((id.to_owned(), login.to_owned(), name.map(str::to_owned)));
                }
            }
        }
    }
    Ok(entries)
}
