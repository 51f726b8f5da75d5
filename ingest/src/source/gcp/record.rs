//! What is read of an audit log entry. Requests and answers of services aren't,
//! but for the type of a token that is exchanged.

use serde::Deserialize;

use super::super::object::{List, Object};
use super::super::text::{Flag, Text, Whole};
use super::super::words::Words;

/// One entry of Cloud Logging.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct LogEntry<'a> {
    #[serde(borrow)]
    pub(super) insert_id: Text<'a>,
    #[serde(borrow)]
    pub(super) log_name: Text<'a>,
    #[serde(borrow)]
    pub(super) timestamp: Text<'a>,
    #[serde(borrow)]
    pub(super) receive_timestamp: Text<'a>,
    pub(super) operation: Object<Operation>,
    #[serde(borrow)]
    pub(super) resource: Object<Resource<'a>>,
    #[serde(borrow)]
    pub(super) proto_payload: Object<AuditLog<'a>>,
}

impl LogEntry<'_> {
    /// Whether the entry is of one of the audit logs: `activity`, `data_access`,
    /// `system_event`, `policy`. The log's name comes with `%2F` or a slash.
    pub(super) fn is_of_log(&self, log: &str) -> bool {
        let name = self.log_name.or_empty();
        name.strip_suffix(log).is_some_and(|rest| rest.ends_with("%2F") || rest.ends_with('/'))
    }

    /// The method's own name, after the last dot of `methodName`.
    pub(super) fn method(&self) -> &str {
        let name = self.proto_payload.method_name.or_empty();
        name.rsplit('.').next().unwrap_or(name)
    }

    /// The parameter of a Workspace event.
    pub(super) fn parameter(&self, name: &str) -> Option<&Parameter<'_>> {
        let events = &self.proto_payload.metadata.event.items;
        events.iter().flat_map(|event| &event.parameter.items).find(|one| one.name.is(name))
    }
}

/// Where the entry stands in a long operation.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Operation {
    pub(super) first: Flag,
    pub(super) last: Flag,
}

/// What was monitored.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Resource<'a> {
    #[serde(borrow)]
    pub(super) labels: Object<Labels<'a>>,
}

/// Its labels.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Labels<'a> {
    #[serde(borrow)]
    pub(super) project_id: Text<'a>,
    /// The service account's mail address.
    #[serde(borrow)]
    pub(super) email_id: Text<'a>,
}

/// The audit log itself.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AuditLog<'a> {
    #[serde(borrow)]
    pub(super) service_name: Text<'a>,
    #[serde(borrow)]
    pub(super) method_name: Text<'a>,
    #[serde(borrow)]
    pub(super) resource_name: Text<'a>,
    #[serde(borrow)]
    pub(super) status: Object<Status<'a>>,
    #[serde(borrow)]
    pub(super) authentication_info: Object<AuthenticationInfo<'a>>,
    #[serde(borrow)]
    pub(super) request_metadata: Object<RequestMetadata<'a>>,
    #[serde(borrow)]
    pub(super) request: Object<Request<'a>>,
    #[serde(borrow)]
    pub(super) metadata: Object<Metadata<'a>>,
}

/// How the call ended: a code of gRPC, left out where it is 0.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Status<'a> {
    pub(super) code: Whole,
    #[serde(borrow)]
    pub(super) message: Text<'a>,
}

/// Who called.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AuthenticationInfo<'a> {
    #[serde(borrow)]
    pub(super) principal_email: Text<'a>,
    #[serde(borrow)]
    pub(super) principal_subject: Text<'a>,
    #[serde(borrow)]
    pub(super) service_account_key_name: Text<'a>,
    #[serde(borrow)]
    pub(super) service_account_delegation_info: List<'a, Delegation<'a>>,
}

/// Who stands behind a service account; the first is where it began.
#[derive(Deserialize, Default, Clone)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Delegation<'a> {
    #[serde(borrow)]
    pub(super) principal_subject: Text<'a>,
    #[serde(borrow)]
    pub(super) first_party_principal: Object<FirstParty<'a>>,
}

/// An account of Google's.
#[derive(Deserialize, Default, Clone)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FirstParty<'a> {
    #[serde(borrow)]
    pub(super) principal_email: Text<'a>,
}

/// From where.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RequestMetadata<'a> {
    #[serde(borrow)]
    pub(super) caller_ip: Text<'a>,
    #[serde(borrow)]
    pub(super) caller_supplied_user_agent: Text<'a>,
}

/// What was asked for.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Request<'a> {
    /// `urn:ietf:params:oauth:token-type:jwt`
    #[serde(borrow)]
    pub(super) subject_token_type: Text<'a>,
}

/// What a service says beyond that.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata<'a> {
    #[serde(borrow)]
    pub(super) event: List<'a, WorkspaceEvent<'a>>,
    #[serde(borrow)]
    pub(super) violation_reason: Text<'a>,
    #[serde(borrow)]
    pub(super) security_policy_info: Object<SecurityPolicy<'a>>,
    pub(super) dry_run: Flag,
}

/// The perimeter of VPC Service Controls.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SecurityPolicy<'a> {
    #[serde(borrow)]
    pub(super) service_perimeter_name: Text<'a>,
}

/// An event of Google Workspace.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct WorkspaceEvent<'a> {
    #[serde(borrow)]
    pub(super) parameter: List<'a, Parameter<'a>>,
}

/// One of its parameters; its value stands under a key for each type.
#[derive(Deserialize, Default, Clone)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Parameter<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) value: Text<'a>,
    #[serde(borrow)]
    pub(super) multi_str_value: Words<'a>,
    pub(super) bool_value: Flag,
}

impl Parameter<'_> {
    /// The words that it holds, whichever key they stand under.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.value.get().into_iter().chain(self.multi_str_value.iter())
    }
}
