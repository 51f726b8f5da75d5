//! A file's blocks read by several threads and handed on in order. A source
//! whose reading depends on earlier records is read by one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, mpsc};

use arrow::array::AsArray;
use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use arrow::datatypes::Int64Type;

use crate::error::{IngestError, Result};
use crate::input::file::InputFile;
use crate::input::records::{Form, Records, cut, lines};
use crate::source;
use crate::tail::{Chunk, Piece, Pipeline, ReadSettings, Reader, Sums};

/// Records in a chunk.
const CHUNK: usize = 16_384;
/// Chunks that may lie between the readers and the tail.
const IN_FLIGHT: usize = 8;

/// What is the same for every record of a file.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) shard: i32,
    /// The first record that isn't sealed yet.
    pub(crate) from: i64,
    pub(crate) hint: String,
    pub(crate) received: i64,
    pub(crate) settings: ReadSettings,
}

struct Block {
    number: usize,
    first_seq: i64,
    form: Form,
    bytes: Vec<u8>,
}

type Outcome = (usize, Result<Vec<Chunk>>);

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
    let in_order = needs_order(&first, form, &reading.hint);
    let mut reader = Reader::new(reading.settings.clone());
    if in_order {
        survey(file, &mut reader, reading)?;
    }
    let threads =
        if in_order { 1 } else { std::thread::available_parallelism().map_or(1, usize::from) };
    let mut readers = vec![reader];
    readers.resize_with(threads, || Reader::new(reading.settings.clone()));

    let (to_read, queue) = mpsc::sync_channel::<Block>(threads);
    let queue = Arc::new(Mutex::new(queue));
    let (done, outcomes) = mpsc::sync_channel::<Outcome>(threads);
    std::thread::scope(|scope| {
        for mut reader in readers {
            let (queue, done) = (Arc::clone(&queue), done.clone());
            scope.spawn(move || {
                while let Some(block) = next_block(&queue) {
                    let outcome =
                        (block.number, read_block(&mut reader, &block, reading, in_order));
                    if done.send(outcome).is_err() {
                        return;
                    }
                }
            });
        }
        drop((queue, done));
        let feeder =
            scope.spawn(move || feed(&mut blocks, first, form, &to_read).map(|()| blocks.damage));
        hand_on(outcomes, reading.from, sink)?;
        feeder.join().map_err(|_| IngestError::Worker("reading a file".to_owned()))?
    })
}

fn next_block(queue: &Mutex<mpsc::Receiver<Block>>) -> Option<Block> {
    queue.lock().ok()?.recv().ok()
}

fn needs_order(first: &[u8], form: Form, hint: &str) -> bool {
    let found = if hint.is_empty() {
        records(first, form).next().and_then(source::recognise)
    } else {
        source::find(hint)
    };
    // What can't be told yet may turn out to need it.
    found.is_none_or(|source| source.stateful)
}

fn records(bytes: &[u8], form: Form) -> Records<'_> {
    if form == Form::Lines { lines(bytes) } else { cut(bytes) }
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

fn read_block(
    reader: &mut Reader,
    block: &Block,
    reading: &Reading,
    in_order: bool,
) -> Result<Vec<Chunk>> {
    let collector = Arc::from("import");
    let mut pieces = (block.first_seq..)
        .zip(records(&block.bytes, block.form))
        // A reader with state must see what is sealed already, too.
        .filter(|(seq, _)| in_order || *seq >= reading.from)
        .map(|(seq, bytes)| Piece { seq, bytes })
        .peekable();
    let mut chunks = Vec::new();
    while pieces.peek().is_some() {
        let some = pieces.by_ref().take(CHUNK);
        reader.read(reading.shard, &collector, reading.received, &reading.hint, some);
        chunks.extend(reader.take()?);
    }
    Ok(chunks)
}

/// Puts the blocks' chunks into order and hands them on.
fn hand_on(outcomes: mpsc::Receiver<Outcome>, from: i64, sink: &Sink) -> Result<()> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (number, chunks) in outcomes {
        waiting.insert(number, chunks?);
        while let Some(chunks) = waiting.remove(&next) {
            next += 1;
            for chunk in chunks {
                let Some(chunk) = not_sealed(chunk, from)? else { continue };
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
