"""Everything that metrics are computed of."""

from collections import Counter, defaultdict
from pathlib import Path

from .attempts import attempts
from .directory import Directory, Factors
from .period import Period, bucket
from .records import Log
from .tries import tries

DAY = 86_400_000


class World:
    """The company as delivered."""

    def __init__(self, folder, people, zone, first, end):
        folder = Path(folder)
        self.period = Period(zone, first, end)
        self.log = Log()
        for part in ("1", "2"):
            self.log.deliver(folder / part)
        self.events = self.log.standing()
        self.events.sort(key=lambda one: (one.time, one.seq))
        self.directory = Directory(people, self.period)
        self.factors = Factors(folder / "factors.csv")
        self.attempts = attempts(tries(self.events), self.directory)
        for one in self.attempts:
            one.day = self.period.day(one.started)
        self.inside = [one for one in self.attempts if one.started in self.period]

    def key(self, grain, time):
        """The bucket of an instant."""
        return bucket(grain, self.period.day(time))


def dimension(one, by):
    """An attempt's value of a dimension; None where it isn't said."""
    if by is None:
        return None
    if by in ("team", "role", "cohort"):
        return getattr(one.person, by) if one.person else None
    if by == "account_kind":
        return one.account.kind
    if by == "device_managed":
        return None if one.managed is None else str(one.managed).lower()
    return getattr(one, by)


class Tally:
    """Counts by (bucket, group, figure): k, n and unknown."""

    def __init__(self):
        self.k, self.n, self.unknown = Counter(), Counter(), Counter()

    def add(self, key, k, n=1, unknown=0):
        self.k[key] += k
        self.n[key] += n
        self.unknown[key] += unknown

    def points(self):
        return {key: {"k": self.k[key], "n": n, "unknown": self.unknown[key]}
                for key, n in self.n.items() if n}


def grouped(rows, key):
    found = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
