"""The proof of an event (c2sp.org/tlog-proof)."""

import re
import struct
import zlib

from canonical import FILE_TYPES, from_canonical, i32, i64, read_entry, text, u64
from note import open_checkpoint
from row import read_columns
from strict import Refused, decimal, from_base64, hash_from_base64, sha256, utf8
from tree import leaf_hash, root_of_path


STEPS = {
    "file": "the file can't be read as a proof",
    "signature": "the checkpoint isn't the log's",
    "inclusion": "the entry isn't in the log",
    "entry": "the entry isn't about rows",
    "row": "the row isn't in the entry's file",
    "columns": "the row can't be read",
}


class Failed(Exception):
    """A step of a proof failed."""

    def __init__(self, step, why):
        super().__init__(why)
        self.step = step


def step(name, function, *arguments):
    """Runs a step; what it refuses is told with the step's name."""
    try:
        return function(*arguments)
    except Refused as error:
        raise Failed(name, str(error)) from None


class Proof:
    """A tlog-proof file whose extra holds a row and its segment's entry."""

    def __init__(self, octets):
        whole = utf8(octets, "the proof")
        if not whole.startswith("c2sp.org/tlog-proof@v1\n"):
            raise Refused("its first line isn't c2sp.org/tlog-proof@v1")
        _, _, rest = whole.partition("\n")
        line, found, rest = rest.partition("\n")
        if not line.startswith("extra ") or not found:
            raise Refused("it has no extra: it doesn't prove an event")
        self.read_extra(from_base64(line[len("extra ") :]))
        line, found, rest = rest.partition("\n")
        if not line.startswith("index ") or not found:
            raise Refused("it has no index")
        self.index, self.path = decimal(line[len("index ") :], "the index"), []
        while True:
            line, found, rest = rest.partition("\n")
            if not found:
                raise Refused("it ends before its checkpoint")
            if line == "":
                break
            if len(self.path) == 64:
                raise Refused("its path has over 64 hashes")
            self.path.append(hash_from_base64(line))
        self.checkpoint = rest.encode("utf-8")

    def read_extra(self, octets):
        inflater, most = zlib.decompressobj(), 64 << 20
        try:
            octets = inflater.decompress(octets, most + 1)
        except zlib.error:
            raise Refused("its extra isn't zlib data") from None
        if not inflater.eof or inflater.unused_data or len(octets) > most:
            raise Refused("its extra isn't one whole zlib stream of up to 64 MiB")
        fields = from_canonical(octets)
        if not isinstance(fields, dict) or u64(fields, "v") != 1:
            raise Refused("its extra is of a version that isn't known")
        self.shard, self.part = i32(fields, "shard"), i32(fields, "part")
        self.seq = i64(fields, "seq")
        self.open = from_base64(text(fields, "open"))
        self.personal, self.personal_hash = self.salted(fields, "personal")
        self.raw, self.raw_hash = self.salted(fields, "raw")
        self.salt = hash_from_base64(text(fields, "salt")) if "salt" in fields else None
        self.row, self.rows = u64(fields, "row"), u64(fields, "rows")
        path = from_base64(text(fields, "path"))
        if len(path) % 32 or len(path) > 64 * 32:
            raise Refused("the path in its extra isn't up to 64 hashes")
        self.row_path = [path[at : at + 32] for at in range(0, len(path), 32)]
        self.entry = text(fields, "entry").encode("utf-8")

    @staticmethod
    def salted(fields, name):
        """The bytes, or the hash that stands in for them."""
        if (name in fields) == (name + "_hash" in fields):
            raise Refused("its extra needs one of %s and %s_hash" % (name, name))
        if name in fields:
            return from_base64(text(fields, name)), None
        return None, hash_from_base64(text(fields, name + "_hash"))

    def leaf(self):
        parts = [b"rollcall-row-v1", struct.pack(">iqi", self.shard, self.seq, self.part)]
        parts.append(sha256(self.open))
        for octets, digest in ((self.personal, self.personal_hash), (self.raw, self.raw_hash)):
            if digest is None and self.salt is None:
                raise Refused("it has salted bytes and no salt")
            parts.append(sha256(self.salt + octets) if digest is None else digest)
        return b"".join(parts)


def check_row(proof, entry):
    if entry["v"] != 1 or entry["type"] not in FILE_TYPES or entry.get("row_root") is None:
        raise Failed("entry", "it states no file of hashed rows")
    if u64(entry, "rows") != proof.rows:
        raise Failed("row", "the entry has %s rows, the proof %d" % (entry["rows"], proof.rows))
    leaf = leaf_hash(step("row", proof.leaf))
    root = step("row", root_of_path, leaf, proof.row, proof.rows, proof.row_path).hex()
    if root != entry["row_root"]:
        if not re.fullmatch("[0-9a-fA-F]{64}", entry["row_root"]):
            raise Failed("entry", "its row_root is no hash")
        raise Failed("row", "row %d of %d gives the root %s, the entry says %s"
                     % (proof.row, proof.rows, root, entry["row_root"]))


def check_proof(octets, keys, opener=open_checkpoint):
    """All steps; gives the proof, its entry, its checkpoint and its columns."""
    proof = step("file", Proof, octets)
    checkpoint = step("signature", opener, proof.checkpoint, keys)
    root = step("inclusion", root_of_path, leaf_hash(proof.entry), proof.index, checkpoint.size,
                proof.path)
    if root != checkpoint.root:
        raise Failed("inclusion", "entry %d of %d gives the root %s, the checkpoint says %s"
                     % (proof.index, checkpoint.size, root.hex(), checkpoint.root.hex()))
    entry = step("entry", read_entry, proof.entry)
    check_row(proof, entry)
    columns = step("columns", read_columns, proof.open)
    personal = None
    if proof.personal is not None:
        personal = step("columns", read_columns, proof.personal)
    return proof, entry, checkpoint, columns, personal
