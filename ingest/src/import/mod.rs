//! One-off imports. The file is the log and its hash the shard; source, tail and
//! seal are the same code as for everything else.
//!
//! ```text
//! resume    how far an interrupted import came
//! readers   a file's blocks read by several threads, in order
//! ```

mod readers;
mod resume;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rollcall_lake::{Lake, Shard, ShardKind, ShardState, Snapshot, Stream};

use crate::error::{IngestError, Result};
use crate::input::content::Earlier;
use crate::input::file::{InputFile, find};
use crate::tail::{Clock, Pipeline, ReadSettings, Sums, believed_until};
use readers::CHUNK;
pub(crate) use readers::{Reading, read_file};
use resume::Resumed;

/// Files that get their numbers in one commit.
const ASSIGNED_TOGETHER: usize = 1_000;

/// What became of one file.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct FileReport {
    /// Its name.
    pub name: String,
    /// Its SHA-256, hex.
    pub sha256: String,
    /// The stream that it is.
    pub shard: i32,
    /// When it had been imported already, if it had.
    pub already: Option<DateTime<Utc>>,
    /// What became of its records.
    pub sums: Sums,
    /// What was wrong with the file as a whole, if anything was.
    pub damage: Option<String>,
    /// Records that an earlier import of the same file had, before it grew.
    pub before: Option<i64>,
}

/// What is kept of an import that is complete.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Finished {
    #[serde(flatten)]
    sums: Sums,
    /// Bytes of the file's content, expanded.
    bytes: u64,
    /// Whether more lines may follow.
    is_whole: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    damage: Option<String>,
}

/// What an import did.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct ImportReport {
    /// File by file.
    pub files: Vec<FileReport>,
    /// What became of the records of the files that weren't imported before.
    pub sums: Sums,
}

/// How far an import is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// The file that is being read.
    pub file: &'a str,
    /// Files in all.
    pub files: usize,
    /// Files done.
    pub files_done: usize,
    /// Records read, of all files.
    pub records: i64,
}

/// Imports files.
#[derive(Debug)]
pub struct Importer {
    lake: Arc<Lake>,
    pipeline: Pipeline,
    read: ReadSettings,
}

impl Importer {
    /// An importer into a running pipeline.
    pub const fn new(lake: Arc<Lake>, pipeline: Pipeline, read: ReadSettings) -> Self {
        Self { lake, pipeline, read }
    }

    /// Imports files and folders and seals them. `hint` names their source; empty
    /// to tell it by content. A file that was imported before changes nothing; one
    /// whose import was interrupted goes on where it stopped.
    ///
    /// # Errors
    /// If a file can't be read or the lake refuses; a bad record is no error.
    pub async fn import(
        &self,
        paths: &[PathBuf],
        hint: &str,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<ImportReport> {
        if !hint.is_empty() && self.read.sources.find(hint).is_none() {
            return Err(IngestError::UnknownSource(hint.to_owned()));
        }
        let paths = find(paths)?;
        let mut report = ImportReport::default();
        for some in paths.chunks(ASSIGNED_TOGETHER) {
            self.some(some, paths.len(), hint, progress, &mut report).await?;
        }
        Ok(report)
    }

    async fn some(
        &self,
        paths: &[PathBuf],
        files: usize,
        hint: &str,
        progress: &(dyn Fn(Progress<'_>) + Sync),
        report: &mut ImportReport,
    ) -> Result<()> {
        let mut opened = Vec::new();
        let earlier = Arc::new(earlier(&self.lake.shards()?));
        for path in paths {
            let (path, earlier) = (path.clone(), Arc::clone(&earlier));
            opened.push(blocking(move || InputFile::open(&path, &earlier)).await?);
        }
        let snapshot = self.lake.snapshot();
        let streams: Vec<Stream> = opened.iter().map(|file| stream(file, &snapshot)).collect();
        let shards = self.lake.assign(ShardKind::Import, &streams).await?;
        let mut done = Vec::new();
        for (file, shard) in opened.into_iter().zip(shards) {
            if let ShardState::Finished { records, time, detail } = &shard.state {
                let known = finished(detail);
                let damage = known.as_ref().and_then(|known| known.damage.clone());
                let unknown = Sums { records: *records, ..Sums::default() };
                let sums = known.map_or(unknown, |known| known.sums);
                report.files.push(FileReport { damage, ..already(&file, &shard, sums, *time) });
                continue;
            }
            // The same file named twice in one call is the same stream.
            let twice =
                done.iter().find(|(done, _): &&(Shard, Finished)| done.number == shard.number);
            if let Some((_, known)) = twice {
                let now = Utc::now().timestamp_micros();
                report.files.push(already(&file, &shard, known.sums.clone(), now));
                continue;
            }
            let before = report.sums.records;
            let name = file.name.clone();
            let files_done = report.files.len();
            let tell = |records| {
                progress(Progress { file: &name, files, files_done, records: before + records });
            };
            let (bytes, is_whole) = (file.content.bytes, file.content.is_whole);
            let one = self.one(file, &shard, hint, &tell).await?;
            report.sums.add(&one.sums);
            let (sums, damage) = (one.sums.clone(), one.damage.clone());
            done.push((shard, Finished { sums, bytes, is_whole, damage }));
            report.files.push(one);
        }
        self.pipeline.seal().await?;
        let rows: Vec<Shard> =
            done.into_iter().map(|(shard, finished)| mark(shard, &finished)).collect();
        self.lake.finish(&rows).await?;
        Ok(())
    }

    async fn one(
        &self,
        file: InputFile,
        shard: &Shard,
        hint: &str,
        tell: &(dyn Fn(i64) + Sync),
    ) -> Result<FileReport> {
        let (name, sha256) = (file.name.clone(), file.content.sha256.clone());
        let grown = file.content.grown_from.as_ref().is_some_and(|one| one.shard == shard.number);
        let snapshot = self.lake.snapshot();
        let number = shard.number;
        let finished = file.content.grown_from.as_ref().filter(|_| grown).map(|one| one.records);
        let finished = finished.unwrap_or_default();
        let resumed = blocking(move || Ok(Resumed::find(&snapshot, number, finished)?)).await?;
        if resumed.from > 0 || !resumed.standing.is_empty() {
            tracing::info!(import.name = %name, import.from = resumed.from, "going on with an interrupted import");
        }
        self.pipeline.standing(number, resumed.standing)?;
        let reading = Reading {
            shard: number,
            from: resumed.from,
            hint: hint.to_owned(),
            collector: Arc::from(name.as_str()),
            received: Utc::now().timestamp_micros().max(resumed.received),
            believed_until: believed_until(Clock::new(&self.lake.snapshot()).behind()),
            settings: self.read.clone(),
            chunk: CHUNK,
        };
        let before = grown.then_some(resumed.from);
        let mut sums = resumed.sums;
        let damage = read_file(file, reading, &self.pipeline, |some| {
            sums.add(some);
            tell(sums.records);
        })
        .await?;
        Ok(FileReport { name, sha256, shard: number, already: None, sums, damage, before })
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| IngestError::Worker(error.to_string()))?
}

fn already(file: &InputFile, shard: &Shard, sums: Sums, time: i64) -> FileReport {
    FileReport {
        name: file.name.clone(),
        sha256: file.content.sha256.clone(),
        shard: shard.number,
        already: DateTime::from_timestamp_micros(time),
        sums,
        damage: None,
        before: None,
    }
}

fn finished(detail: &str) -> Option<Finished> {
    serde_json::from_str(detail).ok()
}

/// Contents that a file may have grown from: those of complete imports that end
/// with a line.
fn earlier(shards: &[Shard]) -> Vec<Earlier> {
    let of = |shard: &Shard| {
        let ShardState::Finished { records, detail, .. } = &shard.state else { return None };
        let known = finished(detail).filter(|known| known.is_whole && known.damage.is_none())?;
        let sha256 = shard.stands_for.clone();
        Some(Earlier { shard: shard.number, records: *records, sha256, bytes: known.bytes })
    };
    shards.iter().filter(|shard| shard.kind == ShardKind::Import).filter_map(of).collect()
}

/// A file goes on with the stream that it has grown from, unless another one does:
/// then something lies behind its beginning that isn't its own.
fn stream(file: &InputFile, snapshot: &Snapshot) -> Stream {
    let grown_from = file.content.grown_from.as_ref();
    let continues = grown_from
        .filter(|earlier| {
            resume::sealed_end(snapshot, earlier.shard, earlier.records) == earlier.records
        })
        .map(|earlier| earlier.shard);
    Stream { continues, ..Stream::new(file.content.sha256.clone(), file.name.clone()) }
}

fn mark(shard: Shard, finished: &Finished) -> Shard {
    let state = ShardState::Finished {
        records: finished.sums.records,
        detail: serde_json::to_string(finished).unwrap_or_default(),
        time: Utc::now().timestamp_micros(),
    };
    Shard { state, ..shard }
}
