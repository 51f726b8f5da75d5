//! What keeps the ledger alive beside the seals, and looks after what it says:
//! heartbeats; what was sealed, read again within the hour; everything, every day.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rollcall_lake::anchor::{Standing, newest_receipts};
use rollcall_lake::{Lake, LakeError, LedgerSettings, Verification, VerifyOptions, verify};
use rollcall_ledger::PublicKeys;
use rollcall_schemas::Position;
use rollcall_web::{Anchor, LastVerification, NoProof, SignOnce};

use super::Stopping;

/// How often is looked whether something is due.
const EVERY: Duration = Duration::from_secs(60);
/// How much later than due work begins, at most.
const PAUSE: TimeDelta = TimeDelta::seconds(60);
/// How long after it was sealed a file is read again, at most.
const NEW_FILES: TimeDelta = TimeDelta::minutes(30);
/// How often everything is.
const ALL_FILES: TimeDelta = TimeDelta::hours(24);

/// The ledger of a running server, as its pages show it.
#[derive(Clone)]
pub struct Evidence {
    lake: Arc<Lake>,
    settings: LedgerSettings,
    verified: Arc<Mutex<Verified>>,
    /// When everything is verified next.
    next: Arc<Mutex<Option<DateTime<Utc>>>>,
    /// Why an anchor didn't take the last checkpoint, by its name.
    refused: Arc<Mutex<BTreeMap<String, String>>>,
}

/// What verification found.
#[derive(Debug, Default)]
struct Verified {
    /// The last one of everything.
    complete: Option<LastVerification>,
    /// What looks at what is new found since then.
    since: Vec<String>,
}

impl Verified {
    /// Adds what a look at what is new found: it says nothing of the rest.
    fn also(&mut self, findings: Vec<String>) {
        let known = self.complete.as_ref().map_or(&[][..], |last| &last.findings);
        for finding in findings {
            if !known.contains(&finding) && !self.since.contains(&finding) {
                self.since.push(finding);
            }
        }
    }

    /// All of it.
    fn told(&self) -> Option<LastVerification> {
        let mut told = self.complete.clone()?;
        told.findings.extend(self.since.iter().cloned());
        Some(told)
    }
}

impl Evidence {
    /// Of a lake; runs until the process ends. A ledger that can't be written ends it.
    /// Files that a piece of work takes away aren't missed: who verifies takes its turn.
    pub fn keep(
        lake: Arc<Lake>,
        settings: LedgerSettings,
        turn: Arc<tokio::sync::Mutex<()>>,
        stopping: &Stopping,
    ) -> Self {
        let evidence = Self {
            lake,
            settings,
            verified: Arc::default(),
            next: Arc::default(),
            refused: Arc::default(),
        };
        let keeper = evidence.clone();
        let fail = stopping.on_failure();
        let (ending, stopping) = (stopping.clone(), stopping.clone());
        tokio::spawn(async move {
            let mut turns = tokio::time::interval(EVERY);
            loop {
                tokio::select! {
                    () = stopping.asked() => return,
                    _ = turns.tick() => {}
                }
                if let Err(error) = keeper.lake.heartbeat().await {
                    return fail(error.to_string());
                }
                keeper.push().await;
            }
        });
        let reader = evidence.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = ending.asked() => {}
                () = reader.read_again(&turn) => {}
            }
        });
        evidence
    }

    /// Reads again what was sealed, and now and then everything; never ends.
    async fn read_again(&self, turn: &tokio::sync::Mutex<()>) {
        // The first heartbeat and the first visitors come before.
        let mut turns = tokio::time::interval_at(tokio::time::Instant::now() + EVERY, EVERY);
        let (mut read_to, mut new_files, mut all_files) = (0, Utc::now(), None);
        loop {
            turns.tick().await;
            let now = Utc::now();
            let from = if is_due(all_files, ALL_FILES, now) {
                all_files = Some(now);
                if let Ok(mut next) = self.next.lock() {
                    *next = Some(now + ALL_FILES + PAUSE);
                }
                0
            } else if now - new_files > NEW_FILES {
                read_to
            } else {
                continue;
            };
            new_files = now;
            let _turn = turn.lock().await;
            read_to = self.look(from, read_to).await;
        }
    }

    /// Brings the checkpoint to the anchors whose turn it is.
    async fn push(&self) {
        let pushed = match self.lake.push_anchors().await {
            Ok(pushed) => pushed,
            Err(error) => {
                tracing::error!(%error, "the checkpoint can't be brought to the anchors");
                return;
            }
        };
        let Ok(mut refused) = self.refused.lock() else { return };
        for (name, result) in pushed {
            match result {
                Ok(_) => {
                    refused.remove(&name);
                }
                Err(error) => {
                    let words = error.to_string();
                    tracing::warn!(anchor.name = name, %error, "an anchor didn't take the checkpoint");
                    refused.insert(name, words);
                }
            }
        }
    }

    /// Reads again what entries from one on name; returns the entries that are read now.
    async fn look(&self, from_entry: u64, read_to: u64) -> u64 {
        let outside = self.settings.clone();
        let options = VerifyOptions { from_entry, outside, ..VerifyOptions::default() };
        match verify(self.lake.directory().path(), options, |_| {}).await {
            Ok(verification) => {
                for finding in &verification.findings {
                    tracing::error!(finding.kind = finding.kind.as_words(), %finding,
                        "verification found something wrong");
                }
                self.remember(in_words(&verification), from_entry == 0);
                verification.entries
            }
            Err(error) => {
                tracing::error!(%error, "what is stored can't be verified");
                let findings = vec![format!("what is stored can't be verified: {error}")];
                let at = Utc::now();
                let verified = LastVerification { at, entries: 0, files: 0, rows: 0, findings };
                self.remember(verified, from_entry == 0);
                read_to
            }
        }
    }

    fn remember(&self, verified: LastVerification, is_complete: bool) {
        let Ok(mut known) = self.verified.lock() else { return };
        if is_complete {
            *known = Verified { complete: Some(verified), since: Vec::new() };
        } else {
            known.also(verified.findings);
        }
    }
}

/// A verification that came to its end just now, in words.
fn in_words(verification: &Verification) -> LastVerification {
    LastVerification {
        at: Utc::now(),
        entries: verification.entries,
        files: verification.files as u64,
        rows: verification.rows,
        findings: verification.findings.iter().map(ToString::to_string).collect(),
    }
}

fn is_due(last: Option<DateTime<Utc>>, every: TimeDelta, now: DateTime<Utc>) -> bool {
    last.is_none_or(|last| now - last > every)
}

impl rollcall_web::Evidence for Evidence {
    fn ledger(&self) -> PathBuf {
        self.lake.directory().ledger()
    }

    fn keys(&self) -> Result<String, String> {
        let path = self.lake.directory().keys().join("log.pub");
        std::fs::read_to_string(&path)
            .map_err(|error| format!("can't read {}: {error}", path.display()))
    }

    fn prove(&self, event: Position, with_raw: bool) -> Result<Vec<u8>, NoProof> {
        let proof =
            rollcall_lake::prove(self.lake.directory(), &self.lake.snapshot(), event, with_raw);
        proof.map_err(|error| match error {
            LakeError::NoEvent { .. } | LakeError::NoEntry { .. } => NoProof::NotSealed,
            error => NoProof::Failed(error.to_string()),
        })
    }

    fn verification(&self) -> Option<LastVerification> {
        self.verified.lock().ok().and_then(|verified| verified.told())
    }

    fn next_verification(&self) -> Option<DateTime<Utc>> {
        self.next.lock().ok().and_then(|next| *next)
    }

    fn sign_once(&self) -> SignOnce {
        let (place, is_apart) = self.lake.sign_once_place(&self.settings);
        SignOnce { place, is_apart }
    }

    fn anchors(&self) -> Vec<Anchor> {
        let keys = self.keys().unwrap_or_default().parse().map(|keys: PublicKeys| keys.verifiers());
        let reports = newest_receipts(
            &self.settings.anchors,
            &self.lake.directory().ledger(),
            &keys.unwrap_or_default(),
        );
        let reports = reports.unwrap_or_default();
        let refused = self.refused.lock().map(|refused| refused.clone()).unwrap_or_default();
        let mut anchors = Vec::new();
        for settings in &self.settings.anchors {
            let name = settings.name();
            let newest = reports.iter().find(|report| report.anchor == name);
            let (wrong, remark) = match newest.map(|report| &report.standing) {
                Some(Standing::Wrong(error)) => (Some(error.to_string()), None),
                Some(Standing::Claimed { why }) => (None, Some(why.clone())),
                _ => (None, None),
            };
            anchors.push(Anchor {
                name: name.to_owned(),
                kind: settings.kind().to_owned(),
                size: newest.and_then(|report| report.checkpoint.as_ref()).map(|c| c.size),
                at: newest.and_then(|report| report.time),
                problem: refused.get(name).cloned().or(wrong),
                remark,
            });
        }
        anchors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_look_at_what_is_new_finds_stands_beside_what_everything_came_to() {
        let mut verified = Verified::default();
        verified.also(vec!["altered row: a".to_owned()]);
        assert!(verified.told().is_none(), "nothing was read as a whole yet");
        let findings = vec!["rolled back: anchor".to_owned()];
        let at = Utc::now();
        let complete = LastVerification { at, entries: 7, files: 1, rows: 2, findings };
        verified = Verified { complete: Some(complete), since: Vec::new() };
        let new = || vec!["rolled back: anchor".to_owned(), "altered row: b".to_owned()];
        verified.also(new());
        verified.also(new());
        verified.also(Vec::new());
        let told = verified.told().expect("read");
        assert_eq!(told.findings, ["rolled back: anchor", "altered row: b"]);
        assert_eq!((told.at, told.entries), (at, 7));
    }
}
