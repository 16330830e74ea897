#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Fills the man pages and the completion of shells from the C tables, so that they cannot differ.

    fill.py VERSION TEMPLATE verdict.def responders.def doctor.def settings.def > FILE
"""
import collections
import re
import sys

FIELD = r'((?:"(?:[^"\\]|\\.)*"\s*)+|[^,"()]+)'
Setting = collections.namedtuple("Setting", "letter name argument scope change initial help manual")


def value(field):
    """A field of a row: a word, or the strings of C, in one."""
    if not field.startswith('"'):
        return field.strip()
    text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', field))
    return re.sub(r"\\(.)", lambda match: {"n": "\n"}.get(match[1], match[1]), text)


def rows(path, macro, fields):
    """The rows MACRO(a, b, "c", ...) of a table, as lists of strings."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    return [[value(field) for field in row] for row in re.findall(macro + r"\(" + r",\s*".join([FIELD] * fields) + r"\)", text)]


def read_settings(path):
    for _, letter, name, argument, scope, _, change, initial, line, manual in rows(path, "SETTING", 10):
        line, manual = (text.replace("@", initial) for text in (line, manual))
        yield Setting(letter.strip("0'"), name, argument.replace("NULL", ""), scope, change, initial, line, manual)
    for _, name, scope, _, change in rows(path, "KEY", 5):
        yield Setting("", name, "", scope, change, "", "", "")


def roff(text):
    return text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")


def table(lines):
    """Lines of fields for tbl(1); a T{...T} block lets the last one wrap."""
    return "\n".join(";".join(map(roff, line[:-1])) + ";T{\n" + roff(line[-1]) + "\nT}" for line in lines)


def keys(settings, scope, change):
    """The names of the settings of SCOPE that CHANGE (RELOAD, START) puts into effect, as arguments of .BR."""
    return ' ", " '.join(roff(one.name) for one in settings if (one.scope, one.change) == (scope, change) and one.name != "device")


def paragraph(text):
    """`bold`, *italic* and "quoted" words for roff."""
    parts = re.split(r"(`[^`]+`|\*[^*]+\*)", text)
    marked = [f"\\fB{roff(part[1:-1])}\\fR" if part.startswith("`") else f"\\fI{part[1:-1]}\\fR" if part.startswith("*")
              else re.sub(r'"([^"]*)"', r"\\(lq\1\\(rq", part) for part in parts]
    return "".join(marked)


def option(one):
    """An entry of the list of options."""
    argument = re.sub(r"[A-Z]+|[^][|A-Z]+", lambda match: f"\\f{'I' if match[0].isupper() else 'B'}{match[0]}\\fR", one.argument)
    short = f"\\fB\\-{one.letter}\\fR, " if one.letter else ""
    equals = "=" if one.argument and not one.argument.startswith("[=") else ""
    return f".TP\n{short}\\fB\\-\\-{roff(one.name)}{equals}\\fR{argument}\n" + "\n.IP\n".join(map(paragraph, one.manual.split("\n")))


def values(one):
    """What its argument may be, where that is a list of words: auto|on|off, or "...: text (default) or json"."""
    if re.fullmatch(r"[a-z]+(\|[a-z]+)+", one.argument):
        return one.argument.split("|")
    found = re.search(r": ((?:[a-z0-9]+(?:, | or |$))+)$", one.help.replace(" (default)", ""))
    return re.split(", | or ", found[1]) if one.argument and found else []


def bash(one):
    return f"""        --{one.name})
            COMPREPLY=($(compgen -W '{" ".join(values(one))}' -- "$cur"))
            return
            ;;"""


def zsh(one):
    argument = one.argument.replace("|", "\\|")
    return f"""    '*--{one.name}={argument}*:{one.argument.lower() if argument == one.argument else "which"}:({" ".join(values(one))})' \\"""


def main():
    version, template, verdicts, responders, checks, path = sys.argv[1:]
    settings = list(read_settings(path))
    listed = [one for one in settings if values(one)]
    verdict_rows = [(name, kind.lower(), text) for _, name, kind, text in rows(verdicts, "VERDICT", 4)]
    texts = {
        "VERSION": version,
        "OPTIONS": "\n".join(option(one) for one in settings if one.manual),
        "VERDICTS": table(verdict_rows),
        "VERDICT_MEMBERS": "\n".join(f"  {name:<18}  integer" for name, _, _ in verdict_rows),
        "RESPONDERS": table(rows(responders, "RESPONDER", 3)),
        "CHECKS": table((name, text) for _, name, _, text in rows(checks, "DOCTOR_CHECK", 4)),
        "RELOAD_KEYS": keys(settings, "APPLIANCE", "RELOAD"),
        "START_KEYS": keys(settings, "APPLIANCE", "START"),
        "DEVICE_KEYS": keys(settings, "DEVICE", "START"),
        "BASH_VALUES": "\n".join(map(bash, listed)),
        "BASH_FILES": " | ".join("--" + one.name for one in settings if one.argument == "FILE"),
        "ZSH_VALUES": "\n".join(map(zsh, listed)),
    }
    with open(template, encoding="utf-8") as file:
        sys.stdout.write(re.sub(r"@([A-Z_]+)@", lambda match: texts[match[1]], file.read()))


if __name__ == "__main__":
    main()
