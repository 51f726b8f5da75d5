"""AWS CloudTrail, one record a line."""

from ..event import Event, instant

IDENTITY_CENTER = {"CredentialChallenge": "challenge", "CredentialVerification": "verify",
                   "UserAuthentication": "logon"}
FACTORS = {"PASSWORD": "password", "TOTP": "totp", "WEBAUTHN": "webauthn"}


def read(line, record):
    """The event of a line."""
    name, source = record["eventName"], record["eventSource"]
    identity, extra = record["userIdentity"], record.get("additionalEventData") or {}
    error = record.get("errorCode")
    event = Event("cloudtrail", instant(record["eventTime"]), "access",
                  "denied" if error == "AccessDenied" else "failure" if error else "success")
    event.reason = "not_authorized" if error == "AccessDenied" else None
    event.id, event.operation = record["eventID"], name
    event.user_type = identity["type"]
    # Of a role's session: the session's name.
    who = identity.get("userName")
    if identity["type"] == "AssumedRole":
        who = identity["principalId"].split(":", 1)[1]
    event.user = who.lower()
    event.platform, event.service = "cloud_console", source.split(".")[0]
    if source == "secretsmanager.amazonaws.com":
        event.platform = "secrets"
    key = identity.get("accessKeyId")
    if key:
        event.credential = "access_key" if key.startswith("AKIA") else "session"
        event.credential_id = key
        event.session = key if key.startswith("ASIA") else None
    event.ip = record["sourceIPAddress"]
    if name in IDENTITY_CENTER:
        identity_center(event, name, record, extra)
    elif name == "ConsoleLogin":
        console(event, record, identity, extra)
    elif name == "AssumeRole":
        event.activity = "elevate"
    elif name == "AssumeRoleWithSAML":
        event.activity, event.protocol = "logon", "saml"
        if error:
            event.reason = "session_expired"
    return [event]


def identity_center(event, name, record, extra):
    event.activity, event.interactive = IDENTITY_CENTER[name], True
    event.platform, event.service = "idp", "AWS Identity Center"
    event.flow = extra["AuthWorkflowID"]
    event.factor = FACTORS.get(extra.get("CredentialType"))
    said = (record["responseElements"] or {}).get(name)
    if said == "Failure":
        event.outcome = "failure"
        event.reason = "bad_password" if event.factor == "password" else "factor_failed"
    elif name == "CredentialVerification" and event.factor != "password":
        event.mfa = "performed"


def console(event, record, identity, extra):
    event.activity, event.interactive, event.service = "logon", True, "AWS console"
    if record["responseElements"]["ConsoleLogin"] != "Success":
        event.outcome, event.reason = "failure", "bad_password"
    if identity["type"] == "IAMUser":
        event.credential = "password"
        event.mfa = "performed" if extra["MFAUsed"] == "Yes" else "none"
