"""Answers questions: JSON in (folder, people, time_zone, from, to, questions), JSON out."""

import json
import sys
from datetime import timedelta

from .questions import answer
from .world import World


def holds(world):
    """What of the hard cases the company holds, as counts."""
    period, people = world.period, world.directory.people.values()
    humans = [one for one in people if one.kind == "human"]
    last = period.end - timedelta(days=1)
    return {
        "leavers": sum(one.valid_to is not None and period.first <= one.valid_to <= last
                       for one in humans),
        "joiners": sum(one.valid_from is not None and period.first <= one.valid_from <= last
                       for one in humans),
        "people_with_several_accounts": sum(len(one.logins) > 1 for one in humans),
        "late": world.log.late,
        "duplicates": sum(one["duplicate"] for one in world.log.came.values()),
        "revisions": world.log.came["entra"]["revised"],
        "revisions_out_of_order": world.log.backwards,
    }


def came(world):
    """What became of what came in, by source: data/completeness, data/revised."""
    found = {source: dict(counts) for source, counts in world.log.came.items()}
    for one in world.events:
        counts = found.setdefault(one.source, {})
        counts["events"] = counts.get("events", 0) + 1
    return found


def main():
    asked = json.load(sys.stdin)
    world = World(asked["folder"], asked["people"], asked["time_zone"], asked["from"], asked["to"])
    answers = [answer(world, one["metric"], one["grain"], one["by"]) for one in asked["questions"]]
    json.dump({"holds": holds(world), "came": came(world), "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
