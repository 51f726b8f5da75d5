"""Buckets of days, cut in the organisation's time zone."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

HOUR = 3_600_000


class Period:
    """[first, end), both dates."""

    def __init__(self, zone, first, end):
        self.zone = ZoneInfo(zone)
        self.first, self.end = date.fromisoformat(first), date.fromisoformat(end)
        self.begins, self.ends = self.midnight(self.first), self.midnight(self.end)
        self._days = {}

    def midnight(self, day):
        """The day's first instant."""
        return round(datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp() * 1000)

    def day(self, time):
        """The day that an instant lies in."""
        # The offset changes at whole hours.
        hour = time // HOUR
        found = self._days.get(hour)
        if found is None:
            found = datetime.fromtimestamp(hour * 3600, timezone.utc).astimezone(self.zone)
            self._days[hour] = found = found.date()
        return found

    def __contains__(self, time):
        return self.begins <= time < self.ends

    def buckets(self, grain):
        """(key, first day, last day) of each bucket; clipped to the period."""
        if grain == "total":
            return [(None, self.first, self.end - timedelta(days=1))]
        found, day = [], self.first
        while day < self.end:
            key = bucket(grain, day)
            last = min(following(grain, key), self.end) - timedelta(days=1)
            found.append((key, day, last))
            day = last + timedelta(days=1)
        return found


def bucket(grain, day):
    """First day of the bucket that a day lies in."""
    if grain == "total":
        return None
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day


def following(grain, key):
    """First day of the next bucket."""
    if grain == "week":
        return key + timedelta(days=7)
    if grain == "month":
        return (key + timedelta(days=31)).replace(day=1)
    if grain == "quarter":
        return (key + timedelta(days=93)).replace(day=1)
    return key + timedelta(days=1)
