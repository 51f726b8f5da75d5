//! `rollcall demo`

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use rollcall_ingest::Intake;
use rollcall_simulate::{Company, Feed, Plan, Record};

use super::generate::snapshot_days;
use crate::cli::{DemoArgs, Global};
use crate::config::Config;
use crate::control::{Work, Worker};
use crate::progress::Progress;
use crate::server::{self, Server};
use crate::{Outcome, output};

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
    let until = args.until.unwrap_or_else(Utc::now);
    let company = Arc::new(Company::new(&Plan::new(args.seed, until)));
    let server = server::start(global, config, args.listen).await?;
    if !args.no_serve {
        introduce(&server)?;
    }
    directory(&server.worker, &company).await?;
    let fed = history(&server, &company, until).await?;
    if args.no_serve {
        server.intake.stop().await?;
        output::line(&format!("{fed} records"))?;
        return Ok(Outcome::Fine);
    }
    output::note(&format!(
        "{fed} records of history are in; live traffic goes on until you stop it (Ctrl-C)"
    ));
    let live = tokio::spawn(live(Arc::clone(&server.intake), company, until));
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

/// The directory and weekly factor snapshots, through the same imports as any.
async fn directory(worker: &Worker, company: &Company) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let people = scratch.path().join("people.csv");
    std::fs::write(&people, company.people_csv())?;
    worker.perform(Work::People(people), &|_| {}).await?;
    for day in snapshot_days(company) {
        let file = scratch.path().join(format!("factors-{day}.csv"));
        std::fs::write(&file, company.factors_csv(day))?;
        worker.perform(Work::Factors(file), &|_| {}).await?;
    }
    Ok(())
}

async fn history(server: &Server, company: &Arc<Company>, until: DateTime<Utc>) -> Result<u64> {
    let progress = Progress::begin("writing history");
    let days: Vec<NaiveDate> = company.days().collect();
    let mut fed = 0;
    // The next days are generated while one is fed.
    let mut ahead = std::collections::VecDeque::new();
    let mut left = days.into_iter().rev();
    loop {
        while ahead.len() < 3
            && let Some(day) = left.next()
        {
            let company = Arc::clone(company);
            ahead.push_back((day, tokio::task::spawn_blocking(move || company.day(day))));
        }
        let Some((day, generated)) = ahead.pop_front() else { break };
        let records = generated.await?;
        let records = records.into_iter().filter(|record| record.time <= until);
        fed += feed(&server.intake, records).await?;
        progress.tell(format!("history back to {day}: {fed} records"));
        if server.is_stopping() {
            break;
        }
    }
    progress.end();
    Ok(fed)
}

/// Hands records to the log, feed by feed, as their collectors would.
async fn feed(intake: &Intake, records: impl Iterator<Item = Record>) -> Result<u64> {
    let mut bodies: BTreeMap<Feed, Vec<u8>> = BTreeMap::new();
    let mut fed = 0;
    for record in records {
        fed += 1;
        let body = bodies.entry(record.feed).or_default();
        body.extend_from_slice(record.line.as_bytes());
        body.push(b'\n');
        if body.len() >= REQUEST {
            send(intake, record.feed, std::mem::take(body)).await?;
        }
    }
    for (feed, body) in bodies {
        send(intake, feed, body).await?;
    }
    Ok(fed)
}

async fn send(intake: &Intake, feed: Feed, body: Vec<u8>) -> Result<()> {
    while intake.backlog_bytes() > WAITING {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    intake.accept(feed.as_str(), &format!("demo-{}", feed.as_str()), Bytes::from(body)).await?;
    Ok(())
}

/// Traffic as it happens, second by second.
async fn live(intake: Arc<Intake>, company: Arc<Company>, since: DateTime<Utc>) -> Result<()> {
    let mut done = since;
    let mut day: Option<(NaiveDate, Vec<Record>)> = None;
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        tick.tick().await;
        let now = Utc::now();
        while done < now {
            let date = done.date_naive();
            if day.as_ref().is_none_or(|(known, _)| *known != date) {
                let company = Arc::clone(&company);
                day = Some((date, tokio::task::spawn_blocking(move || company.day(date)).await?));
            }
            let midnight =
                date.succ_opt().map_or(now, |next| next.and_time(chrono::NaiveTime::MIN).and_utc());
            let end = now.min(midnight);
            let Some((_, records)) = &day else { break };
            let due = records.iter().filter(|record| record.time > done && record.time <= end);
            feed(&intake, due.cloned()).await?;
            done = end.max(done + chrono::TimeDelta::microseconds(1));
        }
    }
}
