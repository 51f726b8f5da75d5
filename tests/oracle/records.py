"""Files in the order in which they were delivered. The same id with the same bytes is
one event; the same id with other bytes replaces the earlier one."""

import json
from collections import Counter, defaultdict

from .readers import cloudtrail, entra, github, okta, sshd

FEEDS = [("cloudtrail", "ndjson", cloudtrail.read), ("entra", "ndjson", entra.read),
         ("github", "ndjson", github.read), ("okta", "ndjson", okta.read)]


class Log:
    """Events as they stand after everything was delivered, and what became of records."""

    def __init__(self):
        self.events = []
        self.came = defaultdict(Counter)
        # Events of a later delivery that lie before one of an earlier, and revisions whose
        # older state came last.
        self.late = self.backwards = 0
        self._newest = self._newest_before = 0
        self._part = 0
        self._by_id = {}

    def deliver(self, folder):
        """Reads a folder of files, by name."""
        self._newest_before, self._part = self._newest, self._part + 1
        for name, ending, read in FEEDS:
            path = folder / f"{name}.{ending}"
            if path.exists():
                with open(path, encoding="utf-8") as lines:
                    for line in lines:
                        self._take(name, line.rstrip("\n"), read)
        path = folder / "sshd.log"
        if path.exists():
            connections = sshd.Connections()
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    for event in connections.read(line.rstrip("\n")):
                        if event.again is not None:
                            self.events[event.again.seq] = None
                            self.came["sshd"]["revised"] += 1
                        self._keep(event)

    def _take(self, source, line, read):
        for event in read(line, json.loads(line)):
            before = self._by_id.get((source, event.id))
            if before is not None:
                if hash(line) in before[1]:
                    self.came[source]["duplicate"] += 1
                    continue
                self.came[source]["revised"] += 1
                self.backwards += before[0].outcome != "interrupted" and event.outcome == "interrupted"
                self.events[before[0].seq] = None
                before[1].add(hash(line))
                self._by_id[(source, event.id)] = (event, before[1])
            else:
                self._by_id[(source, event.id)] = (event, {hash(line)})
            self._keep(event)

    def _keep(self, event):
        event.seq = len(self.events)
        self.late += self._part > 1 and event.time < self._newest_before
        self._newest = max(self._newest, event.time)
        self.events.append(event)

    def standing(self):
        """The events that stand."""
        return [event for event in self.events if event is not None]
