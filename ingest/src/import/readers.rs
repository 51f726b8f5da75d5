//! A file's blocks read by several threads and handed on in order. A block with a
//! record whose reading depends on earlier ones is read again, in order, by one
//! reader: what comes out doesn't depend on where blocks end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, mpsc};

use arrow::array::AsArray;
use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use arrow::datatypes::Int64Type;

use crate::error::{IngestError, Result};
use crate::input::file::InputFile;
use crate::input::records::{Form, Records, cut, lines};
use crate::tail::{Chunk, Piece, Pipeline, ReadSettings, Reader, Sums};

/// Records in a chunk.
pub(super) const CHUNK: usize = 16_384;
/// Chunks that may lie between the readers and the tail.
const IN_FLIGHT: usize = 8;

/// What is the same for every record of a file.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) shard: i32,
    /// The first record that isn't sealed yet.
    pub(crate) from: i64,
    pub(crate) hint: String,
    pub(crate) collector: Arc<str>,
    pub(crate) received: i64,
    /// Times up to this are believed, whatever the receipt.
    pub(crate) believed_until: i64,
    pub(crate) settings: ReadSettings,
    /// Records in a chunk.
    pub(crate) chunk: usize,
}

struct Block {
    number: usize,
    first_seq: i64,
    form: Form,
    bytes: Vec<u8>,
}

/// What became of a block.
enum Done {
    Read(Vec<Chunk>),
    /// It has to be read in order.
    InOrder(Block),
}

type Outcome = (usize, Result<Done>);

/// Reads a file into the pipeline; `told` gets the sum of every chunk. Returns
/// what was wrong with the file as a whole, if anything was.
pub(crate) async fn read_file(
    file: InputFile,
    reading: Reading,
    pipeline: &Pipeline,
    mut told: impl FnMut(&Sums),
) -> Result<Option<String>> {
    let (chunks, mut arriving) = tokio::sync::mpsc::channel::<Result<Chunk>>(IN_FLIGHT);
    let worker = tokio::task::spawn_blocking(move || {
        let result = run(&file, &reading, &chunks);
        result.unwrap_or_else(|error| {
            // The receiver is gone only if the import has failed already.
            let _ = chunks.blocking_send(Err(error));
            None
        })
    });
    let mut answers = std::collections::VecDeque::new();
    while let Some(chunk) = arriving.recv().await {
        answers.push_back(pipeline.chunk(chunk?)?);
        if answers.len() >= IN_FLIGHT
            && let Some(answer) = answers.pop_front()
        {
            told(&sums(answer).await?);
        }
    }
    for answer in answers {
        told(&sums(answer).await?);
    }
    worker.await.map_err(|error| IngestError::Worker(error.to_string()))
}

async fn sums(answer: tokio::sync::oneshot::Receiver<Sums>) -> Result<Sums> {
    answer.await.map_err(|_| {
        IngestError::Worker("the pipeline ended; its error was reported before".to_owned())
    })
}

type Sink = tokio::sync::mpsc::Sender<Result<Chunk>>;

fn run(file: &InputFile, reading: &Reading, sink: &Sink) -> Result<Option<String>> {
    let mut blocks = file.blocks()?;
    let form = blocks.form;
    let Some(first) = blocks.next()? else { return Ok(blocks.damage) };
    let all_in_order = needs_order(&first, form, reading);
    let threads =
        if all_in_order { 1 } else { std::thread::available_parallelism().map_or(1, usize::from) };
    let in_order = InOrder { file, reading, reader: None };

    let (to_read, queue) = mpsc::sync_channel::<Block>(threads);
    let queue = Arc::new(Mutex::new(queue));
    let (done, outcomes) = mpsc::sync_channel::<Outcome>(threads);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (queue, done) = (Arc::clone(&queue), done.clone());
            scope.spawn(move || {
                let mut reader = reading.reader();
                while let Some(block) = next_block(&queue) {
                    let number = block.number;
                    let outcome = if all_in_order {
                        Ok(Done::InOrder(block))
                    } else {
                        read_alone(&mut reader, block, reading)
                    };
                    if done.send((number, outcome)).is_err() {
                        return;
                    }
                }
            });
        }
        drop((queue, done));
        let feeder =
            scope.spawn(move || feed(&mut blocks, first, form, &to_read).map(|()| blocks.damage));
        hand_on(outcomes, in_order, sink)?;
        feeder.join().map_err(|_| IngestError::Worker("reading a file".to_owned()))?
    })
}

fn next_block(queue: &Mutex<mpsc::Receiver<Block>>) -> Option<Block> {
    queue.lock().ok()?.recv().ok()
}

fn needs_order(first: &[u8], form: Form, reading: &Reading) -> bool {
    let sources = &reading.settings.sources;
    let found = if reading.hint.is_empty() {
        records(first, form).next().and_then(|record| sources.recognise(record))
    } else {
        sources.find(&reading.hint)
    };
    // What can't be told yet may turn out to need it.
    found.is_none_or(|source| source.stateful)
}

fn records(bytes: &[u8], form: Form) -> Records<'_> {
    if form == Form::Lines { lines(bytes) } else { cut(bytes) }
}

impl Reading {
    fn reader(&self) -> Reader {
        let mut reader = Reader::new(self.settings.clone());
        reader.believe_until(self.believed_until);
        reader
    }
}

/// The one reader of records whose reading depends on earlier ones.
struct InOrder<'r> {
    file: &'r InputFile,
    reading: &'r Reading,
    reader: Option<Reader>,
}

impl InOrder<'_> {
    fn read(&mut self, block: &Block) -> Result<Vec<Chunk>> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            None => {
                let mut reader = self.reading.reader();
                survey(self.file, &mut reader, self.reading)?;
                self.reader.insert(reader)
            }
        };
        // It must see what is sealed already, too.
        let mut chunks = Vec::new();
        for chunk in read_block(reader, block, self.reading, i64::MIN, |_| false)? {
            chunks.extend(not_sealed(chunk, self.reading.from)?);
        }
        Ok(chunks)
    }
}

fn survey(file: &InputFile, reader: &mut Reader, reading: &Reading) -> Result<()> {
    let mut blocks = file.blocks()?;
    let form = blocks.form;
    while let Some(block) = blocks.next()? {
        reader.survey(reading.shard, reading.received, &reading.hint, records(&block, form));
    }
    Ok(())
}

fn feed(
    blocks: &mut crate::input::file::Blocks,
    first: Vec<u8>,
    form: Form,
    to_read: &mpsc::SyncSender<Block>,
) -> Result<()> {
    let mut next = Some(first);
    let mut first_seq = 0;
    let mut number = 0;
    while let Some(bytes) = next {
        let count = i64::try_from(records(&bytes, form).count()).unwrap_or_default();
        if to_read.send(Block { number, first_seq, form, bytes }).is_err() {
            return Ok(());
        }
        first_seq += count;
        number += 1;
        next = blocks.next()?;
    }
    Ok(())
}

/// Reads a block without what came before it, if that is nothing to any of its
/// records.
fn read_alone(reader: &mut Reader, block: Block, reading: &Reading) -> Result<Done> {
    let sealed = usize::try_from(reading.from.saturating_sub(block.first_seq)).unwrap_or_default();
    let is_stateful =
        |record| reading.settings.sources.recognise(record).is_some_and(|source| source.stateful);
    let sealed_needs_order =
        reading.hint.is_empty() && records(&block.bytes, block.form).take(sealed).any(is_stateful);
    if sealed_needs_order {
        return Ok(Done::InOrder(block));
    }
    let chunks = read_block(reader, &block, reading, reading.from, Reader::met_state)?;
    Ok(if reader.met_state() {
        // What this reader made of it is of no use, and neither is it itself.
        *reader = reading.reader();
        Done::InOrder(block)
    } else {
        Done::Read(chunks)
    })
}

/// The chunks of a block, from a record on, until there is no use in going on.
fn read_block(
    reader: &mut Reader,
    block: &Block,
    reading: &Reading,
    from: i64,
    useless: impl Fn(&Reader) -> bool,
) -> Result<Vec<Chunk>> {
    let mut pieces = (block.first_seq..)
        .zip(records(&block.bytes, block.form))
        .filter(|(seq, _)| *seq >= from)
        .map(|(seq, bytes)| Piece { seq, bytes })
        .peekable();
    let mut chunks = Vec::new();
    while pieces.peek().is_some() && !useless(reader) {
        let some = pieces.by_ref().take(reading.chunk);
        reader.read(reading.shard, &reading.collector, reading.received, &reading.hint, some);
        chunks.extend(reader.take()?);
    }
    Ok(chunks)
}

/// Puts the blocks' chunks into order and hands them on.
fn hand_on(
    outcomes: mpsc::Receiver<Outcome>,
    mut in_order: InOrder<'_>,
    sink: &Sink,
) -> Result<()> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (number, done) in outcomes {
        waiting.insert(number, done?);
        while let Some(done) = waiting.remove(&next) {
            next += 1;
            let chunks = match done {
                Done::Read(chunks) => chunks,
                Done::InOrder(block) => in_order.read(&block)?,
            };
            for chunk in chunks {
                if sink.blocking_send(Ok(chunk)).is_err() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// The part of a chunk that isn't sealed yet.
fn not_sealed(mut chunk: Chunk, from: i64) -> Result<Option<Chunk>> {
    if chunk.from >= from {
        return Ok(Some(chunk));
    }
    if chunk.to <= from {
        return Ok(None);
    }
    let later = |batch: &arrow::array::RecordBatch| -> BooleanArray {
        let seqs = batch.column_by_name("seq").and_then(|c| c.as_primitive_opt::<Int64Type>());
        let seqs = seqs.map_or(&[][..], |column| column.values());
        seqs.iter().map(|seq| Some(*seq >= from)).collect()
    };
    let kept = later(&chunk.events);
    chunk.ids = chunk
        .ids
        .into_iter()
        .zip(kept.values().iter())
        .filter(|(_, kept)| *kept)
        .map(|(id, _)| id)
        .collect();
    chunk.events = filter_record_batch(&chunk.events, &kept)?;
    chunk.set_aside = filter_record_batch(&chunk.set_aside, &later(&chunk.set_aside))?;
    chunk.from = from;
    Ok(Some(chunk))
}
