//! Who is to be erased, and from where.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use arrow::array::AsArray;
use rollcall_lake::{Erased, Identifiers, Lake, SHORTEST, Table, is_searchable, read_rows};
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
    let mut texts = known(lake, &person)?;
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
    let unfinished = Unfinished::at(lake.directory().path());
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

/// The texts of an erasure that has begun; gone once it is over.
struct Unfinished(PathBuf);

impl Unfinished {
    fn at(data: &Path) -> Self {
        Self(data.join("erasing"))
    }

    /// Of an erasure that was interrupted.
    fn texts(&self) -> Result<Vec<String>> {
        match fs::read(&self.0) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is damaged", self.0.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error).with_context(|| format!("can't read {}", self.0.display())),
        }
    }

    fn keep(&self, texts: &[String]) -> Result<()> {
        let write = || -> std::io::Result<()> {
            let staged = self.0.with_extension("writing");
            let mut options = OpenOptions::new();
            let options = options.write(true).create(true).truncate(true).mode(0o600);
            let mut file = options.open(&staged)?;
            file.write_all(&serde_json::to_vec(texts)?)?;
            file.sync_all()?;
            fs::rename(&staged, &self.0)?;
            self.sync_parent()
        };
        write().with_context(|| format!("can't write {}", self.0.display()))
    }

    fn end(&self) -> Result<()> {
        fs::remove_file(&self.0)
            .and_then(|()| self.sync_parent())
            .with_context(|| format!("can't remove {}", self.0.display()))
    }

    fn sync_parent(&self) -> std::io::Result<()> {
        self.0.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    }
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
