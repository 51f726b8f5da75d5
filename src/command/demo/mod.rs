//! `rollcall demo`
//!
//! ```text
//! journal   what has been handed over: a second start goes on from there
//! ```

mod journal;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use rollcall_ingest::Intake;
use rollcall_simulate::{Company, Feed, Plan, Record};

use super::generate;
use crate::cli::{DemoArgs, Global};
use crate::config::Config;
use crate::control::{Work, Worker};
use crate::progress::Progress;
use crate::server::{self, Server};
use crate::{Outcome, output};
use journal::Journal;

/// The demo's own directory: invented people don't mix with real ones.
pub const DATA: &str = "rollcall-demo";
/// Bytes of a request.
const REQUEST: usize = 1 << 20;
/// Bytes that may wait: more and the newest pages would lag behind.
const WAITING: u64 = 32 << 20;
/// How long the demo's sign-in link is good.
const LINK: Duration = Duration::from_secs(24 * 3600);
/// Account that the demo signs in.
const ACCOUNT: &str = "demo";

/// Starts a server, hands it the company's history, newest day first so that
/// there is something to see at once, and then live traffic.
pub async fn run(args: DemoArgs, global: &Global, config: &Config) -> Result<Outcome> {
    let journal = Journal::open(global.data(), args.history.seed, args.history.until)?;
    let company = Arc::new(Company::new(&Plan::new(args.history.seed, journal.until())));
    let server = server::start(global, config, args.listen).await?;
    journal.write()?;
    if !args.no_serve {
        introduce(&server)?;
    }
    directory(&server.worker, &company).await?;
    let (intake, worker) = (Arc::clone(&server.intake), server.worker.clone());
    let mut feeding = Feeding { company, intake, worker, journal };
    // A demo that was given its end keeps to it; another one goes on to now.
    let until = args.history.until.unwrap_or_else(Utc::now);
    let fed = feeding.history(until, args.history.days.unwrap_or(usize::MAX), &server).await?;
    if args.no_serve {
        server.intake.stop().await?;
        output::line(&format!("{fed} records"))?;
        return Ok(Outcome::Fine);
    }
    output::note(&format!(
        "history is in, with {fed} new records; live traffic goes on until you stop it (Ctrl-C)"
    ));
    let live = tokio::spawn(feeding.live(until));
    let ended = server.run().await;
    live.abort();
    ended?;
    Ok(Outcome::Fine)
}

fn introduce(server: &Server) -> Result<()> {
    if !server.db.accounts()?.iter().any(|account| account.name == ACCOUNT) {
        server.db.add_account(ACCOUNT, rollcall_web::Role::Admin)?;
    }
    let secret = server.db.create_login_link(ACCOUNT, LINK)?;
    output::note(&format!("\n  Open {}\n", server.link(&secret)?));
    output::note(
        "It is a company of 400 people that rolls out MFA, invented, in its vendors' own log formats.",
    );
    Ok(())
}

/// The directory and a factor snapshot of each day, through the same imports as any.
async fn directory(worker: &Worker, company: &Company) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let people = scratch.path().join("people.csv");
    std::fs::write(&people, company.people_csv())?;
    worker.perform(Work::People(people), &|_| {}).await?;
    factors(worker, &generate::factors(company)).await
}

async fn factors(worker: &Worker, csv: &str) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let file = scratch.path().join("factors.csv");
    std::fs::write(&file, csv)?;
    worker.perform(Work::Factors(file), &|_| {}).await?;
    Ok(())
}

/// Hands the company's records over, and keeps account of it.
struct Feeding {
    company: Arc<Company>,
    intake: Arc<Intake>,
    worker: Worker,
    journal: Journal,
}

impl Feeding {
    /// The last days until then, newest first; returns how many records were new.
    async fn history(
        &mut self,
        until: DateTime<Utc>,
        last: usize,
        server: &Server,
    ) -> Result<usize> {
        let progress = Progress::begin("writing history");
        let Some(first) = self.company.days().next() else { return Ok(0) };
        let days: Vec<NaiveDate> =
            first.iter_days().take_while(|day| *day <= until.date_naive()).collect();
        let mut fed = 0;
        // The next days are generated while one is fed.
        let mut ahead = VecDeque::new();
        let days = days.into_iter().rev().take(last);
        let mut left = days.filter(|day| !self.journal.is_finished(*day)).collect::<VecDeque<_>>();
        loop {
            while ahead.len() < 3
                && let Some(day) = left.pop_front()
            {
                let company = Arc::clone(&self.company);
                ahead.push_back((day, tokio::task::spawn_blocking(move || company.day(day))));
            }
            let Some((day, generated)) = ahead.pop_front() else { break };
            fed += self.feed(day, &generated.await?, until).await?;
            progress.tell(format!("history back to {day}: {fed} records"));
            if server.is_stopping() {
                break;
            }
        }
        progress.end();
        Ok(fed)
    }

    /// Traffic as it happens, second by second.
    async fn live(mut self, since: DateTime<Utc>) -> Result<()> {
        let mut date = since.date_naive();
        let mut records = self.day(date).await?;
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        loop {
            tick.tick().await;
            let now = Utc::now();
            if !self.journal.is_finished(date) {
                self.feed(date, &records, now).await?;
            }
            while date < now.date_naive()
                && let Some(next) = date.succ_opt()
            {
                date = next;
                records = self.day(date).await?;
                factors(&self.worker, &self.company.factors_csv(date)).await?;
                self.feed(date, &records, now).await?;
            }
        }
    }

    async fn day(&self, date: NaiveDate) -> Result<Vec<Record>> {
        let company = Arc::clone(&self.company);
        Ok(tokio::task::spawn_blocking(move || company.day(date)).await?)
    }

    /// Hands over what of a day is due and wasn't handed over before, feed by
    /// feed, as their collectors would; returns how many records that were.
    async fn feed(
        &mut self,
        day: NaiveDate,
        records: &[Record],
        until: DateTime<Utc>,
    ) -> Result<usize> {
        let mut fed = 0;
        for feed in Feed::ALL {
            let due = records.iter().filter(|record| record.feed == feed && record.time <= until);
            let mut body = Vec::new();
            let mut waiting = 0;
            for record in due.skip(self.journal.acknowledged(day, feed)) {
                body.extend_from_slice(record.line.as_bytes());
                body.push(b'\n');
                waiting += 1;
                if body.len() >= REQUEST {
                    self.send(day, feed, std::mem::take(&mut body), waiting).await?;
                    fed += std::mem::take(&mut waiting);
                }
            }
            if waiting > 0 {
                self.send(day, feed, body, waiting).await?;
                fed += waiting;
            }
        }
        if day < until.date_naive() {
            self.journal.finish(day)?;
        }
        Ok(fed)
    }

    async fn send(
        &mut self,
        day: NaiveDate,
        feed: Feed,
        body: Vec<u8>,
        records: usize,
    ) -> Result<()> {
        while self.intake.backlog_bytes() > WAITING {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let collector = format!("demo-{}", feed.as_str());
        self.intake.accept(feed.as_str(), &collector, Bytes::from(body)).await?;
        self.journal.add(day, feed, records)
    }
}
