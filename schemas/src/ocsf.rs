//! OCSF 1.8 numbers: class 3002 Authentication, 3001 Account Change. Where
//! OCSF has no word the number is 99 (Other), as its schema asks.

use crate::vocabulary::{Activity, Outcome};

/// OCSF version that the view `ocsf_authentication` writes.
pub const VERSION: &str = "1.8.0";

/// Class of an activity: 3002 Authentication or 3001 Account Change; `None`
/// where neither fits.
pub const fn class_uid(activity: Activity) -> Option<i32> {
    match activity {
        Activity::Logon
        | Activity::Logoff
        | Activity::Challenge
        | Activity::Verify
        | Activity::TokenIssue
        | Activity::Elevate => Some(3002),
        Activity::Enroll
        | Activity::Unenroll
        | Activity::FactorReset
        | Activity::Recovery
        | Activity::AccountChange => Some(3001),
        Activity::Access
        | Activity::PolicyDecision
        | Activity::PolicyChange
        | Activity::Feedback
        | Activity::Admin
        | Activity::Unknown => None,
    }
}

/// `activity_id` within the class of [`class_uid`].
/// 3002: 1 Logon, 2 Logoff, 3 Authentication Ticket, 4 Service Ticket Request,
/// 6 Preauth, 99 Other. 3001: 3 Password Change, 4 Password Reset, 10 MFA Factor
/// Enable, 11 MFA Factor Disable, 99 Other.
pub const fn activity_id(activity: Activity) -> i32 {
    match activity {
        Activity::Logon => 1,
        Activity::Logoff => 2,
        Activity::TokenIssue => 3,
        Activity::Challenge | Activity::Verify => 6,
        Activity::Enroll => 10,
        Activity::Unenroll | Activity::FactorReset => 11,
        Activity::Recovery => 4,
        _ => 99,
    }
}

/// `status_id`: 1 Success, 2 Failure, 0 Unknown, 99 Other.
pub const fn status_id(outcome: Outcome) -> i32 {
    match outcome {
        Outcome::Success => 1,
        Outcome::Failure | Outcome::Denied | Outcome::Error => 2,
        Outcome::Unknown => 0,
        Outcome::Abandoned | Outcome::Interrupted => 99,
    }
}
