//! Reads a log from its mark on, page by page. A page is stored whole or not at all, with
//! the mark that comes after it.

use std::sync::Arc;
use std::time::Duration;

use super::client::Client;
use super::clock::micros;
use super::error::{PullError, PullResult};
use super::mark::{Mark, fingerprint};
use super::page::{Element, Page, lines};
use super::request::{self, Next, Window};
use super::taken::Taken;
use super::vendor::{Endpoint, Paging};
use crate::input::health::{CollectorState, Meter};
use crate::input::sink::{self, Sink};
use crate::log::Batch;
use crate::source::time::DAY;

/// Bytes of what a page may name as its next: it goes into the mark.
const LONGEST: usize = 16 << 10;
/// How long a collector waits where what came in before isn't read yet.
const BUSY: Duration = Duration::from_secs(5);

/// One log of one account, ready to be asked.
#[derive(Debug)]
pub struct Reader {
    /// What stands in the column `collector`.
    pub collector: String,
    /// Which log it is.
    pub endpoint: &'static Endpoint,
    pub(super) client: Arc<Client>,
    pub(super) organisation: String,
    pub(super) start_days: u32,
    pub(super) every: Duration,
}

impl Reader {
    /// Asks for one page.
    async fn page(
        &self,
        window: Window,
        cursor: Option<&str>,
        is_patient: bool,
    ) -> PullResult<(Page, Next)> {
        let (client, endpoint) = (&self.client, self.endpoint);
        let place = request::place(endpoint, client.base(), &self.organisation);
        let now = client.vendors_now();
        let url = match cursor {
            Some(cursor) => request::following(endpoint, &place, window, cursor, now)?,
            None => request::first(endpoint, &place, window, now),
        };
        let answer = match is_patient {
            true => client.get_patiently(&url).await?,
            false => client.get(&url).await?,
        };
        let page = Page::read(endpoint, &answer.body)
            .map_err(|detail| PullError::BadAnswer { place: client.place(), detail })?;
        let next = request::next(endpoint, &url, window, &answer, &page);
        if next.cursor.as_ref().is_some_and(|cursor| cursor.len() > LONGEST) {
            let detail = "what it names as its next is too long".to_owned();
            return Err(PullError::BadAnswer { place: client.place(), detail });
        }
        Ok((page, next))
    }

    /// Reads a closed range again, µs since 1970 UTC.
    pub fn period(&self, from: i64, to: i64) -> Pages<'_> {
        Pages { reader: self, since: from, to, cursor: None }
    }

    /// The time on the vendor's clock, µs since 1970 UTC, as well as it is known.
    pub fn now(&self) -> i64 {
        self.client.vendors_now()
    }

    /// How far back one may ask, µs since 1970 UTC.
    pub fn reaches_back_to(&self) -> i64 {
        self.client.vendors_now() - i64::from(self.endpoint.look_back_days) * DAY
    }

    fn of(&self) -> String {
        let endpoint = self.endpoint;
        fingerprint(&[
            endpoint.path,
            endpoint.what,
            self.client.base().as_str(),
            &self.organisation,
        ])
    }
}

/// A closed range, page by page.
#[derive(Debug)]
pub struct Pages<'r> {
    reader: &'r Reader,
    /// What lies before it is read.
    since: i64,
    to: i64,
    cursor: Option<String>,
}

impl Pages<'_> {
    /// The events of the next page whose times lie in the range; none after the last.
    ///
    /// # Errors
    /// If the vendor can't be asked, or gives less than whole pages.
    pub async fn next(&mut self) -> PullResult<Option<Vec<Element>>> {
        if self.since >= self.to {
            return Ok(None);
        }
        let endpoint = self.reader.endpoint;
        let slice = endpoint.slice.map_or(i64::MAX, micros);
        let until = self.to.min(self.since.saturating_add(slice));
        // A log by arrival has events of a range some time before and after it.
        let late = match endpoint.paging {
            Paging::Checkpoint => micros(endpoint.overlap),
            _ => 0,
        };
        let window = Window { since: self.since - late, until: Some(until) };
        let (page, next) = self.reader.page(window, self.cursor.as_deref(), true).await?;
        let in_it = |e: &Element| e.time.is_some_and(|time| (self.since..until).contains(&time));
        let events = page.elements.into_iter().filter(in_it).collect();
        if next.is_all {
            (self.since, self.cursor) = (until, None);
        } else {
            self.cursor = next.cursor;
        }
        Ok(Some(events))
    }
}

/// What a reading came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// Pages that were read.
    pub(super) pages: usize,
    /// Events that were stored.
    pub(super) events: usize,
    /// Times that the vendor refused what it had named as its next.
    pub(super) fallen_back: usize,
}

/// Reads one log, again and again.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) reader: Arc<Reader>,
    pub(super) mark: Mark,
    taken: Taken,
}

impl Collector {
    /// Goes on where the kept mark says; at the beginning where there is none of this log.
    pub(super) fn start(reader: Arc<Reader>, kept: Option<&str>) -> Self {
        let of = reader.of();
        let known = kept.and_then(|text| Mark::read(text, &of));
        if kept.is_some() && known.is_none() {
            tracing::warn!(collector.name = %reader.collector,
                "its mark is of other settings or of another version; the log is read from start_days on");
        }
        let start = reader.client.vendors_now() - i64::from(reader.start_days) * DAY;
        let mark = known.unwrap_or_else(|| Mark::new(of, start));
        let mut taken = Taken::default();
        taken.recall(&mark.taken, mark.seen);
        Self { reader, mark, taken }
    }

    /// The time of the newest event that was read, µs since 1970 UTC.
    pub(super) const fn reached(&self) -> i64 {
        self.mark.seen
    }

    /// Reads everything that is there now.
    ///
    /// # Errors
    /// Why it broke off. What was read is stored, and the next reading goes on there.
    pub(super) async fn read(&mut self, sink: &dyn Sink, meter: &Meter) -> PullResult<Reading> {
        let mut reading = Reading::default();
        loop {
            while sink.is_busy() {
                meter.is(CollectorState::Waiting);
                self.reader.client.clock().sleep(BUSY).await;
            }
            let window = self.window();
            let asked = self.reader.page(window, self.mark.next.as_deref(), false).await;
            let (page, next) = match asked {
                Err(
                    PullError::Rejected { place, detail } | PullError::Missing { place, detail },
                ) if self.mark.next.is_some() && reading.fallen_back == 0 => {
                    let told = format!(
                        "{place} refused where reading was to go on ({detail}); it went on from the time of the last event, with the overlap"
                    );
                    tracing::warn!(collector.name = %self.reader.collector, error = %told,
                        "a log's mark is of no use any more");
                    meter.note(told);
                    self.mark.fall_back(self.reader.endpoint.is_descending);
                    reading.fallen_back += 1;
                    continue;
                }
                other => other?,
            };
            reading.pages += 1;
            let is_all = next.is_all;
            reading.events += self.take(sink, meter, window, page, next).await?;
            // After a range that lay back comes the next one.
            if is_all && window.until.is_none() {
                return Ok(reading);
            }
        }
    }

    /// The range that is being read, or a new one.
    fn window(&mut self) -> Window {
        let now = self.reader.client.vendors_now();
        if self.mark.next.is_none() {
            let slice = self.reader.endpoint.slice.map_or(i64::MAX, micros);
            let end = self.mark.since.saturating_add(slice);
            // The last range is open: what is new comes into it whatever the clocks say.
            self.mark.until = Some(end).filter(|end| *end < now.saturating_sub(slice));
        }
        let overlap = micros(self.reader.endpoint.overlap);
        Window { since: self.mark.since - overlap, until: self.mark.until }
    }

    /// Stores a page with the mark that comes after it. Returns how many of its events
    /// are new.
    async fn take(
        &mut self,
        sink: &dyn Sink,
        meter: &Meter,
        window: Window,
        page: Page,
        next: Next,
    ) -> PullResult<usize> {
        let (endpoint, collector) = (self.reader.endpoint, &self.reader.collector);
        let mut mark = self.mark.clone();
        mark.saw(page.newest(), self.reader.client.vendors_now());
        mark.next = next.cursor;
        if mark.next.is_none() {
            mark.complete();
        } else if endpoint.paging.is_endless() {
            mark.since = mark.seen.max(mark.since);
        }
        let fresh: Vec<Element> =
            page.elements.into_iter().filter(|element| !self.taken.has(element)).collect();
        // What the next range reads again: of one that lies back, only its end.
        let overlap = micros(endpoint.overlap);
        let again = window.until.map_or(i64::MIN, |until| until - overlap);
        for element in fresh.iter().filter(|element| element.time.is_none_or(|t| t >= again)) {
            self.taken.remember(element, mark.seen);
        }
        self.taken.forget(mark.since - overlap);
        if endpoint.id.is_empty() {
            mark.taken = self.taken.in_words();
        }
        // Where nothing is new, the mark alone moves; not for each page of an overlap.
        if !fresh.is_empty() || mark.since > self.mark.since {
            let batch = Batch::told(endpoint.source, collector, lines(fresh.iter()));
            sink::store(sink, &batch.marked(mark.in_words()), meter)
                .await
                .map_err(|error| PullError::Sink(error.to_string()))?;
        }
        self.mark = mark;
        Ok(fresh.len())
    }
}
