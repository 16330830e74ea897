# SPDX-License-Identifier: BSD-3-Clause
"""Reads a line of LLVM's assembly: as much of it as clang makes of lib/packet.

Types are int for so many bits, "ptr", ("array", count, type), ("struct", types, packed), or None for
void. An operand is (type, kind, value), with kind one of "local", "global", "int", "undef", "zero",
"bytes", "list" and "gep".
"""
import re

TOKEN = re.compile(r'c"(?:[^"])*"|[%@](?:"[^"]*"|[\w.$-]+)|-?\d+|[\w.]+|\.\.\.|[^\s\w]')
ATTRIBUTES = {"noundef", "zeroext", "signext", "nocapture", "readonly", "writeonly", "noalias", "nonnull", "immarg",
              "inbounds", "nuw", "nsw", "exact", "returned", "tail", "notail", "musttail", "fastcc", "readnone",
              "volatile", "nofree", "local_unnamed_addr", "unnamed_addr", "range", "captures"}
WITH_NUMBER = {"dereferenceable", "align", "dereferenceable_or_null"}


class Reader:
    """Takes the tokens of one line apart; TYPES are the module's named structs."""

    def __init__(self, line, types):
        self.tokens = TOKEN.findall(line)
        self.at = 0
        self.types = types

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def skip(self, token):
        if self.peek() == token:
            self.at += 1
            return True
        return False

    def need(self, token):
        assert self.skip(token), f"{token} wanted at {self.at} of {self.tokens}"

    def attributes(self):
        while True:
            if self.peek() in WITH_NUMBER:
                self.at += 1
                if self.skip("("):
                    self.at += 2
                else:
                    self.at += 1
            elif self.peek() in ATTRIBUTES:
                self.at += 1
            else:
                return

    def items(self, end, item):
        """ITEM after item, with commas between, up to END."""
        found = []
        while not self.skip(end):
            found.append(item())
            self.skip(",")
        return found

    def type(self):
        token = self.next()
        if token == "[":
            count = int(self.next())
            self.need("x")
            result = ("array", count, self.type())
            self.need("]")
        elif token == "{":
            result = ("struct", self.items("}", self.type), False)
        elif token == "<":
            self.need("{")
            result = ("struct", self.items("}", self.type), True)
            self.need(">")
        elif token.startswith("%"):
            result = self.types.get(token, "opaque")
        elif token in ("void", "metadata", "..."):
            result = None
        elif token == "ptr":
            result = "ptr"
        else:
            assert re.fullmatch(r"i\d+", token), f"type {token} in {self.tokens}"
            result = int(token[1:])
        while self.peek() in ("*", "("):
            if self.next() == "(":
                self.items(")", self.type)
                result = None  # of a function, which only a pointer leads to
            else:
                result = "ptr"
        return result

    def operand(self, kind=False):
        """An operand with its type in front, or of the type KIND."""
        kind = self.type() if kind is False else kind
        self.attributes()
        token = self.next()
        if token.startswith("%"):
            return kind, "local", token
        if token.startswith("@"):
            return kind, "global", token[1:]
        if token.startswith('c"'):
            text = re.sub(r"\\([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), token[2:-1])
            return kind, "bytes", text.encode("latin-1")
        if token in ("true", "false"):
            return kind, "int", int(token == "true")
        if token in ("undef", "poison"):
            return kind, "undef", None
        if token in ("zeroinitializer", "null"):
            return kind, "zero", None
        if token in ("[", "{", "<"):
            packed = token == "<" and self.skip("{")
            found = self.items("}" if packed else {"[": "]", "{": "}"}[token], self.operand)
            if packed:
                self.need(">")
            return kind, "list", found
        if token == "bitcast":
            self.need("(")
            inner = self.operand()
            self.need("to")
            self.type()
            self.need(")")
            return kind, inner[1], inner[2]
        if token == "getelementptr":
            self.attributes()
            self.need("(")
            into = self.type()
            self.need(",")
            return kind, "gep", (into, self.items(")", self.operand))
        return kind, "int", int(token)


OPERATORS = ("add", "sub", "mul", "and", "or", "xor", "shl", "lshr", "ashr", "udiv", "urem")
CONVERSIONS = ("zext", "sext", "trunc", "bitcast", "freeze")
RESULT = re.compile(r"(%[\w.]+) = (.*)")
REST = re.compile(r",? *(?:!\w|#\d).*$")


def operands(reader):
    found = [reader.operand()]
    while reader.skip(",") and reader.peek() != "align":
        found.append(reader.operand())
    return found


def instruction(line, types):
    """LINE as (opcode, name of the result, what it takes)."""
    found = RESULT.match(line)
    result, line = (found[1], found[2]) if found else (None, line)
    reader = Reader(REST.sub("", line), types)
    reader.attributes()
    opcode = reader.next()
    reader.attributes()
    return opcode, result, TAKES.get(opcode, lambda _: None)(reader)  # the machine refuses to come to another


def take_pair(reader):
    """Two operands of one type."""
    first = reader.operand()
    reader.need(",")
    return first, reader.operand(first[0])


def take_compare(reader):
    how = reader.next()
    return how, *take_pair(reader)


def take_conversion(reader):
    """What is converted, and to which type."""
    value = reader.operand()
    return value, reader.type() if reader.skip("to") else value[0]


def take_place(reader):
    """A type, and operands that lead to one."""
    kind = reader.type()
    reader.need(",")
    return kind, operands(reader)


def take_return(reader):
    return None if reader.peek() == "void" else reader.operand()


def take_branch(reader):
    """The condition, or None, and the labels for true and false."""
    if reader.skip("label"):
        return None, reader.next(), None
    condition = reader.operand()
    return condition, *(token for token in reader.tokens[reader.at:] if token.startswith("%"))


def take_switch(reader):
    """The value, the label where no case fits, and (case, label) for each."""
    def case():
        value = reader.operand()
        reader.need(",")
        reader.need("label")
        return value, reader.next()
    value, default = case()
    reader.need("[")
    cases = []
    while not reader.skip("]"):
        cases.append(case())
    return value, default, cases


def take_phi(reader):
    """The value for each label that control may come from."""
    kind = reader.type()
    values = {}
    while reader.skip("["):
        value = reader.operand(kind)
        reader.need(",")
        values[reader.next()] = value
        reader.need("]")
        reader.skip(",")
    return values


def take_member(reader):
    """A struct, the value that one of its members gets where it gets one, and the member's number."""
    found = [reader.operand()]
    reader.need(",")
    while not reader.peek().isdigit():
        found.append(reader.operand())
        reader.need(",")
    return *found, int(reader.next())


def take_call(reader):
    """The type of the result, who is called, and arguments."""
    kind = reader.type()
    callee = reader.next()
    reader.need("(")
    return kind, callee, reader.items(")", reader.operand)


TAKES = dict.fromkeys(OPERATORS, take_pair) | dict.fromkeys(CONVERSIONS, take_conversion) | {
    "alloca": Reader.type, "br": take_branch, "call": take_call, "extractvalue": take_member,
    "getelementptr": take_place, "icmp": take_compare, "insertvalue": take_member, "load": take_place, "phi": take_phi, "ret": take_return, "select": operands, "store": operands,
    "switch": take_switch, "unreachable": lambda reader: None,
}
