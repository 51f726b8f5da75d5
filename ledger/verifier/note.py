"""Signed notes, keys and checkpoints (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature)."""

import datetime
import os

import ed25519
from strict import Refused, decimal, from_base64, hash_from_base64, sha256, utf8


# What Unicode calls White_Space.
SPACES = set("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000")
SPACES.update(chr(code) for code in range(0x2000, 0x200B))
ED25519, COSIGNATURE = 1, 4


def is_name(name):
    return name != "" and not any(c in SPACES or c == "+" or c < " " for c in name)


class Key:
    """A verifier key: name+id+base64(algorithm, 32 bytes)."""

    def __init__(self, vkey):
        parts = vkey.split("+", 2)
        if len(parts) != 3 or not is_name(parts[0]):
            raise Refused("not a verifier key (name+id+base64): %r" % vkey[:80])
        self.text, self.name, material = vkey, parts[0], from_base64(parts[2])
        if len(material) != 33 or material[0] not in (ED25519, COSIGNATURE):
            raise Refused("the key of %s isn't an Ed25519 key" % self.name)
        try:
            self.algorithm, self.point = material[0], ed25519.PublicKey(material[1:])
        except ValueError as error:
            raise Refused("the key of %s: %s" % (self.name, error)) from None
        self.id = sha256(self.name.encode("utf-8") + b"\n" + material)[:4]
        if self.id.hex() != parts[1]:
            raise Refused("the key's id doesn't fit its name and its bytes: %r" % vkey[:80])


def read_keys(values):
    """Keys and the first size that each signs, out of arguments: keys or files."""
    keys = []
    for value in values:
        lines = [value]
        if os.path.isfile(value):
            with open(value, encoding="utf-8") as file:
                lines = [line.strip() for line in file if line.strip()]
        for line in lines:
            vkey, _, since = line.rpartition(" ") if " " in line else (line, "", "0")
            keys.append((Key(vkey), decimal(since, "the size from which a key is valid")))
    return keys


def in_effect(keys, size):
    """Of keys and the first sizes that they sign, those that sign checkpoints of a size."""
    newest = {}
    for key, since in keys:
        if since <= size:
            place = (key.name, key.algorithm)
            newest[place] = max(since, newest.get(place, 0))
    return [key for key, since in keys if newest.get((key.name, key.algorithm)) == since]


def read_note(octets):
    """The text of a signed note and its signatures as (name, id, bytes)."""
    if len(octets) > 1 << 20:
        raise Refused("a note of over 1 MiB")
    whole = utf8(octets, "the note")
    if any(c < " " and c != "\n" for c in whole):
        raise Refused("a note with control characters")
    split = whole.rfind("\n\n")
    if split < 0:
        raise Refused("not a signed note: it has no empty line")
    body, lines = whole[: split + 1], whole[split + 2 :]
    if not lines.endswith("\n"):
        raise Refused("not a signed note: no signature, or the last one is cut off")
    signatures = []
    for line in lines[:-1].split("\n"):
        mark, _, rest = line.partition(" ")
        name, _, signature = rest.partition(" ")
        if mark != "\u2014" or not is_name(name):
            raise Refused("not a signature line: %r" % line[:80])
        octets = from_base64(signature)
        if len(octets) < 5:
            raise Refused("a signature that is too short")
        signatures.append((name, octets[:4], octets[4:]))
    if len(signatures) > 100:
        raise Refused("a note with over 100 signatures")
    return body, signatures


def signature_holds(key, signature, body):
    if key.algorithm == ED25519:
        return ed25519.signature_holds(key.point, signature, body.encode("utf-8"))
    if len(signature) != 72 or signature[0] & 0x80:
        return False
    time = int.from_bytes(signature[:8], "big")
    message = "cosignature/v1\ntime %d\n%s" % (time, body)
    return ed25519.signature_holds(key.point, signature[8:], message.encode("utf-8"))


def note_signers(octets, keys):
    """The text, and the keys that signed it; refused if one's signature is wrong."""
    body, signatures = read_note(octets)
    signers = []
    for name, key_id, signature in signatures:
        for key in keys:
            if (key.name, key.id) == (name, key_id):
                if not signature_holds(key, signature, body):
                    raise Refused("the signature of %s is wrong: the text was altered, "
                                  "or another key of that name signed it" % name)
                time = None
                if key.algorithm == COSIGNATURE:
                    time = int.from_bytes(signature[:8], "big")
                if (key, time) not in signers:
                    signers.append((key, time))
    if not signers:
        raise Refused("not signed by a key that was given")
    return body, signers


class Checkpoint:
    """Origin, size and root of a log."""

    def __init__(self, body):
        lines = body[:-1].split("\n")
        if len(lines) < 3 or "" in lines:
            raise Refused("not a checkpoint: it has no origin, size and root, or an empty line")
        self.origin, self.size = lines[0], decimal(lines[1], "the checkpoint's size")
        self.root = hash_from_base64(lines[2])
        self.signers = []


def open_checkpoint(octets, keys):
    """A checkpoint that the log's own key (named as the origin) signed, given keys and
    the first sizes that they sign."""
    body, _ = read_note(octets)
    body, signers = note_signers(octets, in_effect(keys, Checkpoint(body).size))
    checkpoint = Checkpoint(body)
    if not any(k.algorithm == ED25519 and k.name == checkpoint.origin for k, _ in signers):
        raise Refused("not signed by a key of %s" % checkpoint.origin)
    checkpoint.signers = signers
    return checkpoint


def moment(microseconds):
    try:
        start = datetime.datetime(1970, 1, 1)
        return (start + datetime.timedelta(microseconds=microseconds)).isoformat() + "Z"
    except OverflowError:
        return "%d microseconds since 1970 UTC" % microseconds


def signer_text(key, time):
    return key.name if time is None else "%s at %s" % (key.name, moment(time * 1000000))
