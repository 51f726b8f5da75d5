//! Whose account a login is, by the directory: the rules of the view `accounts`, asked one
//! login at a time. A login of the event's source goes before one of every source, and that
//! before the same e-mail address at another source.

use chrono_tz::Tz;
use datafusion::arrow::array::{Array, AsArray, RecordBatch, StringViewArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};

use super::id::{ById, Id, Ids};
use super::row::Kind;

/// What the directory says of a login for some time.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    /// The source; 0 is every source.
    source: Id,
    has_address: bool,
    /// From when until when, exclusively, µs since 1970 UTC.
    from: i64,
    to: i64,
    of: Owner,
}

/// Who is behind an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The person's number.
    pub(crate) person: Id,
    pub(crate) team: Id,
    pub(crate) kind: Kind,
    pub(crate) privileged: bool,
    pub(crate) zone: Tz,
}

/// The directory at one version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts {
    logins: ById<Vec<Entry>>,
    /// Texts of persons, for words.
    pub(crate) persons: Vec<(Id, String)>,
}

impl Accounts {
    /// From rows of `detect/logins.sql`.
    pub(crate) fn read(batches: &[RecordBatch], ids: &Ids) -> Self {
        let mut accounts = Self::default();
        for batch in batches {
            accounts.read_batch(batch, ids);
        }
        for entries in accounts.logins.values_mut() {
            // The newest first: it is what most events are of.
            entries.sort_by_key(|entry| (std::cmp::Reverse(entry.from), entry.source));
        }
        accounts
    }

    fn read_batch(&mut self, batch: &RecordBatch, ids: &Ids) {
        let text = |name: &str| batch.column_by_name(name).and_then(|c| text_column(c.as_ref()));
        let time = |name: &str| batch.column_by_name(name).and_then(|c| time_column(c.as_ref()));
        let (Some(source), Some(login), Some(person)) =
            (text("source"), text("login"), text("person"))
        else {
            return;
        };
        let (kind, team, zone) = (text("kind"), text("team"), text("time_zone"));
        let privileged = batch.column_by_name("privileged").and_then(|c| c.as_boolean_opt());
        let (from, to) = (time("valid_from"), time("valid_to"));
        let at = |column: &Option<StringViewArray>, row: usize| {
            column.as_ref().filter(|c| c.is_valid(row)).map(|c| c.value(row).to_owned())
        };
        for row in 0..batch.num_rows() {
            if login.is_null(row) || person.is_null(row) {
                continue;
            }
            let (source, login) = (source.value(row), login.value(row));
            let name = person.value(row);
            let person = ids.pair("person", name);
            self.persons.push((person, name.to_owned()));
            let zone = at(&zone, row).and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC);
            let instant = |column: &Option<_>, none: i64| match column {
                Some(column) => value(column, row).unwrap_or(none),
                None => none,
            };
            let entry = Entry {
                source: if source == "*" { 0 } else { ids.of(source) },
                has_address: login.contains('@'),
                from: instant(&from, i64::MIN),
                to: instant(&to, i64::MAX),
                of: Owner {
                    person,
                    team: at(&team, row).map_or(0, |team| ids.pair("team", &team)),
                    kind: kind_of(at(&kind, row).as_deref()),
                    privileged: privileged.is_some_and(|c| c.is_valid(row) && c.value(row)),
                    zone,
                },
            };
            self.logins.entry(ids.of(login)).or_default().push(entry);
        }
    }

    /// Who is behind a login at a source at a time.
    pub(crate) fn owner(&self, source: Id, login: Id, time: i64) -> Option<Owner> {
        let entries = self.logins.get(&login)?;
        let holds = |entry: &&Entry| entry.from <= time && time < entry.to;
        let rank = |entry: &&Entry| match entry.source {
            found if found == source => 0_u8,
            0 => 1,
            _ if entry.has_address => 2,
            _ => u8::MAX,
        };
        let fits = entries.iter().filter(holds).filter(|entry| rank(entry) < u8::MAX);
        fits.min_by_key(rank).map(|entry| entry.of)
    }
}

fn kind_of(word: Option<&str>) -> Kind {
    match word {
        Some("human") => Kind::Human,
        Some("service") => Kind::Service,
        Some("shared") => Kind::Shared,
        Some("break_glass") => Kind::BreakGlass,
        _ => Kind::Unknown,
    }
}

fn text_column(column: &dyn Array) -> Option<StringViewArray> {
    cast(column, &DataType::Utf8View).ok().and_then(|c| c.as_string_view_opt().cloned())
}

type Times = datafusion::arrow::array::PrimitiveArray<TimestampMicrosecondType>;

fn time_column(column: &dyn Array) -> Option<Times> {
    let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
    let cast = cast(column, &micros).ok()?;
    cast.as_primitive_opt::<TimestampMicrosecondType>().cloned()
}

fn value(column: &Times, row: usize) -> Option<i64> {
    column.is_valid(row).then(|| column.value(row))
}
