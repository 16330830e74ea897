# SPDX-License-Identifier: BSD-3-Clause
"""Runs C on every value at once: each byte is a term.

A program starts at a function without parameters. What it may call beside its own functions is in
symbolic.h. Each access has to lie in its buffer, and what is handed to check() has to hold.
"""
import os

import z3

from . import module as layout, operations
from .memory import WORD, Buffer, Pointer, if_else, joined, memory_term, offset_term, parted, plain, resize, term
from .module import Function
from .reader import CONVERSIONS, OPERATORS
from .ways import Refuted, Way


ANYTHING = "anything"


class Machine(Way):
    """Runs the functions of MODULES.

    Functions of the names in PURE are not run, and may give anything. Where PURE has ANYTHING for one, each
    time; else the same for the same arguments and buffers that these point into. Where it has (pointer,
    length), which of its arguments are these, so many bytes have to be there. Where it has the name of another
    function, it gives what that does.
    """

    def __init__(self, modules, pure, logic):
        super().__init__(logic)
        self.modules, self.is_pure = modules, pure
        self.globals = {}
        self.known = []  # (function, buffers, arguments, result) of pure functions

    def start(self, entry):
        self.call(self.find(entry, self.modules[0]), [])

    # Memory.

    def require_bytes(self, pointer, length, what):
        buffer = pointer.buffer if isinstance(pointer, Pointer) else None
        if not isinstance(buffer, Buffer):
            raise Refuted(f"{what}: no buffer")
        size = term(buffer.size, WORD)
        if pointer.base is None and isinstance(length, int):
            end = pointer.at + length
            if end >> WORD:
                raise Refuted(f"{what}: before {buffer.name}")
            if end > buffer.there:
                self.require(z3.ULE(end, size), f"{what}: outside {buffer.name}")
                buffer.there = end
            return
        length = term(length, WORD)
        self.require(z3.And(z3.ULE(length, size), z3.ULE(offset_term(pointer.base, pointer.at), size - length)),
                     f"{what}: outside {buffer.name}")

    def read(self, pointer, length, what):
        self.require_bytes(pointer, length, what)
        return [pointer.buffer.read(pointer.base, pointer.at + i) for i in range(length)]

    def write(self, pointer, values, what):
        self.require_bytes(pointer, len(values), what)
        for i, value in enumerate(values):
            pointer.buffer.write(pointer.base, pointer.at + i, value)
            pointer.buffer.pointers.pop(pointer.at + i, None)

    def load(self, kind, pointer, what):
        if kind == "ptr":
            self.require_bytes(pointer, 8, what)
            assert pointer.base is None, what
            if pointer.at not in pointer.buffer.pointers and self.read(pointer, 8, what) == [0] * 8:
                return Pointer(None)
            return pointer.buffer.pointers[pointer.at]
        size = -(-kind // 8)
        return resize(joined(self.read(pointer, size, what)), 8 * size, kind)

    def store(self, kind, value, pointer, what):
        if kind == "ptr":
            self.require_bytes(pointer, 8, what)
            assert pointer.base is None, what
            pointer.buffer.pointers[pointer.at] = value
        else:
            size = -(-kind // 8)
            self.write(pointer, parted(resize(value, kind, 8 * size), size), what)

    def move(self, to, start, length, what):
        if length > 0:
            pointers = {to.at + at - start.at: pointer for at, pointer in start.buffer.pointers.items()
                        if 0 <= at - start.at < length}
            self.write(to, self.read(start, length, what), what)
            assert not pointers or (to.base is None and start.base is None), what
            to.buffer.pointers.update(pointers)

    # Operands and instructions.

    def find(self, name, module):
        """The function NAME as MODULE knows it."""
        known = [module] + self.modules
        return next((other.functions[name] for other in known if name in other.functions), None)

    def address(self, name, module):
        if name not in module.globals:
            return Pointer(self.find(name, module) or Function(name, module))
        key = (id(module), name)
        if key not in self.globals:
            initial = layout.initial_bytes(module.globals[name])
            buffer = self.globals[key] = Buffer(name, len(initial))
            buffer.layers = [(None, {at: value for at, value in enumerate(initial) if isinstance(value, int)})]
            buffer.pointers = {at: self.address(value[2], module) for at, value in enumerate(initial)
                               if not isinstance(value, int)}
        return Pointer(self.globals[key])

    def value(self, operand, frame):
        kind, how, value = operand
        if how == "local":
            return frame.values[value]
        if how == "int":
            return value % (1 << kind)
        if how == "global":
            return self.address(value, frame.module)
        if how == "undef":
            return z3.BitVec(self.name("undef"), kind)
        if how == "gep":
            return self.element(value[0], value[1], frame)
        assert how == "zero", operand
        return Pointer(None) if kind == "ptr" else 0

    def element(self, kind, where, frame):
        """The address of a part of KIND."""
        pointer, first, *rest = where
        pointer = self.value(pointer, frame).plus(self.scaled(first, layout.size_of(kind)[0], frame))
        for index in rest:
            if kind[0] == "array":
                kind = kind[2]
                pointer = pointer.plus(self.scaled(index, layout.size_of(kind)[0], frame))
            else:
                pointer = pointer.plus(layout.offset_of(kind, index[2]))
                kind = kind[1][index[2]]
        return pointer

    def scaled(self, index, size, frame):
        value = resize(self.value(index, frame), index[0], WORD, True)
        return value * size if isinstance(value, int) else plain(value * size)

    def call(self, function, arguments):
        frame = Frame(function, arguments)
        block, before = function.entry, None
        while True:
            lines = function.blocks[block]
            frame.values.update({result: self.value(takes[before], frame)
                                 for opcode, result, takes in lines if opcode == "phi"})
            for opcode, result, takes in lines:
                if opcode == "ret":
                    return takes and self.value(takes, frame)
                if opcode in ("br", "switch"):
                    before, block = block, self.branch(opcode, takes, frame)
                    break
                if opcode != "phi":
                    frame.values[result] = self.run(opcode, takes, frame)

    def holds(self, operand, frame):
        value = self.value(operand, frame)
        return bool(value) if isinstance(value, int) else self.decide(value == 1)

    def branch(self, opcode, takes, frame):
        if opcode == "br":
            condition, yes, no = takes
            return yes if condition is None or self.holds(condition, frame) else no
        operand, default, cases = takes
        value = term(self.value(operand, frame), operand[0])
        for label in dict.fromkeys(label for _, label in cases):
            if self.decide(z3.Or([value == self.value(case, frame) for case, other in cases if other == label])):
                return label
        return default

    def run(self, opcode, takes, frame):
        """One instruction; returns its result."""
        if opcode == "call":
            kind, callee, arguments = takes
            values = [self.value(argument, frame) for argument in arguments]
            name = callee[1:] if callee.startswith("@") else frame.values[callee].buffer.name
            return self.invoke(name, kind, values, [argument[0] for argument in arguments], frame)
        if opcode == "alloca":
            return Pointer(Buffer(self.name("stack"), layout.size_of(takes)[0]))
        if opcode == "load":
            return self.load(takes[0], self.value(takes[1][0], frame), frame.name)
        if opcode == "store":
            return self.store(takes[0][0], self.value(takes[0], frame), self.value(takes[1], frame), frame.name)
        if opcode == "getelementptr":
            return self.element(*takes, frame)
        if opcode == "extractvalue":
            return self.value(takes[0], frame)[takes[1]]
        if opcode == "insertvalue":
            before, member, index = takes
            values = [None] * len(before[0][1]) if before[1] == "undef" else self.value(before, frame)
            return values[:index] + [self.value(member, frame)] + values[index + 1:]
        if opcode == "icmp":
            how, a, b = takes
            return operations.compare(how, a[0], self.value(a, frame), self.value(b, frame))
        if opcode == "select":
            condition, yes, no = takes
            values = self.value(yes, frame), self.value(no, frame)
            if yes[0] == 1 or not all(isinstance(value, (int, Pointer)) for value in values):
                return if_else(self.value(condition, frame), *values, yes[0])
            return values[0 if self.holds(condition, frame) else 1]  # and so it stays known
        if opcode in OPERATORS:
            a, b = takes
            return operations.binary(opcode, a[0], self.value(a, frame), self.value(b, frame))
        if opcode in CONVERSIONS:
            value = self.value(takes[0], frame)
            return value if isinstance(value, Pointer) else resize(value, takes[0][0], takes[1], opcode == "sext")
        raise Refuted(f"{frame.name}: comes to {opcode}")

    def invoke(self, name, kind, values, kinds, frame):
        """Calls the function NAME: the compiler's, the proof's, one taken at its word, or our own."""
        if name.startswith("llvm."):
            return self.intrinsic(name[5:], values, kinds, frame)
        if name == "bcmp":
            pairs = zip(*(self.read(pointer, values[2], frame.name) for pointer in values[:2]))
            differ = z3.Or([term(a, 8) != term(b, 8) for a, b in pairs])
            return resize(operations.bit(differ), 1, kind)
        if name in self.is_pure:
            return self.pure(name, kind, values, kinds)
        own = getattr(self, "proof_" + name, None)
        return own(*values) if own else self.call(self.find(name, frame.module), values)

    def intrinsic(self, name, values, kinds, frame):
        if name.startswith(("memcpy", "memmove")):
            return self.move(*values[:3], frame.name)
        if name.startswith("memset"):
            return self.write(values[0], [values[1]] * values[2], frame.name)
        if name.startswith(("lifetime", "dbg", "assume", "experimental")):
            return None
        if name.startswith("cttz"):
            bits = term(values[0], kinds[0])
            return next(i for i in range(kinds[0]) if self.decide(z3.Extract(i, i, bits) == 1))
        return operations.intrinsic(name, values, kinds)

    def pure(self, name, kind, values, kinds):
        if self.is_pure[name] in self.is_pure:
            return resize(self.pure(self.is_pure[name], 1, values, kinds), 1, kind)
        if self.is_pure[name] == ANYTHING:
            return z3.BitVec(self.name(name), kind)
        if self.is_pure[name]:
            pointer, length = self.is_pure[name]
            self.require_bytes(values[pointer], resize(values[length], kinds[length], WORD), name)
        places = [(value.buffer.state, value.buffer) for value in values if isinstance(value, Pointer) and value.buffer]
        terms = [offset_term(value.base, value.at) if isinstance(value, Pointer) else term(value, bits)
                 for value, bits in zip(values, kinds)]
        for known, where, others, result in self.known:
            if known == name and [place[0] for place in places] == [place[0] for place in where]:
                differ = [a != b for a, b in zip(terms, others) if not a.eq(b)]
                if not differ or not self.may_be(z3.Or(differ)):
                    return result
        result = z3.BitVec(self.name(name), kind)
        self.known.append((name, places, terms, result))
        return result

    # What the proof itself calls: symbolic.h.

    def proof_any(self, pointer, length):
        self.require_bytes(pointer, length, "any")
        name, where = self.name("any"), pointer.buffer
        if length <= 8:
            self.write(pointer, [z3.BitVec(f"{name}.{i}", 8) for i in range(length)], name)
        else:
            assert length == where.size, name
            where.first, where.layers, where.state = memory_term(name), [], object()

    def proof_bytes(self, length):
        return Pointer(Buffer(self.name("bytes"), length))

    def proof_copy(self, pointer):
        return Pointer(pointer.buffer.copy(self.name("copy")), pointer.base, pointer.at)

    def proof_assume(self, condition):
        if isinstance(condition, int):
            condition = z3.BitVecVal(condition, 1)
        if not self.may_be(condition == 1):
            os._exit(0)
        self.add(condition == 1)

    def proof_choose(self, value, first, last):
        value = term(value, 8)
        for choice in range(first, last + 1):
            if self.decide(value == choice):
                return choice
        os._exit(0)

    def proof_check(self, condition, text):
        words = bytes(text.buffer.layers[0][1].values()).rstrip(b"\0").decode()
        self.require(term(condition, 1) == 1, words)


class Frame:
    """A call of FUNCTION: its values by their names."""

    def __init__(self, function, arguments):
        self.name, self.module = function.name, function.module
        self.values = dict(zip(function.parameters, arguments))
