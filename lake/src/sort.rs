//! The order of rows in a file. Events lie by (hour of time, user, time): one
//! person's rows of an hour are neighbours, which both compresses and prunes.
//! Everything else lies by position.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};

use crate::table::Table;

/// A row as (batch, row in it).
pub(crate) type Row = (usize, usize);

const HOUR_US: i64 = 3_600_000_000;

/// The order in which a table's rows go into a file.
pub(crate) fn order(table: Table, batches: &[Arc<RecordBatch>]) -> Vec<Row> {
    match table {
        Table::Events => by_hour_user_time(batches),
        Table::SetAside => by_position(batches),
        Table::Shards
        | Table::People
        | Table::Factors
        | Table::Reconciliations
        | Table::VendorPolicies
        | Table::Policies
        | Table::Annotations => rows(batches).collect(),
    }
}

fn rows(batches: &[Arc<RecordBatch>]) -> impl Iterator<Item = Row> {
    batches
        .iter()
        .enumerate()
        .flat_map(|(batch, rows)| (0..rows.num_rows()).map(move |row| (batch, row)))
}

/// Packs (hour, rank of the user's name, microsecond in the hour, running
/// number) into one integer, so that a million rows sort without touching a
/// string.
fn by_hour_user_time(batches: &[Arc<RecordBatch>]) -> Vec<Row> {
    let ranks = user_ranks(batches);
    let mut keys: Vec<u128> = Vec::with_capacity(batches.iter().map(|b| b.num_rows()).sum());
    let mut at: Vec<Row> = Vec::with_capacity(keys.capacity());
    for (index, batch) in batches.iter().enumerate() {
        let (Some(times), Some(users)) =
            (batch.column_by_name("time"), batch.column_by_name("user_name"))
        else {
            return rows(batches).collect();
        };
        let times = times.as_primitive::<TimestampMicrosecondType>().values();
        let users = users.as_string_view();
        for (row, time) in times.iter().enumerate() {
            let user = if users.is_valid(row) { users.value(row) } else { "" };
            let rank = ranks.get(user).copied().unwrap_or_default();
            let hour = time.div_euclid(HOUR_US).wrapping_add(1 << 31);
            let within = time.rem_euclid(HOUR_US);
            keys.push(pack(hour, rank, within, at.len()));
            at.push((index, row));
        }
    }
    keys.sort_unstable();
    keys.iter().filter_map(|key| at.get(running_number(*key)).copied()).collect()
}

#[expect(clippy::cast_sign_loss, reason = "hour and microsecond are shifted to be positive")]
const fn pack(hour: i64, rank: u32, within: i64, number: usize) -> u128 {
    // 32 bits each: hours since 1970 ± 2^31, ranks, microseconds of an hour, rows.
    ((hour as u128 & 0xffff_ffff) << 96)
        | ((rank as u128) << 64)
        | ((within as u128 & 0xffff_ffff) << 32)
        | (number as u128 & 0xffff_ffff)
}

const fn running_number(key: u128) -> usize {
    (key & 0xffff_ffff) as usize
}

fn user_ranks(batches: &[Arc<RecordBatch>]) -> HashMap<&str, u32> {
    let mut ranks: HashMap<&str, u32> = HashMap::new();
    for users in batches.iter().filter_map(|batch| batch.column_by_name("user_name")) {
        let mut previous = None;
        for user in users.as_string_view().iter().flatten() {
            if previous != Some(user) {
                ranks.insert(user, 0);
                previous = Some(user);
            }
        }
    }
    let mut names: Vec<&str> = ranks.keys().copied().collect();
    names.sort_unstable();
    for (rank, name) in (1..).zip(names) {
        ranks.insert(name, rank);
    }
    ranks
}

fn by_position(batches: &[Arc<RecordBatch>]) -> Vec<Row> {
    let mut keyed: Vec<((i32, i64, i32), Row)> = Vec::new();
    for (index, batch) in batches.iter().enumerate() {
        let column = |name| batch.column_by_name(name);
        let (Some(shard), Some(seq), Some(part)) = (column("shard"), column("seq"), column("part"))
        else {
            return rows(batches).collect();
        };
        let shard = shard.as_primitive::<Int32Type>().values();
        let seq = seq.as_primitive::<Int64Type>().values();
        let part = part.as_primitive::<Int32Type>().values();
        let positions = shard.iter().zip(seq).zip(part).enumerate();
        keyed.extend(positions.map(|(row, ((s, q), p))| ((*s, *q, *p), (index, row))));
    }
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use rollcall_schemas::{Event, EventRows, Record};

    use super::*;

    fn batch(rows_of: &[(i64, Option<&'static str>)], first_seq: i64) -> Arc<RecordBatch> {
        let mut rows = EventRows::default();
        for (seq, (time, user)) in (first_seq..).zip(rows_of) {
            let record = Record { shard: 1, seq, collector: Arc::from("t"), received: 0 };
            let mut event =
                Event { time: *time, user_name: user.map(Cow::Borrowed), ..Event::default() };
            rows.push(&record, 0, "okta", &mut event, 0, b"");
        }
        Arc::new(rows.finish().expect("a batch"))
    }

    #[test]
    fn events_lie_by_hour_then_user_then_time() {
        let hour = HOUR_US;
        let batches = [
            batch(&[(hour + 9, Some("bo")), (5, Some("ada")), (hour + 1, Some("ada"))], 0),
            batch(&[(-3, Some("zoe")), (hour + 2, None), (7, Some("ada")), (5, Some("ada"))], 3),
        ];
        let expected = vec![(1, 0), (0, 1), (1, 3), (1, 2), (1, 1), (0, 2), (0, 0)];
        assert_eq!(order(Table::Events, &batches), expected);
    }
}
