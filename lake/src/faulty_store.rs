//! An object store that fails as remote ones do, in front of ours; and seals over
//! it. Whatever the store does, each row is committed once, after a restart at most.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use object_store::path::Path as StorePath;
use object_store::{
    CopyOptions, Error as StoreError, GetOptions, GetResult, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result as StoreResult,
};

/// What a store does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// 503: nothing is done.
    Busy,
    /// It is done, and the answer is lost.
    Lost,
    /// It is done, the answer is lost, and the client's second try is told that
    /// something is there: 412.
    Taken,
    /// A list leaves out what came last.
    Stale,
}

/// What goes wrong: each at the first operation, from its number on, that can go
/// wrong so.
#[derive(Debug, Default)]
struct Plan {
    faults: Mutex<Vec<(usize, Fault)>>,
    made: AtomicUsize,
    met: AtomicUsize,
}

impl Plan {
    fn next(&self, possible: &[Fault]) -> Option<Fault> {
        let number = self.made.fetch_add(1, Ordering::SeqCst);
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = |(from, fault): &(usize, Fault)| *from <= number && possible.contains(fault);
        let (_, fault) = faults.iter().position(is_due).map(|at| faults.remove(at))?;
        self.met.fetch_add(1, Ordering::SeqCst);
        Some(fault)
    }
}

static PLANS: Mutex<BTreeMap<PathBuf, Arc<Plan>>> = Mutex::new(BTreeMap::new());

/// The store of a table, with faults in front of it where a test has planned some
/// for its data directory.
pub(crate) fn over(store: Arc<dyn ObjectStore>, table: &Path) -> Arc<dyn ObjectStore> {
    let plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    match table.parent().and_then(|data| plans.get(data)) {
        Some(plan) => Arc::new(FaultyStore { inner: store, plan: Arc::clone(plan) }),
        None => store,
    }
}

#[derive(Debug)]
struct FaultyStore {
    inner: Arc<dyn ObjectStore>,
    plan: Arc<Plan>,
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaultyStore")
    }
}

fn failed(what: &str) -> StoreError {
    StoreError::Generic { store: "FaultyStore", source: what.into() }
}

impl FaultyStore {
    fn busy(&self) -> StoreResult<()> {
        match self.plan.next(&[Fault::Busy]) {
            Some(_) => Err(failed("503 Slow Down")),
            None => Ok(()),
        }
    }

    fn listed(
        &self,
        list: BoxStream<'static, StoreResult<ObjectMeta>>,
    ) -> BoxStream<'static, StoreResult<ObjectMeta>> {
        match self.plan.next(&[Fault::Busy, Fault::Stale]) {
            Some(Fault::Busy) => stream::iter([Err(failed("503 Slow Down"))]).boxed(),
            Some(_) => stream::once(async move {
                let mut all: Vec<_> = list.collect().await;
                let name = |meta: &StoreResult<ObjectMeta>| {
                    meta.as_ref().map(|meta| meta.location.to_string()).unwrap_or_default()
                };
                all.sort_by_key(name);
                all.pop();
                stream::iter(all)
            })
            .flatten()
            .boxed(),
            None => list,
        }
    }
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(
        &self,
        location: &StorePath,
        payload: PutPayload,
        options: PutOptions,
    ) -> StoreResult<PutResult> {
        let fault = self.plan.next(&[Fault::Busy, Fault::Lost, Fault::Taken]);
        if fault == Some(Fault::Busy) {
            return Err(failed("503 Slow Down"));
        }
        let put = self.inner.put_opts(location, payload, options).await?;
        match fault {
            None => Ok(put),
            Some(Fault::Taken) => Err(StoreError::AlreadyExists {
                path: location.to_string(),
                source: "412 Precondition Failed".into(),
            }),
            Some(_) => Err(failed("the connection was closed before an answer came")),
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &StorePath,
        options: PutMultipartOptions,
    ) -> StoreResult<Box<dyn MultipartUpload>> {
        self.busy()?;
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &StorePath, options: GetOptions) -> StoreResult<GetResult> {
        self.busy()?;
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(
        &self,
        location: &StorePath,
        ranges: &[Range<u64>],
    ) -> StoreResult<Vec<Bytes>> {
        self.busy()?;
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, StoreResult<StorePath>>,
    ) -> BoxStream<'static, StoreResult<StorePath>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&StorePath>) -> BoxStream<'static, StoreResult<ObjectMeta>> {
        self.listed(self.inner.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&StorePath>,
        offset: &StorePath,
    ) -> BoxStream<'static, StoreResult<ObjectMeta>> {
        self.listed(self.inner.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&StorePath>) -> StoreResult<ListResult> {
        self.busy()?;
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &StorePath,
        to: &StorePath,
        options: CopyOptions,
    ) -> StoreResult<()> {
        self.busy()?;
        self.inner.copy_opts(from, to, options).await
    }
}

mod tests {
    use arrow::array::AsArray;
    use arrow::datatypes::Int64Type;
    use rollcall_schemas::{Event, EventRows, Record};

    use super::*;
    use crate::directory::Access;
    use crate::lake::Lake;
    use crate::read::read_rows;
    use crate::seal::SealInput;
    use crate::table::Table;
    use crate::tags::ShardRange;

    const ROWS: i64 = 3;
    const SEALS: i64 = 5;

    /// The records of one seal.
    fn input(number: i64) -> SealInput {
        let (from, to) = (number * ROWS, (number + 1) * ROWS);
        let mut rows = EventRows::default();
        for seq in from..to {
            let record = Record { shard: 1, seq, collector: Arc::from("t"), received: seq };
            let mut event = Event { time: seq, ..Event::default() };
            rows.push(&record, 0, "okta", &mut event, 0, b"{}");
        }
        SealInput {
            events: vec![Arc::new(rows.finish().expect("a batch"))],
            ranges: vec![ShardRange { from, to, rows: ROWS, shard: 1, ..ShardRange::default() }],
            positions: vec![(1, to)],
            ..SealInput::default()
        }
    }

    /// Faults of a run: one to three, at operations that are near each other.
    fn plan(number: usize) -> Plan {
        let kinds = [Fault::Busy, Fault::Lost, Fault::Taken, Fault::Stale];
        let mut state = number as u64 + 1;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            usize::try_from(state >> 33).unwrap_or_default() % below
        };
        let first = next(40);
        let faults = (0..=next(3)).map(|_| (first + next(6), kinds[next(4)])).collect();
        Plan { faults: Mutex::new(faults), ..Plan::default() }
    }

    /// Opens the tables; where the store fails, again, as the next start would.
    async fn open(data: &Path) -> Lake {
        let mut refused = Vec::new();
        for _ in 0..4 {
            match Lake::open(data, Access::Write).await {
                Ok(lake) => return lake,
                Err(error) => refused.push(error),
            }
        }
        panic!("three faults at most let the fourth start through: {refused:#?}");
    }

    async fn stored(lake: &Lake) -> Vec<i64> {
        lake.refresh().await.expect("read again");
        let segments = lake.snapshot().table(Table::Events).segments;
        let mut seqs: Vec<i64> = Vec::new();
        for segment in segments.iter() {
            for batch in read_rows(segment, &["seq"], None).expect("rows") {
                seqs.extend(batch.column(0).as_primitive::<Int64Type>().values());
            }
        }
        seqs.sort_unstable();
        seqs
    }

    /// Seals over faults; the number of faults that were met.
    async fn run(number: usize) -> usize {
        let scratch = tempfile::tempdir().expect("a directory");
        let data = scratch.path().canonicalize().expect("a path");
        let plan = Arc::new(plan(number));
        let planned = PLANS.lock().expect("unpoisoned").insert(data.clone(), Arc::clone(&plan));
        assert!(planned.is_none(), "a directory of its own");
        let mut lake = open(&data).await;
        let mut sealed = 0;
        while sealed < SEALS {
            if lake.seal(input(sealed)).await.is_ok() {
                sealed += 1;
                continue;
            }
            // The process stops; the next one goes on from what is committed.
            drop(lake);
            lake = open(&data).await;
            let Ok((committed, _)) = lake.committed(1).await else { continue };
            assert!([sealed * ROWS, (sealed + 1) * ROWS].contains(&committed), "run {number}");
            sealed = committed / ROWS;
        }
        PLANS.lock().expect("unpoisoned").remove(&data);
        drop(lake);
        let lake = open(&data).await;
        assert_eq!(stored(&lake).await, (0..SEALS * ROWS).collect::<Vec<_>>(), "run {number}");
        plan.met.load(Ordering::SeqCst)
    }

    #[tokio::test]
    async fn no_answer_that_is_lost_at_a_first_start_keeps_the_next_one_out() {
        let mut met = 0;
        for at in 0..24 {
            for fault in [Fault::Lost, Fault::Taken, Fault::Busy] {
                let scratch = tempfile::tempdir().expect("a directory");
                let data = scratch.path().canonicalize().expect("a path");
                let plan = Plan { faults: Mutex::new(vec![(at, fault)]), ..Plan::default() };
                let plan = Arc::new(plan);
                PLANS.lock().expect("unpoisoned").insert(data.clone(), Arc::clone(&plan));
                let first = Lake::open(&data, Access::Write).await.map(drop);
                let next = Lake::open(&data, Access::Write).await;
                assert!(next.is_ok(), "{fault:?} at {at}: {first:?}, {next:?}");
                PLANS.lock().expect("unpoisoned").remove(&data);
                met += plan.met.load(Ordering::SeqCst);
            }
        }
        assert!(met > 24, "only {met} faults");
    }

    /// `ROLLCALL_STORE_FAULTS` says how many runs; 20 unless it does.
    #[tokio::test]
    async fn each_row_is_committed_once_whatever_the_store_does() {
        let runs = std::env::var("ROLLCALL_STORE_FAULTS").ok();
        let runs = runs.map_or(20, |text| text.parse().expect("a number"));
        let mut met = 0;
        for number in 0..runs {
            met += run(number).await;
        }
        assert!(met * 2 > runs, "only {met} faults in {runs} runs");
    }
}
