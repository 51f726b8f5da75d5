"""What is refused, and small formats read in their one form."""

import base64
import hashlib
import re


class Refused(Exception):
    """Something doesn't hold; the message says what."""


class Unreadable(Exception):
    """A file that can't be read, or wrong usage."""


def from_base64(text):
    """Bytes of standard base64 in its one form."""
    try:
        octets = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Refused("not base64: " + repr(text[:60])) from None
    if base64.b64encode(octets).decode("ascii") != text:
        raise Refused("not base64 in its one form: " + repr(text[:60]))
    return octets


def hash_from_base64(text):
    octets = from_base64(text)
    if len(octets) != 32:
        raise Refused("a hash has 32 bytes, not %d" % len(octets))
    return octets


def decimal(text, what):
    if not re.fullmatch("0|[1-9][0-9]{0,19}", text) or int(text) >= 2**64:
        raise Refused("%s isn't a decimal without leading zeros: %r" % (what, text[:60]))
    return int(text)


def sha256(octets):
    return hashlib.sha256(octets).digest()


def utf8(octets, what):
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(what + " isn't UTF-8") from None


def read_file(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Unreadable("can't read %s: %s" % (path, error.strerror)) from None
