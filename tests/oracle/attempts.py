"""Tries with whose account it is and with the MFA that stands behind them: in the same
session at most 24 hours before, or by a provider's sign-in at most 60 seconds before."""

import bisect

DAY, MINUTE = 86_400_000, 60_000
#: What says that there was MFA.
PROVEN = {"performed", "claim_in_token", "remembered"}
#: MFA that says nothing of itself.
SILENT = {"unknown"}
LEADS = {
    "cloudtrail": ("aws account federation", "aws iam identity center", "aws single-account access",
                   "aws single sign-on", "amazon web services"),
    "github": ("github enterprise cloud", "github enterprise managed user"),
}
ARRIVALS = {"ConsoleLogin", "AssumeRoleWithSAML", "org.sso_response"}
PROVIDERS = {"okta", "entra"}


def leads_to(application):
    """The source whose sign-ins can follow one to this application."""
    name = (application or "").lower()
    for source, names in LEADS.items():
        if name.startswith(names):
            return source
    return {"aws": "cloudtrail", "aws console": "cloudtrail", "github": "github",
            "github.com": "github", "github team": "github"}.get(name)


def federated(one):
    """Whether the service took a provider's word for who it is."""
    if one.operation not in ARRIVALS:
        return False
    return one.operation != "ConsoleLogin" or one.judged.user_type != "IAMUser"


def attempts(tries, directory):
    """Fills in person, account, what it came from and what it inherits."""
    for one in tries:
        one.account = directory.account(one.source, one.user, one.started)
        one.person = one.account.person
        one.who = one.person.id if one.person else one.user
        one.federated = federated(one)
    by_session(tries)
    by_timing(tries)
    for one in tries:
        if one.inherits:
            one.mfa = "inherited"
        elif one.mfa in PROVEN:
            one.proof_kind = {"performed": "event", "claim_in_token": "token",
                              "remembered": "device"}[one.mfa]
    return tries


def by_session(tries):
    """The last proof, and the last success, of the same session before a try that says nothing."""
    proof, success = {}, {}
    for one in tries:
        key = (one.source, one.session)
        one.session_proof = None
        if one.session is not None:
            silent = one.mfa in SILENT
            if silent and one.outcome == "success":
                found = success.get(key)
                if found is not None and one.started - found.ended <= DAY:
                    one.came_from = found
                found = proof.get(key)
                if found is not None and one.started - found.ended <= DAY:
                    one.session_proof, one.inherits, one.proof_kind = found, True, "session"
            if one.outcome == "success":
                success[key] = one
                if one.mfa in PROVEN:
                    proof[key] = one


def by_timing(tries):
    """Sign-ins that take a provider's word: those at the provider that fit."""
    led = {}
    for one in tries:
        if one.source in PROVIDERS and one.outcome == "success":
            to = leads_to(one.service)
            if to:
                led.setdefault((to, one.who, one.ip), []).append(one)
    for found in led.values():
        found.sort(key=lambda one: one.ended)
    for one in tries:
        if not (one.federated and one.outcome == "success" and one.mfa in SILENT):
            continue
        slack = 999 if one.source == "cloudtrail" else 0
        fitting = [other for other in led.get((one.source, one.who, one.ip), [])
                   if one.started - MINUTE <= other.ended <= one.started + slack]
        if fitting:
            one.came_from = fitting[-1]
            if all(other.mfa in PROVEN or other.inherits for other in fitting):
                one.inherits, one.proof_kind = True, "timing"
