//! Answers to rollcall's own questions, kept for as long as what was read for
//! them is the same. Files never change, so what was counted over a sealed day
//! is counted once. Who asks what another is already asking waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use datafusion::arrow::array::RecordBatch;

use super::Session;
use super::read::Read;
use super::shared::Shared;
use crate::error::Result;
use crate::result::Point;

/// What is kept, in bytes.
const LIMIT_BYTES: usize = 64 << 20;

/// How much memory a value takes, in bytes.
pub(crate) trait Weigh {
    /// Roughly.
    fn bytes(&self) -> usize;
}

impl Weigh for Vec<RecordBatch> {
    fn bytes(&self) -> usize {
        self.iter().map(RecordBatch::get_array_memory_size).sum()
    }
}

impl Weigh for Vec<Point> {
    fn bytes(&self) -> usize {
        self.len() * (size_of::<Point>() + 32)
    }
}

struct Answer<T> {
    value: Arc<T>,
    reads: Vec<(Read, u64)>,
    /// The snapshot that it was last found to hold for.
    holds_for: Weak<Shared>,
}

type Slot<T> = Arc<tokio::sync::Mutex<Option<Answer<T>>>>;

struct Entry<T> {
    slot: Slot<T>,
    bytes: usize,
    used: u64,
}

struct Entries<T> {
    by_question: HashMap<String, Entry<T>>,
    bytes: usize,
    clock: u64,
}

/// What was read for an answer was read by whoever stands on it.
fn tell(session: &Session, reads: &[(Read, u64)]) {
    if let Some(trace) = &session.world().trace {
        reads.iter().for_each(|(read, state)| trace.note(read.clone(), *state));
    }
}

/// Answers by question.
pub(crate) struct Kept<T>(Mutex<Entries<T>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(Entries { by_question: HashMap::new(), bytes: 0, clock: 0 }))
    }
}

impl<T> std::fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Kept").field("bytes", &entries.bytes).finish_non_exhaustive()
    }
}

impl<T: Weigh + Send + Sync> Kept<T> {
    /// The answer to a question: what is kept, if it still holds, else what
    /// `ask` gives. `question` names everything but the data that the answer
    /// depends on.
    pub(crate) async fn answer<F>(
        &self,
        session: &Session,
        question: String,
        ask: impl FnOnce(Session) -> F,
    ) -> Result<Arc<T>>
    where
        F: Future<Output = Result<T>>,
    {
        let world = session.world();
        // Any query may ask where an address is: no table says that it did.
        let question = format!("{question} {:x}", world.geo.state());
        let slot = self.slot(&question);
        let mut held = slot.lock().await;
        if let Some(answer) = held.as_mut() {
            let same = answer.holds_for.upgrade();
            let same = same.is_some_and(|shared| Arc::ptr_eq(&shared, &world.shared));
            if same || world.is_as_it_was(&answer.reads).await {
                answer.holds_for = Arc::downgrade(&world.shared);
                tell(session, &answer.reads);
                return Ok(Arc::clone(&answer.value));
            }
        }
        *held = None;
        let (traced, trace) = session.traced();
        let value = Arc::new(ask(traced).await?);
        let bytes = value.bytes() + question.len();
        let reads = trace.reads();
        tell(session, &reads);
        *held = Some(Answer {
            value: Arc::clone(&value),
            reads,
            holds_for: Arc::downgrade(&world.shared),
        });
        drop(held);
        self.weigh(&question, bytes);
        Ok(value)
    }

    fn slot(&self, question: &str) -> Slot<T> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.clock += 1;
        let used = entries.clock;
        let entry = entries.by_question.entry(question.to_owned());
        let entry = entry.or_insert_with(|| Entry { slot: Slot::default(), bytes: 0, used });
        entry.used = used;
        Arc::clone(&entry.slot)
    }

    /// Notes how large an answer is, and drops those that weren't asked for
    /// longest where it gets too much.
    fn weigh(&self, question: &str, bytes: usize) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = entries.by_question.get_mut(question) else { return };
        let before = std::mem::replace(&mut entry.bytes, bytes);
        entries.bytes = (entries.bytes + bytes).saturating_sub(before);
        while entries.bytes > LIMIT_BYTES {
            let oldest = entries.by_question.iter().min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(question, _)| question.clone()) else { return };
            let dropped = entries.by_question.remove(&oldest).map_or(0, |entry| entry.bytes);
            entries.bytes = entries.bytes.saturating_sub(dropped);
        }
    }
}
