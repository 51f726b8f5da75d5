//! Requests: what was asked for. The end of the path names the action.

use std::borrow::Cow;

use rollcall_schemas::Activity;

/// The path without the query and what the plugin adds in brackets.
pub(super) fn path(uri: &str) -> &str {
    let uri = uri.split_once(" (").map_or(uri, |(path, _)| path);
    uri.split('?').next().unwrap_or(uri)
}

/// The last part of a path: `configSubmit`.
pub(super) fn action(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// The activity of a request; one that isn't known is an access.
pub(super) fn of(path: &str) -> Activity {
    let action = action(path);
    let is_under = |parts: &[&str]| parts.iter().any(|part| path.contains(part));
    match action {
        "j_spring_security_check" | "j_acegi_security_check" | "commenceLogin" | "finishLogin" => {
            Activity::Logon
        }
        "logout" => Activity::Logoff,
        "generateNewToken" | "addFixedNewToken" => Activity::TokenIssue,
        "createAccount"
        | "createAccountByAdmin"
        | "createFirstAccount"
        | "createAccountWithFederatedIdentity" => Activity::AccountChange,
        "revoke" | "revokeAll" | "revokeAllExcept" | "rename"
            if is_under(&["ApiTokenProperty"]) =>
        {
            Activity::AccountChange
        }
        "configSubmit" | "doDelete" | "delete" if is_under(&["/user/", "/me/"]) => {
            Activity::AccountChange
        }
        _ if is_under(&["/configureSecurity", "/role-strategy"]) => Activity::PolicyChange,
        _ if is_under(&["/credentials/"]) => Activity::Admin,
        "configSubmit" | "config.xml" | "doDelete" | "createItem" | "createView" | "enable"
        | "disable" | "doWipeOutWorkspace" | "toggleOffline" | "quietDown" | "cancelQuietDown"
        | "restart" | "safeRestart" | "exit" | "safeExit" | "script" | "scriptText" | "reload" => {
            Activity::Admin
        }
        _ => Activity::Access,
    }
}

/// The pipeline that a path lies in: `folder/web` of `/job/folder/job/web/stop`.
pub(super) fn pipeline(path: &str) -> Option<Cow<'_, str>> {
    let mut parts = path.split('/');
    let mut name: Option<Cow<'_, str>> = None;
    while let Some(part) = parts.next() {
        if part != "job" {
            continue;
        }
        let Some(job) = parts.next().filter(|job| !job.is_empty()) else { break };
        match &mut name {
            None => name = Some(Cow::Borrowed(job)),
            Some(folder) => {
                // In place: a path can be as long as a record.
                let folder = folder.to_mut();
                folder.push('/');
                folder.push_str(job);
            }
        }
    }
    name
}
