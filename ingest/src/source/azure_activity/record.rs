//! What is read of an event, in both forms: keys of the one are missing in the
//! other.

use serde::Deserialize;

use super::super::json;
use super::super::object::{List, Object};
use super::super::text::{Text, lower};
use super::super::time::Moment;
use super::super::words::{Word, Words};

/// One event.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    event_timestamp: Moment<'a>,
    #[serde(borrow)]
    time: Moment<'a>,
    #[serde(borrow)]
    pub(super) event_data_id: Text<'a>,
    /// REST gives words as `{"value":…,"localizedValue":…}`.
    #[serde(borrow)]
    pub(super) operation_name: Word<'a>,
    #[serde(borrow)]
    category: Word<'a>,
    #[serde(borrow)]
    status: Word<'a>,
    #[serde(borrow)]
    sub_status: Word<'a>,
    #[serde(borrow)]
    result_type: Text<'a>,
    #[serde(borrow)]
    result_signature: Text<'a>,
    #[serde(borrow)]
    pub(super) caller: Text<'a>,
    #[serde(borrow)]
    http_request: Object<HttpRequest<'a>>,
    #[serde(borrow)]
    caller_ip_address: Text<'a>,
    #[serde(borrow)]
    claims: Object<Claims<'a>>,
    #[serde(borrow)]
    identity: Object<Identity<'a>>,
    #[serde(borrow)]
    pub(super) resource_id: Text<'a>,
    #[serde(borrow)]
    pub(super) properties: Object<Properties<'a>>,
}

impl<'a> Record<'a> {
    /// When it happened, µs since 1970 UTC.
    pub(super) fn micros(&self, zone: chrono_tz::Tz) -> Option<i64> {
        self.event_timestamp.micros(zone).or_else(|| self.time.micros(zone))
    }

    /// The claims of the token that was shown.
    pub(super) fn claims(&self) -> &Claims<'a> {
        let sent = &*self.identity.claims;
        let is_said =
            [&sent.object_id, &sent.app_id, &sent.issuer].iter().any(|claim| claim.get().is_some());
        if is_said { sent } else { &self.claims }
    }

    /// "Administrative", "Policy", "ServiceHealth". Older diagnostic records have
    /// the kind of operation there, and the category in the properties.
    pub(super) fn category(&self) -> &Text<'a> {
        match self.properties.event_category.get() {
            Some(_) => &self.properties.event_category,
            None => &self.category.0,
        }
    }

    /// "Succeeded" and the like, in the one form's or the other's words.
    pub(super) fn status(&self) -> &str {
        self.status.0.get().or(self.result_type.get()).unwrap_or_default()
    }

    /// "Forbidden" of `subStatus`, or of `Failed.Forbidden`.
    pub(super) fn sub_status(&self) -> Option<&str> {
        let of_signature = || self.result_signature.get()?.split_once('.').map(|(_, word)| word);
        self.sub_status.0.get().or_else(of_signature).filter(|word| !word.is_empty())
    }

    /// Where the call came from; else where the token was handed out to.
    pub(super) fn address(&self) -> Option<&str> {
        let of_call = self.http_request.client_ip_address.get().or(self.caller_ip_address.get());
        of_call.or(self.claims().address.get())
    }

    /// What stands as JSON within text.
    pub(super) fn details(&self) -> Details<'_> {
        let properties = &*self.properties;
        let body = properties.request_body.get().or(properties.request_body_lower.get());
        let is_assignment =
            lower(self.operation_name.0.or_empty()).starts_with("microsoft.authorization/role");
        Details {
            assignment: read_again(body.filter(|_| is_assignment)),
            failure: read_again(properties.status_message.get()),
            policy: match properties.policies.text.get() {
                Some(text) => {
                    let list: List<'_, PolicyRef<'_>> = read_again(Some(text));
                    list.items.into_iter().next().unwrap_or_default()
                }
                None => properties.policies.items.first().cloned().unwrap_or_default(),
            },
        }
    }
}

fn read_again<'a, T: Deserialize<'a> + Default>(text: Option<&'a str>) -> T {
    text.and_then(json::read_any).unwrap_or_default()
}

/// The request to Resource Manager.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct HttpRequest<'a> {
    #[serde(borrow)]
    client_ip_address: Text<'a>,
}

/// Who called, in a diagnostic record.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Identity<'a> {
    #[serde(borrow)]
    claims: Object<Claims<'a>>,
}

/// Claims of the token, most under their long names.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Claims<'a> {
    #[serde(borrow, rename = "iss")]
    pub(super) issuer: Text<'a>,
    #[serde(borrow, rename = "http://schemas.microsoft.com/identity/claims/identityprovider")]
    pub(super) identity_provider: Text<'a>,
    #[serde(borrow, rename = "http://schemas.microsoft.com/identity/claims/objectidentifier")]
    pub(super) object_id: Text<'a>,
    #[serde(borrow, rename = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn")]
    pub(super) upn: Text<'a>,
    #[serde(borrow, rename = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name")]
    pub(super) unique_name: Text<'a>,
    #[serde(borrow, rename = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress")]
    pub(super) email: Text<'a>,
    #[serde(borrow, rename = "http://schemas.microsoft.com/claims/authnmethodsreferences")]
    pub(super) methods: Words<'a>,
    #[serde(borrow, rename = "amr")]
    pub(super) methods_short: Words<'a>,
    #[serde(borrow, rename = "http://schemas.microsoft.com/identity/claims/scope")]
    pub(super) scope: Text<'a>,
    #[serde(
        borrow,
        rename = "http://schemas.microsoft.com/2012/01/devicecontext/claims/identifier"
    )]
    pub(super) device: Text<'a>,
    #[serde(borrow, rename = "ipaddr")]
    pub(super) address: Text<'a>,
    #[serde(borrow, rename = "appid")]
    pub(super) app_id: Text<'a>,
    /// `user` or `app`; only in newer tokens.
    #[serde(borrow, rename = "idtyp")]
    pub(super) kind: Text<'a>,
    /// The token's own id.
    #[serde(borrow, rename = "uti")]
    pub(super) token_id: Text<'a>,
    #[serde(borrow, rename = "sid")]
    pub(super) session_id: Text<'a>,
}

impl Claims<'_> {
    /// Whether an application or a managed identity called for itself: a user's
    /// token has a name and a scope.
    pub(super) fn is_app(&self) -> bool {
        if self.kind.get().is_some() {
            return self.kind.is("app");
        }
        let names = [&self.upn, &self.unique_name, &self.email, &self.scope];
        self.app_id.get().is_some() && names.iter().all(|name| name.get().is_none())
    }

    /// How the token was gained.
    pub(super) fn methods(&self) -> impl Iterator<Item = &str> {
        self.methods
            .iter()
            .chain(self.methods_short.iter())
            .flat_map(|words| words.split([',', ' ', '[', ']', '"']))
            .filter(|word| !word.is_empty())
    }
}

/// What the service adds.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Properties<'a> {
    #[serde(borrow)]
    event_category: Text<'a>,
    #[serde(borrow)]
    status_message: Text<'a>,
    #[serde(borrow)]
    request_body: Text<'a>,
    #[serde(borrow, rename = "requestbody")]
    request_body_lower: Text<'a>,
    #[serde(borrow)]
    policies: List<'a, PolicyRef<'a>>,
}

/// What of an event stands as JSON within text.
#[derive(Default)]
pub(super) struct Details<'a> {
    pub(super) assignment: Object<Assignment<'a>>,
    pub(super) failure: Object<Failure<'a>>,
    pub(super) policy: PolicyRef<'a>,
}

/// The body of a request for a role.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Assignment<'a> {
    #[serde(borrow, alias = "Properties")]
    pub(super) properties: Object<AssignmentProperties<'a>>,
}

/// Who gets the role, and why.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AssignmentProperties<'a> {
    #[serde(borrow, alias = "PrincipalId")]
    pub(super) principal_id: Text<'a>,
    #[serde(borrow, alias = "PrincipalType")]
    pub(super) principal_type: Text<'a>,
    /// `SelfActivate`, `AdminAssign`, … of Privileged Identity Management.
    #[serde(borrow, alias = "RequestType")]
    pub(super) request_type: Text<'a>,
    #[serde(borrow, alias = "TicketInfo")]
    pub(super) ticket_info: Object<TicketInfo<'a>>,
}

/// The ticket that a person named.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TicketInfo<'a> {
    #[serde(borrow, alias = "TicketNumber")]
    pub(super) ticket_number: Text<'a>,
}

/// The answer to a call that failed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Failure<'a> {
    #[serde(borrow)]
    pub(super) error: Object<ErrorInfo<'a>>,
}

/// Its error.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct ErrorInfo<'a> {
    #[serde(borrow)]
    pub(super) code: Text<'a>,
    #[serde(borrow)]
    pub(super) message: Text<'a>,
}

/// A policy that was evaluated.
#[derive(Deserialize, Default, Clone)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PolicyRef<'a> {
    #[serde(borrow)]
    pub(super) policy_assignment_id: Text<'a>,
    #[serde(borrow)]
    pub(super) policy_assignment_name: Text<'a>,
    #[serde(borrow)]
    pub(super) policy_assignment_display_name: Text<'a>,
}
