"""A ledger's directory (c2sp.org/tlog-tiles): everything computed anew."""

import os

from canonical import read_entry, text, u64
from note import (ED25519, Checkpoint, Key, in_effect, note_signers, open_checkpoint, read_note,
                  signer_text)
from strict import Refused, read_file
from tree import Tree, leaf_hash


class Tiles:
    """The tiles of a ledger of a certain size."""

    def __init__(self, root, size):
        self.root, self.size = root, size

    def read(self, level, index, width):
        """A tile's bytes and the width at which it was found: as asked for, or wider."""
        name, rest = "%03d" % (index % 1000), index // 1000
        while rest:
            name, rest = "x%03d/%s" % (rest % 1000, name), rest // 1000
        path = os.path.join("tile", level, *name.split("/"))
        widths = [width] if width == 256 else [width, 256, *range(width + 1, 256)]
        for found in widths:
            full = path if found == 256 else os.path.join(path + ".p", str(found))
            try:
                with open(os.path.join(self.root, full), "rb") as file:
                    return file.read(), found, full
            except FileNotFoundError:
                continue
            except OSError as error:
                raise Refused("can't read %s: %s" % (full, error.strerror)) from None
        raise Refused("%s is missing" % (path if width == 256 else path + ".p/%d" % width))

    def entries(self, index):
        width = min(256, self.size - index * 256)
        octets, found, path = self.read("entries", index, width)
        entries, at = [], 0
        while at < len(octets):
            end = at + 2 + int.from_bytes(octets[at : at + 2], "big")
            if at + 2 > len(octets) or end > len(octets):
                raise Refused("%s ends in the midst of an entry" % path)
            entries.append(octets[at + 2 : end])
            at = end
        if len(entries) != found:
            raise Refused("%s has %d entries where %d belong" % (path, len(entries), found))
        return entries[:width]

    def check(self, level, index, hashes):
        """Whether a tile stands there as it was computed."""
        octets, found, path = self.read(str(level), index, len(hashes))
        if len(octets) != 32 * found or octets[: 32 * len(hashes)] != b"".join(hashes):
            raise Refused("%s doesn't hold the hashes of the entries" % path)


class Recount:
    """Computes all tiles and the root anew, and follows changes of the key."""

    def __init__(self, directory, size, keys):
        self.tiles, self.keys, self.findings = Tiles(directory, size), list(keys), []
        self.tree, self.levels, self.roots, self.types = Tree(), [], {}, {}
        self.restores = []

    def run(self, sizes):
        """Goes through all entries; notes the roots at some sizes."""
        self.roots = {size: None for size in sizes}
        self.note_root()
        for bundle in range((self.tiles.size + 255) // 256):
            try:
                entries = self.tiles.entries(bundle)
            except Refused as error:
                self.findings.append("%s: the entries from %d on can't be counted"
                                     % (error, bundle * 256))
                return
            for entry in entries:
                self.read(entry)
                self.push(leaf_hash(entry))
        for level, hashes in enumerate(self.levels):
            if hashes:
                index = (self.tiles.size >> 8 * level) // 256
                self.try_check(level, index, hashes)

    def push(self, leaf):
        self.tree.push(leaf)
        self.note_root()
        level, digest = 0, leaf
        while True:
            if level == len(self.levels):
                self.levels.append([])
            self.levels[level].append(digest)
            if len(self.levels[level]) < 256:
                return
            self.try_check(level, (self.tree.size >> 8 * level) // 256 - 1, self.levels[level])
            above = Tree()
            for child in self.levels[level]:
                above.push(child)
            self.levels[level], digest, level = [], above.root(), level + 1

    def note_root(self):
        if self.tree.size in self.roots:
            self.roots[self.tree.size] = self.tree.root()

    def try_check(self, level, index, hashes):
        try:
            self.tiles.check(level, index, hashes)
        except Refused as error:
            self.findings.append(str(error))

    def read(self, octets):
        index = self.tree.size
        try:
            entry = read_entry(octets)
            kind = entry["type"]
            self.types[kind] = self.types.get(kind, 0) + 1
            if kind == "key" and entry["v"] == 1:
                self.change_key(index, entry)
            if kind == "restore" and entry["v"] == 1:
                body, _ = read_note(text(entry, "checkpoint").encode("utf-8"))
                before = Checkpoint(body)
                self.restores.append((index, before))
                self.new_key(index, entry, before.origin, text(entry, "origin"))
        except Refused as error:
            self.findings.append("entry %d: %s" % (index, error))

    def change_key(self, index, entry):
        name = Key(text(entry, "key")).name
        self.new_key(index, entry, name, name)

    def new_key(self, index, entry, old_name, new_name):
        """A new key counts if the key before it signed the statement."""
        new, since = Key(text(entry, "key")), u64(entry, "from")
        if new.name != new_name:
            raise Refused("the new key has another name")
        if since != index + 1:
            raise Refused("the new key isn't valid from the entry's own checkpoint on")
        old = [key for key in in_effect(self.keys, index)
               if key.name == old_name and key.algorithm == ED25519]
        body, _ = note_signers(text(entry, "statement").encode("utf-8"), old)
        if body != "rollcall log key change v1\n%s\n%d\n" % (new.text, since):
            raise Refused("the statement is about another key or size")
        if new.text not in [key.text for key, _ in self.keys]:
            self.keys.append((new, since))


def check_ledger(directory, keys, old_path):
    """Findings and a summary of a ledger's directory."""
    octets = read_file(os.path.join(directory, "checkpoint"))
    checkpoint = Checkpoint(read_note(octets)[0])
    old_octets = read_file(old_path) if old_path else None
    old = Checkpoint(read_note(old_octets)[0]) if old_octets else None
    recount = Recount(directory, checkpoint.size, keys)
    recount.run([checkpoint.size] + ([old.size] if old else []))
    findings = recount.findings
    root = recount.roots[checkpoint.size]
    if root is not None and root != checkpoint.root:
        findings.append("the entries give the root %s, the checkpoint says %s"
                        % (root.hex(), checkpoint.root.hex()))
    summary = {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex(),
               "types": recount.types}
    try:
        signers = open_checkpoint(octets, recount.keys).signers
        summary["signed_by"] = [signer_text(key, time) for key, time in signers]
    except Refused as error:
        findings.append("the checkpoint: %s" % error)
    if old is not None:
        try:
            open_checkpoint(old_octets, recount.keys)
            summary["extends"] = extends(recount, checkpoint, old)
        except Refused as error:
            findings.append("the older checkpoint: %s" % error)
    return findings, summary


def extends(recount, new, old):
    """How the ledger goes on from an older checkpoint."""
    if old.origin == new.origin and old.size > new.size:
        raise Refused("it is of size %d, the ledger only of %d: entries were dropped"
                      % (old.size, new.size))
    if recount.tree.size < min(old.size, new.size):
        raise Refused("it can't be compared: entries are missing")
    if recount.roots.get(old.size) == old.root:
        return "the ledger's first %d entries are those of the older checkpoint" % old.size
    for index, named in recount.restores:
        is_named = (named.origin, named.size, named.root) == (old.origin, old.size, old.root)
        # One of which nothing was lost must be the beginning.
        if is_named and named.size > index:
            return "entry %d tells of a restore after the older checkpoint" % index
    raise Refused("the ledger's first %d entries are not those that it vouches for" % old.size)
