//! What administrators and people do in Duo, by its name: the same in the activity log and
//! in the administrator log.

use rollcall_schemas::{Activity, Factor, Outcome, Reason};

/// What became of it, by the end of its name: the name of a success is the act alone.
const ENDS: &[(&str, Outcome, Reason)] = &[
    ("_2fa_error", Outcome::Failure, Reason::FactorFailed),
    ("_login_error", Outcome::Failure, Reason::Unknown),
    ("_ip_denied", Outcome::Denied, Reason::Policy),
    ("_error", Outcome::Failure, Reason::Other),
    ("_failed", Outcome::Failure, Reason::Other),
    ("_failure", Outcome::Failure, Reason::Other),
    ("_fail", Outcome::Failure, Reason::Other),
];

/// The first that fits counts.
const NAMES: &[(&str, Activity)] = &[
    ("admin_login", Activity::Logon),
    ("admin_2fa_error", Activity::Verify),
    ("admin_account_switch", Activity::Elevate),
    ("admin_activate_duo_push", Activity::Enroll),
    ("admin_reactivates_duo_push", Activity::Enroll),
    ("admin_rectivates_duo_push", Activity::Enroll),
    ("admin_self_activate", Activity::Enroll),
    ("admin_reset_password", Activity::Recovery),
    ("admin_send_reset_password_email", Activity::Recovery),
    ("admin_factor_restrictions", Activity::PolicyChange),
    ("admin_sync", Activity::Admin),
    ("adminapi_request_ip_denied", Activity::Access),
    ("bypass_create", Activity::TokenIssue),
    ("bypass_view", Activity::Access),
    ("deregister_devices", Activity::FactorReset),
    ("phone_associate", Activity::Enroll),
    ("phone_disassociate", Activity::Unenroll),
    ("phone_delete", Activity::Unenroll),
    ("hardtoken_associate", Activity::Enroll),
    ("hardtoken_disassociate", Activity::Unenroll),
    ("u2ftoken_create", Activity::Enroll),
    ("u2ftoken_delete", Activity::Unenroll),
    ("webauthncredential_create", Activity::Enroll),
    ("webauthncredential_delete", Activity::Unenroll),
    ("user_lockout_cleared", Activity::Recovery),
    ("integration_skey", Activity::Access),
    ("integration_policy_", Activity::PolicyChange),
    ("integration_group_policy_", Activity::PolicyChange),
    ("policy_", Activity::PolicyChange),
    ("bypass_", Activity::AccountChange),
    ("admin_", Activity::AccountChange),
    ("user_", Activity::AccountChange),
    ("group_", Activity::AccountChange),
    ("phone_", Activity::AccountChange),
    ("hardtoken_", Activity::AccountChange),
    ("u2ftoken_", Activity::AccountChange),
    ("webauthncredential_", Activity::AccountChange),
];

/// What a name says was done; directories, integrations and the like are administration.
pub(super) fn activity(name: &str) -> Activity {
    let known = NAMES.iter().find(|(begins, _)| name.starts_with(begins));
    known.map_or(Activity::Admin, |(_, activity)| *activity)
}

/// Whether it gives somebody a factor or takes one, and not the administrator who does it.
pub(super) fn is_of_somebody(name: &str) -> bool {
    let is_given = matches!(activity(name), Activity::Enroll | Activity::Unenroll);
    is_given && !name.starts_with("admin_")
}

/// How it ended: as it is said, else by the name.
pub(super) fn outcome(name: &str, said: &str) -> (Outcome, Option<Reason>) {
    let by_name = ENDS.iter().find(|(end, ..)| name.ends_with(end));
    let by_name = by_name.map(|(_, outcome, reason)| (*outcome, Some(*reason)));
    let is = |words: [&str; 3]| words.iter().any(|word| said.eq_ignore_ascii_case(word));
    if is(["failure", "failed", "error"]) {
        return by_name.unwrap_or((Outcome::Failure, Some(Reason::Unknown)));
    }
    if is(["denied", "deny", "fraud"]) {
        return (Outcome::Denied, Some(Reason::Unknown));
    }
    match (said, by_name) {
        (_, Some(ended)) => ended,
        _ if said.is_empty() || is(["success", "succeeded", "ok"]) => (Outcome::Success, None),
        _ => (Outcome::Unknown, None),
    }
}

/// Which factor a name is about.
pub(super) fn factor(name: &str) -> Option<Factor> {
    const BEGINS: &[(&str, Factor)] = &[
        ("bypass_", Factor::BypassCode),
        ("hardtoken_", Factor::HardwareOtp),
        ("u2ftoken_", Factor::HardwareKey),
        ("webauthncredential_", Factor::Webauthn),
        ("admin_activate_duo_push", Factor::Push),
        ("admin_reactivates_duo_push", Factor::Push),
        ("admin_rectivates_duo_push", Factor::Push),
        // What a phone is used for isn't said.
        ("phone_", Factor::Unknown),
    ];
    BEGINS.iter().find(|(begins, _)| name.starts_with(begins)).map(|(_, factor)| *factor)
}

/// The factor of an administrator's sign-in.
pub(super) fn of_sign_in(word: &str) -> Factor {
    const WORDS: &[(&str, Factor)] = &[
        ("push", Factor::Push),
        ("duo_push", Factor::Push),
        ("verified_duo_push", Factor::PushNumber),
        ("sms", Factor::Sms),
        ("phone", Factor::Voice),
        ("mobile_otp", Factor::Totp),
        ("token", Factor::HardwareOtp),
        ("yubikey", Factor::HardwareOtp),
        ("webauthn", Factor::Webauthn),
    ];
    let known = WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
    known.map_or(Factor::Other, |(_, factor)| *factor)
}
