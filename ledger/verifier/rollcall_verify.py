#!/usr/bin/env python3
"""Checks proofs and ledgers of rollcall. Plain Python 3.9 or newer, nothing to install.

  rollcall_verify.py proof FILE --key KEY [--json]
      One event's proof: is the event in the log that this key signed?

  rollcall_verify.py ledger DIR --key KEY [--checkpoint OLD] [--json]
      A whole ledger (a copy of its directory): every tile is computed anew from the
      entries, the checkpoint's signature is checked and, with --checkpoint, that the
      ledger extends an older checkpoint.

  rollcall_verify.py batch
      Reads a line {"proof": base64, "key": KEY} after the other from standard input
      and answers each with a line {"ok": true} or {"ok": false, "step": ..., "error": ...}.

KEY is a verifier key (name+id+base64) or a file of them (`ledger/keys/log.pub`); it may
be given several times, for instance for witnesses. Get it from somewhere else than the
proof. Exit code: 0 it holds, 1 it doesn't, 2 wrong usage or unreadable file.

The formats: RFC 6962 (tree), c2sp.org/tlog-tiles, tlog-checkpoint, signed-note,
tlog-cosignature and tlog-proof, RFC 8785 (entries), and rollcall-row-v1 as
docs/ledger-format.md has it. None of this shares code with the program that writes them.
"""

import argparse
import base64
import datetime
import json
import sys

sys.dont_write_bytecode = True

from canonical import i64
from ledger import check_ledger
from note import Key, moment, open_checkpoint, read_keys, signer_text
from proof import STEPS, Failed, check_proof
from row import BYTES, LIST, NAMES, TIME
from strict import Refused, Unreadable, read_file


def readable(columns, names):
    """Columns as a dictionary of plain values."""
    out = {}
    for number, kind, value in columns:
        if kind == TIME:
            value = moment(value)
        elif kind == LIST:
            value = [readable(element, names) for element in value]
        elif kind == BYTES:
            value = value.hex()
        out["%d %s" % (number, names.get(number, "(newer than this program)"))] = value
    return out


def proven(proof, entry, checkpoint, columns, personal):
    names = NAMES.get(entry["table"], {})
    raw = None if proof.raw is None else proof.raw.decode("utf-8", "backslashreplace")
    return {
        "log": checkpoint.origin,
        "log_size": checkpoint.size,
        "signed_by": [signer_text(key, time) for key, time in checkpoint.signers],
        "entry_index": proof.index,
        "entry_time": moment(i64(entry, "time")),
        "entry": entry,
        "table": entry["table"],
        "position": {"shard": proof.shard, "seq": proof.seq, "part": proof.part},
        "row": proof.row,
        "rows": proof.rows,
        "open": readable(columns, names),
        "personal": None if personal is None else readable(personal, names),
        "raw": raw,
    }


def printable(value):
    """A value on one line, without anything that a terminal would obey."""
    return json.dumps(value) if isinstance(value, (str, list, dict)) else str(value)


def print_proven(what):
    print("The proof holds.")
    print("  log         %s, %d entries" % (what["log"], what["log_size"]))
    print("  signed by   %s" % ", ".join(what["signed_by"]))
    print("  entry       %d, %s of table %s, %s"
          % (what["entry_index"], what["entry"]["type"], printable(what["table"]),
             what["entry_time"]))
    print("  file        %s" % printable(what["entry"]["path"]))
    print("              sha256 %s" % printable(what["entry"]["sha256"]))
    print("  row         %d of %d, shard %d, seq %d, part %d"
          % (what["row"], what["rows"], *what["position"].values()))
    for group in ("open", "personal"):
        print("  %s columns" % group)
        if what[group] is None:
            print("    left out or erased; only their hash is proven")
        for name, value in (what[group] or {}).items():
            print("    %-22s %s" % (name, printable(value)))
    if what["raw"] is None:
        print("  raw record  left out or erased; only its hash is proven")
    else:
        print("  raw record  %s" % printable(what["raw"]))


def run_proof(arguments):
    octets, keys = read_file(arguments.file), read_keys(arguments.key)
    try:
        what = proven(*check_proof(octets, keys))
    except Failed as error:
        if arguments.json:
            print(json.dumps({"ok": False, "step": error.step, "error": str(error)}))
        else:
            print("The proof doesn't hold: %s: %s" % (STEPS[error.step], error))
        return 1
    if arguments.json:
        print(json.dumps({"ok": True, **what}))
    else:
        print_proven(what)
    return 0


def run_ledger(arguments):
    keys = read_keys(arguments.key)
    try:
        findings, summary = check_ledger(arguments.directory, keys, arguments.checkpoint)
    except Refused as error:
        findings, summary = [str(error)], {}
    if arguments.json:
        print(json.dumps({"ok": not findings, "findings": findings, **summary}))
        return 1 if findings else 0
    for finding in findings:
        print("FINDING  %s" % finding)
    for name, value in summary.items():
        print("%-10s %s" % (name, printable(value)))
    print("The ledger holds." if not findings else "%d findings." % len(findings))
    return 1 if findings else 0


def run_batch(_):
    """Each checkpoint's signature is computed once for the same bytes and key."""
    keys, opened = {}, {}

    def opener(octets, known):
        place = (octets, known[0][0].text)
        if place not in opened:
            try:
                opened[place] = open_checkpoint(octets, known)
            except Refused as error:
                opened[place] = error
        if isinstance(opened[place], Refused):
            raise opened[place]
        return opened[place]

    for line in sys.stdin:
        try:
            asked = json.loads(line)
            octets, vkey = base64.b64decode(asked["proof"]), asked["key"]
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable("not a line of a batch: %s" % error) from None
        if vkey not in keys:
            keys[vkey] = Key(vkey)
        try:
            check_proof(octets, [(keys[vkey], 0)], opener)
            answer = {"ok": True}
        except Failed as error:
            answer = {"ok": False, "step": error.step, "error": str(error)}
        print(json.dumps(answer))
    return 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    proof = commands.add_parser("proof", help="check one event's proof")
    proof.add_argument("file")
    ledger = commands.add_parser("ledger", help="check a ledger's directory")
    ledger.add_argument("directory")
    ledger.add_argument("--checkpoint", metavar="OLD", help="an older checkpoint to be extended")
    for command in (proof, ledger):
        command.add_argument("--key", action="append", required=True, help="a key or a file")
        command.add_argument("--json", action="store_true", help="print JSON")
    commands.add_parser("batch", help="check many proofs, for tests")
    arguments = parser.parse_args()
    run = {"proof": run_proof, "ledger": run_ledger, "batch": run_batch}[arguments.command]
    try:
        return run(arguments)
    except (Refused, Unreadable) as error:
        print("rollcall_verify.py: %s" % error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
