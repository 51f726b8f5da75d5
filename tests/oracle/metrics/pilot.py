"""pilot/*: people of the cohort `pilot` against all others: the two sides and what lies between."""

import math
from collections import defaultdict

from ..world import dimension
from .adoption import own

Z = 1.959963984540054


def wilson(k, n):
    p, z2 = k / n, Z * Z
    middle, half = p + z2 / (2 * n), Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (middle - half) / (1 + z2 / n), (middle + half) / (1 + z2 / n)


def newcombe(k1, n1, k2, n2):
    """Newcombe 1998, method 10: the difference of two shares with its interval."""
    p1, p2 = k1 / n1, k2 / n2
    (l1, u1), (l2, u2) = wilson(k1, n1), wilson(k2, n2)
    d = p1 - p2
    return d, d - math.hypot(p1 - l1, u2 - p2), d + math.hypot(u1 - p1, p2 - l2)


def sides(rows):
    """rows: (group, side, k, n) to points of the sides and their difference."""
    sums = defaultdict(lambda: [0, 0])
    for group, side, k, n in rows:
        sums[(group, side)][0] += k
        sums[(group, side)][1] += n
    made = {}
    for group in {group for group, _ in sums}:
        for side in ("pilot", "control"):
            k, n = sums.get((group, side), (0, 0))
            made[(None, group, side)] = {"k": k, "n": n, "value": k / n if n else None}
    return made


def side(one):
    return "pilot" if one.person.cohort == "pilot" else "control"


def failures(world, grain, by):
    rows = []
    for one in world.inside:
        if one.interactive and one.person is not None and one.account.kind == "human" and (
                one.outcome in ("success", "failure", "denied", "abandoned")):
            rows.append((dimension(one, by), side(one), one.outcome != "success", 1))
    return sides(rows)


def second_factor(world, grain, by):
    people = {}
    for one in own(world):
        key = (dimension(one, by), side(one), one.person.id)
        people[key] = people.get(key, False) or one.mfa == "performed"
    made = sides([(group, which, used, 1) for (group, which, _), used in people.items()])
    for group in {key[1] for key in made}:
        one, other = made[(None, group, "pilot")], made[(None, group, "control")]
        if one["n"] and other["n"]:
            value, low, high = newcombe(one["k"], one["n"], other["k"], other["n"])
            made[(None, group, "difference")] = {"value": value, "low": low, "high": high}
    return made


def time_to_authenticate(world, grain, by):
    rows = []
    for one in world.inside:
        if (one.account.kind == "human" and one.person is not None and one.outcome == "success"
                and one.duration is not None and (one.prompts or one.credential == "password")):
            rows.append((dimension(one, by), side(one), one.duration, 1))
    return sides(rows)
