"""attempts/*, failures/*, outage/*, recovery/lockouts, directory/unmatched: how attempts end.

Whose failure it is: the account signed in from that network, address or device in the 30
days before it.
"""

from bisect import bisect_left
from collections import defaultdict

from ..world import DAY, Tally, dimension

ENDED = {"success", "failure", "denied", "abandoned", "error", "unknown"}
FAILED = {"failure", "denied"}


def at_of(world, one, grain, by):
    return world.key(grain, one.started), dimension(one, by)


def by_outcome(world, grain, by):
    tally, totals = Tally(), Tally()
    for one in world.inside:
        at = at_of(world, one, grain, by)
        tally.add((*at, one.outcome), 1)
        totals.add(at, 0)
    return {key: {"k": k, "n": totals.n[key[:2]], "unknown": 0} for key, k in tally.k.items()}


def success_rate(world, grain, by):
    tally = Tally()
    for one in world.inside:
        if one.outcome in ENDED:
            tally.add((*at_of(world, one, grain, by), ""), one.outcome == "success", 1,
                      one.outcome == "unknown")
    return tally.points()


def by_reason(world, grain, by):
    tally, totals, untold = Tally(), Tally(), Tally()
    for one in world.inside:
        at = at_of(world, one, grain, by)
        totals.add(at, 0)
        if one.outcome in FAILED:
            tally.add((*at, one.reason or "unknown"), 1)
    return {key: {"k": k, "n": totals.n[key[:2]]} for key, k in tally.k.items()}


def availability(world, grain, by):
    tally = Tally()
    for one in world.inside:
        if one.outcome != "interrupted":
            tally.add((*at_of(world, one, grain, by), ""),
                      one.outcome not in ("error", "unknown"), 1, one.outcome == "unknown")
    return tally.points()


def unmatched(world, grain, by):
    tally, accounts = Tally(), {}
    for one in world.inside:
        at = at_of(world, one, grain, by)
        tally.add((*at, "attempts"), one.person is None, 1)
        if one.user is not None:
            known = accounts.setdefault((at, one.source, one.user), [False])
            known[0] |= one.person is not None
    for (at, _, _), (known,) in accounts.items():
        tally.add((*at, "accounts"), not known, 1)
    return tally.points()


class Home:
    """Where accounts were at home: networks, addresses and devices of their successes."""

    def __init__(self, world):
        self.seen = defaultdict(list)
        for one in world.attempts:
            if one.outcome == "success":
                for name in ("asn", "ip", "device"):
                    value = getattr(one, name)
                    if value is not None:
                        self.seen[(one.source, one.user, name, value)].append(one.ended)
        for times in self.seen.values():
            times.sort()

    def knows(self, one):
        """Whether the account signed in from there in the 30 days before."""
        for name in ("asn", "ip", "device"):
            value = getattr(one, name)
            if value is None:
                continue
            times = self.seen.get((one.source, one.user, name, value), ())
            after = bisect_left(times, one.started)
            if after and times[after - 1] >= one.started - 30 * DAY:
                return True
        return False


def rate(world, grain, by):
    """k by whose doing and why; n is all attempts."""
    home, tally, totals = Home(world), Tally(), Tally()
    strangers = defaultdict(set)
    failed = []
    for one in world.inside:
        at = at_of(world, one, grain, by)
        totals.add(at, 0)
        if one.outcome in FAILED:
            known = home.knows(one)
            failed.append((one, at, known))
    by_address = defaultdict(list)
    for one, _, known in failed:
        if one.ip is not None:
            by_address[(one.day, one.ip)].append((one, known))
    attacks = {where for where, rows in by_address.items()
               if len({(one.source, one.user) for one, _ in rows}) >= 8
               and not any(known for _, known in rows)}
    for one, at, known in failed:
        whose = ("own" if known else
                 "attack" if one.reason == "unknown_user" or (one.day, one.ip) in attacks
                 else "unattributed")
        tally.add((*at, f"{whose}/{one.reason or 'unknown'}"), 1)
        tally.add((*at, "all"), 1)
    return {key: {"k": k, "n": totals.n[key[:2]]} for key, k in tally.k.items()}


def lockouts(world, grain, by):
    days = {}
    for one in world.inside:
        if one.account.kind == "human":
            at = at_of(world, one, grain, by)
            key = (at, one.source, one.user, one.day)
            days[key] = days.get(key, False) or one.reason in ("locked", "too_many_attempts")
    tally = Tally()
    for (at, _, _, _), locked in days.items():
        tally.add((*at, "locked_out"), locked, 1)
    return tally.points()
