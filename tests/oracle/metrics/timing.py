"""latency/*, friction/*: how long signing in takes, and how often it asks.

Readings taken: something was asked for where there was a prompt or a password.
"""

import math
from collections import defaultdict

from ..world import DAY, Tally, dimension
from .failing import FAILED, at_of


def quantile(values, share):
    """The value at rank ceil(share × n) of the sorted values."""
    values = sorted(values)
    return values[max(0, math.ceil(share * len(values)) - 1)]


def summary(values, n, figures):
    """Points of a histogram: k of n were measured."""
    made = {}
    for figure in figures:
        value = None
        if values:
            value = sum(values) / len(values) if figure == "mean" else quantile(
                values, int(figure[1:]) / 100)
        made[figure] = {"k": len(values), "n": n, "value": value}
    return made


def histogram(rows, figures):
    """rows: (at, value or None)."""
    found = defaultdict(lambda: ([], [0]))
    for at, value in rows:
        values, count = found[at]
        count[0] += 1
        if value is not None:
            values.append(value)
    return {(*at, figure): point for at, (values, count) in found.items()
            for figure, point in summary(values, count[0], figures).items()}


def asked(one):
    return one.prompts > 0 or one.credential == "password"


def human(world):
    return [one for one in world.inside if one.account.kind == "human"]


ALL = ("mean", "p50", "p90", "p95", "p99")


def time_to_authenticate(world, grain, by):
    return histogram(
        [(at_of(world, one, grain, by), one.duration) for one in human(world)
         if one.outcome == "success" and asked(one)], ALL)


def prompt_to_response(world, grain, by):
    return histogram(
        [(at_of(world, one, grain, by), one.prompt_to_response) for one in human(world)
         if one.outcome == "success" and one.prompts > 0], ALL)


def measurable(world, grain, by):
    tally = Tally()
    for one in human(world):
        if one.outcome == "success" and asked(one):
            at = at_of(world, one, grain, by)
            tally.add((*at, ""), one.duration is not None, 1)
            tally.add((*at, "step_times"), one.basis == "step_times", 1)
    return tally.points()


def abandoned(world, grain, by):
    tally = Tally()
    for one in human(world):
        if one.prompts > 0:
            tally.add((*at_of(world, one, grain, by), ""), one.outcome == "abandoned", 1,
                      one.outcome == "unknown")
    return tally.points()


def prompts_per_person_day(world, grain, by):
    """Person-days at sources that tell of prompts."""
    days = defaultdict(int)
    for one in human(world):
        if one.person is None or one.source in ("github", "sshd"):
            continue
        if one.federated and one.mfa in ("unknown", "inherited"):
            continue
        days[(at_of(world, one, grain, by), one.person.id, one.day)] += one.prompts
    return histogram([(at, prompts) for (at, _, _), prompts in days.items()], ("p50", "p95"))


def denials_before_success(world, grain, by):
    """Refusals of the attempt itself, and failed attempts since the success before."""
    pending, rows = defaultdict(list), []
    for one in world.attempts:
        if one.account.kind != "human":
            continue
        key = (one.source, one.user)
        if one.outcome in FAILED:
            pending[key].append(one.started)
        elif one.outcome == "success":
            before = [time for time in pending.pop(key, ()) if one.started - time <= 30 * 60_000]
            if one.interactive and one.started in world.period:
                rows.append((at_of(world, one, grain, by), len(before) + one.refusals))
    return histogram(rows, ("mean", "p50", "p95", "p99"))


def time_per_person_week(world, grain, by):
    """Milliseconds of a person, and their weeks."""
    spent, weeks = defaultdict(int), defaultdict(set)
    for one in human(world):
        if one.person is not None and one.outcome == "success" and one.duration is not None and asked(one):
            at = at_of(world, one, grain, by)
            spent[at] += one.duration
            weeks[at].add((one.person.id, world.key("week", one.started)))
    return {(*at, ""): {"k": ms, "n": len(weeks[at])} for at, ms in spent.items()}


def blocked(world, grain, by):
    """Stopped by a policy ÷ evaluated by one, at sources that also say when one lets pass."""
    tells = {one.source for one in world.inside if one.policy_result == "allowed"}
    tally = Tally()
    for one in human(world):
        at = at_of(world, one, grain, by)
        evaluated = one.policy_result in ("allowed", "challenged", "denied", "unknown")
        stopped = one.blocked or (one.outcome == "abandoned" and one.policy_result == "challenged")
        if evaluated and one.source in tells:
            tally.add((*at, ""), bool(stopped), 1, one.policy_result == "unknown")
        if stopped or one.outcome == "denied":
            names = one.source in tells and one.policy is not None
            tally.add((*at, "attributable"), names, 1)
            tally.add((*at, "not_attributable"), not names, 1)
    return tally.points()
