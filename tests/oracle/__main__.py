"""Answers questions: JSON in (folder, people, time_zone, from, to, questions), JSON out."""

import json
import sys

from .questions import answer
from .world import World


def main():
    asked = json.load(sys.stdin)
    world = World(asked["folder"], asked["people"], asked["time_zone"], asked["from"], asked["to"])
    json.dump([answer(world, one["metric"], one["grain"], one["by"]) for one in asked["questions"]],
              sys.stdout)


if __name__ == "__main__":
    main()
