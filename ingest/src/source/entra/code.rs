//! Sign-in error codes (AADSTS…): outcome and reason.

use rollcall_schemas::{Outcome, Reason};

use Outcome::{Denied, Error, Failure, Interrupted};

/// Codes, what they mean for the sign-in, and why. Interrupted ones ask for a
/// further step (a second factor, a new password, consent, a choice of account)
/// and are no failures: the same flow goes on under another id.
#[rustfmt::skip]
const CODES: &[(i64, Outcome, Option<Reason>)] = &[
    (16000, Interrupted, None),                             // several accounts: choose one
    (16001, Interrupted, None),
    (16002, Interrupted, None),
    (16003, Denied, Some(Reason::NotAuthorized)),           // not in the resource's tenant
    (50005, Denied, Some(Reason::Policy)),                  // the platform is not allowed
    (50011, Failure, Some(Reason::Other)),                  // reply address not registered
    (50012, Failure, Some(Reason::BadKey)),
    (50013, Failure, Some(Reason::BadKey)),                 // assertion not valid
    (50014, Failure, Some(Reason::SessionExpired)),
    (50017, Failure, Some(Reason::BadKey)),                 // certificate not valid
    (50020, Denied, Some(Reason::NotAuthorized)),           // of another identity provider
    (50027, Failure, Some(Reason::BadKey)),
    (50034, Failure, Some(Reason::UnknownUser)),
    (50042, Error, Some(Reason::ServiceError)),
    (50053, Failure, Some(Reason::Locked)),
    (50055, Interrupted, Some(Reason::PasswordExpired)),
    (50056, Failure, Some(Reason::BadPassword)),            // there is none in the cloud
    (50057, Denied, Some(Reason::Disabled)),
    (50058, Interrupted, Some(Reason::SessionExpired)),     // silent sign-in without a session
    (50059, Failure, Some(Reason::Other)),
    (50064, Failure, Some(Reason::BadPassword)),
    (50072, Interrupted, Some(Reason::NotEnrolled)),        // must set up a second factor
    (50074, Interrupted, Some(Reason::MfaRequired)),
    (50076, Interrupted, Some(Reason::MfaRequired)),
    (50078, Interrupted, Some(Reason::MfaRequired)),        // the last one is too old
    (50079, Interrupted, Some(Reason::NotEnrolled)),
    (50085, Failure, Some(Reason::SessionExpired)),
    (50087, Error, Some(Reason::ServiceError)),             // telephone provider
    (50088, Denied, Some(Reason::TooManyAttempts)),         // too many calls or texts
    (50089, Failure, Some(Reason::SessionExpired)),
    (50097, Interrupted, Some(Reason::Policy)),             // the device must sign in
    (50105, Denied, Some(Reason::NotAuthorized)),           // not assigned to the application
    (50107, Failure, Some(Reason::Other)),
    (50125, Interrupted, None),                             // password reset or registration
    (50126, Failure, Some(Reason::BadPassword)),
    (50127, Interrupted, Some(Reason::Policy)),             // the broker app is missing
    (50128, Failure, Some(Reason::Other)),
    (50129, Interrupted, Some(Reason::Policy)),             // the device must be joined
    (50131, Denied, Some(Reason::Policy)),
    (50132, Failure, Some(Reason::SessionExpired)),
    (50133, Failure, Some(Reason::SessionExpired)),         // the password was changed
    (50135, Interrupted, Some(Reason::Risk)),               // must change the password
    (50140, Interrupted, None),                             // keep me signed in?
    (50142, Interrupted, Some(Reason::Risk)),
    (50143, Interrupted, None),
    (50144, Interrupted, Some(Reason::PasswordExpired)),
    (50155, Denied, Some(Reason::Policy)),                  // the device couldn't sign in
    (50158, Interrupted, Some(Reason::MfaRequired)),        // an external challenge
    (50159, Failure, Some(Reason::FactorFailed)),
    (50173, Failure, Some(Reason::SessionExpired)),
    (50177, Denied, Some(Reason::NotAuthorized)),
    (50178, Interrupted, None),
    (50194, Failure, Some(Reason::Other)),
    (50196, Error, Some(Reason::ServiceError)),             // the client loops
    (50199, Interrupted, None),                             // confirm the application
    (50201, Interrupted, None),
    (50203, Interrupted, Some(Reason::NotEnrolled)),        // asked to set the app up
    (50206, Interrupted, None),
    (51004, Failure, Some(Reason::UnknownUser)),
    (51006, Interrupted, Some(Reason::MfaRequired)),
    (52004, Interrupted, None),
    (53000, Denied, Some(Reason::Policy)),                  // the device is not compliant
    (53001, Denied, Some(Reason::Policy)),                  // the device is not joined
    (53002, Denied, Some(Reason::Policy)),                  // the app is not approved
    (53003, Denied, Some(Reason::Policy)),                  // conditional access
    (53004, Denied, Some(Reason::Risk)),                    // can't register a factor: risk
    (53008, Denied, Some(Reason::Policy)),
    (53009, Denied, Some(Reason::Policy)),
    (53010, Denied, Some(Reason::Policy)),
    (53011, Denied, Some(Reason::Risk)),
    (54000, Denied, Some(Reason::Policy)),
    (54005, Failure, Some(Reason::SessionExpired)),
    (54008, Interrupted, Some(Reason::MfaRequired)),
    (65001, Interrupted, None),                             // consent is asked for
    (65004, Denied, Some(Reason::Abandoned)),               // the person declined consent
    (70000, Failure, Some(Reason::SessionExpired)),
    (70002, Failure, Some(Reason::BadKey)),
    (70008, Failure, Some(Reason::SessionExpired)),
    (70016, Interrupted, None),                             // device code: still pending
    (70019, Failure, Some(Reason::SessionExpired)),
    (70043, Interrupted, Some(Reason::SessionExpired)),     // sign-in frequency
    (70044, Interrupted, Some(Reason::SessionExpired)),
    (70046, Interrupted, Some(Reason::SessionExpired)),
    (80001, Error, Some(Reason::ServiceError)),             // on-premises agents
    (80002, Error, Some(Reason::ServiceError)),
    (80005, Error, Some(Reason::ServiceError)),
    (80007, Error, Some(Reason::ServiceError)),
    (80010, Error, Some(Reason::ServiceError)),
    (80012, Denied, Some(Reason::Policy)),                  // outside the logon hours
    (80014, Error, Some(Reason::ServiceError)),
    (81010, Error, Some(Reason::ServiceError)),
    (81012, Interrupted, None),                             // another account than signed in
    (90002, Failure, Some(Reason::Other)),
    (90010, Failure, Some(Reason::Other)),
    (90014, Failure, Some(Reason::Other)),
    (90025, Error, Some(Reason::ServiceError)),
    (90033, Error, Some(Reason::ServiceError)),
    (90072, Denied, Some(Reason::NotAuthorized)),           // external, not in this tenant
    (90094, Denied, Some(Reason::NotAuthorized)),           // only an administrator may consent
    (90095, Interrupted, None),                             // admin consent was requested
    (120000, Failure, Some(Reason::BadPassword)),           // password change: wrong old one
    (120002, Failure, Some(Reason::Policy)),                // too weak
    (130500, Failure, Some(Reason::FactorFailed)),          // phone sign-in
    (130501, Denied, Some(Reason::Policy)),
    (130502, Denied, Some(Reason::FactorDenied)),
    (130503, Failure, Some(Reason::FactorFailed)),          // temporary access pass
    (130504, Failure, Some(Reason::SessionExpired)),
    (130505, Failure, Some(Reason::FactorFailed)),
    (130506, Failure, Some(Reason::FactorFailed)),
    (130507, Failure, Some(Reason::FactorFailed)),
    (135010, Failure, Some(Reason::BadKey)),                // no such key
    (135011, Denied, Some(Reason::Disabled)),               // the device is disabled
    (399218, Interrupted, None),
    (399266, Interrupted, None),
    (400801, Failure, Some(Reason::Other)),
    (500011, Failure, Some(Reason::Other)),
    (500121, Failure, Some(Reason::FactorFailed)),
    (500126, Failure, Some(Reason::BadKey)),
    (500133, Failure, Some(Reason::SessionExpired)),
    (500172, Failure, Some(Reason::BadKey)),
    (500571, Denied, Some(Reason::Disabled)),               // the guest is disabled
    (501241, Failure, Some(Reason::Other)),
    (501314, Interrupted, None),
    (530002, Denied, Some(Reason::Policy)),
    (530003, Denied, Some(Reason::Policy)),
    (530004, Denied, Some(Reason::Policy)),
    (530032, Denied, Some(Reason::Policy)),
    (530034, Denied, Some(Reason::Risk)),
    (530035, Denied, Some(Reason::Policy)),
    (700003, Failure, Some(Reason::Other)),                 // the device is not known
    (700016, Failure, Some(Reason::Other)),
    (700024, Failure, Some(Reason::SessionExpired)),
    (700027, Failure, Some(Reason::BadKey)),
    (700082, Failure, Some(Reason::SessionExpired)),
    (700084, Failure, Some(Reason::SessionExpired)),
    (7000112, Denied, Some(Reason::Disabled)),              // the application is disabled
    (7000114, Denied, Some(Reason::NotAuthorized)),
    (7000215, Failure, Some(Reason::BadPassword)),          // wrong client secret
    (7000222, Failure, Some(Reason::SessionExpired)),       // expired client secret
    (7500529, Failure, Some(Reason::Other)),
    (9002341, Interrupted, None),                           // single sign-on is asked for
];

/// Outcome and reason of a sign-in. `details` is what Entra adds in words: for a
/// failed second factor only they say whether it was refused or not answered.
pub(super) fn of(code: Option<i64>, details: &str) -> (Outcome, Option<Reason>) {
    let Some(code) = code else { return (Outcome::Unknown, None) };
    if code == 0 {
        return (Outcome::Success, None);
    }
    let known = CODES.binary_search_by_key(&code, |(known, ..)| *known);
    let (outcome, reason) = match known.ok().and_then(|at| CODES.get(at)) {
        Some((_, outcome, reason)) => (*outcome, *reason),
        None => (Failure, Some(Reason::Other)),
    };
    match code {
        500121 => of_second_factor(details),
        50053 if details.contains("malicious") => (Denied, Some(Reason::Risk)),
        _ => (outcome, reason),
    }
}

fn of_second_factor(details: &str) -> (Outcome, Option<Reason>) {
    const WORDS: &[(&str, Outcome, Reason)] = &[
        ("did not respond", Outcome::Abandoned, Reason::FactorTimeout),
        ("timed out", Outcome::Abandoned, Reason::FactorTimeout),
        ("no phone input", Outcome::Abandoned, Reason::FactorTimeout),
        ("declined", Denied, Reason::FactorDenied),
        ("fraud", Denied, Reason::FactorDenied),
        ("blocked", Denied, Reason::Locked),
        ("not registered", Failure, Reason::NotEnrolled),
        ("not set up", Failure, Reason::NotEnrolled),
        ("unreachable", Error, Reason::ServiceError),
        ("service", Error, Reason::ServiceError),
        ("duplicate", Failure, Reason::TooManyAttempts),
        ("too many", Failure, Reason::TooManyAttempts),
        ("max", Failure, Reason::TooManyAttempts),
    ];
    let details = super::text::lower(details);
    WORDS
        .iter()
        .find(|(word, ..)| details.contains(word))
        .map_or((Failure, Some(Reason::FactorFailed)), |(_, outcome, reason)| {
            (*outcome, Some(*reason))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(CODES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn further_steps_are_no_failures() {
        for code in [16000, 50055, 50058, 50072, 50074, 50076, 50079, 50125, 50140, 50144, 65001] {
            assert_eq!(of(Some(code), "").0, Outcome::Interrupted, "{code}");
        }
    }

    #[test]
    fn a_failed_second_factor_says_how_in_words() {
        for (details, outcome, reason) in [
            ("MFA denied; user declined the authentication", Denied, Reason::FactorDenied),
            ("MFA denied; Phone App Reported Fraud", Denied, Reason::FactorDenied),
            (
                "MFA denied; user did not respond to mobile app notification",
                Outcome::Abandoned,
                Reason::FactorTimeout,
            ),
            ("MFA denied; invalid verification code", Failure, Reason::FactorFailed),
            ("", Failure, Reason::FactorFailed),
        ] {
            assert_eq!(of(Some(500_121), details), (outcome, Some(reason)), "{details}");
        }
    }
}
