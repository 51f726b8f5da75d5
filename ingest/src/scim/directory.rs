//! All of it: requests, and the changes of the table `people` that come of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::Utc;
use rollcall_lake::{Lake, Table};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use super::fault::Fault;
use super::journal::Entry;
use super::patch::patched;
use super::people::{Changes, changes, with_changes};
use super::resource::{Kind, Resource};
use super::store::{Store, day};
use crate::error::{IngestError, Result};
use crate::table::person::{CHANGE, Person, table};
use crate::table::standing::Standing;

/// Changes within this of the first one are one commit.
const TOGETHER: Duration = Duration::from_secs(3);

/// The users and groups of a data directory.
pub struct Scim {
    lake: Arc<Lake>,
    store: Mutex<Store>,
    /// The directory as it stands, with the version of the table that says so: a table of
    /// many changes is many files.
    standing: Mutex<Option<(Option<u64>, Standing)>>,
    /// The address that people use, with a slash at its end.
    base: String,
    changed: Notify,
    /// Ends the process: after a failed sync nothing can be promised any more.
    fail: Box<dyn Fn(String) + Send + Sync>,
}

/// What a request asks to be done to a resource.
pub(crate) enum Change {
    /// PUT.
    Replace(Map<String, Value>),
    /// PATCH.
    Patch(Map<String, Value>),
    /// DELETE.
    Delete,
}

impl Scim {
    /// Opens the file. `base` is the address that people use; `fail` is told why the process
    /// has to end. Blocks.
    ///
    /// # Errors
    /// If the file can't be read or made, or is damaged.
    pub fn open(
        lake: Arc<Lake>,
        base: &str,
        fail: impl Fn(String) + Send + Sync + 'static,
    ) -> Result<Self> {
        let store = Mutex::new(Store::open(lake.directory().scim())?);
        let base = format!("{}/", base.trim_end_matches('/'));
        let standing = Mutex::default();
        Ok(Self { lake, store, standing, base, changed: Notify::new(), fail: Box::new(fail) })
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The address that resources' addresses begin with.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Looks at the resources of a kind. Blocks, as do the others, while something is synced.
    pub(crate) fn look<T>(
        &self,
        kind: Kind,
        at: impl FnOnce(&mut dyn Iterator<Item = &Resource>) -> T,
    ) -> T {
        let store = self.store();
        let mut resources = store.all(kind);
        at(&mut resources)
    }

    /// One resource.
    pub(crate) fn one(&self, kind: Kind, id: &str) -> Result<Resource, Fault> {
        self.store().find(kind, id).map(|(_, resource)| resource.clone())
    }

    /// Makes a resource; it is durable afterwards. Blocks.
    pub(crate) fn make(&self, kind: Kind, body: Map<String, Value>) -> Result<Resource, Fault> {
        let mut store = self.store();
        let (number, resource) = store.made(kind, body, Utc::now())?;
        self.keep(&mut store, Entry::Kept { number, resource: resource.clone() })?;
        Ok(resource)
    }

    /// Changes a resource; it is durable afterwards. `wanted` are the versions that it may
    /// have. `None`: it is gone. Blocks.
    pub(crate) fn change(
        &self,
        kind: Kind,
        id: &str,
        wanted: Option<&str>,
        change: Change,
    ) -> Result<Option<Resource>, Fault> {
        let mut store = self.store();
        let (number, from) = store.find(kind, id)?;
        let is_wanted = |wanted: &str| {
            wanted
                .split(',')
                .any(|one| matches!(one.trim(), one if one == "*" || one == from.etag()))
        };
        if !wanted.is_none_or(is_wanted) {
            let detail = format!("it has changed meanwhile: its version is {}", from.etag());
            return Err(Fault::new(412, detail));
        }
        let body = match change {
            Change::Replace(body) => body,
            Change::Patch(operations) => patched(from.body.clone(), &operations)?,
            Change::Delete => {
                self.keep(&mut store, Entry::Gone { number })?;
                return Ok(None);
            }
        };
        let resource = store.changed(number, from, body, Utc::now())?;
        if resource != *from {
            self.keep(&mut store, Entry::Kept { number, resource: resource.clone() })?;
        }
        Ok(Some(resource))
    }

    fn keep(&self, store: &mut Store, entry: Entry) -> Result<(), Fault> {
        store.keep(vec![entry]).map_err(|error| {
            (self.fail)(error.to_string());
            Fault::new(503, "nothing can be stored now, and the server ends; its log says why")
        })?;
        self.changed.notify_one();
        Ok(())
    }

    /// Takes whoever is meant out of the file. Returns how many users went. Blocks.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn forget(&self, is_meant: impl Fn(&str) -> bool) -> Result<usize> {
        self.store().forget(is_meant)
    }

    /// Brings what isn't in the table yet into it. One at a time: nothing else may write the
    /// directory meanwhile. Returns of how many people.
    ///
    /// # Errors
    /// If the table can't be read or written.
    pub async fn commit(self: &Arc<Self>) -> Result<usize> {
        let scim = Arc::clone(self);
        let due = tokio::task::spawn_blocking(move || scim.due()).await;
        let (due, latest) = due.map_err(|error| IngestError::Worker(error.to_string()))??;
        let people = due.people.len();
        if people > 0 {
            let now = Utc::now().timestamp_micros().max(latest.saturating_add(1));
            let rows = table(&due.people, now, &name(&due.people))?;
            self.lake.append(Table::People, rows).await?;
            self.stands_now(due.people, now);
        }
        let entries = due.stood.into_iter().map(|(user, stood)| match stood {
            Some(stood) => Entry::Stands { user, stood },
            None => Entry::Fell { user },
        });
        self.store().keep(entries.collect())?;
        Ok(people)
    }

    /// What isn't in the table yet; and when it was last changed.
    fn due(&self) -> Result<(Changes, i64)> {
        let (said, stood) = {
            let store = self.store();
            (store.said(), store.stood().clone())
        };
        // Who never was provisioned needs no look at the table.
        if said.is_empty() && stood.is_empty() {
            return Ok((Changes::default(), i64::MIN));
        }
        let version = self.lake.snapshot().table(Table::People).version;
        let mut kept = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = match kept.take() {
            Some((at, standing)) if at == version => standing,
            _ => Standing::read(&self.lake)?,
        };
        let due = changes(&standing.people, &said, &stood, day(Utc::now()));
        let latest = standing.latest;
        *kept = Some((version, standing));
        Ok((due, latest))
    }

    /// Notes what was just committed, so that it needn't be read again.
    fn stands_now(&self, changed: Vec<Person>, at: i64) {
        let version = self.lake.snapshot().table(Table::People).version;
        let mut kept = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, before)) = kept.take() {
            let people = with_changes(before.people, changed);
            *kept = Some((version, Standing { people, latest: at }));
        }
    }

    /// Commits what comes, some seconds after it came, and at first what a process before
    /// this one had not committed. `turn` is held by whatever writes the directory. Ends
    /// only with the process.
    pub async fn run(self: Arc<Self>, turn: Arc<tokio::sync::Mutex<()>>) {
        loop {
            {
                let _turn = turn.lock().await;
                if let Err(error) = self.commit().await {
                    tracing::error!(%error, "provisioned people can't be committed");
                    if is_fatal(&error) {
                        (self.fail)(error.to_string());
                        return;
                    }
                }
            }
            self.changed.notified().await;
            tokio::time::sleep(TOGETHER).await;
        }
    }
}

fn is_fatal(error: &IngestError) -> bool {
    match error {
        IngestError::Lake(error) => error.is_fatal(),
        IngestError::File { .. } => true,
        _ => false,
    }
}

/// What stands in the place of a file's SHA-256: that it is a change, and of what.
fn name(people: &[Person]) -> String {
    let mut hasher = Sha256::new();
    for person in people {
        hasher.update(serde_json::to_vec(person).unwrap_or_default());
        hasher.update(b"\n");
    }
    format!("{CHANGE}{}", hex::encode(hasher.finalize()))
}
