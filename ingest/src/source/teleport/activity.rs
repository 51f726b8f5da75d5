//! Event names: what happened, and on what kind of platform. A name that isn't
//! known is an access.

use rollcall_schemas::{Activity, Platform};

/// The activity of an event. Codes tell apart what shares a name.
pub(super) fn of(event: &str, code: &str) -> Activity {
    match event {
        // A connector that an administrator tries out signs nobody in.
        "user.login" if matches!(code, "T1010I" | "T1011W") => Activity::Admin,
        "user.login" if code == "T1012I" => Activity::Challenge,
        "user.login" | "auth" | "bot.join" | "instance.join" | "saml.idp.auth" => Activity::Logon,

        "mfa_auth_challenge.create" => Activity::Challenge,
        "mfa_auth_challenge.validate" => Activity::Verify,
        "mfa.add" => Activity::Enroll,
        "mfa.delete" => Activity::Unenroll,

        "recovery_code.generated"
        | "recovery_code.used"
        | "recovery_token.create"
        | "reset_password_token.create" => Activity::Recovery,

        "cert.create" | "join_token.create" | "spiffe.svid.issued" => Activity::TokenIssue,
        "access_request.create" | "privilege_token.create" => Activity::Elevate,
        "access_request.review" | "access_request.update" | "session.rejected" => {
            Activity::PolicyDecision
        }
        "auth_preference.update" => Activity::PolicyChange,

        "session.end"
        | "app.session.end"
        | "db.session.end"
        | "windows.desktop.session.end"
        | "client.disconnect" => Activity::Logoff,
        "user.create" | "user.update" | "user.delete" | "user.password_change" => {
            Activity::AccountChange
        }
        _ => of_family(event),
    }
}

fn of_family(event: &str) -> Activity {
    const FAMILIES: &[(&str, Activity)] = &[
        ("role.", Activity::PolicyChange),
        ("login_rule.", Activity::PolicyChange),
        ("github.", Activity::PolicyChange),
        ("oidc.", Activity::PolicyChange),
        ("saml.", Activity::PolicyChange),
        ("lock.", Activity::AccountChange),
        ("bot.", Activity::AccountChange),
        ("access_list.member.", Activity::AccountChange),
        ("access_list.", Activity::PolicyChange),
        ("trusted_cluster.", Activity::Admin),
        ("trusted_cluster_token.", Activity::TokenIssue),
        ("cluster_networking_config.", Activity::Admin),
        ("session_recording_config.", Activity::Admin),
        ("integration.", Activity::Admin),
        ("plugin.", Activity::Admin),
    ];
    FAMILIES
        .iter()
        .find(|(family, _)| event.starts_with(family))
        .map_or(Activity::Access, |(_, activity)| *activity)
}

/// Teleport signs people in and gives them certificates; what they do with them is
/// on servers, in applications, databases, clusters.
pub(super) fn platform(event: &str) -> Platform {
    const FAMILIES: &[(&str, Platform)] = &[
        ("session.", Platform::Ssh),
        ("exec", Platform::Ssh),
        ("scp", Platform::Ssh),
        ("sftp", Platform::Ssh),
        ("subsystem", Platform::Ssh),
        ("port", Platform::Ssh),
        ("x11-forward", Platform::Ssh),
        ("client.disconnect", Platform::Ssh),
        ("app.", Platform::Other),
        ("db.", Platform::Other),
        ("kube.", Platform::Other),
        ("windows.desktop.", Platform::Other),
    ];
    if event == "auth" {
        return Platform::Ssh;
    }
    FAMILIES
        .iter()
        .find(|(family, _)| event.starts_with(family))
        .map_or(Platform::Idp, |(_, platform)| *platform)
}
