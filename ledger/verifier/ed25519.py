"""Ed25519 signatures (RFC 8032), checked strictly."""

import hashlib


P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)  # extended coordinates: x = X/Z, y = Y/Z, T = XY/Z


def point_add(a, b):
    p, q = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * D * a[3] * b[3] % P, 2 * a[2] * b[2] % P
    e, f, g, h = q - p, d - c, d + c, q + p
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_double(a):
    x2, y2, z2 = a[0] * a[0] % P, a[1] * a[1] % P, 2 * a[2] * a[2] % P
    h, g = x2 + y2, x2 - y2
    e = h - (a[0] + a[1]) * (a[0] + a[1]) % P
    f = z2 + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_encode(a):
    inverse = pow(a[2], -1, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def point_decode(octets):
    """The point, or None if the bytes are none in canonical form."""
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT_OF_MINUS_1 % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def is_small_order(a):
    for _ in range(3):
        a = point_double(a)
    return a[0] % P == 0 and (a[1] - a[2]) % P == 0


def multiples(a):
    table = [NEUTRAL]
    for _ in range(15):
        table.append(point_add(table[-1], a))
    return table


BASE = multiples(point_decode((4 * pow(5, -1, P) % P).to_bytes(32, "little")))


class PublicKey:
    """A point that can sign; ValueError if the bytes are none."""

    def __init__(self, octets):
        point = point_decode(octets)
        if point is None or is_small_order(point):
            raise ValueError("not a point that can sign")
        self.octets = octets
        self.minus = multiples((P - point[0], point[1], 1, P - point[3]))


def signature_holds(key, signature, message):
    """Strict: one form of S, no small-order point, no cofactor."""
    if len(signature) != 64:
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    digest = hashlib.sha512(r + key.octets + message).digest()
    k = int.from_bytes(digest, "little") % L
    total = NEUTRAL
    for shift in range(252, -4, -4):
        total = point_double(point_double(point_double(point_double(total))))
        total = point_add(total, BASE[s >> shift & 15])
        total = point_add(total, key.minus[k >> shift & 15])
    return point_encode(total) == r and not is_small_order(total)
