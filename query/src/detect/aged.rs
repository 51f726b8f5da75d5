//! Tables that stay small: what was touched longest ago is dropped first.

use serde::{Deserialize, Serialize};

use super::id::{ById, Id};

/// Something that was touched at some time.
pub(crate) trait Aged {
    /// When it was touched last, µs since 1970 UTC.
    fn last(&self) -> i64;
}

/// A table with a limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Table<V> {
    rows: ById<V>,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self { rows: ById::default() }
    }
}

impl<V: Aged + Default> Table<V> {
    /// The row of a number, made where there is none. With `limit` rows the older half
    /// goes first.
    pub(crate) fn row(&mut self, id: Id, limit: usize) -> &mut V {
        if self.rows.len() >= limit && !self.rows.contains_key(&id) {
            self.drop_older_half();
        }
        self.rows.entry(id).or_default()
    }

    /// The row of a number, if there is one.
    pub(crate) fn get(&self, id: Id) -> Option<&V> {
        self.rows.get(&id)
    }

    /// The same, to change.
    pub(crate) fn get_mut(&mut self, id: Id) -> Option<&mut V> {
        self.rows.get_mut(&id)
    }

    /// Takes a row out.
    pub(crate) fn remove(&mut self, id: Id) -> Option<V> {
        self.rows.remove(&id)
    }

    /// Drops what was touched before a time.
    pub(crate) fn forget_before(&mut self, time: i64) {
        self.rows.retain(|_, row| row.last() >= time);
        if self.rows.capacity() > 4 * self.rows.len() + 1024 {
            self.rows.shrink_to_fit();
        }
    }

    /// Rows in it.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    fn drop_older_half(&mut self) {
        let mut times: Vec<i64> = self.rows.values().map(Aged::last).collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        let before = self.rows.len();
        self.rows.retain(|_, row| row.last() > median);
        tracing::debug!(dropped = before - self.rows.len(), "a detector's table was full");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Touched(i64);

    impl Aged for Touched {
        fn last(&self) -> i64 {
            self.0
        }
    }

    #[test]
    fn a_full_table_keeps_the_newer_half() {
        let mut table = Table::<Touched>::default();
        for (id, time) in (1_u64..=10).zip(101_i64..) {
            table.row(id, 10).0 = time;
        }
        table.row(11, 10).0 = 111;
        assert!(table.get(6).is_none() && table.get(7).is_some() && table.get(11).is_some());
        assert_eq!(table.len(), 5);
        table.forget_before(110);
        assert_eq!(table.len(), 2);
    }
}
