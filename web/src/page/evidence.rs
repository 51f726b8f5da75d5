//! Why the figures can be believed: the ledger, who vouches for it, and the proof of
//! any event to take along.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, Utc};
use http::header;
use rollcall_ledger::{Checkpoint, Directory, Entry, Fact, Note, VERIFIER};
use rollcall_schemas::Position;
use tokio::sync::Semaphore;

use super::frame::Frame;
use crate::error::WebError;
use crate::evidence::{Anchor, Evidence, LastVerification, NoProof, SignOnce};
use crate::guard::visitor::Visitor;
use crate::server::WebState;
use crate::text;

/// Proofs that are made at a time.
static PROOFS: Semaphore = Semaphore::const_new(2);

/// Entries that the page shows.
const NEWEST: u64 = 30;

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    index: u64,
    when: String,
    kind: String,
    about: String,
}

/// An anchor, as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Vouching {
    name: String,
    kind: String,
    size: String,
    age: String,
    remark: String,
}

#[derive(Template)]
#[template(path = "page/evidence.html")]
struct EvidencePage {
    frame: Frame,
    /// Why the ledger can't be shown; empty where it can.
    problem: String,
    origin: String,
    size: String,
    root: String,
    age: String,
    keys: Vec<String>,
    checkpoint: String,
    verification: Option<Verified>,
    /// When everything is verified next; empty where that isn't known.
    next: String,
    sign_once: SignOnce,
    anchors: Vec<Vouching>,
    entries: Vec<Line>,
    verifier: Vec<&'static str>,
}

/// The last verification, in words.
struct Verified {
    when: String,
    covered: String,
    count: String,
    findings: Vec<String>,
}

/// What is read of the ledger for the page.
#[derive(Default)]
struct Ledger {
    checkpoint: String,
    origin: String,
    size: u64,
    root: String,
    entries: Vec<(u64, Entry)>,
}

/// `GET /evidence`
pub(crate) async fn get(
    State(state): State<WebState>,
    visitor: Visitor,
) -> Result<Response, WebError> {
    let now = state.settings.clock.now();
    let frame = Frame::inside("Evidence", "/evidence", "", "/evidence".to_owned(), &visitor)?;
    let page = on_a_thread(&state, move |evidence| page(frame, evidence, now)).await?;
    Ok(Html(page.render()?).into_response())
}

fn page(frame: Frame, evidence: &dyn Evidence, now: DateTime<Utc>) -> EvidencePage {
    let (ledger, problem) = match read(&Directory::new(evidence.ledger())) {
        Ok(ledger) => (ledger, String::new()),
        Err(problem) => (Ledger::default(), problem),
    };
    let newest = ledger.entries.first().map(|(_, entry)| entry.time);
    let since = |micros| DateTime::from_timestamp_micros(micros).map(|at| text::ago(now - at));
    EvidencePage {
        frame,
        problem,
        age: newest.and_then(since).unwrap_or_default(),
        size: text::count(i64::try_from(ledger.size).unwrap_or(i64::MAX)),
        root: ledger.root,
        origin: text::visible(&ledger.origin),
        keys: evidence.keys().unwrap_or_default().lines().map(str::to_owned).collect(),
        checkpoint: ledger.checkpoint,
        verification: evidence.verification().map(|last| verified(last, now)),
        next: evidence.next_verification().map(text::instant).unwrap_or_default(),
        sign_once: evidence.sign_once(),
        anchors: evidence.anchors().into_iter().map(|anchor| vouching(anchor, now)).collect(),
        entries: ledger.entries.iter().map(|(index, entry)| line(*index, entry)).collect(),
        verifier: VERIFIER.iter().map(|(name, _)| *name).collect(),
    }
}

/// The checkpoint, as its bytes and what it says.
pub(super) fn newest_checkpoint(log: &Directory) -> Result<(Vec<u8>, Checkpoint), String> {
    let bytes = log.checkpoint().map_err(|error| error.to_string())?;
    let bytes = bytes.ok_or_else(|| "no ledger has been begun".to_owned())?;
    let note = Note::parse(&bytes).map_err(|error| error.to_string())?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|error| error.to_string())?;
    Ok((bytes, checkpoint))
}

fn read(log: &Directory) -> Result<Ledger, String> {
    let (bytes, checkpoint) = newest_checkpoint(log)?;
    let from = checkpoint.size.saturating_sub(NEWEST);
    let entries = log.entries(checkpoint.size);
    let mut newest = Vec::new();
    for entry in entries.from(from) {
        let (index, bytes) = entry.map_err(|error| error.to_string())?;
        newest.push((index, Entry::parse(&bytes).map_err(|error| error.to_string())?));
    }
    newest.reverse();
    Ok(Ledger {
        checkpoint: String::from_utf8_lossy(&bytes).into_owned(),
        origin: checkpoint.origin,
        size: checkpoint.size,
        root: hex::encode(checkpoint.root),
        entries: newest,
    })
}

fn line(index: u64, entry: &Entry) -> Line {
    let when = DateTime::from_timestamp_micros(entry.time).map(text::instant);
    let about = match (entry.added(), entry.commit()) {
        (Some(file), _) => {
            let rows = i64::try_from(file.rows).unwrap_or(i64::MAX);
            format!("{}: {}", file.path, text::plural(rows, "row", "rows"))
        }
        (None, Some(commit)) => format!("{} version {}", commit.table, commit.delta_version),
        (None, None) => match &entry.fact {
            Fact::Heartbeat(_) => "nothing was sealed for ten minutes".to_owned(),
            Fact::KeyChange(change) => format!("the key from entry {} on", change.from),
            Fact::Close(close) => close.period.clone(),
            Fact::Report(report) => report.period.clone(),
            _ => String::new(),
        },
    };
    Line {
        index,
        when: when.unwrap_or_default(),
        kind: entry.fact.kind().to_owned(),
        about: text::visible(&about),
    }
}

fn verified(last: LastVerification, now: DateTime<Utc>) -> Verified {
    let number = |n: u64| text::count(i64::try_from(n).unwrap_or(i64::MAX));
    Verified {
        when: format!("{}, {}", text::instant(last.at), text::ago(now - last.at)),
        covered: format!(
            "{} entries, {} files, {} rows",
            number(last.entries),
            number(last.files),
            number(last.rows)
        ),
        count: text::plural(
            i64::try_from(last.findings.len()).unwrap_or(i64::MAX),
            "finding",
            "findings",
        ),
        findings: last.findings.iter().map(|f| text::visible(f)).collect(),
    }
}

fn vouching(anchor: Anchor, now: DateTime<Utc>) -> Vouching {
    let size = anchor.size.map(|size| text::count(i64::try_from(size).unwrap_or(i64::MAX)));
    Vouching {
        name: text::visible(&anchor.name),
        kind: anchor.kind,
        size: size.unwrap_or_default(),
        age: anchor.at.map(|at| text::ago(now - at)).unwrap_or_default(),
        remark: text::visible(&anchor.problem.or(anchor.remark).unwrap_or_default()),
    }
}

/// `GET /events/{position}/proof`; with `?raw=no` without the record.
pub(crate) async fn proof(
    State(state): State<WebState>,
    _visitor: Visitor,
    Path(position): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let event: Position = position.parse().map_err(|_| WebError::NothingHere)?;
    let with_raw = query.as_deref() != Some("raw=no");
    // Each hashes a whole file: those who come next wait.
    let _turn = PROOFS.acquire().await;
    let made = on_a_thread(&state, move |evidence| evidence.prove(event, with_raw)).await?;
    let file = made.map_err(|error| match error {
        NoProof::NotSealed => WebError::NotSealed { event },
        NoProof::Failed(reason) => WebError::Writing(reason),
    })?;
    let name = format!("attachment; filename=\"event-{event}.tlog-proof\"");
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, file).into_response())
}

/// `GET /ledger/{path}`: the checkpoint and the tiles, as c2sp.org/tlog-tiles has them.
pub(crate) async fn file(
    State(state): State<WebState>,
    _visitor: Visitor,
    Path(path): Path<String>,
) -> Result<Response, WebError> {
    let is_checkpoint = path == "checkpoint";
    let read = on_a_thread(&state, move |evidence| {
        let log = Directory::new(evidence.ledger());
        if is_checkpoint {
            return log.checkpoint().ok().flatten();
        }
        // Only what is named like a tile: never a key.
        rollcall_ledger::ReadTile::tile(&log, &path).ok()
    });
    let bytes = read.await?.ok_or(WebError::NothingHere)?;
    let (kind, cache) = if is_checkpoint {
        ("text/plain; charset=utf-8", "no-store")
    } else {
        // A tile is never written twice.
        ("application/octet-stream", "private, max-age=31536000, immutable")
    };
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)], bytes).into_response())
}

/// `GET /evidence/keys`: the log's public keys.
pub(crate) async fn keys(
    State(state): State<WebState>,
    _visitor: Visitor,
) -> Result<Response, WebError> {
    let keys = on_a_thread(&state, |evidence| evidence.keys()).await?;
    let keys = keys.map_err(WebError::Writing)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], keys).into_response())
}

/// `GET /evidence/verifier/{name}`: the verifier in Python.
pub(crate) async fn verifier(
    _visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, WebError> {
    let (name, text) =
        VERIFIER.iter().find(|(known, _)| *known == name).ok_or(WebError::NothingHere)?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, *text).into_response())
}

pub(super) async fn on_a_thread<T: Send + 'static>(
    state: &WebState,
    work: impl FnOnce(&dyn Evidence) -> T + Send + 'static,
) -> Result<T, WebError> {
    let evidence = state.evidence.as_ref().map(Arc::clone).ok_or(WebError::NothingHere)?;
    tokio::task::spawn_blocking(move || work(evidence.as_ref()))
        .await
        .map_err(|error| WebError::Writing(error.to_string()))
}
