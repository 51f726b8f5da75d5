"""adoption/{funnel,sso_share,weakest_way_in,dormant_factors}: how far people have come.

Readings taken:
- a week counts as active where the person signed in interactively and successfully;
- who was remembered counts where the session's account used a factor on that device before.
"""

from collections import defaultdict
from datetime import timedelta

from ..directory import Factors
from ..world import DAY, Tally, bucket, dimension
from .adoption import Uses, WITHOUT

KEYS = {"ssh_key", "deploy_key", "access_key", "access_token"}


def funnel(world, grain, by):
    tally = Tally()
    period = world.period
    last_day = period.end - timedelta(days=1)
    tries = defaultdict(list)
    for one in world.attempts:
        if one.person is not None and one.outcome == "success":
            tries[one.person.id].append(one)
    first_snapshot, looked = {}, {}
    for (day, source, login), rows in world.factors.rows.items():
        person = world.directory.by_login.get((source, login))
        if person is None:
            continue
        looked[person.id] = min(looked.get(person.id, day), day)
        if Factors.usable(rows):
            first_snapshot[person.id] = min(first_snapshot.get(person.id, day), day)
    for person in world.directory.people.values():
        if person.kind != "human" or person.invited_on is None or person.invited_on > last_day:
            continue
        if person.valid_to is not None and person.valid_to < period.first:
            continue
        if person.valid_from is not None and person.valid_from > last_day:
            continue
        group = getattr(person, by) if by else None
        for key, _, last in period.buckets(grain):
            end = period.midnight(last + timedelta(days=1))
            begin = end - 26 * 7 * DAY
            mine = [one for one in tries.get(person.id, ()) if begin <= one.started < end]
            performed = any(one.mfa == "performed" for one in mine)
            unsaid = any(one.mfa == "unknown" for one in mine)
            tally.add((key, group, "invited"), person.invited_on <= last, 1)
            seen = first_snapshot.get(person.id)
            has = (seen is not None and seen <= last) or performed
            told = looked.get(person.id)
            tally.add((key, group, "enrolled"), has, 1, not has and (told is None or told > last))
            tally.add((key, group, "used_once"), performed, 1, not performed and unsaid)
            tally.add((key, group, "habitual"), *habitual(world, mine))
    return tally.points()


def habitual(world, mine):
    """k, n and unknown of one person."""
    weeks = defaultdict(lambda: [False, False])
    devices = set()
    for one in mine:
        if not one.interactive:
            continue
        week = weeks[bucket("week", one.day)]
        if one.mfa == "performed":
            week[0] = True
            devices.add((one.source, one.device))
        elif one.mfa == "remembered" and (one.source, one.device) in devices:
            week[0] = True
        elif one.mfa == "unknown":
            week[1] = True
    recent = [weeks[key] for key in sorted(weeks)[-5:]]
    yes = sum(used for used, _ in recent)
    maybe = sum(unsaid and not used for used, unsaid in recent)
    return yes >= 4, 1, yes < 4 <= yes + maybe


def sso_share(world, grain, by):
    tally = Tally()
    for one in world.inside:
        if one.outcome != "success" or not one.interactive or one.account.kind != "human":
            continue
        if one.source == "okta" and one.service == "Okta":
            continue
        if one.platform == "idp" and one.source == "cloudtrail":
            continue
        if one.came_from is not None and one.came_from.source != one.source:
            continue
        at = (world.key(grain, one.started), dimension(one, by))
        through = one.source in ("okta", "entra") or one.federated
        tally.add((*at, ""), through, 1)
        if through:
            name = one.protocol if one.protocol in ("saml", "oidc") else "other_protocol"
            for figure in ("saml", "oidc", "other_protocol"):
                tally.add((*at, figure), figure == name, 1)
        else:
            for figure in ("saml", "oidc", "other_protocol"):
                tally.add((*at, figure), 0, 1)
    return tally.points()


#: From the weakest.
WAYS = ["single_factor", "key_or_token", "unnamed_factor", "weak_code", "sms_or_voice",
        "push_or_code", "push_number", "phishing_resistant"]
BY_STRENGTH = {1: "weak_code", 2: "sms_or_voice", 3: "push_or_code", 4: "push_number",
               5: "phishing_resistant"}


def weakest_way_in(world, grain, by):
    tally = Tally()
    ways = defaultdict(list)
    for one in world.attempts:
        if (one.person is None or one.account.kind != "human" or one.outcome != "success"
                or one.came_from is not None or one.inherits):
            continue
        if one.credential in KEYS:
            way = "key_or_token"
        elif one.mfa in ("performed",):
            way = BY_STRENGTH.get(one.strength, "unnamed_factor")
        elif one.mfa in ("claim_in_token", "remembered"):
            way = "unnamed_factor"
        elif one.mfa in WITHOUT:
            way = "single_factor"
        else:
            way = "unknown"
        ways[one.person.id].append((one.started, way))
    for one in world.events:
        if one.activity != "logon" and one.credential in KEYS and one.outcome == "success":
            account = world.directory.account(one.source, one.user, one.time)
            if account.person is not None and account.kind == "human":
                ways[account.person.id].append((one.time, "key_or_token"))
    for key, _, last in world.period.buckets(grain):
        end = world.period.midnight(last + timedelta(days=1))
        for person, found in ways.items():
            names = {way for time, way in found if end - 90 * DAY <= time < end}
            if not names:
                continue
            person = world.directory.people[person]
            group = getattr(person, by) if by else None
            if "single_factor" in names:
                weakest = "single_factor"
            elif "unknown" in names:
                weakest = "unknown"
            else:
                weakest = next(way for way in WAYS if way in names)
            for way in (*WAYS, "unknown"):
                tally.add((key, group, way), way == weakest, 1)
    return {key: {"k": point["k"], "n": point["n"]}
            for key, point in tally.points().items() if point["k"]}


def dormant_factors(world, grain, by):
    tally, uses = Tally(), Uses(world)
    reaches = {}
    for one in world.events:
        reaches.setdefault(one.source, one.time)
    for key, _, last in world.period.buckets(grain):
        end = world.period.midnight(last + timedelta(days=1))
        newest = {}
        for day, source, login in world.factors.rows:
            if last - timedelta(days=1) <= day <= last:
                newest[(source, login)] = max(newest.get((source, login), day), day)
        for (source, login), day in newest.items():
            person = world.directory.by_login.get((source, login))
            if person is None or person.kind != "human" or not person.here(last):
                continue
            rows = world.factors.rows[(day, source, login)]
            used = uses.since(source, login, end - 90 * DAY, end)
            for factor in Factors.usable(rows):
                since = [since for name, since, status in rows if name == factor and status == "active"]
                old = any(one is None or one <= last - timedelta(days=90) for one in since)
                known = reaches.get(source, end) <= end - 90 * DAY
                dormant = old and factor not in used
                unsaid = dormant and (not known or None in used)
                tally.add((key, getattr(person, by) if by else None, ""),
                          dormant and not unsaid, 1, unsaid)
    return tally.points()
