"""People, whose account a login is at a time, and the factor snapshots."""

import csv
from datetime import date, timedelta


def utc_day(time):
    """The directory's dates are days of UTC, as everything in tables and views."""
    return date.fromordinal(719163 + time // 86_400_000)


class Person:
    """A row of the directory."""

    def __init__(self, row):
        self.id, self.kind = row["id"], row["kind"]
        self.team, self.role, self.cohort = (row[name] or None for name in ("team", "role", "cohort"))
        self.manager = row["manager"] or None
        self.zone = row["time_zone"]
        self.logins = [tuple(one.split(":", 1)) for one in row["logins"].lower().split()]
        self.privileged = {tuple(one.split(":", 1)) for one in row["privileged_logins"].lower().split()}
        self.invited_on, self.valid_from, self.valid_to = (
            date.fromisoformat(row[name]) if row[name] else None
            for name in ("invited_on", "valid_from", "valid_to"))

    def here(self, day):
        """Whether the logins count on that day, from the first to the last one."""
        return ((self.valid_from is None or self.valid_from <= day)
                and (self.valid_to is None or day <= self.valid_to))


class Account:
    """A login at a source."""

    __slots__ = ("source", "login", "person", "kind", "privileged")

    def __init__(self, source, login, person, kind, privileged):
        self.source, self.login, self.person = source, login, person
        self.kind, self.privileged = kind, privileged


class Directory:
    """The directory as its one import has it."""

    def __init__(self, path, period):
        self.period = period
        self.people = {}
        self.by_login, self.by_email = {}, {}
        with open(path, encoding="utf-8") as rows:
            for row in csv.DictReader(rows):
                person = Person(row)
                self.people[person.id] = person
                for source, login in person.logins:
                    self.by_login[(source, login)] = person
                    if "@" in login:
                        self.by_email.setdefault(login, []).append((source, person))

    def account(self, source, login, time):
        """Whose account a login is at that time."""
        if login is None:
            return Account(source, None, None, "unknown", False)
        day = utc_day(time)
        person = self.by_login.get((source, login))
        if person is not None and person.here(day):
            return Account(source, login, person, person.kind, (source, login) in person.privileged)
        if person is None:
            # The same e-mail address at another source.
            for other, found in self.by_email.get(login, []):
                if found.here(day):
                    return Account(source, login, found, found.kind, (other, login) in found.privileged)
        return Account(source, login, None, "unknown", False)


class Factors:
    """Daily snapshots: rows by (day, source, login)."""

    def __init__(self, path):
        self.rows = {}
        with open(path, encoding="utf-8") as rows:
            for row in csv.DictReader(rows):
                key = (date.fromisoformat(row["as_of"]), row["source"], row["login"].lower())
                self.rows.setdefault(key, []).append(
                    (row["factor"], row["enrolled_on"] and date.fromisoformat(row["enrolled_on"]) or None,
                     row["status"]))

    def latest(self, source, login, day, hours=48):
        """The newest snapshot of the account at most 48 hours old on that day: its day and
        rows; None where there is none."""
        for back in range(0, hours // 24 + 1):
            found = self.rows.get((day - timedelta(days=back), source, login))
            if found is not None:
                return day - timedelta(days=back), found
        return None

    @staticmethod
    def usable(rows):
        """The usable second factors among rows."""
        return {name for name, _, status in rows
                if status == "active" and name not in ("none", "password")}
