//! The one thread that owns the tail: it reads frames and chunks, judges them,
//! publishes what readers see, and seals.

mod replaying;
mod resuming;
mod stream;

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use chrono::Utc;
use rollcall_lake::{IdHasher, Known, Lake, LakeError, Sealed, Segment, Standing, Table};
use rollcall_schemas::Position;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::clock::{Clock, believed_until};
use super::judge::judge;
use super::reading::{Chunk, Piece, ReadSettings, Reader};
use super::sums::Sums;
use super::unsealed::Unsealed;
use crate::log::Frame;
pub(crate) use replaying::{Superseded, positions, without};
pub(crate) use stream::{Message, Messages, Run};

/// Records read before what they gave is published.
const PUBLISH_ROWS: usize = 16_384;
/// How far back duplicates are told, µs.
const REMEMBERED: i64 = 30 * 24 * 3_600_000_000;
/// Records that are read before it is looked at how many rows they gave.
const TOGETHER: usize = 128;

/// The receipt from which on ids are remembered, µs since 1970 UTC.
fn remembered_since() -> i64 {
    Utc::now().timestamp_micros() - REMEMBERED
}

/// When a tail is sealed.
#[derive(Debug, Clone)]
pub struct PipelineSettings {
    /// Rows that make it full.
    pub seal_rows: usize,
    /// Bytes of raw records that make it full.
    pub seal_bytes: usize,
    /// Longest time from its first row to its seal.
    pub seal_after: Duration,
    /// How records are read.
    pub read: ReadSettings,
}

/// Why the pipeline doesn't go on.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the pipeline has stopped: {0}")]
pub struct PipelineError(pub String);

/// What the pipeline is doing, for pages and `/metrics`.
#[derive(Debug, Default)]
pub struct PipelineStatus {
    /// Bytes that are durable and not yet read.
    pub backlog_bytes: AtomicU64,
    /// Rows in the tail.
    pub tail_rows: AtomicU64,
    /// Rows published since the start.
    pub rows: AtomicU64,
    /// Records quarantined since the start.
    pub quarantined: AtomicU64,
    /// Seals since the start.
    pub seals: AtomicU64,
    /// How far the clock is behind the newest sealed time of receipt, µs; 0 where
    /// it isn't. Then the rule against future times is off.
    pub clock_behind: AtomicI64,
    /// From the receipt of the oldest record of the newest rows to their showing, µs.
    pub visible_after: AtomicI64,
}

enum Command {
    Frame {
        shard: i32,
        frame: Frame,
    },
    Messages(Messages),
    Chunk {
        chunk: Chunk,
        answer: oneshot::Sender<Sums>,
    },
    Standing {
        shard: i32,
        verdicts: Standing,
    },
    Replay {
        chunk: Chunk,
        held: HashSet<Position>,
        answer: oneshot::Sender<Result<Superseded, LakeError>>,
    },
    Remember {
        source: &'static crate::source::Source,
        record: rollcall_schemas::Record,
        raw: Vec<u8>,
        part: i32,
    },
    /// A seal has ended; its result lies in a channel of its own, so that it can
    /// be awaited while everything else is held back.
    Wake,
    Seal(oneshot::Sender<()>),
    /// Where a shard stands in `events` and in `set_aside`, of which another process may
    /// seal the same records.
    Stands {
        shard: i32,
        ends: (i64, i64),
    },
    /// Files that other processes sealed.
    Foreign(Vec<Arc<Segment>>),
    /// Ends without sealing what is in the tail.
    End(oneshot::Sender<()>),
    /// Records of this shard before this one are sealed already.
    SkipBelow {
        shard: i32,
        seq: i64,
    },
}

/// The pipeline, running.
#[derive(Clone)]
pub struct Pipeline {
    commands: mpsc::Sender<Command>,
    status: Arc<PipelineStatus>,
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Pipeline {
    /// Starts the thread. `log_shards` are the shards whose position is kept in the
    /// tables' transactions; `sealed` is told up to where it is sealed; `failed`
    /// is told, once, why the pipeline had to stop.
    ///
    /// # Errors
    /// If the id files can't be read or the thread can't be started.
    pub fn start(
        lake: Arc<Lake>,
        log_shards: HashSet<i32>,
        settings: PipelineSettings,
        sealed: impl Fn(i32, i64) + Send + 'static,
        failed: impl FnOnce(LakeError) + Send + 'static,
    ) -> Result<Self, LakeError> {
        let hasher = IdHasher::new(&settings.read.identifier_key);
        let segments = lake.snapshot().table(Table::Events).segments;
        let index = lake.directory().index();
        if lake.is_worker() {
            Known::borrow_files(&index, &lake.directory().indexes_elsewhere())?;
        }
        let known = Known::open(&index, &segments, &hasher, remembered_since())?;
        let mut clock = Clock::new(&lake.snapshot());
        let (commands, inbox) = mpsc::channel();
        let (seal_results, seals) = mpsc::channel();
        let status = Arc::new(PipelineStatus {
            clock_behind: AtomicI64::new(clock.behind().unwrap_or_default()),
            ..PipelineStatus::default()
        });
        let mut worker = Worker {
            reader: Reader::new(settings.read.clone()),
            runtime: Handle::current(),
            lake,
            log_shards,
            settings,
            known,
            clock,
            standing: HashMap::new(),
            skip_below: HashMap::new(),
            read_to: HashMap::new(),
            stands: HashMap::new(),
            open: Unsealed::default(),
            sealing: None,
            collectors: HashMap::new(),
            answers: Vec::new(),
            unanswered: Vec::new(),
            waiting: Vec::new(),
            replies: Vec::new(),
            revised: Vec::new(),
            dirty: false,
            oldest: None,
            commands: commands.clone(),
            seal_results,
            seals,
            status: Arc::clone(&status),
            sealed: Box::new(sealed),
        };
        std::thread::Builder::new()
            .name("pipeline".to_owned())
            .spawn(move || {
                match panic::catch_unwind(AssertUnwindSafe(|| worker.run(&inbox))) {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => failed(error),
                    Err(_) => {
                        let reason = "the pipeline panicked; this is a bug of rollcall";
                        failed(LakeError::Worker(reason.to_owned()));
                    }
                }
                // Whoever waits for an answer is told that there is none after the reason is
                // known, never before.
                drop((worker, inbox));
            })
            .map_err(|error| LakeError::Worker(error.to_string()))?;
        Ok(Self { commands, status })
    }

    /// What it is doing.
    pub const fn status(&self) -> &Arc<PipelineStatus> {
        &self.status
    }

    /// Takes a durable frame of the log.
    pub fn frame(&self, shard: i32, frame: Frame) {
        let bytes = frame.payload.len() as u64;
        self.status.backlog_bytes.fetch_add(bytes, Ordering::Relaxed);
        if self.commands.send(Command::Frame { shard, frame }).is_err() {
            self.status.backlog_bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    /// Takes a chunk that was read elsewhere; the answer comes once readers see it.
    pub(crate) fn chunk(&self, chunk: Chunk) -> Result<oneshot::Receiver<Sums>, PipelineError> {
        let (answer, wait) = oneshot::channel();
        self.send(Command::Chunk { chunk, answer })?;
        Ok(wait)
    }

    /// Seals what is in the tail; returns when everything that was handed in
    /// before is sealed and published.
    ///
    /// # Errors
    /// If the pipeline has stopped.
    pub async fn seal(&self) -> Result<(), PipelineError> {
        let (answer, wait) = oneshot::channel();
        self.send(Command::Seal(answer))?;
        wait.await.map_err(|_| PipelineError("it ended before the seal".to_owned()))
    }

    /// Learns what other processes sealed: whether an event is stored already.
    ///
    /// # Errors
    /// If the pipeline has stopped.
    pub fn take_in(&self, segments: Vec<Arc<Segment>>) -> Result<(), PipelineError> {
        self.send(Command::Foreign(segments))
    }

    fn send(&self, command: Command) -> Result<(), PipelineError> {
        self.commands.send(command).map_err(|_| {
            PipelineError("its thread has ended; its error was reported before".to_owned())
        })
    }
}

struct Worker {
    lake: Arc<Lake>,
    runtime: Handle,
    log_shards: HashSet<i32>,
    settings: PipelineSettings,
    reader: Reader,
    known: Known,
    clock: Clock,
    standing: HashMap<i32, Standing>,
    skip_below: HashMap<i32, i64>,
    /// One past the last record that was read of each of the log's shards.
    read_to: HashMap<i32, i64>,
    /// Where the shards that other processes may seal as well stand in the tables.
    stands: HashMap<i32, (i64, i64)>,
    open: Unsealed,
    sealing: Option<Arc<Unsealed>>,
    collectors: HashMap<String, Arc<str>>,
    /// Chunks in the tail whose senders are told once readers see them.
    answers: Vec<(oneshot::Sender<Sums>, Sums)>,
    /// Whoever can't be answered any more: their end of it goes with the thread, once
    /// the reason is told.
    unanswered: Vec<Box<dyn Any + Send>>,
    /// Seals asked for that the running one doesn't cover.
    waiting: Vec<oneshot::Sender<()>>,
    /// Seals asked for that the running one covers.
    replies: Vec<oneshot::Sender<()>>,
    /// Positions replaced by rows that aren't published yet.
    revised: Vec<Position>,
    dirty: bool,
    /// Receipt of the oldest record of the log that was read and doesn't show, µs.
    oldest: Option<i64>,
    commands: mpsc::Sender<Command>,
    seal_results: mpsc::Sender<Result<Sealed, LakeError>>,
    seals: mpsc::Receiver<Result<Sealed, LakeError>>,
    status: Arc<PipelineStatus>,
    sealed: Box<dyn Fn(i32, i64) + Send>,
}

impl Worker {
    fn run(&mut self, inbox: &mpsc::Receiver<Command>) -> Result<(), LakeError> {
        loop {
            self.take_seals()?;
            let mut unpublished = 0;
            let mut next = match inbox.recv_timeout(self.patience()) {
                Ok(command) => Some(command),
                Err(mpsc::RecvTimeoutError::Timeout) => None,
                Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
            };
            while let Some(command) = next.take() {
                if let Command::End(answer) = command {
                    return self.end(answer);
                }
                unpublished += self.take(command)?;
                if unpublished < PUBLISH_ROWS {
                    next = inbox.try_recv().ok();
                }
            }
            self.publish()?;
            self.seal_if_due();
        }
    }

    /// How long to wait for the next command before looking at the clock.
    fn patience(&self) -> Duration {
        match self.open.since {
            Some(since) if self.sealing.is_none() && self.has_work() => self
                .settings
                .seal_after
                .saturating_sub(since.elapsed())
                .clamp(Duration::from_millis(1), Duration::from_secs(60)),
            _ => Duration::from_secs(60),
        }
    }

    /// Does one command; returns the rows that it added.
    fn take(&mut self, command: Command) -> Result<usize, LakeError> {
        if !matches!(command, Command::Frame { .. } | Command::Messages(_) | Command::Wake)
            && let Err(error) = self.flush()
        {
            self.unanswered.push(Box::new(command));
            return Err(error);
        }
        match command {
            Command::Frame { shard, frame } => self.frame(shard, &frame),
            Command::Messages(messages) => self.messages(&messages),
            Command::Stands { shard, ends } => {
                self.stands(shard, ends);
                Ok(0)
            }
            Command::Foreign(segments) => self.foreign(&segments).map(|()| 0),
            // Taken out before.
            Command::End(_) => Ok(0),
            Command::Chunk { chunk, answer } => match self.push(chunk) {
                Ok((rows, sums)) => {
                    self.answers.push((answer, sums));
                    Ok(rows)
                }
                Err(error) => {
                    self.unanswered.push(Box::new(answer));
                    Err(error)
                }
            },
            Command::Standing { shard, verdicts } => {
                self.standing.insert(shard, verdicts);
                Ok(0)
            }
            Command::Replay { chunk, held, answer } => {
                let replayed = self.replay(chunk, &held);
                let (told, failed) = match replayed {
                    Ok(superseded) => (Ok(superseded), Ok(0)),
                    // Its ids are remembered already, as of rows that aren't there.
                    Err(error) => (Err(LakeError::Worker(error.to_string())), Err(error)),
                };
                // The asker may have given up; what is sealed stays.
                let _ = answer.send(told);
                failed
            }
            Command::Remember { source, record, raw, part } => {
                self.reader.remember(source, &record, &raw, part);
                Ok(0)
            }
            Command::Wake => Ok(0),
            Command::SkipBelow { shard, seq } => {
                self.skip_below.insert(shard, seq);
                self.read_to.insert(shard, seq);
                Ok(0)
            }
            Command::Seal(answer) => {
                self.waiting.push(answer);
                Ok(0)
            }
        }
    }

    fn frame(&mut self, shard: i32, frame: &Frame) -> Result<usize, LakeError> {
        let collector = self
            .collectors
            .entry(frame.collector.clone())
            .or_insert_with(|| Arc::from(frame.collector.as_str()));
        let collector = Arc::clone(collector);
        let from = self.skip_below.get(&shard).copied().unwrap_or(i64::MIN);
        let records = frame.layout.records(&frame.payload);
        let mut pieces = (frame.first_seq..)
            .zip(records)
            .filter(|(seq, _)| *seq >= from)
            .map(|(seq, bytes)| Piece { seq, bytes })
            .peekable();
        if self.reader.shard().is_some_and(|before| before != shard) {
            self.flush()?;
        }
        self.note_gap(shard, frame.first_seq.max(from))?;
        self.read_to.insert(shard, frame.end());
        let behind = self.clock.behind();
        self.status.clock_behind.store(behind.unwrap_or_default(), Ordering::Relaxed);
        self.reader.believe_until(believed_until(behind));
        self.oldest.get_or_insert(frame.received);
        while pieces.peek().is_some() {
            let some = pieces.by_ref().take(TOGETHER);
            self.reader.read(shard, &collector, frame.received, &frame.source, some);
            // One request may give more rows than there is memory for.
            if self.reader.waiting() >= PUBLISH_ROWS {
                self.publish()?;
                self.take_seals()?;
            }
        }
        self.status.backlog_bytes.fetch_sub(frame.payload.len() as u64, Ordering::Relaxed);
        Ok(usize::try_from(frame.count).unwrap_or_default())
    }

    /// Puts what was read into the tail. Frames are read one after the other into
    /// the same columns: a batch a request would be small and many.
    fn flush(&mut self) -> Result<(), LakeError> {
        match self.reader.take()? {
            Some(chunk) => self.push(chunk).map(|_| ()),
            None => Ok(()),
        }
    }

    fn push(&mut self, chunk: Chunk) -> Result<(usize, Sums), LakeError> {
        let standing = self.standing.entry(chunk.shard).or_default();
        let judged = judge(chunk, &mut self.known, standing)?;
        self.revised.extend(&judged.revised);
        let sums = judged.sums.clone();
        let before = self.open.rows;
        self.open.push(judged)?;
        self.dirty = true;
        self.status.quarantined.fetch_add(sums.quarantined.unsigned_abs(), Ordering::Relaxed);
        Ok((self.open.rows - before, sums))
    }

    fn publish(&mut self) -> Result<(), LakeError> {
        self.flush()?;
        if std::mem::take(&mut self.dirty) {
            let tail = self.open.tail(self.sealing.as_deref());
            let rows = tail.event_rows() as u64;
            let before = self.status.tail_rows.swap(rows, Ordering::Relaxed);
            self.status.rows.fetch_add(rows.saturating_sub(before), Ordering::Relaxed);
            self.lake.publish_tail(tail, &std::mem::take(&mut self.revised))?;
            if let Some(received) = self.oldest.take() {
                let after = Utc::now().timestamp_micros().saturating_sub(received);
                self.status.visible_after.store(after.max(0), Ordering::Relaxed);
            }
        }
        for (answer, sums) in self.answers.drain(..) {
            // The importer may have given up; its rows stay.
            let _ = answer.send(sums);
        }
        Ok(())
    }

    /// Whether there is anything to seal.
    fn has_work(&self) -> bool {
        !self.open.is_empty(|shard| self.log_shards.contains(&shard))
    }

    fn seal_if_due(&mut self) {
        if self.sealing.is_some() {
            return;
        }
        if !self.has_work() {
            for answer in self.waiting.drain(..) {
                let _ = answer.send(());
            }
            return;
        }
        let full = self.open.rows >= self.settings.seal_rows
            || self.open.bytes >= self.settings.seal_bytes
            || self.open.since.is_some_and(|since| since.elapsed() >= self.settings.seal_after);
        if full || !self.waiting.is_empty() {
            self.start_seal();
        }
    }

    fn start_seal(&mut self) {
        let sealing = Arc::new(std::mem::take(&mut self.open));
        let mut input = sealing.seal_input(|shard| self.log_shards.contains(&shard));
        input.expected = self.expected(&input.positions);
        self.sealing = Some(sealing);
        self.replies.append(&mut self.waiting);
        let (lake, commands) = (Arc::clone(&self.lake), self.commands.clone());
        let results = self.seal_results.clone();
        let seal = self.runtime.spawn(async move { lake.seal(input).await });
        self.runtime.spawn(async move {
            let panicked = |error: tokio::task::JoinError| LakeError::Worker(error.to_string());
            let result = seal.await.map_err(panicked).flatten();
            // The pipeline only ends together with the process.
            let _ = results.send(result);
            let _ = commands.send(Command::Wake);
        });
    }

    /// Takes in seals that have ended. When as much again has come in as fills a
    /// tail, waits for the running one: memory stays flat, the backlog grows, and
    /// the inputs turn clients away.
    fn take_seals(&mut self) -> Result<(), LakeError> {
        while let Ok(result) = self.seals.try_recv() {
            self.finish_seal(&result?)?;
        }
        let full = self.open.rows >= self.settings.seal_rows
            || self.open.bytes >= self.settings.seal_bytes;
        if full
            && self.sealing.is_some()
            && let Ok(result) = self.seals.recv()
        {
            self.finish_seal(&result?)?;
        }
        self.seal_if_due();
        Ok(())
    }

    fn finish_seal(&mut self, sealed: &Sealed) -> Result<(), LakeError> {
        // Revisions that aren't published yet may point into the new file.
        self.publish()?;
        let Some(done) = self.sealing.take() else { return Ok(()) };
        for segment in sealed.events.iter().chain(&sealed.set_aside) {
            self.clock.sealed(segment.tags.received_max);
        }
        let tail = self.open.tail(None);
        self.status.tail_rows.store(tail.event_rows() as u64, Ordering::Relaxed);
        self.lake.publish_sealed(sealed, tail);
        if let Some(segment) = &sealed.events {
            let is_sealed = |at: Position| done.end(at.shard).is_some_and(|end| at.seq < end);
            self.known.sealed(segment, remembered_since(), is_sealed)?;
        }
        self.status.seals.fetch_add(1, Ordering::Relaxed);
        self.moved_on(&done);
        for shard in &self.log_shards {
            if let Some(end) = done.end(*shard) {
                (self.sealed)(*shard, end);
            }
        }
        for answer in self.replies.drain(..) {
            let _ = answer.send(());
        }
        Ok(())
    }
}
