//! Group commit: one thread gathers what is waiting, writes it once, calls
//! fdatasync once, then acknowledges it all and hands the frames to the reader.

use std::fs::{self, File};
use std::io::{IoSlice, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use chrono::Utc;
use tokio::sync::oneshot;

use super::file::{self, Created, HEADER};
use super::{Batch, Frame, LogError, Marks};

/// How the log behaves.
#[derive(Debug, Clone, Copy)]
pub struct LogSettings {
    /// A file that is longer is closed and a new one begun, bytes.
    pub file_bytes: u64,
    /// Most bytes of one group.
    pub group_bytes: usize,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { file_bytes: 64 << 20, group_bytes: 16 << 20 }
    }
}

/// A request that is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Records in it.
    pub count: u32,
    /// One past its last record in the log.
    pub end: i64,
}

/// Where a log goes on.
#[derive(Debug)]
pub struct LogStart {
    /// Where its files lie.
    pub directory: PathBuf,
    /// The next record's number.
    pub next_seq: i64,
    /// The latest time of receipt, µs since 1970 UTC.
    pub last_received: i64,
    /// Files that are there, each with one past its last record.
    pub files: Vec<(PathBuf, i64)>,
    /// How far its inputs have come.
    pub marks: Arc<Marks>,
}

enum Command {
    Append(Batch, oneshot::Sender<Result<Stored, LogError>>),
    /// Everything up to here is sealed: files that hold nothing later may go.
    Forget(i64),
    /// What comes next goes into a new file; answered once what came before is done.
    Rotate(oneshot::Sender<()>),
    Stop,
}

/// The log, open for writing.
#[derive(Debug)]
pub struct Log {
    commands: mpsc::Sender<Command>,
    thread: Mutex<Option<JoinHandle<()>>>,
    waiting: Arc<AtomicU64>,
    on_disk: Arc<AtomicU64>,
    durable: Arc<AtomicI64>,
}

impl Log {
    /// Starts the writing thread. `frames` gets every frame once it is durable;
    /// `closed` is called once, with the reason, if the log has to stop.
    ///
    /// # Errors
    /// If the thread can't be started, or a file can't be opened.
    pub fn start(
        from: LogStart,
        settings: LogSettings,
        frames: impl Fn(Frame) + Send + 'static,
        closed: impl FnOnce(String) + Send + 'static,
    ) -> Result<Self, LogError> {
        let LogStart { directory, next_seq, last_received, mut files, marks } = from;
        let (commands, inbox) = mpsc::channel();
        let waiting = Arc::new(AtomicU64::new(0));
        let size = |(path, _): &(PathBuf, i64)| fs::metadata(path).map_or(0, |file| file.len());
        let on_disk = Arc::new(AtomicU64::new(files.iter().map(size).sum()));
        let durable = Arc::new(AtomicI64::new(next_seq));
        let mut writer = Writer {
            directory: directory.clone(),
            next_seq,
            last_received,
            settings,
            current: goes_on(&mut files, next_seq)?,
            closed_files: files,
            sealed: i64::MIN,
            marks,
            waiting: Arc::clone(&waiting),
            on_disk: Arc::clone(&on_disk),
            durable: Arc::clone(&durable),
            stops: false,
        };
        let thread = std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || {
                let ended = panic::catch_unwind(AssertUnwindSafe(|| writer.run(&inbox, &frames)));
                let reason = match ended {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "the log's thread panicked; this is a bug of rollcall".to_owned(),
                };
                closed(reason.clone());
                // What was to be done together with what failed was taken out already.
                if !writer.stops {
                    refuse(&inbox, &reason);
                }
            })
            .map_err(LogError::file("can't start a thread for", directory))?;
        Ok(Self { commands, thread: Mutex::new(Some(thread)), waiting, on_disk, durable })
    }

    /// Appends a request; returns once it is on disk.
    ///
    /// # Errors
    /// If the log has stopped taking records, or the mark is too long.
    pub async fn append(&self, batch: Batch) -> Result<Stored, LogError> {
        batch.check()?;
        let (answer, wait) = oneshot::channel();
        let bytes = batch.payload.len() as u64;
        self.waiting.fetch_add(bytes, Ordering::Relaxed);
        if self.commands.send(Command::Append(batch, answer)).is_err() {
            self.waiting.fetch_sub(bytes, Ordering::Relaxed);
            return Err(LogError::Closed("its thread has ended".to_owned()));
        }
        wait.await.unwrap_or_else(|_| Err(LogError::Closed("its thread has ended".to_owned())))
    }

    /// Tells the log that everything before `sealed` is sealed.
    pub fn forget(&self, sealed: i64) {
        // A log that has ended deletes nothing, which loses nothing.
        let _ = self.commands.send(Command::Forget(sealed));
    }

    /// Ends the current file: what comes next goes into a new one. Returns once
    /// everything that the log was told before is done.
    pub async fn rotate(&self) {
        let (answer, wait) = oneshot::channel();
        // A log that has ended writes to no file.
        if self.commands.send(Command::Rotate(answer)).is_ok() {
            let _ = wait.await;
        }
    }

    /// Bytes that wait to be written.
    pub fn waiting_bytes(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// One past the last record that is on disk.
    pub fn durable_end(&self) -> i64 {
        self.durable.load(Ordering::Acquire)
    }

    /// Bytes in the log's files.
    pub fn disk_bytes(&self) -> u64 {
        self.on_disk.load(Ordering::Relaxed)
    }

    /// Writes what is waiting and ends the thread.
    pub fn stop(&self) {
        let _ = self.commands.send(Command::Stop);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

fn refuse(inbox: &mpsc::Receiver<Command>, reason: &str) {
    while let Ok(command) = inbox.recv() {
        match command {
            Command::Append(_, answer) => {
                let _ = answer.send(Err(LogError::Closed(reason.to_owned())));
            }
            Command::Forget(_) => {}
            Command::Rotate(answer) => {
                let _ = answer.send(());
            }
            Command::Stop => return,
        }
    }
}

struct Current {
    file: File,
    path: PathBuf,
    mask: u64,
    bytes: u64,
    /// Number of its first record, whether it holds one or marks alone.
    first_seq: i64,
}

/// A file that holds marks alone takes more: the next would have its name.
fn goes_on(files: &mut Vec<(PathBuf, i64)>, next_seq: i64) -> Result<Option<Current>, LogError> {
    let name = file::name(next_seq);
    let last = files.pop_if(|(path, _)| path.file_name().is_some_and(|n| n == name.as_str()));
    let Some((path, _)) = last else { return Ok(None) };
    let (Created { file, path, mask }, bytes) = file::reopen(&path)?;
    Ok(Some(Current { file, path, mask, bytes, first_seq: next_seq }))
}

struct Writer {
    directory: PathBuf,
    next_seq: i64,
    last_received: i64,
    settings: LogSettings,
    current: Option<Current>,
    /// Files that take no more, with one past the last record of each.
    closed_files: Vec<(PathBuf, i64)>,
    /// Up to where it was told that records are sealed.
    sealed: i64,
    marks: Arc<Marks>,
    waiting: Arc<AtomicU64>,
    on_disk: Arc<AtomicU64>,
    /// One past the last record that is on disk.
    durable: Arc<AtomicI64>,
    /// Whether it was told to end.
    stops: bool,
}

type Waiting = (Frame, oneshot::Sender<Result<Stored, LogError>>);

impl Writer {
    fn run(
        &mut self,
        inbox: &mpsc::Receiver<Command>,
        frames: &impl Fn(Frame),
    ) -> Result<(), LogError> {
        while let Ok(first) = inbox.recv() {
            let mut group = Vec::new();
            let mut forget = None;
            let mut rotated = Vec::new();
            let mut bytes = 0;
            let mut next = Some(first);
            while let Some(command) = next.take() {
                match command {
                    Command::Append(batch, answer) => {
                        bytes += batch.payload.len();
                        group.push((self.number(batch), answer));
                    }
                    Command::Forget(sealed) => forget = Some(sealed),
                    Command::Rotate(answer) => rotated.push(answer),
                    Command::Stop => self.stops = true,
                }
                if bytes < self.settings.group_bytes && !self.stops {
                    next = inbox.try_recv().ok();
                }
            }
            if !group.is_empty() {
                self.commit(group, frames)?;
            }
            if let Some(sealed) = forget.or(self.full_of_marks().then_some(self.sealed)) {
                self.forget(sealed)?;
            }
            if !rotated.is_empty() {
                self.close_current(self.next_seq);
            }
            for answer in rotated {
                // Who asked may have gone away.
                let _ = answer.send(());
            }
            if self.stops {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Gives a request its numbers and its time of receipt, never earlier than
    /// the one before.
    fn number(&mut self, batch: Batch) -> Frame {
        let received = Utc::now().timestamp_micros().max(self.last_received);
        self.last_received = received;
        let first_seq = self.next_seq;
        self.next_seq += i64::from(batch.count);
        Frame {
            first_seq,
            count: batch.count,
            received,
            source: batch.source,
            collector: batch.collector,
            layout: batch.layout,
            mark: batch.mark.map(|text| self.marks.number(text)),
            payload: batch.payload,
        }
    }

    fn commit(&mut self, group: Vec<Waiting>, frames: &impl Fn(Frame)) -> Result<(), LogError> {
        let bytes: u64 = group.iter().map(|(frame, _)| frame.payload.len() as u64).sum();
        let written = self.write(&group);
        self.waiting.fetch_sub(bytes, Ordering::Relaxed);
        match written {
            Ok(()) => {
                for (frame, answer) in group {
                    let stored = Stored { count: frame.count, end: frame.end() };
                    if let Some(mark) = &frame.mark {
                        self.marks.take(&frame.collector, stored.end, mark);
                    }
                    self.durable.store(stored.end, Ordering::Release);
                    frames(frame);
                    // A client that has gone away gets no answer; its records stay.
                    let _ = answer.send(Ok(stored));
                }
                Ok(())
            }
            Err(error) => {
                // After a failed write or fsync nothing that the system says of
                // this file can be believed: no retry, the process ends.
                let reason = error.to_string();
                for (_, answer) in group {
                    let _ = answer.send(Err(LogError::Closed(reason.clone())));
                }
                Err(error)
            }
        }
    }

    fn write(&mut self, group: &[Waiting]) -> Result<(), LogError> {
        let full = self.current.as_ref().is_some_and(|c| c.bytes >= self.settings.file_bytes);
        if full {
            let end = group.first().map_or(self.next_seq, |(frame, _)| frame.first_seq);
            self.close_current(end);
        }
        let current = match &mut self.current {
            Some(current) => current,
            none => {
                let first = group.first().map_or(self.next_seq, |(frame, _)| frame.first_seq);
                let Created { file, path, mask } = file::create(&self.directory, first)?;
                self.on_disk.fetch_add(HEADER as u64, Ordering::Relaxed);
                let bytes = HEADER as u64;
                none.insert(Current { file, path, mask, bytes, first_seq: first })
            }
        };
        let heads: Vec<Vec<u8>> =
            group.iter().map(|(frame, _)| frame.head(current.bytes, current.mask)).collect();
        let mut slices: Vec<IoSlice<'_>> = heads
            .iter()
            .zip(group)
            .flat_map(|(head, (frame, _))| [IoSlice::new(head), IoSlice::new(&frame.payload)])
            .collect();
        let written: u64 = slices.iter().map(|slice| slice.len() as u64).sum();
        write_all(&mut current.file, &mut slices)
            .map_err(LogError::file("can't write", &current.path))?;
        current.file.sync_data().map_err(LogError::file("can't fdatasync", &current.path))?;
        current.bytes += written;
        self.on_disk.fetch_add(written, Ordering::Relaxed);
        Ok(())
    }

    /// Ends the current file, unless it holds marks alone: the next would have its name.
    fn close_current(&mut self, end: i64) {
        if let Some(current) = self.current.take_if(|current| current.first_seq < end) {
            self.closed_files.push((current.path, end));
        }
    }

    /// Whether the current file could be closed but for its name. It goes once all before
    /// it is sealed, of which the log isn't told a second time.
    fn full_of_marks(&self) -> bool {
        self.current.as_ref().is_some_and(|current| {
            current.bytes >= self.settings.file_bytes && current.first_seq == self.next_seq
        })
    }

    /// Deletes files whose every record is sealed: the log alone holds bytes
    /// from before redaction, so none stays longer than it must. What marks say
    /// of them is written elsewhere first.
    fn forget(&mut self, sealed: i64) -> Result<(), LogError> {
        self.sealed = self.sealed.max(sealed);
        self.marks.save(self.sealed)?;
        if sealed >= self.next_seq
            && let Some(current) = self.current.take()
        {
            self.closed_files.push((current.path, self.next_seq));
        }
        let (done, kept): (Vec<_>, Vec<_>) =
            self.closed_files.drain(..).partition(|(_, end)| *end <= sealed);
        self.closed_files = kept;
        for (path, _) in &done {
            remove(path, &self.on_disk)?;
        }
        if !done.is_empty() {
            File::open(&self.directory)
                .and_then(|directory| directory.sync_all())
                .map_err(LogError::file("can't fsync the directory", &self.directory))?;
        }
        Ok(())
    }
}

fn remove(path: &Path, on_disk: &AtomicU64) -> Result<(), LogError> {
    let bytes = fs::metadata(path).map(|file| file.len()).unwrap_or_default();
    fs::remove_file(path).map_err(LogError::file("can't remove", path))?;
    let _ = on_disk
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |all| Some(all.saturating_sub(bytes)));
    Ok(())
}

fn write_all(file: &mut File, mut slices: &mut [IoSlice<'_>]) -> std::io::Result<()> {
    // The kernel takes at most 1,024 pieces a call.
    while !slices.is_empty() {
        let some = slices.len().min(1024);
        let written = match file.write_vectored(slices.get(..some).unwrap_or(slices)) {
            // A signal came before anything was written.
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            written => written?,
        };
        if written == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        IoSlice::advance_slices(&mut slices, written);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
