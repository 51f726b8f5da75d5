//! The log and the pipeline behind it, started together: what a server has and
//! an import doesn't.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use rollcall_lake::{Lake, LakeError, ShardKind, Stream, Table, create_private_directory};

use crate::error::{IngestError, Result};
use crate::input::listed::Listed;
use crate::input::records::count;
use crate::log::kafka::KafkaProducer;
use crate::log::{
    Batch, Frame, Layout, Log, LogError, LogSettings, LogStart, Marks, Recovered, Stored, recover,
};
use crate::source::Sources;
use crate::tail::{Pipeline, PipelineSettings};

/// Bytes whose records are counted at once; more would hold other clients up.
const INLINE: usize = 1 << 20;

/// The log and its pipeline, running.
#[derive(Debug)]
pub struct Intake {
    log: Arc<OnceLock<Log>>,
    /// Where records go instead.
    producer: Option<Arc<KafkaProducer>>,
    marks: Arc<Marks>,
    pipeline: Pipeline,
    sources: Sources,
}

/// What a start found in the log.
#[derive(Debug, Clone, Default)]
pub struct StartReport {
    /// Records that were acknowledged and not sealed; they are read again.
    pub replayed: i64,
    /// Bytes of a torn end that were cut off, with the file; they had not been
    /// acknowledged.
    pub torn: Option<(PathBuf, usize)>,
}

struct Epoch {
    directory: PathBuf,
    shard: i32,
    recovered: Recovered,
    sealed: i64,
}

impl Intake {
    /// Opens the log, hands what isn't sealed to the pipeline, and starts taking
    /// records: into its files, or by a `producer` to Kafka. `failed` is told, once, why
    /// they had to stop: then the process should end.
    ///
    /// # Errors
    /// If the log or the file of marks is damaged, or a file can't be read or written.
    pub async fn start(
        lake: Arc<Lake>,
        settings: PipelineSettings,
        log_settings: LogSettings,
        producer: Option<Arc<KafkaProducer>>,
        failed: impl Fn(String) + Clone + Send + 'static,
    ) -> Result<(Arc<Self>, StartReport)> {
        let marks = Arc::new(Marks::open(lake.directory().marks())?);
        let mut epochs = open_epochs(&lake).await?;
        let shards: HashSet<i32> = epochs.iter().map(|epoch| epoch.shard).collect();
        let log: Arc<OnceLock<Log>> = Arc::default();
        let sources = settings.read.sources.clone();
        let pipeline = Pipeline::start(
            Arc::clone(&lake),
            shards,
            settings,
            forgetting(&epochs, Arc::clone(&log)),
            {
                let failed = failed.clone();
                move |error: LakeError| failed(error.to_string())
            },
        )?;
        let mut report = StartReport::default();
        for epoch in &epochs {
            replay(&lake, &pipeline, &sources, epoch, &mut report).await?;
        }
        let current = epochs.last().map(|epoch| epoch.shard);
        for epoch in &epochs {
            marks.recovered(&epoch.recovered.frames, Some(epoch.shard) == current);
        }
        let Some(current) = epochs.pop() else {
            return Err(IngestError::Worker("the log has no epoch".to_owned()));
        };
        // The log alone holds bytes from before redaction: what is sealed goes.
        marks.save(current.sealed)?;
        for earlier in epochs.iter().filter(|epoch| epoch.recovered.next_seq <= epoch.sealed) {
            remove(&earlier.directory);
        }
        let frames = {
            let (pipeline, shard) = (pipeline.clone(), current.shard);
            move |frame: Frame| pipeline.frame(shard, frame)
        };
        let from = LogStart {
            directory: current.directory,
            next_seq: current.recovered.next_seq.max(current.sealed),
            last_received: current.recovered.last_received,
            files: current.recovered.files,
            marks: Arc::clone(&marks),
        };
        let started = Log::start(from, log_settings, frames, failed)?;
        started.forget(current.sealed);
        let log_now = Arc::clone(&log);
        log.get_or_init(|| started);
        Ok((Arc::new(Self { log: log_now, producer, marks, pipeline, sources }), report))
    }

    fn log(&self) -> Result<&Log, LogError> {
        self.log.get().ok_or_else(|| LogError::Closed("it was never started".to_owned()))
    }

    /// Stores a request durably.
    ///
    /// # Errors
    /// As [`Self::accept_batch`].
    pub async fn accept(
        &self,
        source: &str,
        collector: &str,
        payload: Bytes,
    ) -> Result<Stored, LogError> {
        self.store(Batch::told(source, collector, payload)).await
    }

    /// Stores records that were cut already, whatever they hold.
    ///
    /// # Errors
    /// As [`Self::accept_batch`].
    pub async fn accept_listed(
        &self,
        source: &str,
        collector: &str,
        records: Listed,
    ) -> Result<Stored, LogError> {
        self.store(Batch::listed(source, collector, records)).await
    }

    /// Stores a batch durably, together with how far its collector has come with it, where
    /// it follows something: after a crash both are there or neither is. Without a record
    /// the mark alone moves.
    ///
    /// # Errors
    /// If the log has stopped; or if the mark is longer than 64 KiB or the collector's
    /// name than 1 KiB.
    pub async fn accept_batch(&self, batch: &Batch) -> Result<Stored, LogError> {
        self.store(batch.clone()).await
    }

    async fn store(&self, mut batch: Batch) -> Result<Stored, LogError> {
        if batch.layout == Layout::Told {
            batch.count = counted(&batch.payload).await?;
        }
        let count = batch.count;
        if count == 0 {
            batch.payload = Bytes::new();
        }
        if count == 0 && batch.mark.is_none() {
            return Ok(Stored { count, end: self.durable_end() });
        }
        let Some(producer) = &self.producer else { return self.log()?.append(batch).await };
        if count > 0 {
            producer.store(&batch).await?;
        }
        if batch.mark.is_some() {
            // Behind its records: after a crash in between they are stored again.
            (batch.count, batch.payload) = (0, Bytes::new());
            self.log()?.append(batch).await?;
        }
        Ok(Stored { count, end: self.durable_end() })
    }

    /// The mark of a collector's newest durable records, if it ever had one.
    pub fn mark(&self, collector: &str) -> Option<String> {
        self.marks.newest(collector)
    }

    /// One past the last record of the log that is on disk.
    pub fn durable_end(&self) -> i64 {
        self.log.get().map_or(0, Log::durable_end)
    }

    /// Bytes that are on their way and not yet rows.
    pub fn backlog_bytes(&self) -> u64 {
        let read = self.pipeline.status().backlog_bytes.load(std::sync::atomic::Ordering::Relaxed);
        let sent = self.producer.as_ref().map_or(0, |producer| producer.in_flight());
        self.log.get().map_or(0, Log::waiting_bytes) + read + sent
    }

    /// Whether records go to Kafka, to be sealed by workers.
    pub const fn is_on_kafka(&self) -> bool {
        self.producer.is_some()
    }

    /// Bytes in the log's files.
    pub fn log_bytes(&self) -> u64 {
        self.log.get().map_or(0, Log::disk_bytes)
    }

    /// The sources that a request can name.
    pub const fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The pipeline.
    pub const fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// Seals everything that was acknowledged, and lets the log forget it.
    ///
    /// # Errors
    /// If the pipeline has stopped.
    pub async fn settle(&self) -> Result<()> {
        Ok(self.pipeline.seal().await?)
    }

    /// Seals everything that was acknowledged, and returns once the log's files that
    /// held it are deleted: nothing from before is left in its bytes as they were sent.
    ///
    /// # Errors
    /// If the pipeline or the log has stopped.
    pub async fn settle_for_good(&self) -> Result<()> {
        self.log()?.rotate().await;
        self.settle().await?;
        // Behind what the seal told it.
        self.log()?.rotate().await;
        Ok(())
    }

    /// Seals everything, then ends the log. No request may be running.
    ///
    /// # Errors
    /// If the pipeline has stopped; what is in the log stays there.
    pub async fn stop(&self) -> Result<()> {
        if let Some(producer) = &self.producer {
            producer.flush().await.map_err(LogError::from)?;
        }
        let sealed = self.pipeline.seal().await;
        if let Some(log) = self.log.get() {
            log.stop();
        }
        Ok(sealed?)
    }
}

/// Records in a payload.
async fn counted(payload: &Bytes) -> Result<u32, LogError> {
    let count = if payload.len() < INLINE {
        count(payload)
    } else {
        let payload = payload.clone();
        tokio::task::spawn_blocking(move || count(&payload))
            .await
            .map_err(|error| LogError::Closed(error.to_string()))?
    };
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Lets the log forget what is sealed: the current epoch file by file, an
/// earlier one as a whole.
fn forgetting(epochs: &[Epoch], log: Arc<OnceLock<Log>>) -> impl Fn(i32, i64) + Send + 'static {
    let current = epochs.last().map(|epoch| epoch.shard);
    let earlier: Vec<(i32, i64, PathBuf)> = epochs
        .iter()
        .filter(|epoch| Some(epoch.shard) != current)
        .map(|epoch| (epoch.shard, epoch.recovered.next_seq, epoch.directory.clone()))
        .collect();
    move |shard, end| {
        if Some(shard) == current {
            if let Some(log) = log.get() {
                log.forget(end);
            }
            return;
        }
        for (_, _, directory) in earlier.iter().filter(|(s, last, _)| *s == shard && end >= *last) {
            remove(directory);
        }
    }
}

fn remove(earlier: &Path) {
    if let Err(error) = fs::remove_dir_all(earlier) {
        tracing::warn!(file.path = %earlier.display(), error = %error,
            "an earlier log is sealed and can't be removed");
    }
}

/// Every epoch in the log directory, the one that takes new records last.
async fn open_epochs(lake: &Lake) -> Result<Vec<Epoch>> {
    let root = lake.directory().log();
    create_private_directory(&root)?;
    let mut names: Vec<String> = fs::read_dir(&root)
        .map_err(IngestError::file("can't list", &root))?
        .filter_map(|entry| entry.ok().filter(|e| e.path().is_dir()))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| uuid::Uuid::parse_str(name).is_ok())
        .collect();
    if names.is_empty() {
        // The number comes first: a directory without one would be a stream
        // that nothing accounts for.
        let name = uuid::Uuid::new_v4().to_string();
        lake.assign(ShardKind::Log, &[embedded(&name)]).await?;
        create_private_directory(&root.join(&name))?;
        names.push(name);
    }
    let streams: Vec<Stream> = names.iter().map(|name| embedded(name)).collect();
    let shards = lake.assign(ShardKind::Log, &streams).await?;
    let mut epochs = Vec::new();
    for (name, shard) in names.iter().zip(shards) {
        let directory = root.join(name);
        let mut recovered = recover(&directory)?;
        // The files may all be sealed and gone: time goes on from the last seal.
        let sealed_last = last_received(lake, shard.number);
        recovered.last_received = recovered.last_received.max(sealed_last);
        let (sealed, _) = lake.committed(shard.number).await?;
        epochs.push(Epoch { directory, shard: shard.number, recovered, sealed });
    }
    epochs.sort_by_key(|epoch| epoch.shard);
    Ok(epochs)
}

fn embedded(epoch: &str) -> Stream {
    Stream::new(epoch.to_owned(), "embedded log".to_owned())
}

/// The latest receipt of a shard in the lake, µs since 1970 UTC; of its files' other
/// shards where they share them.
pub(crate) fn last_received(lake: &Lake, shard: i32) -> i64 {
    // Of both tables: what came last may have given no row.
    let snapshot = lake.snapshot();
    let tables = [Table::Events, Table::SetAside].map(|table| snapshot.table(table).segments);
    tables
        .iter()
        .flat_map(|segments| segments.iter())
        .filter(|segment| segment.tags.ranges.iter().any(|range| range.shard == shard))
        .filter_map(|segment| segment.tags.received_max)
        .max()
        .unwrap_or_default()
}

async fn replay(
    lake: &Arc<Lake>,
    pipeline: &Pipeline,
    sources: &Sources,
    epoch: &Epoch,
    report: &mut StartReport,
) -> Result<()> {
    if let Some((path, at)) = &epoch.recovered.torn {
        tracing::warn!(file.path = %path.display(), file.offset = at,
            "the log's end was torn and has been cut off: after a kill or a power cut it had not been acknowledged; otherwise somebody cut the file");
        report.torn = Some((path.clone(), *at));
    }
    {
        let (lake, pipeline, sources) = (Arc::clone(lake), pipeline.clone(), sources.clone());
        let (shard, sealed) = (epoch.shard, epoch.sealed);
        tokio::task::spawn_blocking(move || pipeline.resume(&lake, &sources, shard, sealed))
            .await
            .map_err(|error| IngestError::Worker(error.to_string()))??;
    }
    pipeline.skip_below(epoch.shard, epoch.sealed)?;
    for frame in epoch.recovered.frames.iter().filter(|frame| frame.end() > epoch.sealed) {
        report.replayed += frame.end() - frame.first_seq.max(epoch.sealed);
        pipeline.frame(epoch.shard, frame.clone());
    }
    Ok(())
}
