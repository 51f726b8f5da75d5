"""policies/*: what `managed.toml` says of accesses. Its rule is Entra's sign-ins, which say
whether the device is managed; nobody's rule is for what is critical, reads of secrets.

Readings taken: an exception lets through until the end of its last day, UTC.
"""

from datetime import date, timedelta

from ..directory import utc_day
from ..world import Tally, dimension
from .adoption import used
from .failing import at_of

#: Whom, and the last day.
EXCEPTIONS = [("team", "support", date(2026, 5, 20)), ("team", "web", date(2099, 12, 31)),
              ("role", "sre", date(2026, 6, 20))]


def fitting(one, only_open=True):
    """Exceptions that fit an attempt."""
    day = utc_day(one.started)
    return [end for what, name, end in EXCEPTIONS
            if one.person is not None and getattr(one.person, what) == name
            and (not only_open or day <= end)]


def judged(world):
    return [one for one in world.inside if one.source == "entra" and one.outcome == "success"]


def violations(world, grain, by):
    tally = Tally()
    for one in judged(world):
        at = at_of(world, one, grain, by)
        wrong = one.managed is False
        excepted = wrong and bool(fitting(one))
        tally.add((*at, "managed-devices/1/enforced"), wrong and not excepted, 1)
        tally.add((*at, "managed-devices/1/enforced/excepted"), excepted, 1)
    return tally.points()


def exceptions(world, grain, by):
    needed = {}
    for one in judged(world):
        if one.managed is False and not fitting(one):
            for end in fitting(one, only_open=False):
                needed.setdefault(world.key(grain, one.started), set()).add(end)
    made = {}
    for key, _, last in world.period.buckets(grain):
        states = {"open": 0, "expiring": 0, "expired": 0, "expired_used": 0}
        for _, _, end in EXCEPTIONS:
            if end < last:
                states["expired"] += 1
                states["expired_used"] += end in needed.get(key, ())
            elif end <= last + timedelta(days=30):
                states["expiring"] += 1
            else:
                states["open"] += 1
        for figure, count in states.items():
            made[(key, None, figure)] = {"k": count, "n": len(EXCEPTIONS)}
    return made


def critical_coverage(world, grain, by):
    tally = Tally()
    for one in world.events:
        if one.operation == "GetSecretValue" and one.outcome == "success" and one.time in world.period:
            account = world.directory.account(one.source, one.user, one.time)
            if by == "account_kind":
                group = account.kind
            else:
                group = getattr(one, by) if by else None
            for figure in ("", "excepted", "without_rule"):
                tally.add((world.key(grain, one.time), group, figure), figure == "without_rule", 1)
    return tally.points()


def milestones(world, grain, by):
    made = {}
    for (key, group, figure), point in used(world, grain, None).items():
        if figure == "used":
            name = "managed-devices/used/2026-12-31"
            made[(key, group, f"{name}/actual")] = point
    return made
