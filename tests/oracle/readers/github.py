"""GitHub's audit log, as it is streamed."""

from ..event import Event

ACTIVITIES = {
    "user.login": "logon", "user.failed_login": "logon", "org.sso_response": "logon",
    "two_factor_authentication.enabled": "enroll",
    "two_factor_authentication.recovery_codes_downloaded": "recovery",
    "two_factor_authentication.recovery_codes_viewed": "recovery",
    "org.recovery_code_used": "recovery",
    "personal_access_token.access_granted": "token_issue",
    "org.enable_two_factor_requirement": "policy_change",
    "protected_branch.policy_override": "policy_decision",
    "workflows.approve_workflow_job": "policy_decision",
    "environment.update_protection_rule": "policy_change",
}


def read(line, record):
    """The event of a line."""
    action = record["action"]
    failed = action == "user.failed_login"
    event = Event("github", record["@timestamp"], ACTIVITIES.get(action, "access"),
                  "failure" if failed else "success")
    event.id, event.operation = record["_document_id"], action
    event.reason = "unknown" if failed else None
    event.user = record["actor"].lower()
    if record["actor_is_bot"]:
        event.interactive, event.user_type = False, "bot"
    event.platform = "ci_cd" if action.startswith(("workflows.", "environment.")) else "source_control"
    event.service = "GitHub"
    event.resource = record.get("repo") or record["org"]
    event.environment = record.get("environment_name")
    event.protocol = "saml" if action == "org.sso_response" else None
    if record.get("programmatic_access_type"):
        event.credential = "access_token"
    elif record.get("transport_protocol_name") == "ssh":
        event.credential = "ssh_key"
    event.credential_id = record.get("hashed_token")
    if action == "org.recovery_code_used":
        event.mfa, event.factor = "bypassed", "recovery_code"
    event.ip, event.country = record["actor_ip"], record["actor_location"]["country_code"]
    return [event]
