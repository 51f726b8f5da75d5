//! What of the company's records has been handed over, so that a second start
//! on the same directory goes on where the first one ended.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, Utc};
use rollcall_simulate::Feed;
use serde::{Deserialize, Serialize};

use crate::usage;

/// Name of the file in the data directory.
const FILE: &str = "demo.json";

/// How much of each day's feeds the log has acknowledged. A day is always the
/// same records in the same order, so a count says which.
#[derive(Debug)]
pub struct Journal {
    file: PathBuf,
    told: Told,
}

#[derive(Debug, Serialize, Deserialize)]
struct Told {
    seed: u64,
    /// The moment from which the company was drawn: another one would draw another.
    until: DateTime<Utc>,
    acknowledged: BTreeMap<NaiveDate, BTreeMap<String, usize>>,
    /// Days of which nothing more can come.
    finished: BTreeSet<NaiveDate>,
}

impl Journal {
    /// The journal of a data directory; begins one where there is no data.
    ///
    /// # Errors
    /// If the directory holds data that isn't the demo's, or another company's.
    pub fn open(data: &Path, seed: u64, until: Option<DateTime<Utc>>) -> Result<Self> {
        let file = data.join(FILE);
        let told = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice::<Told>(&bytes)
                .with_context(|| format!("{} can't be read", file.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if data.join("events").exists() {
                    return Err(usage(format!(
                        "{} holds data that isn't the demo's; --data takes another directory",
                        data.display()
                    )));
                }
                let until = until.unwrap_or_else(Utc::now);
                Told { seed, until, acknowledged: BTreeMap::new(), finished: BTreeSet::new() }
            }
            Err(error) => {
                return Err(error).with_context(|| format!("can't read {}", file.display()));
            }
        };
        if told.seed != seed || until.is_some_and(|until| until != told.until) {
            return Err(usage(format!(
                "{} holds the demo of --seed {} --until {}; --data takes another directory",
                data.display(),
                told.seed,
                told.until.format("%+")
            )));
        }
        Ok(Self { file, told })
    }

    /// The moment from which the company was drawn.
    pub const fn until(&self) -> DateTime<Utc> {
        self.told.until
    }

    /// How many records of a day's feed have been acknowledged.
    pub fn acknowledged(&self, day: NaiveDate, feed: Feed) -> usize {
        let feeds = self.told.acknowledged.get(&day);
        feeds.and_then(|feeds| feeds.get(feed.as_str())).copied().unwrap_or_default()
    }

    /// Notes that so many more were.
    pub fn add(&mut self, day: NaiveDate, feed: Feed, records: usize) -> Result<()> {
        let feeds = self.told.acknowledged.entry(day).or_default();
        *feeds.entry(feed.as_str().to_owned()).or_default() += records;
        self.write()
    }

    /// Whether nothing more can come of a day.
    pub fn is_finished(&self, day: NaiveDate) -> bool {
        self.told.finished.contains(&day)
    }

    /// Notes that everything of a day was handed over.
    pub fn finish(&mut self, day: NaiveDate) -> Result<()> {
        self.told.acknowledged.remove(&day);
        self.told.finished.insert(day);
        self.write()
    }

    /// A new file in the place of the old one: it is never half written.
    pub fn write(&self) -> Result<()> {
        let staged = self.file.with_extension("tmp");
        fs::write(&staged, serde_json::to_vec(&self.told)?)
            .and_then(|()| fs::rename(&staged, &self.file))
            .with_context(|| format!("can't write {}", self.file.display()))
    }
}
