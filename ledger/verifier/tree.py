"""The Merkle tree of RFC 6962, section 2.1."""

from strict import Refused, sha256


def leaf_hash(leaf):
    return sha256(b"\0" + leaf)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


class Tree:
    """The root over leaves that come one by one."""

    def __init__(self):
        self.size, self.complete = 0, []

    def push(self, leaf):
        carry = self.size
        while carry & 1:
            leaf = node_hash(self.complete.pop(), leaf)
            carry >>= 1
        self.complete.append(leaf)
        self.size += 1

    def root(self):
        if not self.complete:
            return sha256(b"")
        root = self.complete[-1]
        for left in reversed(self.complete[:-1]):
            root = node_hash(left, root)
        return root


def root_of_path(leaf, index, size, path):
    """The root that an inclusion proof leads to, by the recursive definition."""
    if index >= size:
        raise Refused("leaf %d doesn't exist in a tree of %d leaves" % (index, size))
    sides = []  # whether the sibling is on the left, from the root down
    while size > 1:
        left = 1 << (size - 1).bit_length() - 1
        sides.append(index >= left)
        index, size = (index - left, size - left) if index >= left else (index, left)
    if len(path) != len(sides):
        raise Refused("the proof has %d hashes where %d belong" % (len(path), len(sides)))
    for sibling, on_left in zip(path, reversed(sides)):
        leaf = node_hash(sibling, leaf) if on_left else node_hash(leaf, sibling)
    return leaf
