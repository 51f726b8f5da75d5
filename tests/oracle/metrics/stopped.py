"""policies/blocked_minutes, latency/abandonment and answered, outage/failed_open: what
doesn't work, and what works anyway."""

from collections import defaultdict

from ..world import DAY, Tally
from .failing import at_of
from .timing import histogram

HOUR = 3_600_000


def stopped(one):
    """Whether a policy denied it, or it was given up at one's challenge."""
    return bool(one.blocked) or (one.outcome == "abandoned" and one.policy_result == "challenged")


def blocked_minutes(world, grain, by):
    waiting, rows = {}, []
    for one in world.attempts:
        if one.account.kind != "human":
            continue
        key = (one.who, one.source)
        if stopped(one):
            waiting.setdefault(key, one)
        elif one.outcome == "success" and key in waiting:
            first = waiting.pop(key)
            rows.append((first, min(one.ended - first.ended, 8 * HOUR)))
    rows += [(first, 8 * HOUR) for first in waiting.values()]
    return histogram([(at_of(world, first, grain, by), length) for first, length in rows
                      if first.started in world.period], ("mean", "p50", "p90"))


def prompted(world):
    return [one for one in world.inside if one.account.kind == "human" and one.prompts > 0
            and one.outcome != "unknown"]


def abandonment(world, grain, by):
    """Nothing is open any more, so that the cumulative incidence is a share."""
    tally = Tally()
    for one in prompted(world):
        tally.add((*at_of(world, one, grain, by), "within_10m"), one.outcome == "abandoned", 1)
    return {key: {"n": point["n"], "value": point["k"] / point["n"]}
            for key, point in tally.points().items()}


def answered(world, grain, by):
    tally = Tally()
    limits = {"within_10s": 10_000, "within_30s": 30_000, "within_60s": 60_000, "within_5m": 300_000}
    for one in prompted(world):
        if not any(step.activity == "challenge" for step in one.steps_of):
            continue
        for figure, limit in limits.items():
            right = one.prompt_to_response is not None and one.prompt_to_response <= limit
            tally.add((*at_of(world, one, grain, by), figure), right, 1)
    return {key: {"n": point["n"], "value": point["k"] / point["n"]}
            for key, point in tally.points().items()}


def failed_open(world, grain, by):
    hours = defaultdict(lambda: [0, 0])
    for one in world.attempts:
        slot = hours[(one.source, one.started // HOUR)]
        slot[0] += one.outcome == "error"
        slot[1] += 1
    dark = {key for key, (errors, n) in hours.items() if errors >= 5 and errors * 10 >= n}
    uses = defaultdict(list)
    for one in world.attempts:
        if one.outcome == "success" and one.mfa == "performed":
            uses[(one.source, one.user)].append(one.started)
    tally = Tally()
    for one in world.inside:
        hour = one.started // HOUR
        if (one.source, hour) not in dark or one.outcome != "success":
            continue
        if not one.interactive or one.account.kind != "human":
            continue
        if any(hour * HOUR - 30 * DAY <= time < hour * HOUR for time in uses[(one.source, one.user)]):
            tally.add((*at_of(world, one, grain, by), ""),
                      one.mfa in ("none", "not_required", "bypassed"), 1, one.mfa == "unknown")
    return tally.points()
