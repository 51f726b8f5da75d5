"""What one record says, in the words of docs/data.md. Times are milliseconds UTC."""

from datetime import datetime, timezone

#: metrics.md, Units.
STRENGTH = {
    "password": 0,
    "security_question": 1, "email": 1, "recovery_code": 1, "bypass_code": 1,
    "sms": 2, "voice": 2,
    "push": 3, "totp": 3, "hardware_otp": 3,
    "push_number": 4,
    "passkey": 5, "webauthn": 5, "hardware_key": 5, "certificate": 5,
}


class Event:
    """One event; what isn't said is None."""

    __slots__ = (
        "source", "id", "time", "seq", "activity", "outcome", "reason", "operation",
        "interactive", "user", "user_type", "actor", "platform", "service", "resource",
        "environment", "protocol", "credential", "credential_id", "mfa", "factor",
        "duration", "steps", "flow", "session", "policy", "policy_result", "policy_mode",
        "policies", "blocked", "ip", "country", "asn", "device", "managed", "machine", "again",
    )

    def __init__(self, source, time, activity, outcome, **said):
        for name in self.__slots__:
            setattr(self, name, None)
        self.source, self.time, self.activity, self.outcome = source, time, activity, outcome
        self.mfa = "unknown"
        self.steps = ()
        for name, value in said.items():
            setattr(self, name, value)


def instant(text):
    """ISO 8601 with Z or an offset, as milliseconds UTC."""
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def word(time):
    """Milliseconds as text, for messages."""
    return datetime.fromtimestamp(time / 1000, timezone.utc).isoformat()
