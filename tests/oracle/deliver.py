"""Makes a delivery of a generated company: the days up to an end, servers' lines with
whole dates, and some of the records later than the rest and in another file.

    python3 -m oracle.deliver COMPANY OUT END

Gives OUT/1 and OUT/2, to be taken in in this order.
"""

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

#: One in so many records of a vendor comes late.
LATE = 40


def main(company, out, end):
    company, out = Path(company), Path(out)
    for part in ("1", "2"):
        (out / part).mkdir(parents=True, exist_ok=True)
    for name in ("okta", "entra", "github", "cloudtrail"):
        with open(company / "logs" / f"{name}.ndjson", encoding="utf-8") as lines, \
                open(out / "1" / f"{name}.ndjson", "w", encoding="utf-8") as first, \
                open(out / "2" / f"{name}.ndjson", "w", encoding="utf-8") as second:
            for number, line in enumerate(lines):
                if stamp(name, line) < end:
                    (second if number % LATE == 7 else first).write(line)
    with open(company / "logs" / "sshd.log", encoding="utf-8") as lines, \
            open(out / "1" / "sshd.log", "w", encoding="utf-8") as first:
        for line in lines:
            time = datetime.strptime(f"{end[:4]} {line[:15]}", "%Y %b %d %H:%M:%S").isoformat()
            if time < end:
                first.write(f"{time}Z{line[15:]}")
    with open(company / "factors.csv", encoding="utf-8") as lines, \
            open(out / "factors.csv", "w", encoding="utf-8") as kept:
        for line in lines:
            if line.startswith("as_of") or line[:10] < end[:10]:
                kept.write(line)


def stamp(name, line):
    """When the record says that it was; as text that sorts."""
    if name == "github":
        start = line.index('"@timestamp":') + 13
        time = int(line[start:line.index(",", start)]) / 1000
        return datetime.fromtimestamp(time, timezone.utc).isoformat()
    key = {"okta": '"published":"', "entra": '"createdDateTime":"', "cloudtrail": '"eventTime":"'}[name]
    start = line.index(key) + len(key)
    return line[start:start + 19]


if __name__ == "__main__":
    main(*sys.argv[1:])
