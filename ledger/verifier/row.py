"""Columns of a row (rollcall-row-v1) and their names."""

import struct

from strict import Refused, utf8


TEXT, BOOL, I16, I32, I64, TIME, LIST, BYTES = range(1, 9)
WIDTHS = {I16: ">h", I32: ">i", I64: ">q", TIME: ">q"}

# Ids are never reused, so that a name here is never wrong; newer ones have none.
EVENT_COLUMNS = dict(enumerate("""
    shard seq part revises_shard revises_seq revises_part source source_event_id collector
    time received redactions activity outcome reason reason_raw operation interactive user_id
    user_name user_type actor platform service resource environment pipeline ticket protocol
    credential credential_id mfa factor factor_id factors phishing_resistant duration_ms
    duration_basis flow_id session_id score policy_id policy_name policy_mode policy_result
    policies blocked ip country region city lat_e6 lon_e6 asn as_org is_proxy user_agent
    browser os device_id device_managed raw personal_hash raw_hash
""".split(), 1))
EVENT_COLUMNS.update({66: "type", 67: "outcome", 68: "started", 69: "ended", 71: "id", 72: "name",
                      73: "mode", 74: "result"})
SET_ASIDE_COLUMNS = dict(enumerate(
    "shard seq part source collector received verdict reason of_shard of_seq of_part source_hint"
    " redactions raw raw_hash".split(), 1))
NAMES = {"events": EVENT_COLUMNS, "set_aside": SET_ASIDE_COLUMNS}


def counted(octets, at):
    """The bytes behind a u32 length, and where they end."""
    if at + 4 > len(octets):
        raise Refused("a list of columns is cut off")
    end = at + 4 + int.from_bytes(octets[at : at + 4], "big")
    if end > len(octets):
        raise Refused("a list of columns is cut off")
    return octets[at + 4 : end], end


def read_columns(octets, lists=True):
    """Columns as (id, type, value)."""
    columns, at = [], 0
    while at < len(octets):
        if at + 3 > len(octets):
            raise Refused("a list of columns is cut off")
        number, kind = struct.unpack_from(">HB", octets, at)
        value, at = counted(octets, at + 3)
        if columns and columns[-1][0] >= number:
            raise Refused("column %d is out of order" % number)
        if kind == LIST and not lists:
            raise Refused("column %d: a list in a list" % number)
        columns.append((number, kind, read_value(number, kind, value)))
    return columns


def read_value(number, kind, octets):
    if kind == TEXT:
        return utf8(octets, "column %d" % number)
    if kind == BOOL and octets in (b"\0", b"\1"):
        return octets == b"\1"
    if kind in WIDTHS and len(octets) == struct.calcsize(WIDTHS[kind]):
        return struct.unpack(WIDTHS[kind], octets)[0]
    if kind == LIST:
        elements, at = [], 0
        while at < len(octets):
            element, at = counted(octets, at)
            elements.append(read_columns(element, lists=False))
        return elements
    if kind == BYTES:
        return octets
    raise Refused("column %d: %d bytes don't fit type %d" % (number, len(octets), kind))
