//! Data for tests, written as lines so that a person can count it:
//!
//! ```text
//! person ada human okta:ada@corp.example,github:ada team=platform valid_from=2026-01-01
//! factor 2026-03-02 okta ada@corp.example totp active
//! policy 2026-03-02 okta corp sign_on 00p1 enabled {"priority":1} name=Default
//! event 2026-03-02T08:00:00Z okta ada@corp.example logon success mfa=performed factor=push
//! stream 1                       (shard 1 is a log's)
//! import 2                       (shard 2 is an imported file: event … shard=2)
//! aside 2026-03-02T12:00:00Z github quarantined [replayed]
//! reconciled 2026-03-03T04:00:00Z okta okta 2026-03-02 reconciled vendor=5 stored=4 missing=1
//! mark drill 2026-03-02T10:00:00Z 2026-03-02T11:00:00Z title=Fire source=okta
//! code id = "sign-in"            (a line of a policy's file; `code` alone ends the file)
//! ```
//!
//! Everything lies in the tail, unless it is sealed into files ([`seal`]).

pub(crate) mod code;
mod tables;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use chrono::{DateTime, Utc};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use rollcall_lake::{Replaced, Segment, SegmentTags, ShardRange, Snapshot, Table, TableSnapshot};
use rollcall_schemas::{
    Activity, Credential, DurationBasis, Event, EventRows, Factor, Mfa, Outcome, Platform,
    PolicyMode, PolicyResult, Position, Reason, Record, SetAside, SetAsideRows, Tail, Verdict,
};
use tables::{
    factors_batch, marks_batch, people_batch, policies_batch, reconciliations_batch, shards_batch,
};

/// What a test's lines say.
pub(crate) struct World {
    pub(crate) events: Vec<Arc<RecordBatch>>,
    pub(crate) set_aside: Vec<Arc<RecordBatch>>,
    pub(crate) people: Option<RecordBatch>,
    pub(crate) factors: Option<RecordBatch>,
    pub(crate) shards: Option<RecordBatch>,
    pub(crate) policies: Option<RecordBatch>,
    pub(crate) reconciliations: Option<RecordBatch>,
    pub(crate) code: Option<RecordBatch>,
    pub(crate) marks: Option<RecordBatch>,
    pub(crate) revised: Vec<Position>,
    /// Quarantined records that later rows supersede.
    replayed: Vec<(i32, i64, i32)>,
    /// Files of people and factors, for as long as the test runs.
    directory: tempfile::TempDir,
}

pub(crate) fn micros(text: &str) -> i64 {
    let time: DateTime<Utc> = text.parse().unwrap_or_else(|_| panic!("a time: {text}"));
    time.timestamp_micros()
}

/// Reads the lines; anything but `person`, `factor`, `policy`, `event`, `aside`, `stream`,
/// `import`, `reconciled`, `mark` and `code` at the start of a line is passed over.
pub(crate) fn world(lines: &str) -> World {
    let mut events = EventRows::default();
    let mut aside = SetAsideRows::default();
    let mut people = Vec::new();
    let mut factors = Vec::new();
    let mut policies = Vec::new();
    let mut shards = Vec::new();
    let mut reconciled = Vec::new();
    let mut marks = Vec::new();
    let mut revised = Vec::new();
    let mut replayed = Vec::new();
    let mut seq = 0;
    for line in lines.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["event", rest @ ..] => {
                revised.extend(event(&mut events, seq, rest));
                seq += 1;
            }
            ["aside", time, source, verdict, rest @ ..] => {
                verdict_row(&mut aside, seq, micros(time), source, verdict);
                if rest.contains(&"replayed") {
                    replayed.push((1, seq, 0));
                }
                seq += 1;
            }
            ["person", rest @ ..] => people.push(rest.iter().map(|w| (*w).to_owned()).collect()),
            ["factor", rest @ ..] => factors.push(rest.iter().map(|w| (*w).to_owned()).collect()),
            ["policy", rest @ ..] => policies.push(rest.iter().map(|w| (*w).to_owned()).collect()),
            ["import", shard] => shards.push((shard.parse().expect("a shard"), "import")),
            ["stream", shard] => shards.push((shard.parse().expect("a shard"), "log")),
            ["mark", rest @ ..] => marks.push(rest.iter().map(|w| (*w).to_owned()).collect()),
            ["reconciled", rest @ ..] => {
                reconciled.push(rest.iter().map(|w| (*w).to_owned()).collect());
            }
            _ => {}
        }
    }
    let mut batches = Vec::new();
    if !events.is_empty() {
        batches.push(Arc::new(events.finish().expect("events")));
    }
    let mut verdicts = Vec::new();
    if !aside.is_empty() {
        verdicts.push(Arc::new(aside.finish().expect("verdicts")));
    }
    World {
        events: batches,
        set_aside: verdicts,
        people: (!people.is_empty()).then(|| people_batch(&people)),
        factors: (!factors.is_empty()).then(|| factors_batch(&factors)),
        shards: (!shards.is_empty()).then(|| shards_batch(&shards)),
        policies: (!policies.is_empty()).then(|| policies_batch(&policies)),
        reconciliations: (!reconciled.is_empty()).then(|| reconciliations_batch(&reconciled)),
        code: code::batch(lines),
        marks: (!marks.is_empty()).then(|| marks_batch(&marks)),
        revised,
        replayed,
        directory: tempfile::tempdir().expect("a directory"),
    }
}

fn options<'a>(words: &[&'a str]) -> BTreeMap<&'a str, &'a str> {
    words.iter().filter_map(|word| word.split_once('=')).collect()
}

fn event(rows: &mut EventRows, seq: i64, words: &[&str]) -> Option<Position> {
    let [time, source, user, activity, outcome, rest @ ..] = words else {
        panic!("event time source user activity outcome …: {words:?}");
    };
    let o = options(rest);
    let text = |key: &str| o.get(key).map(|value| Cow::Owned(value.replace('_', " ")));
    let id = |key: &str| o.get(key).map(|value| Cow::Owned((*value).to_owned()));
    let flag = |key: &str| o.get(key).map(|value| *value == "true");
    let mut event = Event {
        time: micros(time),
        activity: Activity::from_word(activity),
        outcome: Outcome::from_word(outcome),
        user_name: (*user != "-").then(|| Cow::Owned((*user).to_owned())),
        platform: o.get("platform").map_or_else(|| platform(source), |w| Platform::from_word(w)),
        mfa: o.get("mfa").map_or(Mfa::Unknown, |w| Mfa::from_word(w)),
        factor: o.get("factor").map(|w| Factor::from_word(w)),
        reason: o.get("reason").map(|w| Reason::from_word(w)),
        credential: o.get("credential").map(|w| Credential::from_word(w)),
        flow_id: id("flow"),
        actor: id("actor"),
        reason_raw: text("reason_raw"),
        device_id: id("device"),
        factor_id: id("factor_id"),
        user_agent: id("agent"),
        lat_e6: o.get("lat").map(|lat| lat.parse().expect("millionths")),
        lon_e6: o.get("lon").map(|lon| lon.parse().expect("millionths")),
        is_proxy: flag("proxy"),
        session_id: id("session"),
        credential_id: id("credential_id"),
        service: text("service"),
        resource: id("resource"),
        score: o.get("score").map(|score| score.parse().expect("a score")),
        environment: id("environment"),
        pipeline: id("pipeline"),
        operation: id("operation"),
        protocol: id("protocol"),
        user_type: id("user_type"),
        ip: id("ip"),
        country: id("country"),
        region: text("region"),
        city: text("city"),
        asn: o.get("asn").map(|asn| asn.parse().expect("a number")),
        as_org: text("as_org"),
        interactive: flag("interactive"),
        blocked: flag("blocked"),
        device_managed: flag("managed"),
        phishing_resistant: flag("phishing_resistant"),
        duration_ms: o.get("ms").map(|ms| ms.parse().expect("ms")),
        duration_basis: o.get("basis").map(|w| DurationBasis::from_word(w)),
        policy_id: id("policy"),
        policy_name: id("policy"),
        policy_mode: o.get("policy").map(|_| {
            o.get("policy_mode").map_or(PolicyMode::Enforced, |w| PolicyMode::from_word(w))
        }),
        policy_result: o.get("policy_result").map(|w| PolicyResult::from_word(w)),
        ..Event::default()
    };
    // `revises=n` names an earlier event line by its number, from 0.
    let revised = o.get("revises").map(|seq| Position {
        shard: 1,
        seq: seq.parse().expect("a line number"),
        part: 0,
    });
    event.revises = revised;
    let received = o.get("received").map_or(event.time + 1_000_000, |time| micros(time));
    let shard = o.get("shard").map_or(1, |shard| shard.parse().expect("a shard"));
    let collector = Arc::from(o.get("collector").copied().unwrap_or("test"));
    let record = Record { shard, seq, collector, received };
    let raw = o.get("raw").copied().unwrap_or("{}");
    rows.push(&record, 0, source, &mut event, 0, raw.as_bytes());
    revised
}

fn platform(source: &str) -> Platform {
    match source {
        "okta" | "entra" | "keycloak" | "google_workspace" | "duo" | "teleport" => Platform::Idp,
        "github" => Platform::SourceControl,
        "cloudtrail" => Platform::CloudConsole,
        "sshd" => Platform::Ssh,
        "vault" => Platform::Secrets,
        _ => Platform::Other,
    }
}

fn verdict_row(rows: &mut SetAsideRows, seq: i64, received: i64, source: &str, verdict: &str) {
    let record = Record { shard: 1, seq, collector: Arc::from("test"), received };
    let row = SetAside {
        part: 0,
        source: Some(source),
        source_hint: None,
        verdict: Verdict::from_word(verdict).expect("a verdict"),
        reason: Some("by hand"),
        of: None,
        redactions: 0,
        raw: Some(b"raw"),
    };
    rows.push(&record, &row);
}

/// Writes rows as a sealed file, as `lake` would tag it.
pub(crate) fn seal(
    directory: &Path,
    table: Table,
    name: &str,
    batches: &[RecordBatch],
) -> Arc<Segment> {
    let path = directory.join(format!("{name}.parquet"));
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(1_000))
        .set_data_page_row_count_limit(100)
        .set_write_batch_size(50)
        .build();
    let file = std::fs::File::create(&path).expect("a file");
    let options = parquet::arrow::arrow_writer::ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true);
    let mut writer =
        ArrowWriter::try_new_with_options(file, table.schema(), options).expect("a writer");
    for batch in batches {
        writer.write(batch).expect("rows");
    }
    writer.close().expect("a footer");
    let bytes = std::fs::metadata(&path).expect("a size").len();
    Arc::new(Segment {
        table,
        name: name.to_owned(),
        path,
        bytes,
        tags: tags(batches),
        committed: 0,
    })
}

fn tags(batches: &[RecordBatch]) -> SegmentTags {
    use arrow::compute::{max, min};
    use arrow::datatypes::TimestampMicrosecondType;
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let times = |name: &str| -> Vec<_> {
        let columns = batches.iter().filter_map(|b| b.column_by_name(name));
        columns.map(|c| c.as_primitive::<TimestampMicrosecondType>().clone()).collect()
    };
    let ends = |name: &str| {
        let columns = times(name);
        (columns.iter().filter_map(min).min(), columns.iter().filter_map(max).max())
    };
    let seqs: Vec<i64> = batches
        .iter()
        .filter_map(|b| b.column_by_name("seq"))
        .flat_map(|c| c.as_primitive::<Int64Type>().values().to_vec())
        .collect();
    let revisions = batches
        .iter()
        .filter_map(|b| b.column_by_name("revises_seq"))
        .map(|c| c.len() - c.null_count())
        .sum::<usize>();
    let ranges = match (seqs.iter().min(), seqs.iter().max()) {
        (Some(from), Some(last)) => vec![ShardRange {
            from: *from,
            gaps: Vec::new(),
            rows: i64::try_from(rows).expect("rows"),
            shard: 1,
            to: last + 1,
            ..ShardRange::default()
        }],
        _ => Vec::new(),
    };
    let (time_min, time_max) = ends("time");
    let (received_min, received_max) = ends("received");
    SegmentTags {
        ranges,
        received_max,
        received_min,
        revisions: i64::try_from(revisions).expect("revisions"),
        rows: i64::try_from(rows).expect("rows"),
        schema_version: 1,
        time_max,
        time_min,
        ..SegmentTags::default()
    }
}

impl World {
    /// A file without rows whose commit says what was replayed.
    fn replay(&self) -> Arc<Segment> {
        let sealed = seal(self.directory.path(), Table::SetAside, "replay", &[]);
        let tags = SegmentTags { replays: self.replayed.clone(), ..sealed.tags.clone() };
        Arc::new(Segment {
            table: sealed.table,
            name: sealed.name.clone(),
            path: sealed.path.clone(),
            bytes: sealed.bytes,
            tags,
            committed: 0,
        })
    }

    /// A snapshot whose first `sealed` event rows lie in a file and the others in
    /// the tail.
    pub(crate) fn snapshot(&self, sealed: usize) -> Arc<Snapshot> {
        let mut tables: BTreeMap<Table, TableSnapshot> = BTreeMap::new();
        let mut put = |table: Table, segments: Vec<Arc<Segment>>| {
            tables.insert(table, TableSnapshot { version: Some(1), segments: Arc::new(segments) });
        };
        let mut segments = Vec::new();
        let mut tail = Vec::new();
        let mut left = sealed;
        for (number, batch) in self.events.iter().enumerate() {
            let here = left.min(batch.num_rows());
            left -= here;
            if here > 0 {
                let rows = [batch.slice(0, here)];
                // Other rows, another name: what is kept of a file goes by that.
                let seqs = rows[0].column(1).as_primitive::<Int64Type>().values().to_vec();
                let name =
                    format!("events-{number}-{here}-{:x}", crate::catalog::read::number(seqs));
                segments.push(seal(self.directory.path(), Table::Events, &name, &rows));
            }
            if here < batch.num_rows() {
                tail.push(Arc::new(batch.slice(here, batch.num_rows() - here)));
            }
        }
        let mut replaced = Replaced::default();
        replaced.add(&self.revised, &segments).expect("replaced rows");
        put(Table::Events, segments);
        if !self.replayed.is_empty() {
            put(Table::SetAside, vec![self.replay()]);
        }
        let small = [
            (Table::People, &self.people),
            (Table::Factors, &self.factors),
            (Table::Shards, &self.shards),
            (Table::VendorPolicies, &self.policies),
            (Table::Reconciliations, &self.reconciliations),
            (Table::Policies, &self.code),
            (Table::Annotations, &self.marks),
        ];
        for (table, batch) in small {
            if let Some(batch) = batch {
                let rows = [batch.clone()];
                let name = format!("{}-{}", table.name(), batch.num_rows());
                put(table, vec![seal(self.directory.path(), table, &name, &rows)]);
            }
        }
        Arc::new(Snapshot {
            tables,
            tail: Tail { events: Arc::new(tail), set_aside: Arc::new(self.set_aside.clone()) },
            replaced: Arc::new(replaced),
            has_tail: true,
        })
    }
}
