"""sshd's and PAM's lines with ISO 8601 times. A try is judged by connection: a host
and process id, which 10 silent minutes end."""

import re
from ..event import Event, instant

LINE = re.compile(r"^(\S+) (\S+) sshd\[(\d+)\]: (.*)$")
TRY = re.compile(r"^(Accepted|Failed) (\S+) for (invalid user )?(.*) from (\S+) port \d+ ssh2(?:: \S+ (\S+))?$")
INVALID = re.compile(r"^Invalid user (.*) from (\S+) port \d+$")
REPEATED = re.compile(r"^message repeated (\d+) times: \[ (.*)\]$")
MAXIMUM = re.compile(r"^error: maximum authentication attempts exceeded for (invalid user )?(.*) from (\S+) port ")
CLOSED = re.compile(r"^pam_unix\(sshd:session\): session closed for user (\S+)$")
CREDENTIALS = {"password": "password", "publickey": "ssh_key"}
SILENCE = 10 * 60 * 1000


class Connections:
    """What is known of each connection: when it last spoke, and the row of an invalid
    user that no try has followed yet."""

    def __init__(self):
        self.open = {}

    def read(self, line, _record=None):
        """The events of a line; `again` of one names the earlier event that it replaces."""
        stamp, host, pid, words = LINE.match(line).groups()
        time = instant(stamp)
        known = self.open.get((host, pid))
        if known is None or time - known["time"] > SILENCE:
            known = self.open[(host, pid)] = {"invalid": None, "tried": False}
        known["time"] = time
        times = 1
        repeated = REPEATED.match(words)
        if repeated:
            times, words = int(repeated[1]), repeated[2]
        found = TRY.match(words)
        if found:
            return [self.tried(known, host, time, found) for _ in range(times)]
        found = INVALID.match(words)
        if found:
            event = made(time, host, found[1], found[2], "failure", "unknown_user")
            known["invalid"] = event
            known["tried"] = True
            return [event]
        found = MAXIMUM.match(words)
        if found and not known["tried"]:
            known["tried"] = True
            return [made(time, host, found[2], found[3], "failure", "too_many_attempts")]
        found = CLOSED.match(words)
        if found:
            event = made(time, host, found[1], None, "success", None)
            event.activity = "logoff"
            return [event]
        return []

    def tried(self, known, host, time, found):
        verdict, method, invalid, user, ip, key = found.groups()
        right = verdict == "Accepted"
        reason = None if right else "unknown_user" if invalid else "bad_password"
        event = made(time, host, user, ip, "success" if right else "failure", reason)
        event.credential = CREDENTIALS.get(method)
        if method == "password":
            event.factor = "password"
        event.credential_id = key
        known["tried"] = True
        if known["invalid"] is not None:
            # The line before it is the same try.
            event.again, known["invalid"] = known["invalid"], None
        return event


def made(time, host, user, ip, outcome, reason):
    event = Event("sshd", time, "logon", outcome)
    event.user, event.ip, event.reason = user.lower(), ip, reason
    event.platform, event.resource, event.protocol = "ssh", host, "ssh2"
    event.service = "sshd"
    return event
