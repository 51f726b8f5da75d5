use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;

/// A clock that a test moves.
#[derive(Default)]
struct Hands(AtomicI64);

impl Hands {
    fn forward(&self, by: Duration) {
        self.0.fetch_add(micros(by), Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(1_800_000_000_000_000 + self.0.load(Ordering::SeqCst))
            .unwrap()
    }
}

fn open() -> (tempfile::TempDir, Arc<Hands>, StateDb) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Hands::default());
    let db =
        StateDb::open_with_clock(&folder.path().join("state.db"), Arc::clone(&clock) as _).unwrap();
    (folder, clock, db)
}

fn link(db: &StateDb, account: &str, seconds: u64) -> Secret {
    Secret::parse(&db.create_login_link(account, Duration::from_secs(seconds)).unwrap()).unwrap()
}

/// The secret part of a token; it may hold underscores itself.
fn secret_of(token: &str) -> &str {
    token.splitn(3, '_').nth(2).unwrap()
}

const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn files_are_for_their_owner_alone() {
    let (folder, _, db) = open();
    db.add_account("ada", Role::Admin).unwrap();
    let mut seen = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        seen += 1;
    }
    assert!(seen >= 2, "the database and its write-ahead log");
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let (folder, _, db) = open();
    db.connection().pragma_update(None, "user_version", 99).unwrap();
    let error = StateDb::open(&folder.path().join("state.db")).err().unwrap();
    assert!(matches!(error, StateError::Newer { found: 99, known: 1 }));
}

#[test]
fn a_link_lets_in_once() {
    let (_folder, _, db) = open();
    db.add_account("ada", Role::Admin).unwrap();
    let link = link(&db, "ada", 600);
    assert_eq!(db.look_at_link(&link).unwrap(), LinkState::Good);
    assert_eq!(db.look_at_link(&link).unwrap(), LinkState::Good, "looking doesn't use it up");
    let session = db.redeem_link(&link).unwrap().unwrap();
    assert_eq!(db.session(&session).unwrap().unwrap().account, "ada");
    assert_eq!(db.look_at_link(&link).unwrap(), LinkState::Used);
    assert_eq!(db.redeem_link(&link).unwrap(), None);
}

#[test]
fn a_link_expires_at_its_second() {
    let (_folder, clock, db) = open();
    db.add_account("ada", Role::Admin).unwrap();
    let (early, late) = (link(&db, "ada", 600), link(&db, "ada", 600));
    clock.forward(Duration::from_micros(599_999_999));
    assert!(db.redeem_link(&early).unwrap().is_some());
    clock.forward(Duration::from_micros(1));
    assert_eq!(db.look_at_link(&late).unwrap(), LinkState::Expired);
    assert_eq!(db.redeem_link(&late).unwrap(), None);
}

#[test]
fn the_first_link_comes_once() {
    let (_folder, _, db) = open();
    assert!(db.first_run_link(HOUR).unwrap().is_some());
    assert_eq!(db.first_run_link(HOUR).unwrap(), None);
}

#[test]
fn no_secret_is_in_the_files() {
    let (folder, _, db) = open();
    db.add_account("ada", Role::Admin).unwrap();
    let link = link(&db, "ada", 600);
    let token = db.create_token("fleet", &["okta".to_owned()], None).unwrap();
    let session = db.redeem_link(&link).unwrap().unwrap();
    let secret = secret_of(&token);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [link.as_str(), session.as_str(), &secret[..20]] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()));
        }
    }
}

#[test]
fn a_session_ends_after_eight_idle_hours_and_after_seven_days() {
    let (_folder, clock, db) = open();
    db.add_account("ada", Role::Admin).unwrap();
    let idle = db.redeem_link(&link(&db, "ada", 600)).unwrap().unwrap();
    let busy = db.redeem_link(&link(&db, "ada", 600)).unwrap().unwrap();
    clock.forward(HOUR * 7);
    assert!(db.session(&busy).unwrap().is_some());
    clock.forward(HOUR);
    assert!(db.session(&idle).unwrap().is_none());
    for _ in 0..(7 * 24 / 4 - 2) {
        assert!(db.session(&busy).unwrap().is_some());
        clock.forward(HOUR * 4);
    }
    assert!(db.session(&busy).unwrap().is_none(), "used all the time, and over nevertheless");
}

#[test]
fn signing_out_and_disabling_end_sessions() {
    let (_folder, _, db) = open();
    db.add_account("ada", Role::Admin).unwrap();
    db.add_account("bob", Role::Analyst).unwrap();
    let ada = db.redeem_link(&link(&db, "ada", 600)).unwrap().unwrap();
    let bob = db.redeem_link(&link(&db, "bob", 600)).unwrap().unwrap();
    let unused = link(&db, "bob", 600);
    db.end_session(&ada).unwrap();
    db.disable_account("bob").unwrap();
    assert_eq!(db.session(&ada).unwrap(), None);
    assert_eq!(db.session(&bob).unwrap(), None);
    assert_eq!(db.look_at_link(&unused).unwrap(), LinkState::Unknown);
    assert_eq!(db.redeem_link(&unused).unwrap(), None);
    assert!(matches!(db.create_login_link("bob", HOUR), Err(StateError::NoSuchAccount(_))));
}

#[test]
fn names_that_could_be_mistaken_are_refused() {
    let (_folder, _, db) = open();
    for name in ["", " ada", "a b", "a\nb", "-x", "ä", &"a".repeat(81)] {
        assert!(
            matches!(db.add_account(name, Role::Admin), Err(StateError::BadName(_))),
            "{name:?}"
        );
    }
    db.add_account("ada", Role::Admin).unwrap();
    assert!(matches!(db.add_account("ada", Role::Admin), Err(StateError::AccountExists(_))));
}

#[test]
fn a_token_is_checked_in_full() {
    let (_folder, _, db) = open();
    let token = db.create_token("fleet", &["okta".to_owned(), "sshd".to_owned()], None).unwrap();
    let collector = db.check_token(&token).unwrap();
    assert_eq!(collector.name, "fleet");
    assert!(collector.may_send("okta") && !collector.may_send("entra"));
    let id = token.strip_suffix(secret_of(&token)).unwrap().trim_end_matches('_');
    let other = Secret::random().unwrap();
    let wrong = format!("{id}_{}", other.as_str());
    assert_eq!(db.check_token(&wrong), Err(TokenError::Unknown));
    assert_eq!(db.check_token(&format!("rc_0_{}", other.as_str())), Err(TokenError::Unknown));
    for bad in ["", "rc_", "rc__", id, &token[1..], &token[..token.len() - 1]] {
        assert_eq!(db.check_token(bad), Err(TokenError::Malformed), "{bad:?}");
    }
}

#[test]
fn a_token_expires() {
    let (_folder, clock, db) = open();
    let expires = clock.now() + TimeDelta::hours(1);
    let token = db.create_token("fleet", &["*".to_owned()], Some(expires)).unwrap();
    assert!(db.check_token(&token).unwrap().may_send("anything"));
    clock.forward(HOUR);
    assert_eq!(db.check_token(&token), Err(TokenError::Expired));
}

#[test]
fn rotation_has_two_live_tokens_and_never_three() {
    let (_folder, _, db) = open();
    let first = db.create_token("fleet", &["okta".to_owned()], None).unwrap();
    assert!(matches!(
        db.create_token("fleet", &["sshd".to_owned()], None),
        Err(StateError::HasToken(_))
    ));
    let second = db.rotate_token("fleet", None).unwrap();
    assert!(matches!(db.rotate_token("fleet", None), Err(StateError::TwoTokens(_))));
    assert_eq!(db.check_token(&first), db.check_token(&second));
    let id = first.split('_').nth(1).unwrap();
    db.revoke_token(id).unwrap();
    assert_eq!(db.check_token(&first), Err(TokenError::Revoked));
    assert!(db.check_token(&second).is_ok());
    let listed = db.tokens().unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|token| token.last_used.is_some()));
}

#[test]
fn a_token_made_by_another_process_works_at_once() {
    let (folder, _, db) = open();
    let first = db.create_token("fleet", &["okta".to_owned()], None).unwrap();
    let other = StateDb::open(&folder.path().join("state.db")).unwrap();
    for _ in 0..20 {
        // What is known was looked at just now.
        assert!(db.check_token(&first).is_ok());
        let token = other.create_token("later", &["okta".to_owned()], None);
        let token = token.unwrap();
        assert!(db.check_token(&token).is_ok());
        other.revoke_token(token.split('_').nth(1).unwrap()).unwrap();
    }
}

#[test]
fn a_token_revoked_by_another_process_stops_within_a_second() {
    let (folder, _, db) = open();
    let token = db.create_token("fleet", &["okta".to_owned()], None).unwrap();
    let other = StateDb::open(&folder.path().join("state.db")).unwrap();
    other.revoke_token(token.split('_').nth(1).unwrap()).unwrap();
    let revoked = Instant::now();
    while db.check_token(&token).is_ok() {
        assert!(revoked.elapsed() < Duration::from_secs(1));
    }
    assert_eq!(db.check_token(&token), Err(TokenError::Revoked));
}
