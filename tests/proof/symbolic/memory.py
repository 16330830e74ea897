# SPDX-License-Identifier: BSD-3-Clause
"""Values and where they lie. A value is an int where it is known, else a term of z3, or a Pointer."""
import z3

WORD = 64


def memory_term(name):
    """Bytes that may be anything."""
    return z3.Array(name, z3.BitVecSort(WORD), z3.BitVecSort(8))


class Buffer:
    """Memory of SIZE bytes, an int or a term: what was there FIRST, and layers of what was written since,
    each with offsets from one base."""

    def __init__(self, name, size, first=None):
        self.name, self.size = name, size
        self.first = first if first is not None else memory_term(name)
        self.layers = []
        self.pointers = {}
        self.state = object()  # another after each write
        self.there = 0  # bytes that SIZE is known to have at least

    def copy(self, name):
        other = Buffer(name, self.size, self.first)
        other.layers = [(base, dict(layer)) for base, layer in self.layers]
        other.pointers = dict(self.pointers)
        other.state, other.there = self.state, self.there
        return other

    def read(self, base, at):
        """The byte there. What was written at an offset from another base may be it, or not."""
        found, others = None, []
        at %= 1 << WORD
        for other, layer in reversed(self.layers):
            if not same(base, other):
                others += [(offset_term(other, where), value) for where, value in layer.items()]
            elif at in layer:
                found = layer[at]
                break
        if found is None:
            found = z3.simplify(z3.Select(self.first, offset_term(base, at)))
        for where, value in reversed(others):
            found = z3.If(where == offset_term(base, at), term(value, 8), term(found, 8))
        return found

    def write(self, base, at, value):
        if not self.layers or not same(base, self.layers[-1][0]):
            self.layers.append((base, {}))
        self.layers[-1][1][at % (1 << WORD)] = value
        self.state = object()


class Pointer:
    """AT bytes behind BASE, a term or None, into a BUFFER, which is None for NULL, or a function."""

    def __init__(self, buffer, base=None, at=0):
        self.buffer, self.base, self.at = buffer, base, at

    def plus(self, offset):
        if isinstance(offset, int):
            return Pointer(self.buffer, self.base, (self.at + offset) % (1 << WORD))
        base, at = split(offset if self.base is None else z3.simplify(self.base + offset))
        return Pointer(self.buffer, base, (self.at + at) % (1 << WORD))


def term(value, bits):
    return z3.BitVecVal(value, bits) if isinstance(value, int) else value


def offset_term(base, at):
    return z3.BitVecVal(at, WORD) if base is None else z3.simplify(base + at)


def plain(value):
    """VALUE simplified, as an int where it is one."""
    value = z3.simplify(value)
    return value.as_long() if z3.is_bv_value(value) else value


def split(offset):
    """A sum with a constant as (base, constant)."""
    if z3.is_bv_value(offset):
        return None, offset.as_long()
    if z3.is_app_of(offset, z3.Z3_OP_BADD) and z3.is_bv_value(offset.arg(0)):
        rest = [offset.arg(i) for i in range(1, offset.num_args())]
        return z3.simplify(sum(rest[1:], rest[0])), offset.arg(0).as_long()
    return offset, 0


def same(a, b):
    return a is b or (a is not None and b is not None and a.eq(b))


def resize(value, before, bits, signed=False):
    """VALUE, of BEFORE bits, with BITS."""
    if isinstance(value, int):
        return (value - (1 << before) if signed and value >> (before - 1) else value) % (1 << bits)
    if bits < before:
        return plain(z3.Extract(bits - 1, 0, value))
    extend = z3.SignExt if signed else z3.ZeroExt
    return plain(extend(bits - before, value)) if bits > before else value


def if_else(condition, yes, no, bits):
    if isinstance(condition, int):
        return yes if condition else no
    return plain(z3.If(condition == 1, term(yes, bits), term(no, bits)))


def joined(values):
    """The number of these bytes, least first."""
    if all(isinstance(value, int) for value in values):
        return int.from_bytes(values, "little")
    values = [term(value, 8) for value in reversed(values)]
    return plain(z3.Concat(*values)) if len(values) > 1 else values[0]


def parted(value, size):
    """SIZE bytes of a number, least first."""
    if isinstance(value, int):
        return list(value.to_bytes(size, "little"))
    return [plain(z3.Extract(8 * i + 7, 8 * i, value)) for i in range(size)]
