#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Fills the tables of a man page from the C tables, so that they cannot differ.

    man.py VERSION PAGE.in verdict.def responders.def doctor.def settings.def > PAGE
"""
import re
import sys


def rows(path, macro, fields):
    """The rows MACRO(a, b, "c", ...) of a table, as lists of strings."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    pattern = macro + r"\(" + r",\s*".join([r'("[^"]*"|[^,"()]+)'] * fields) + r"\)"
    return [[field.strip().strip('"') for field in row] for row in re.findall(pattern, text)]


def table(lines):
    """Lines of fields for tbl(1); a T{...T} block lets the last one wrap."""
    def text(field):
        return field.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
    return "\n".join(";".join(map(text, line[:-1])) + ";T{\n" + text(line[-1]) + "\nT}" for line in lines)


def keys(settings, change):
    """The appliance's settings that CHANGE (RELOAD, START) puts into effect, as arguments of .BR."""
    options = [row[2:7] for row in rows(settings, "SETTING", 8)] + [[row[1], None, *row[2:]] for row in rows(settings, "KEY", 5)]
    names = [name.replace("-", "\\-") for name, _, scope, _, when in options if (scope, when) == ("APPLIANCE", change)]
    return ' ", " '.join(names)


def main():
    version, template, verdicts, responders, checks, settings = sys.argv[1:]
    with open(template, encoding="utf-8") as file:
        page = file.read()
    verdict_rows = [(name, kind.lower(), text) for _, name, kind, text in rows(verdicts, "VERDICT", 4)]
    page = page.replace("@VERSION@", version)
    page = page.replace("@VERDICTS@", table(verdict_rows))
    page = page.replace("@VERDICT_MEMBERS@", "\n".join(f"  {name:<18}  integer" for name, _, _ in verdict_rows))
    page = page.replace("@RESPONDERS@", table(rows(responders, "RESPONDER", 3)))
    page = page.replace("@CHECKS@", table((name, text) for _, name, _, text in rows(checks, "DOCTOR_CHECK", 4)))
    page = page.replace("@RELOAD_KEYS@", keys(settings, "RELOAD")).replace("@START_KEYS@", keys(settings, "START"))
    # tbl(1) is wanted.
    sys.stdout.write("'\\\" t\n" + page)


main()
