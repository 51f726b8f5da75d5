"""Okta System Log."""

from ..event import Event, instant

CHALLENGES = {
    "system.push.send_factor_verify_push", "system.sms.send_factor_verify_message",
    "system.voice.send_mfa_challenge_call", "system.email.send_factor_verify_message",
}
ACTIVITIES = {
    "user.session.start": "logon",
    "user.authentication.sso": "logon",
    "user.session.end": "logoff",
    "policy.evaluate_sign_on": "policy_decision",
    "user.authentication.auth_via_mfa": "verify",
    "user.mfa.factor.activate": "enroll",
    "user.mfa.factor.deactivate": "unenroll",
    "user.mfa.factor.reset_all": "factor_reset",
    "user.account.reset_password": "recovery",
    "user.account.unlock": "recovery",
    "user.account.lock": "account_change",
    "policy.rule.update": "policy_change",
    "policy.rule.deactivate": "policy_change",
    "system.org.rate_limit.violation": "admin",
}
FACTORS = {
    "PASSWORD_AS_FACTOR": "password", "OKTA_VERIFY_PUSH": "push", "SMS_FACTOR": "sms",
    "CALL_FACTOR": "voice", "EMAIL_FACTOR": "email", "GOOGLE_AUTHENTICATOR": "totp",
    "YUBIKEY_TOKEN": "hardware_otp", "FIDO_WEBAUTHN": "webauthn",
}
#: Okta writes names; ISO 3166-1.
COUNTRIES = {
    "Germany": "DE", "Netherlands": "NL", "United Kingdom": "GB", "Poland": "PL", "Portugal": "PT",
    "United States": "US", "Canada": "CA", "Brazil": "BR", "India": "IN", "Singapore": "SG",
    "Japan": "JP", "Australia": "AU", "Romania": "RO", "Vietnam": "VN", "Nigeria": "NG",
    "Chile": "CL",
}
RESULTS = {"SUCCESS": "success", "ALLOW": "success", "FAILURE": "failure", "DENY": "denied",
           "CHALLENGE": "interrupted"}
POLICY_RESULTS = {"ALLOW": "allowed", "CHALLENGE": "challenged", "DENY": "denied"}


def factor(record, debug):
    """debugData names the family; the enrolment's method and the answer say more."""
    found = FACTORS.get(debug.get("factor"))
    method = ""
    for target in record["target"]:
        if target["type"] == "AuthenticatorEnrollment":
            method = (target.get("detailEntry") or {}).get("methodTypeUsed") or ""
    if found == "webauthn":
        return {"Passkey": "passkey", "Security Key": "hardware_key"}.get(method, "webauthn")
    if found == "push" and debug.get("pushWithNumberChallengeResponseType"):
        return "push_number"
    return found


def outcome(kind, record, debug, found):
    """Outcome and reason."""
    if debug.get("pushOnlyResponseType") == "OV_RESPONSE_DENY":
        return "denied", "factor_denied"
    result, why = RESULTS[record["outcome"]["result"]], record["outcome"].get("reason")
    if result in ("success", "interrupted"):
        return result, "mfa_required" if result == "interrupted" else None
    if kind == "policy.evaluate_sign_on":
        return result, "policy"
    if kind == "user.authentication.auth_via_mfa":
        return result, "bad_password" if found == "password" else "factor_failed"
    if why == "INTERNAL_ERROR":
        return result, "service_error"
    # "VERIFICATION_ERROR": what was typed was wrong; Okta doesn't say who is unknown.
    return result, "bad_password"


def read(line, record):
    """The event of a line."""
    kind = record["eventType"]
    activity = "challenge" if kind in CHALLENGES else ACTIVITIES[kind]
    debug = record["debugContext"]["debugData"]
    about = factor(record, debug) if activity in ("verify", "challenge", "enroll", "unenroll") else None
    result, reason = outcome(kind, record, debug, about)
    actor = record["actor"]
    who = actor
    for target in record["target"]:
        if target["type"] == "User" and kind.startswith("user.mfa.") and target["id"] != actor["id"]:
            who = target
    client, device = record["client"], record.get("device")
    event = Event("okta", instant(record["published"]), activity, result)
    event.id, event.reason, event.operation = record["uuid"], reason, kind
    if who["type"] != "SystemPrincipal":
        event.user, event.user_type = who["alternateId"].lower(), who["type"]
    if activity in ("logon", "verify", "challenge") and actor["type"] == "User":
        event.interactive = True
    event.platform, event.service = "idp", "Okta"
    for target in record["target"]:
        if target["type"] == "AppInstance":
            event.service = target["displayName"]
            mode = (target.get("detailEntry") or {}).get("signOnModeType", "")
            event.protocol = {"SAML_2_0": "saml", "OPENID_CONNECT": "oidc"}.get(mode)
    event.factor = about
    if kind == "user.authentication.auth_via_mfa" and result == "success" and about != "password":
        event.mfa = "performed"
    event.credential = "password" if about == "password" else None
    context = record["authenticationContext"]
    event.session = context["externalSessionId"]
    event.flow = context["rootSessionId"]
    if activity == "policy_decision":
        event.policy_result = POLICY_RESULTS[record["outcome"]["result"]]
        event.policy_mode = "enforced"
        event.blocked = event.policy_result == "denied"
        for target in record["target"]:
            # Several share one result: the last decides.
            if target["type"] == "PolicyEntity":
                event.policy = target["displayName"]
    elif activity == "policy_change":
        for target in record["target"]:
            if target["type"] == "PolicyEntity":
                event.policy = target["displayName"]
    event.ip = client["ipAddress"]
    event.country = COUNTRIES.get(client["geographicalContext"]["country"])
    event.asn = record["securityContext"]["asNumber"]
    if device:
        event.device, event.managed = device["id"], device["managed"]
    return [event]
