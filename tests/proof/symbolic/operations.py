# SPDX-License-Identifier: BSD-3-Clause
"""What instructions do to numbers that are known in part at most."""
import z3

from .memory import Pointer, plain, same, term

BINARY = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "and": lambda a, b: a & b,
    "or": lambda a, b: a | b, "xor": lambda a, b: a ^ b, "shl": lambda a, b: a << b, "lshr": z3.LShR,
    "ashr": lambda a, b: a >> b, "udiv": z3.UDiv, "urem": z3.URem,
}
ON_INTS = {"add", "sub", "mul", "and", "or", "xor"}  # in Python as in C, but for the bits that get lost
COMPARE = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "ult": z3.ULT, "ule": z3.ULE, "ugt": z3.UGT, "uge": z3.UGE,
    "slt": lambda a, b: a < b, "sle": lambda a, b: a <= b, "sgt": lambda a, b: a > b, "sge": lambda a, b: a >= b,
}
INTRINSICS = {
    "bswap": lambda a: z3.Concat(*[z3.Extract(i + 7, i, a) for i in range(0, a.size(), 8)]),
    "umin": lambda a, b: z3.If(z3.ULT(a, b), a, b),
    "umax": lambda a, b: z3.If(z3.ULT(a, b), b, a),
    "usub.sat": lambda a, b: z3.If(z3.ULT(a, b), z3.BitVecVal(0, a.size()), a - b),
}


def bit(condition):
    """A condition as a number of one bit."""
    return plain(z3.If(condition, z3.BitVecVal(1, 1), z3.BitVecVal(0, 1)))


def binary(opcode, bits, a, b):
    if isinstance(a, int) and isinstance(b, int) and opcode in ON_INTS:
        return BINARY[opcode](a, b) % (1 << bits)
    return plain(BINARY[opcode](term(a, bits), term(b, bits)))


def compare(how, bits, a, b):
    if isinstance(a, Pointer):
        assert how in ("eq", "ne") and same(a.base, b.base), how
        return int((a.buffer is b.buffer and a.at == b.at) == (how == "eq"))
    return bit(COMPARE[how](term(a, bits), term(b, bits)))


def intrinsic(name, values, kinds):
    """One of the compiler's own functions, of numbers of KINDS of bits."""
    does = next(does for what, does in INTRINSICS.items() if name.startswith(what + "."))
    return plain(does(*(term(value, bits) for value, bits in zip(values, kinds))))
