//! Services: their names and what kind of service they are.

use std::borrow::Cow;

use rollcall_schemas::Platform;

use super::record::TrailEvent;

/// The service's name: "AWS console", "sts", "secretsmanager".
pub(super) fn name<'a>(trail: &'a TrailEvent<'_>) -> Option<Cow<'a, str>> {
    let source = trail.event_source.get()?;
    Some(Cow::Borrowed(match source {
        "signin.amazonaws.com" if is_identity_center(trail) => "AWS Identity Center",
        "signin.amazonaws.com" => "AWS console",
        "sso.amazonaws.com"
        | "sso-directory.amazonaws.com"
        | "sso-oauth.amazonaws.com"
        | "identitystore.amazonaws.com" => "AWS Identity Center",
        _ => source.split('.').next().unwrap_or(source),
    }))
}

/// What kind of service was used.
pub(super) fn platform(trail: &TrailEvent<'_>) -> Platform {
    match trail.event_source.or_empty() {
        "signin.amazonaws.com" if is_identity_center(trail) => Platform::Idp,
        "sso.amazonaws.com"
        | "sso-directory.amazonaws.com"
        | "sso-oauth.amazonaws.com"
        | "identitystore.amazonaws.com"
        | "cognito-idp.amazonaws.com" => Platform::Idp,
        "secretsmanager.amazonaws.com" => Platform::Secrets,
        "ssm.amazonaws.com" if trail.event_name.or_empty().contains("Parameter") => {
            Platform::Secrets
        }
        "codecommit.amazonaws.com" => Platform::SourceControl,
        "codepipeline.amazonaws.com" | "codebuild.amazonaws.com" | "codedeploy.amazonaws.com" => {
            Platform::CiCd
        }
        "ecr.amazonaws.com" | "ecr-public.amazonaws.com" | "codeartifact.amazonaws.com" => {
            Platform::ArtifactRegistry
        }
        _ => Platform::CloudConsole,
    }
}

/// Identity Center's sign-ins come from the same source as the console's.
fn is_identity_center(trail: &TrailEvent<'_>) -> bool {
    matches!(
        trail.event_name.or_empty(),
        "UserAuthentication" | "CredentialChallenge" | "CredentialVerification"
    )
}
