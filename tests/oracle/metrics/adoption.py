"""adoption/*: who has a second factor, and what is used.

Readings taken where the headers leave it open:
- a person's day in `used` looks at every successful interactive attempt of the day, also
  at those that came from another sign-in;
- MFA that a token claims or a device remembers says no factor: unknown in
  `phishing_resistant`.
"""

from collections import defaultdict
from datetime import timedelta

from ..directory import Factors
from ..world import Tally, dimension

BACKED = {"performed", "claim_in_token", "remembered", "inherited"}
WITHOUT = {"none", "not_required", "bypassed"}


def humans(world):
    """Successful interactive attempts of human accounts of the directory's people."""
    return [one for one in world.inside
            if one.outcome == "success" and one.interactive and one.account.kind == "human"
            and one.person is not None]


def own(world):
    """Those that came from no other sign-in."""
    return [one for one in humans(world) if one.came_from is None]


def used(world, grain, by):
    tally = Tally()
    days = {}
    for one in humans(world):
        at = (world.key(grain, one.started), dimension(one, by))
        day = days.setdefault((at, one.person.id, one.day), [True, False])
        if one.mfa not in BACKED:
            if one.mfa == "unknown":
                day[1] = True
            else:
                day[0] = False
        if one.came_from is not None:
            if one.proof_kind == "timing":
                tally.add((*at, "inherited_by_timing"), 1, 1)
            continue
        unsaid = one.mfa == "unknown"
        tally.add((*at, "used"), one.mfa in ("performed", "claim_in_token"), 1, unsaid)
        tally.add((*at, "remembered"), one.mfa == "remembered", 1, unsaid)
        tally.add((*at, "bypassed"), one.mfa == "bypassed", 1, unsaid)
        tally.add((*at, "unknown"), unsaid, 1, 0)
        tally.add((*at, "inherited_by_timing"), 0, 1)
    for (at, _, _), (backed, unsaid) in days.items():
        tally.add((*at, "person_days"), backed and not unsaid, 1, backed and unsaid)
    return tally.points()


def phishing_resistant(world, grain, by):
    tally = Tally()
    people = {}
    for one in own(world):
        at = (world.key(grain, one.started), dimension(one, by))
        yes = one.mfa == "performed" and one.strength == 5
        unsaid = one.mfa in ("unknown", "claim_in_token", "remembered") or (
            one.mfa == "performed" and one.factor is None)
        tally.add((*at, ""), yes, 1, unsaid)
        person = people.setdefault((at, one.person.id), [True, False])
        if unsaid:
            person[1] = True
        elif not yes:
            person[0] = False
    for (at, _), (every, unsaid) in people.items():
        tally.add((*at, "people"), every and not unsaid, 1, every and unsaid)
    return tally.points()


def factor_mix(world, grain, by):
    tally, totals = Tally(), Tally()
    for one in world.inside:
        if one.outcome == "success" and one.account.kind == "human" and one.mfa == "performed":
            at = (world.key(grain, one.started), dimension(one, by))
            tally.add((*at, one.factor or "unknown"), 1)
            totals.add(at, 0)
    return {key: {"k": k, "n": totals.n[key[:2]], "unknown": 0} for key, k in tally.k.items()}


def privileged_without_mfa(world, grain, by):
    tally, accounts = Tally(), {}
    for one in own(world):
        if not one.account.privileged:
            continue
        at = (world.key(grain, one.started), dimension(one, by))
        yes, unsaid = one.mfa in WITHOUT, one.mfa == "unknown"
        tally.add((*at, "sign_ins"), yes, 1, unsaid)
        account = accounts.setdefault((at, one.source, one.user), [False, False])
        account[0] |= yes
        account[1] |= unsaid
    for (at, _, _), (yes, unsaid) in accounts.items():
        tally.add((*at, "accounts"), yes, 1, unsaid and not yes)
    return tally.points()


class Uses:
    """Successful uses of a second factor, by account, with their days."""

    def __init__(self, world):
        self.used = defaultdict(list)
        for one in world.attempts:
            if one.outcome == "success" and one.mfa == "performed":
                self.used[(one.source, one.user)].append((one.started, one.factor))

    def since(self, source, login, begin, end):
        return [factor for time, factor in self.used.get((source, login), ()) if begin <= time < end]


def accounts_of(world, person):
    """The accounts of a person: those that the directory names."""
    return [(source, login) for source, login in person.logins]


def enrolled(world, grain, by):
    """On each bucket's last day: accounts with a usable factor in a snapshot at most 48 hours
    old, or proven by a use since."""
    tally, uses = Tally(), Uses(world)
    own_ways = defaultdict(list)
    for one in world.attempts:
        own_ways[(one.source, one.user)].append(one)
    for key, _, last in world.period.buckets(grain):
        end = world.period.midnight(last + timedelta(days=1))
        for person in world.directory.people.values():
            if person.kind != "human" or not person.here(last):
                continue
            group = getattr(person, by) if by else None
            found = []
            for source, login in accounts_of(world, person):
                snapshot = world.factors.latest(source, login, last)
                reached = [one for one in own_ways.get((source, login), ())
                           if end - 90 * 86_400_000 <= one.started < end]
                if snapshot is None and reached and all(
                        one.federated for one in reached if one.outcome == "success"):
                    continue
                if snapshot is None:
                    begin = end - 90 * 86_400_000
                    proven = set(uses.since(source, login, begin, end))
                    state = ("yes" if proven else "unknown", len(proven))
                else:
                    day, rows = snapshot
                    usable = Factors.usable(rows)
                    since = uses.since(source, login, world.period.midnight(day + timedelta(days=1)), end)
                    usable |= {factor for factor in since if factor}
                    number = len(usable)
                    state = ("yes" if usable or since else "no", number)
                found.append((state, (source, login) in person.privileged))
            for (state, _), privileged in found:
                count(tally, (key, group, "accounts"), state)
                if privileged:
                    count(tally, (key, group, "privileged"), state)
            if found:
                states = [state for (state, _), _ in found]
                all_of = "no" if "no" in states else "unknown" if "unknown" in states else "yes"
                count(tally, (key, group, "people"), all_of)
                most = max(number for (_, number), _ in found)
                unsaid = most < 2 and "unknown" in states
                tally.add((key, group, "two_factors"), most >= 2, 1, unsaid)
    return tally.points()


def count(tally, key, state):
    tally.add(key, state == "yes", 1, state == "unknown")
