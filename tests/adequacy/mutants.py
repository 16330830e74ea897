# SPDX-License-Identifier: BSD-3-Clause
"""The mutants of a C source: each operator and each constant changed, conditions that always or never
hold, and statements left out, one at a time. It knows as much of C as that takes: tokens.
"""
import bisect
import re
from collections import namedtuple

# A change of the characters from start to end. The line is as it was and as it becomes, without blanks around.
Mutant = namedtuple("Mutant", "path number start end text before after")
Token = namedtuple("Token", "kind text start end")

TOKEN = re.compile(r"""
    (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<directive>^[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n])*)
  | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<number>\b(?:0[xX][0-9a-fA-F]+|[0-9]+)[uUlL]*\b)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<mark>->|\+\+|--|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[^\s\w])
""", re.VERBOSE | re.DOTALL | re.MULTILINE)

BINARY = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",), "!=": ("==",),
    "+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "%": ("/",), "&": ("|",), "|": ("&",), "^": ("|",),
    "<<": (">>",), ">>": ("<<",), "&&": ("||",), "||": ("&&",), "+=": ("-=",), "-=": ("+=",), "*=": ("/=",),
    "|=": ("&=",), "&=": ("|=",), "^=": ("|=",), "<<=": (">>=",), ">>=": ("<<=",), "++": ("--",), "--": ("++",),
    "?": ("&& 0 ?", "|| 1 ?"),
}
ANYWHERE = ("++", "--", "?")  # as for the others, what stands before them tells whether they have two operands
UNARY = ("-", "~", "!")  # left out
WORDS = {"true": "false", "false": "true"}
NO_OPERANDS = {"return", "case", "else", "do", "sizeof", "goto", "in"}
TYPES = {"void", "char", "short", "int", "long", "unsigned", "signed", "bool", "const", "struct", "enum", "static",
         "inline", "checksum_sum", "__m128i", "__m256i", "__m512i"}
ASSIGNMENTS = {"=", "+=", "-=", "*=", "|=", "&=", "^=", "<<=", ">>=", "++", "--"}


def tokenize(text, start=0):
    """The tokens of a text, less blanks and comments; a directive is one token."""
    return [Token(match.lastgroup, match[0], start + match.start(), start + match.end())
            for match in TOKEN.finditer(text) if match.lastgroup != "comment"]


def is_type(token):
    return token.kind == "name" and (token.text in TYPES or token.text.endswith("_t"))


def pairs_of(tokens):
    """For each bracket the index of the one that closes or opens it."""
    pairs, stack = {}, []
    for i, token in enumerate(tokens):
        if token.kind == "mark" and token.text in "([{":
            stack.append(i)
        elif token.kind == "mark" and token.text in ")]}" and stack:
            pairs[i] = stack.pop()
            pairs[pairs[i]] = i
    return pairs


def has_left_operand(tokens, pairs, i):
    if i == 0:
        return False
    before = tokens[i - 1]
    if before.text == ")":
        inside = tokens[pairs.get(i - 1, i - 1) + 1:i - 1]
        return not (inside and is_type(inside[0]))  # behind a cast, it is unary
    if before.text == "]" or before.kind in ("number", "string"):
        return True
    declares = is_type(before) or (i > 1 and tokens[i - 2].text in ("struct", "enum"))
    return before.kind == "name" and before.text not in NO_OPERANDS and not declares


def number_changes(text):
    """One more, and one less."""
    digits = text.rstrip("uUlL")
    suffix, value = text[len(digits):], int(digits, 0) if digits[:2].lower() == "0x" else int(digits)
    form = f"0x{{:0{len(digits) - 2}x}}" if digits[:2].lower() == "0x" else "{}"
    return [form.format(near) + suffix for near in (value + 1, value - 1) if near >= 0]


def token_changes(tokens, pairs, i):
    """What token i may become."""
    token = tokens[i]
    if token.kind == "number":
        return number_changes(token.text)
    if token.kind == "string":
        return ['""'] if len(token.text) > 2 and token.text[0] == '"' else []
    if token.text in WORDS:
        return [WORDS[token.text]]
    if token.text in ANYWHERE or (token.text in BINARY and has_left_operand(tokens, pairs, i)):
        return BINARY[token.text]
    return [""] if token.kind == "mark" and token.text in UNARY else []


def condition_changes(tokens, pairs, i):
    """(start, end, text) of conditions that never hold, or always: those of `if`, and never of `while`."""
    if tokens[i].text not in ("if", "while") or i + 1 not in pairs:
        return
    start, end = tokens[i + 1].start, tokens[pairs[i + 1]].end
    yield start, end, "(0)"
    if tokens[i].text == "if":
        yield start, end, "(1)"


def statement_change(tokens, pairs, i):
    """(start, end, text) that leaves out the statement that begins with token i; None: there is none."""
    first, before = tokens[i], tokens[i - 1]
    if i == 0 or not (before.text in ";{}" or before.text in ("else", ":") or before.text == ")"):
        return None
    if before.text == ")" and tokens[pairs.get(i - 1, i) - 1].text not in ("if", "for", "while"):
        return None
    end = next((j for j in range(i, len(tokens)) if tokens[j].text == ";"), None)
    if end is None or end + 1 >= len(tokens):
        return None
    body = tokens[i:end]
    is_jump = first.text in ("break", "continue")
    is_call = len(body) > 1 and first.kind == "name" and body[1].text == "(" and body[-1].text == ")" and not is_type(first)
    is_effect = any(token.text in ASSIGNMENTS for token in body) and not is_type(first) and first.text not in NO_OPERANDS
    declares = len(body) > 1 and body[1].kind == "name"
    if any(token.text in "{}" or token.text in ("for", "if", "while", "return", "switch") for token in body) or declares:
        return None
    return (first.start, tokens[end].start, "") if is_jump or is_call or is_effect else None


def skipped(tokens, pairs):
    """Indexes of what is said to the compiler, and is no code: static assertions and attributes."""
    inside = set()
    for i, token in enumerate(tokens):
        if token.text in ("_Static_assert", "__attribute__"):
            inside.update(range(i, pairs.get(i + 1, i) + 1))
    return inside


def changes_of(tokens, in_code):
    """(start, end, text) of all that may be changed in a run of tokens."""
    pairs = pairs_of(tokens)
    skip = skipped(tokens, pairs)
    depth, loop_heads = 0, set()
    for i, token in enumerate(tokens):
        if token.text == "for" and i + 1 in pairs:
            loop_heads.update(range(i + 1, pairs[i + 1] + 1))
    for i, token in enumerate(tokens):
        depth += (token.text == "{") - (token.text == "}")
        if i in skip:
            continue
        if token.kind == "directive":
            define = re.match(r"[ \t]*#[ \t]*define[ \t]+\w+(\([^)]*\))?", token.text)
            if define:
                yield from changes_of(tokenize(token.text[define.end():], token.start + define.end()), False)
            continue
        for text in token_changes(tokens, pairs, i):
            yield token.start, token.end, text
        if not in_code or depth == 0:
            continue
        yield from condition_changes(tokens, pairs, i)
        left_out = statement_change(tokens, pairs, i) if i not in loop_heads else None
        if left_out:
            yield left_out


def mutants_of(path, text):
    """All mutants of a source, in the order of the text."""
    starts = [0] + [match.end() for match in re.finditer("\n", text)]
    made, seen = [], set()
    for start, end, changed in changes_of(tokenize(text), True):
        number = bisect.bisect_right(starts, start)
        line_end = text.find("\n", end)
        before = " ".join(text[starts[number - 1]:line_end].split())
        after = " ".join((text[starts[number - 1]:start] + changed + text[end:line_end]).split())
        if (start, end, changed) not in seen:
            seen.add((start, end, changed))
            made.append(Mutant(path, number, start, end, changed, before, after))
    return sorted(made, key=lambda mutant: (mutant.start, mutant.end, mutant.text))
