//! The object in a store elsewhere, replaced by conditional puts.

use object_store::{Error as StoreError, UpdateVersion};
use rollcall_ledger::Head;

use super::{from_text, moves_on, to_text};
use crate::error::{LakeError, Result};
use crate::remote::{Remote, first_line};

/// Times to read again after a put whose answer was lost or that came second.
const TRIES: usize = 4;

pub(super) fn read(remote: &Remote) -> Result<Option<(Head, UpdateVersion)>> {
    let found = remote.read().map_err(|error| failed("can't read", remote, &error))?;
    found.map(|(bytes, version)| Ok((from_text(remote.url(), &bytes)?, version))).transpose()
}

/// What an error leaves open, whether the put was done, the next reading tells. A
/// put that is still under way is harmless: it writes this head or fails.
pub(super) fn advance(remote: &Remote, head: Head) -> Result<()> {
    let mut failure = None;
    for _ in 0..TRIES {
        let before = match read(remote) {
            Ok(before) => before,
            Err(error) if failure.is_none() => return Err(error),
            Err(_) => break,
        };
        if !moves_on(remote.url(), before.as_ref().map(|(head, _)| *head), head)? {
            return Ok(());
        }
        let put = remote.put(to_text(head).into_bytes(), before.map(|(_, version)| version));
        match put {
            Ok(_) => return Ok(()),
            Err(error) => failure = Some(failed("can't replace", remote, &error)),
        }
    }
    Err(failure.unwrap_or_else(|| LakeError::Remote {
        action: "can't replace",
        place: remote.url().to_owned(),
        detail: "others replace it all the time".to_owned(),
        may_pass: false,
    }))
}

fn failed(action: &'static str, remote: &Remote, error: &StoreError) -> LakeError {
    let may_pass = !matches!(
        error,
        StoreError::PermissionDenied { .. }
            | StoreError::Unauthenticated { .. }
            | StoreError::NotFound { .. }
            | StoreError::NotSupported { .. }
            | StoreError::NotImplemented { .. }
            | StoreError::InvalidPath { .. }
            | StoreError::UnknownConfigurationKey { .. }
    );
    let (place, detail) = (remote.url().to_owned(), first_line(error));
    LakeError::Remote { action, place, detail, may_pass }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::tests::{Fault, Faulty, runtime};
    use crate::sign_once::{Home, SignOnce};

    const fn head(size: u64, byte: u8) -> Head {
        Head { size, root: [byte; 32] }
    }

    /// An object whose store has the given faults, in this order, one for each put.
    fn with(faults: &[Fault]) -> (SignOnce, std::sync::Arc<Faulty>, tokio::runtime::Runtime) {
        let runtime = runtime();
        let store = std::sync::Arc::new(Faulty::new(faults));
        let remote = Remote::of(store.clone(), "log/signed", runtime.handle().clone());
        (SignOnce(Home::Remote(remote)), store, runtime)
    }

    #[test]
    fn it_is_made_once_and_then_replaced_only_by_what_comes_later() {
        let (object, _, _runtime) = with(&[]);
        assert_eq!(object.read().expect("read"), None);
        for next in [head(0, 7), head(3, 1), head(3, 1), head(9, 2)] {
            object.advance(next).expect("moves on");
            assert_eq!(object.read().expect("read"), Some(next));
        }
        for wrong in [head(9, 3), head(8, 1)] {
            let refused = object.advance(wrong).expect_err("refused");
            assert!(matches!(refused, LakeError::SignedOtherwise { .. }), "{refused}");
        }
        assert_eq!(object.read().expect("read"), Some(head(9, 2)));
    }

    #[test]
    fn a_put_that_was_done_and_not_answered_is_known_again() {
        for fault in [Fault::DoneThen503, Fault::DoneThenSecond] {
            let (object, store, _runtime) = with(&[fault, fault]);
            object.advance(head(3, 1)).expect("made");
            object.advance(head(4, 1)).expect("replaced");
            assert_eq!(object.read().expect("read"), Some(head(4, 1)));
            assert_eq!(store.puts(), 2, "nothing was written twice");
        }
    }

    #[test]
    fn a_put_that_was_not_done_is_done_again() {
        let (object, store, _runtime) = with(&[Fault::Only503, Fault::Only503, Fault::None]);
        object.advance(head(3, 1)).expect("made");
        assert_eq!(object.read().expect("read"), Some(head(3, 1)));
        assert_eq!(store.puts(), 3);
    }

    #[test]
    fn a_store_that_stays_away_lets_nothing_be_signed() {
        let (object, _, _runtime) = with(&[Fault::Only503; 9]);
        let Home::Remote(remote) = &object.0 else { panic!("an object") };
        let refused = advance(remote, head(3, 1)).expect_err("refused");
        assert!(matches!(refused, LakeError::Remote { may_pass: true, .. }), "{refused}");
        assert_eq!(object.read().expect("read"), None);
    }

    #[test]
    fn whoever_comes_second_is_refused_and_never_overwrites() {
        // Another notary writes between the reading and the put.
        let (object, _, _runtime) = with(&[Fault::OtherFirst(head(5, 9))]);
        let refused = object.advance(head(5, 1)).expect_err("refused");
        assert!(matches!(refused, LakeError::SignedOtherwise { .. }), "{refused}");
        assert_eq!(object.read().expect("read"), Some(head(5, 9)));
        // What it wrote may also come before ours.
        let (object, _, _runtime) = with(&[Fault::OtherFirst(head(4, 9))]);
        object.advance(head(5, 1)).expect("moves on");
        assert_eq!(object.read().expect("read"), Some(head(5, 1)));
    }

    #[test]
    fn places_are_told_apart_by_how_they_are_written() {
        let runtime = runtime();
        let parse = |text: &str| SignOnce::parse(text, runtime.handle().clone());
        assert_eq!(parse("/mnt/other/signed").expect("a path").place(), "/mnt/other/signed");
        assert_eq!(
            parse("s3://bucket/log/signed").expect("an object").place(),
            "s3://bucket/log/signed"
        );
        for wrong in [
            "",
            "s3://bucket",
            "s3://",
            "s3://a:b@bucket/key",
            "s3://bucket/key?x",
            "https://x/y",
            "file:///x",
        ] {
            assert!(matches!(parse(wrong), Err(LakeError::BadSetting { .. })), "{wrong:?}");
        }
    }
}
