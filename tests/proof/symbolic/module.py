# SPDX-License-Identifier: BSD-3-Clause
"""A file of C as clang understands it: its functions, globals and types, and where these lie in memory."""
import re
import subprocess

from . import reader


class Function:
    """A function: PARAMETERS are names, BLOCKS lists of instructions by label, from ENTRY to LAST."""

    def __init__(self, name, module):
        self.name, self.module = name, module
        self.parameters, self.blocks, self.entry, self.last = [], {}, None, None


class Module:
    """One file. FUNCTIONS by name; GLOBALS by name, each an operand with its initial value."""

    def __init__(self, text):
        self.types, self.functions, self.globals = {}, {}, {}
        pending = re.findall(r"^(%\S+) = type (.*)$", text, re.M)
        while pending:  # a struct may stand before its members
            rest = [(name, line) for name, line in pending if not self.define_type(name, line)]
            assert len(rest) < len(pending), rest
            pending = rest
        function = None
        text = re.sub(r"^ +switch [^\[]*\[[^\]]*\]", lambda found: found[0].replace("\n", " "), text, flags=re.M)  # to one line
        for line in text.splitlines():
            line = line.split(" ;")[0]
            if line.startswith("@"):
                self.define_global(line)
            elif line.startswith("define"):
                function = self.start(line)
            elif line.startswith("}"):
                function = None
            elif function and line.strip() and not line.startswith(";"):
                self.add(function, line)

    def define_type(self, name, line):
        if line == "opaque":
            self.types[name] = "opaque"
            return True
        members = re.sub(r"%[\w.]+(?: \([^)]*\))?\*+", "ptr", line)
        if any(member not in self.types for member in re.findall(r"%[\w.]+", members)):
            return False
        self.types[name] = reader.Reader(line, self.types).type()
        return True

    def define_global(self, line):
        found = re.match(r"@(\S+) = .*?\b(?:constant|global) (.*)$", line)
        if found and "external" not in line:
            self.globals[found[1]] = reader.Reader(found[2], self.types).operand()

    def start(self, line):
        name = re.search(r"@([\w.]+)\(", line)[1]
        function = self.functions[name] = Function(name, self)
        rest = reader.Reader(line[line.index("@" + name) + len(name) + 1:], self.types)

        def parameter():
            rest.type()
            rest.attributes()
            return rest.next()
        rest.need("(")
        function.parameters = rest.items(")", parameter)
        return function

    def add(self, function, line):
        label = re.match(r"([\w.]+):", line)
        if label:
            function.last = "%" + label[1]
            function.entry = function.entry or function.last
            function.blocks[function.last] = []
        else:
            function.blocks[function.last].append(reader.instruction(line.strip(), self.types))


def size_of(kind):
    """(size, alignment) of a type, in bytes."""
    if kind == "ptr":
        return 8, 8
    if isinstance(kind, int):
        size = 1
        while size * 8 < kind:
            size *= 2
        return size, size
    if kind[0] == "array":
        size, alignment = size_of(kind[2])
        return kind[1] * size, alignment
    _, fields, packed = kind
    alignment = 1 if packed else max(size_of(field)[1] for field in fields)
    return -(-offset_of(kind, len(fields)) // alignment) * alignment, alignment


def offset_of(kind, index):
    """Where the member INDEX of a struct is; its end, where INDEX is the number of its members."""
    _, fields, packed = kind
    at = 0
    for i, field in enumerate(fields):
        size, alignment = size_of(field)
        at = at if packed else -(-at // alignment) * alignment
        if i == index:
            break
        at += size
    return at


def initial_bytes(operand):
    """The bytes of an initial value; in place of a pointer's first, its operand."""
    kind, how, value = operand
    size = size_of(kind)[0]
    if how == "zero":
        return [0] * size
    if how == "bytes":
        return list(value)
    if how == "int":
        return list((value % (1 << 8 * size)).to_bytes(size, "little"))
    if how == "global":
        return [operand] + [0] * (size - 1)
    assert how == "list", operand
    result = [0] * size
    for i, item in enumerate(value):
        at = i * size_of(kind[2])[0] if kind[0] == "array" else offset_of(kind, i)
        part = initial_bytes(item)
        result[at:at + len(part)] = part
    return result


def compile_source(source, *options):
    """The module that clang makes of SOURCE: every function by itself, no loop unrolled."""
    done = subprocess.run(
        ["clang", "-std=c11", "-O1", "-fno-inline", "-fno-vectorize", "-fno-slp-vectorize", "-fno-unroll-loops",
         "-fno-discard-value-names", "-S", "-emit-llvm", "-o", "-", *options, source],
        stdout=subprocess.PIPE, text=True, check=True)
    return Module(done.stdout)
