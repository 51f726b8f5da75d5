//! Entries for tests.

use std::collections::BTreeMap;

use proptest::option::of;
use proptest::prelude::*;

use crate::entry::{
    Bare, Close, Commit, Compaction, Entry, Erasure, Fact, File, Heartbeat, IndexRange, KeyChange,
    Replaced, Replay, Report, Restore, Retention, Segment, Shard, ShardName,
};

/// A segment's entry with as many rows.
pub(crate) fn segment(rows: u64) -> Entry {
    let time = |n: i64| Some(1_764_000_000_000_000 + n);
    let file = File {
        path: "events_1.parquet".to_owned(),
        bytes: 4711,
        sha256: "cccc".to_owned(),
        rows,
        schema_version: 1,
        row_root: Some("bbbb".to_owned()),
        time_min: time(1),
        time_max: time(8),
        received_min: time(2),
        received_max: time(9),
        ranges_sha256: "aaaa".to_owned(),
    };
    let commit = Commit {
        table: "events".to_owned(),
        delta_version: 12,
        delta_commit_sha256: "dddd".to_owned(),
    };
    Entry::new(1_764_000_000_000_010, Segment { file, commit })
}

prop_compose! {
    fn any_commit()(table: String, delta_version: u64, delta_commit_sha256: String) -> Commit {
        Commit { table, delta_version, delta_commit_sha256 }
    }
}

prop_compose! {
    fn any_file()(
        texts: [String; 3],
        numbers: [u64; 3],
        row_root in of(".{0,9}"),
        times in proptest::array::uniform4(of(any::<i64>())),
    ) -> File {
        let [path, sha256, ranges_sha256] = texts;
        let [bytes, rows, schema_version] = numbers;
        let [time_min, time_max, received_min, received_max] = times;
        File {
            path, bytes, sha256, rows, schema_version, row_root, time_min, time_max, received_min,
            received_max, ranges_sha256,
        }
    }
}

prop_compose! {
    fn any_shard()(
        shard: i32,
        texts: [String; 2],
        records in of(any::<i64>()),
    ) -> ShardName {
        let [kind, stands_for] = texts;
        ShardName { shard, kind, stands_for, records }
    }
}

fn any_ranges() -> impl Strategy<Value = Vec<IndexRange>> {
    proptest::collection::vec(any::<(u64, u64)>(), 0..5)
        .prop_map(|ranges| ranges.into_iter().map(|(from, to)| IndexRange { from, to }).collect())
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let versions = proptest::collection::btree_map(".{0,9}", 0_u64..1 << 53, 0..4);
    let commits = || proptest::collection::vec(0_u64..1 << 53, 0..3);
    let replaced = proptest::collection::vec(any::<(String, String, u64, String)>(), 0..4);
    let table = || (any_file(), any_commit());
    prop_oneof![
        table().prop_map(|(file, commit)| Segment { file, commit }.into()),
        (any_ranges(), table()).prop_map(|(inputs, (file, commit))| Compaction {
            inputs,
            file,
            commit
        }
        .into()),
        (any::<(u64, String)>(), table()).prop_map(|((supersedes, supersedes_sha256), table)| {
            let (file, commit) = table;
            Replay { supersedes, supersedes_sha256, file, commit }.into()
        }),
        (proptest::collection::vec(any_shard(), 0..4), table())
            .prop_map(|(shards, (file, commit))| Shard { shards, file, commit }.into()),
        any_commit().prop_map(|commit| Bare { commit }.into()),
        versions.prop_map(|versions: BTreeMap<_, _>| Heartbeat { versions }.into()),
        (any::<(String, u64, u64)>(), any_ranges(), commits(), any_commit()).prop_map(
            |((rule, files, rows), removed, commits, commit)| {
                Retention { rule, removed, files, rows, commits, commit }.into()
            }
        ),
        (replaced, any::<u64>(), commits(), any_commit()).prop_map(
            |(replaced, rows, commits, commit)| {
                let replaced = replaced.into_iter().map(|(old, path, bytes, sha256)| Replaced {
                    old,
                    path,
                    bytes,
                    sha256,
                });
                Erasure { replaced: replaced.collect(), rows, commits, commit }.into()
            }
        ),
        any::<(String, u64, String)>().prop_map(|(key, from, statement)| KeyChange {
            key,
            from,
            statement
        }
        .into()),
        any::<(String, String)>().prop_map(|(period, pin)| Close { period, pin }.into()),
        any::<(String, String, String)>().prop_map(|(sha256, period, pin)| Report {
            sha256,
            period,
            pin
        }
        .into()),
        (any::<(String, String, u64, String, String)>(), of(any::<(u64, u64)>())).prop_map(
            |((origin, key, from, statement, checkpoint), lost)| {
                let lost = lost.map(|(from, to)| IndexRange { from, to });
                Restore { origin, key, from, statement, checkpoint, lost }.into()
            }
        ),
        ("[a-z]{1,9}_", any::<u64>()).prop_map(|(kind, version)| Fact::Other { kind, version }),
    ]
}

prop_compose! {
    /// An entry of any type with any texts and numbers.
    pub(crate) fn any_entry()(
        time: i64,
        fact in any_fact(),
        others in proptest::collection::hash_map("_.{0,5}", ".{0,5}", 0..3),
    ) -> Entry {
        let others = others.into_iter().map(|(name, text)| (name, text.into())).collect();
        Entry { time, fact, others }
    }
}
