"""Microsoft Entra sign-ins, as Graph lists them."""

from ..event import Event, instant

#: AADSTS codes: outcome and reason.
CODES = {
    0: ("success", None),
    50053: ("failure", "locked"), 50055: ("failure", "password_expired"),
    50074: ("interrupted", "mfa_required"), 50076: ("interrupted", "mfa_required"),
    50126: ("failure", "bad_password"), 50140: ("interrupted", None),
    53003: ("denied", "policy"),
}
FACTORS = {
    "Passkey (device-bound)": "passkey", "Windows Hello for Business": "webauthn",
    "FIDO2 security key": "hardware_key", "Mobile app notification": "push",
    "OATH verification code": "totp", "Text message": "sms",
    "Phone call approval (Authentication phone)": "voice", "Email": "email",
    "Password": "password",
}
RESULTS = {
    "success": "allowed", "reportOnlySuccess": "allowed",
    "failure": "denied", "reportOnlyFailure": "would_deny",
    "reportOnlyInterrupted": "would_challenge",
    "notApplied": "not_applied", "reportOnlyNotApplied": "not_applied",
}


def outcome(status):
    code, details = status["errorCode"], status.get("additionalDetails") or ""
    if code == 500121:
        if "declined" in details:
            return "denied", "factor_denied"
        if "did not respond" in details:
            return "abandoned", "factor_timeout"
        if "cancel" in details:
            return "abandoned", "abandoned"
        return "failure", "factor_failed"
    return CODES[code]


def factor(step):
    method, detail = step["authenticationMethod"], step["authenticationMethodDetail"] or ""
    found = FACTORS.get(method)
    if found == "push" and detail == "Number matching":
        return "push_number"
    if found == "totp" and "hardware" in detail:
        return "hardware_otp"
    return found


def read(line, record):
    """The event of a line."""
    result, reason = outcome(record["status"])
    event = Event("entra", instant(record["createdDateTime"]), "logon", result)
    event.id, event.reason = record["id"], reason
    event.interactive = record["isInteractive"]
    event.operation = "SignInLogs" if event.interactive else "NonInteractiveUserSignInLogs"
    event.user, event.user_type = record["userPrincipalName"].lower(), record["userType"]
    event.platform, event.service = "idp", record["appDisplayName"]
    event.flow, event.session = record["correlationId"], record["sessionId"]
    steps(event, record)
    policies(event, record)
    event.ip = record["ipAddress"]
    event.country = record["location"]["countryOrRegion"]
    event.asn = record["autonomousSystemNumber"]
    device = record["deviceDetail"]
    event.device, event.managed = device["deviceId"] or None, device["isManaged"]
    return [event]


def steps(event, record):
    """Factors, MFA and how long it took, of the steps that aren't by token."""
    dated, second = [], []
    claimed = remembered = False
    for step in record["authenticationDetails"]:
        words = step["authenticationStepResultDetail"]
        if "claim in the token" in words:
            claimed = True
        elif "remembered device" in words:
            remembered = True
        else:
            dated.append(instant(step["authenticationStepDateTime"]))
            name = factor(step)
            if name == "password":
                event.credential = "password"
            else:
                second.append((name, step["succeeded"]))
    event.steps = second
    accepted = [name for name, right in second if right]
    if accepted:
        event.mfa, event.factor = "performed", accepted[-1]
    elif claimed:
        event.mfa = "claim_in_token"
    elif remembered:
        event.mfa = "remembered"
    elif event.outcome == "success" and record["authenticationRequirement"] == "singleFactorAuthentication":
        event.mfa = "none" if event.credential == "password" else "not_required"
    if event.factor is None:
        event.factor = second[-1][0] if second else event.credential and "password"
    if len(dated) >= 2:
        event.duration = max(dated) - min(dated)


def policies(event, record):
    """The policy that decides: the strictest result of those that are enforced."""
    order = ["would_deny", "would_challenge", "allowed", "challenged", "denied"]
    best = None
    applied = record["appliedConditionalAccessPolicies"]
    event.policies = []
    for policy in applied:
        result = RESULTS[policy["result"]]
        mode = "report_only" if policy["result"].startswith("reportOnly") else "enforced"
        if result == "denied" and event.outcome == "interrupted":
            result = "challenged"
        if mode == "report_only" and result == "allowed":
            result = "allowed"
        event.policies.append((policy["displayName"], mode, result))
        if result == "not_applied":
            continue
        rank = (mode == "enforced", order.index(result))
        if best is None or rank > best[0]:
            best = (rank, policy["displayName"], mode, result)
    if best:
        _, event.policy, event.policy_mode, event.policy_result = best
        event.blocked = event.policy_result == "denied"
