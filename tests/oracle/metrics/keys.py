"""break_glass/*, credentials/*, sessions/*, recovery/factor_reset: what stands beside sign-ins.

Keys are those that events show: SSH keys, deploy keys, access keys, access tokens, applications'
secrets and certificates.
"""

from collections import defaultdict
from datetime import timedelta

from ..world import DAY, Tally, bucket, dimension
from .recovering import spells
from .timing import histogram

KEYS = {"ssh_key", "deploy_key", "access_key", "access_token", "app", "certificate"}
MINUTE = 60_000


def group(one, by):
    return one.source if by == "source" else None


def uses(world, grain, by):
    tally, totals = Tally(), Tally()

    def add(one, time, figure):
        at = (world.key(grain, time), group(one, by))
        tally.add((*at, figure), 1)
        totals.add(at, 0)

    for one in world.inside:
        if one.outcome != "success":
            continue
        if one.account.kind == "break_glass":
            add(one, one.started, "break_glass_account")
        elif one.factor == "recovery_code":
            add(one, one.started, "recovery_code")
        elif one.mfa == "bypassed" or one.factor == "bypass_code":
            add(one, one.started, "bypass")
    for one in world.events:
        if one.activity == "factor_reset" and one.outcome == "success" and one.time in world.period:
            add(one, one.time, "factor_reset")
    return {key: {"k": k, "n": totals.n[key[:2]], "unknown": 0} for key, k in tally.k.items()}


def untested(world, grain, by):
    tally = Tally()
    for key, _, last in world.period.buckets(grain):
        end = world.period.midnight(last + timedelta(days=1))
        for person in world.directory.people.values():
            if person.kind != "break_glass" or not person.here(last):
                continue
            for source, login in person.logins:
                used = any(one.outcome == "success" and end - 90 * DAY <= one.started < end
                           for one in world.attempts if (one.source, one.user) == (source, login))
                tally.add((key, source if by else None, ""), not used, 1)
    return tally.points()


def resets(world):
    return [one for one in world.events if one.activity == "factor_reset" and one.outcome == "success"]


def new_device_after_reset(world, grain, by):
    tally = Tally()
    for reset in resets(world):
        if reset.time not in world.period:
            continue
        end = reset.time + 12 * 3_600_000
        yes = any(one.activity == "enroll" and one.outcome == "success" and one.user == reset.user
                  and one.source == reset.source and reset.time < one.time <= end
                  for one in world.events)
        before = {one.device for one in world.attempts
                  if (one.source, one.user) == (reset.source, reset.user) and one.outcome == "success"
                  and reset.time - 30 * DAY <= one.started <= reset.time}
        yes = yes or any(
            one.device is not None and one.device not in before for one in world.attempts
            if (one.source, one.user) == (reset.source, reset.user) and one.outcome == "success"
            and reset.time < one.started <= end)
        tally.add((world.key(grain, reset.time), group(reset, by), ""), yes, 1)
    return tally.points()


def factor_reset(world, grain, by):
    """From a reset to the account's next sign-in with a second factor at that source."""
    rows = defaultdict(list)
    found = defaultdict(list)
    for reset in resets(world):
        found[(reset.source, reset.user)].append(reset.time)
    for (source, user), times in found.items():
        good = sorted(one.ended for one in world.attempts if (one.source, one.user) == (source, user)
                      and one.outcome == "success" and one.mfa == "performed")
        for number, time in enumerate(times):
            then = next((other for other in good if other > time), None)
            following = times[number + 1] if number + 1 < len(times) else None
            if following is not None and (then is None or following < then):
                continue
            if time in world.period:
                length = None if then is None else then - time
                ended = length is not None and length <= 7 * DAY
                at = (world.key(grain, time), source if by else None)
                rows[at].append((length if ended else 7 * DAY, ended))
    return kaplan_meier(rows)


def kaplan_meier(rows):
    made = {}
    for at, lengths in rows.items():
        curve = spells(lengths, 7 * DAY)
        for figure in ("p50", "p75", "p90"):
            level = 1 - int(figure[1:]) / 100
            made[(*at, figure)] = {"n": len(lengths), "value": next(
                (time for time, share in curve if share <= level + 1e-12), None)}
    return made


def without_mfa(world, grain, by):
    tally = Tally()
    for one in world.inside:
        if one.outcome == "success" and one.credential in KEYS:
            tally.add((world.key(grain, one.started), dimension(one, by), ""),
                      one.mfa in ("none", "not_required", "bypassed"), 1, one.mfa == "unknown")
    return tally.points()


def shown(world):
    """Uses of each key: (source, credential id) to days."""
    found = defaultdict(list)
    for one in world.events:
        if one.credential in KEYS and one.credential_id is not None:
            found[(one.source, one.credential_id)].append(one)
    return found


def age(world, grain, by):
    """Days from the day that first showed a key to that of its last use in the bucket."""
    rows = []
    for (source, _), events in shown(world).items():
        first = world.period.day(events[0].time)
        last = {}
        for one in events:
            if one.time in world.period:
                last[world.key(grain, one.time)] = world.period.day(one.time)
        for key, day in last.items():
            rows.append(((key, source if by else None), (day - first).days))
    return histogram(rows, ("p50", "p90", "p95"))


def unused(world, grain, by):
    tally = Tally()
    for key, _, last in world.period.buckets(grain):
        end = world.period.midnight(last + timedelta(days=1))
        for (source, _), events in shown(world).items():
            times = [one.time for one in events if end - 365 * DAY <= one.time < end]
            if times:
                tally.add((key, source if by else None, events[0].credential),
                          max(times) < end - 90 * DAY, 1)
    return tally.points()


def sessions(world, grain):
    """((source, session), bucket) to the session's first event and its last in the bucket."""
    first, last = {}, {}
    for one in world.events:
        if one.session is None or one.time >= world.period.ends:
            continue
        key = (one.source, one.session)
        first.setdefault(key, one.time)
        if one.time in world.period:
            last[(key, world.key(grain, one.time))] = one.time
    return {at: (first[at[0]], time) for at, time in last.items()}


def age_at_last_use(world, grain, by):
    """To the minute."""
    rows = []
    for ((source, _), key), (first, last) in sessions(world, grain).items():
        rows.append(((key, source if by else None), (last - first) // MINUTE * MINUTE))
    return histogram(rows, ("p50", "p90", "p95", "p99"))


def older_than(world, grain, by):
    tally = Tally()
    limits = {"over_12_hours": DAY // 2, "over_1_day": DAY, "over_7_days": 7 * DAY,
              "over_30_days": 30 * DAY}
    for ((source, _), key), (first, last) in sessions(world, grain).items():
        for figure, limit in limits.items():
            tally.add((key, source if by else None, figure), last - first > limit, 1)
    return tally.points()


def used_after_end(world, grain, by):
    tally, ends, after = Tally(), {}, set()
    for one in world.events:
        if one.session is None:
            continue
        key = (one.source, one.session)
        if one.activity == "logoff" and one.outcome == "success":
            if one.time in world.period:
                ends.setdefault(key, one.time)
        elif key in ends and one.outcome == "success" and (
                ends[key] + MINUTE < one.time <= ends[key] + 7 * DAY):
            after.add(key)
    for key, time in ends.items():
        tally.add((world.key(grain, time), key[0] if by else None, ""), key in after, 1)
    return tally.points()
