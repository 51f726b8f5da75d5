"""JSON in RFC 8785 form with integers only, and the entries of the ledger in it."""

import json
import re

from strict import Refused, utf8


def canonical(value, depth=64):
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if not -(2**63) <= value < 2**64:
            raise Refused("an integer of over 64 bits")
        return str(value) if abs(value) < 2**53 else '"%d"' % value
    if depth == 0:
        raise Refused("nested over 64 levels deep")
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth - 1) for item in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    fields = (canonical(name) + ":" + canonical(value[name], depth - 1) for name in names)
    return "{" + ",".join(fields) + "}"


def no_float(text):
    raise Refused("the number %s isn't an integer" % text[:40])


def from_canonical(octets):
    text = utf8(octets, "the JSON")
    try:
        value = json.loads(text, parse_float=no_float, parse_constant=no_float)
        same = canonical(value).encode("utf-8") == octets
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON: %s" % error) from None
    if not same:
        raise Refused("not JSON in canonical form (RFC 8785)")
    return value


def integer(fields, name, low, high):
    value = fields.get(name)
    if isinstance(value, str) and re.fullmatch("-?[1-9][0-9]{0,30}", value):
        value = int(value) if abs(int(value)) >= 2**53 else None
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Refused("%s isn't an integer that fits" % name)
    return value


def i32(fields, name):
    return integer(fields, name, -(2**31), 2**31 - 1)


def i64(fields, name):
    return integer(fields, name, -(2**63), 2**63 - 1)


def u64(fields, name):
    return integer(fields, name, 0, 2**64 - 1)


def text(fields, name):
    if not isinstance(fields.get(name), str):
        raise Refused("%s isn't a text" % name)
    return fields[name]


FILE_TYPES = ("segment", "compaction", "replay")


def read_entry(octets):
    """An entry's fields; those of the types with rows are checked."""
    if len(octets) > 65535:
        raise Refused("an entry of over 65,535 bytes")
    entry = from_canonical(octets)
    if not isinstance(entry, dict):
        raise Refused("an entry that isn't an object")
    kind, version = text(entry, "type"), u64(entry, "v")
    i64(entry, "time")
    if version == 1 and kind in FILE_TYPES:
        for name in ("path", "sha256", "ranges_sha256", "table", "delta_commit_sha256"):
            text(entry, name)
        for name in ("bytes", "rows", "schema_version", "delta_version"):
            u64(entry, name)
        for name in ("time_min", "time_max", "received_min", "received_max"):
            if name in entry:
                i64(entry, name)
        if entry.get("row_root") is not None:
            text(entry, "row_root")
        if kind == "compaction":
            if not isinstance(entry.get("inputs"), list):
                raise Refused("inputs isn't a list")
            for item in entry["inputs"]:
                if not isinstance(item, dict):
                    raise Refused("an input isn't a range")
                u64(item, "from"), u64(item, "to")
        if kind == "replay":
            u64(entry, "supersedes"), text(entry, "supersedes_sha256")
    return entry
