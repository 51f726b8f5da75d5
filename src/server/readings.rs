//! What the process tells of its machine and of itself, for the page Data health.

use std::path::Path;
use std::sync::atomic::Ordering;

use chrono::Utc;
use rollcall_ingest::{CollectorHealth, Intake};
use rollcall_lake::Lake;
use rollcall_query::GeoState;
use rollcall_web::{CollectorNow, Measure, Reading};

/// Free space below which seals are in danger, in bytes and as a part of the disk.
const LEAST_FREE: u64 = 2 << 30;
const LEAST_PART: u64 = 20;
/// A row that became visible later than this after its receipt waited too long.
const SLOW_MS: f64 = 60_000.0;

/// A collector as the pages show it.
pub fn collector(health: CollectorHealth) -> CollectorNow {
    CollectorNow {
        name: health.name,
        kind: health.kind.word(),
        state: health.state.word(),
        last_received: health.last_received,
        records: health.records,
        dropped: health.dropped,
        reached: health.reached,
        waits_until: health.waits_until,
        connections: health.connections,
        last_error: health.last_error.map(|error| (error.time, error.text)),
    }
}

/// Everything there is to say of the machine and the process.
pub fn readings(lake: &Lake, intake: &Intake, geo: &GeoState) -> Vec<Reading> {
    let mut readings: Vec<_> = disk(lake.directory().path()).into_iter().collect();
    readings.extend(waiting(intake));
    readings.push(seals(lake));
    readings.push(clock(intake));
    readings.extend(geoip(geo));
    readings
}

fn disk(path: &Path) -> Option<Reading> {
    let found = rustix::fs::statvfs(path).ok()?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let all = found.f_blocks.saturating_mul(found.f_frsize);
    let is_short = free < LEAST_FREE || free < all / LEAST_PART;
    Some(Reading {
        name: "Free on the data's disk",
        about: "what this user may still write; a disk that is full stops every input",
        value: Measure::BytesOf(free, all),
        trouble: is_short.then(|| {
            "The data's disk is nearly full: make room, or move the data, before it stops every input."
                .to_owned()
        }),
    })
}

fn waiting(intake: &Intake) -> Vec<Reading> {
    let status = intake.pipeline().status();
    #[expect(clippy::cast_precision_loss, reason = "a length of time, in µs")]
    let visible_ms = status.visible_after.load(Ordering::Relaxed) as f64 / 1_000.0;
    vec![
        Reading {
            name: "From receipt to rows that show",
            about: "of the oldest record of the newest rows that came over HTTP or a collector; \
                    0 where none did since the start",
            value: Measure::Milliseconds(visible_ms),
            trouble: (visible_ms > SLOW_MS).then(|| {
                "The newest rows showed over a minute after their receipt: more comes in than is read, or a restart read it again."
                    .to_owned()
            }),
        },
        Reading {
            name: "Received and not yet rows",
            about: "bytes of records that are durable and wait to be read",
            value: Measure::Bytes(intake.backlog_bytes()),
            trouble: None,
        },
        Reading {
            name: "Rows not sealed yet",
            about: "they show, and are in the log until a file has them",
            value: Measure::Count(status.tail_rows.load(Ordering::Relaxed)),
            trouble: None,
        },
        Reading {
            name: "Log",
            about: "bytes that aren't in a sealed file yet",
            value: Measure::Bytes(intake.log_bytes()),
            trouble: None,
        },
    ]
}

fn seals(lake: &Lake) -> Reading {
    let snapshot = lake.snapshot();
    let segments = snapshot.tables.values().flat_map(|table| table.segments.iter());
    let last = segments.map(|segment| segment.committed).max();
    let at = last.and_then(chrono::DateTime::from_timestamp_millis);
    Reading {
        name: "Last sealed",
        about: "when a file of any table was committed last",
        value: at.map_or_else(|| Measure::Text("never".to_owned()), Measure::At),
        trouble: at.filter(|at| *at > Utc::now() + chrono::TimeDelta::minutes(1)).map(|_| {
            "The newest file was committed in the future by this clock: look at the clock."
                .to_owned()
        }),
    }
}

fn clock(intake: &Intake) -> Reading {
    let behind = intake.pipeline().status().clock_behind.load(Ordering::Relaxed);
    #[expect(clippy::cast_precision_loss, reason = "a length of time, in µs")]
    let behind_ms = behind.max(0) as f64 / 1_000.0;
    Reading {
        name: "Clock behind the newest receipt",
        about: "0 where it isn't: then records from the future are refused",
        value: Measure::Milliseconds(behind_ms),
        trouble: (behind > 0).then(|| {
            "The clock is behind the newest sealed time of receipt: until it has caught up, records from the future are taken."
                .to_owned()
        }),
    }
}

fn geoip(geo: &GeoState) -> Vec<Reading> {
    let mut readings: Vec<_> = geo
        .databases
        .iter()
        .map(|database| {
            let built = database.built.map(|day| format!(", built on {day}")).unwrap_or_default();
            Reading {
                name: "GeoIP database",
                about: "says where addresses are, where a source doesn't",
                value: Measure::Text(format!("{}{built}", database.kind)),
                trouble: None,
            }
        })
        .collect();
    readings.extend(geo.problem.as_ref().map(|problem| Reading {
        name: "New GeoIP database",
        about: "",
        value: Measure::Text("not in use".to_owned()),
        trouble: Some(format!("{problem}; what was read before stays in use.")),
    }));
    readings
}
