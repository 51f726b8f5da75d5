"""recovery/*: episodes of an account from a failure where it is at home to its next success."""

from collections import defaultdict

from ..world import DAY, Tally
from .failing import FAILED, Home, at_of

SLIP = 2 * 60_000


def episodes(world):
    """(first failure, length in ms or None where it is open, failures that belong to it)."""
    home, open_ones, made = Home(world), {}, []
    for one in world.attempts:
        if one.account.kind != "human":
            continue
        key = (one.source, one.user)
        if one.outcome in FAILED and home.knows(one):
            episode = open_ones.get(key)
            if episode is None:
                episode = open_ones[key] = [one, None]
                made.append(episode)
        elif one.outcome == "success" and key in open_ones:
            episode = open_ones.pop(key)
            episode[1] = one.ended - episode[0].started
    return made


def slips(world, grain, by):
    tally, home = Tally(), Home(world)
    for first, length in episodes(world):
        if first.started in world.period:
            tally.add((*at_of(world, first, grain, by), ""), length is not None and length <= SLIP, 1)
    for one in world.inside:
        if one.account.kind == "human" and one.outcome in FAILED:
            tally.add((*at_of(world, one, grain, by), "attributed"), home.knows(one), 1)
    return tally.points()


def spells(rows, horizon):
    """Kaplan-Meier: [(time, share still open)] of (length, whether it ended)."""
    left, open_share, curve = len(rows), 1.0, []
    by_time = defaultdict(lambda: [0, 0])
    for length, ended in rows:
        by_time[length][0 if ended else 1] += 1
    for time in sorted(by_time):
        ended, censored = by_time[time]
        if ended:
            open_share *= 1 - ended / left
            curve.append((time, open_share))
        left -= ended + censored
    return curve


def lengths(world, grain, by, cap=7 * DAY):
    rows = defaultdict(list)
    for first, length in episodes(world):
        if first.started not in world.period or (length is not None and length <= SLIP):
            continue
        ended = length is not None and length <= cap
        rows[at_of(world, first, grain, by)].append((length if ended else cap, ended))
    return rows


def time(world, grain, by):
    made = {}
    for at, found in lengths(world, grain, by).items():
        curve = spells(found, 7 * DAY)
        closed = sum(ended for _, ended in found)
        for figure in ("p50", "p75", "p90"):
            level = 1 - int(figure[1:]) / 100
            value = next((t for t, share in curve if share <= level + 1e-12), None)
            made[(*at, figure)] = {"k": closed, "n": len(found), "value": value}
        area, before, share = 0.0, 0, 1.0
        limit = 8 * 3_600_000
        for t, after in curve:
            if t >= limit:
                break
            area += share * (t - before)
            before, share = t, after
        area += share * (limit - before)
        made[(*at, "mean_8h")] = {"k": closed, "n": len(found), "value": area}
    return made


def recovered(world, grain, by):
    made = {}
    limits = {"within_10m": 600_000, "within_1h": 3_600_000, "within_8h": 8 * 3_600_000,
              "within_1d": DAY, "within_7d": 7 * DAY}
    for at, found in lengths(world, grain, by).items():
        curve = spells(found, 7 * DAY)
        for figure, limit in limits.items():
            share = 1.0
            for t, after in curve:
                if t <= limit:
                    share = after
            made[(*at, figure)] = {"n": len(found), "value": 1 - share}
    return made
