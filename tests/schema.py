# SPDX-License-Identifier: BSD-3-Clause
"""The tables of JSON in man pages, and whether what a program prints is as they say."""
import re

SIMPLE = {"string": str, "integer": int, "number": (int, float), "string, or null": (str, type(None)),
          "boolean": bool}
OPTIONAL = ", where there is one"


def schema_read(path, begin):
    """The table whose first line begins with BEGIN: {type: {member: type}}, members before any type under ""."""
    with open(path, encoding="utf-8") as page:
        table = re.search(rf"^{begin}.*?(?=^\.fi)", page.read(), flags=re.M | re.S).group(0)
    types, own = {"": {}}, ""
    for line in filter(None, table.split("\n")):
        name, _, kind = line.strip().partition(" ")
        if name.isupper():
            own, types[name] = name, {}
            if kind:  # "COUNTS, and"
                types[name]["and"] = kind.split(",")[0].strip()
        else:
            types[own][name] = kind.split(":")[0].strip()
    return types


def schema_check(types, kind, value, where):
    """All that the table says is there, as it says, and nothing else."""
    kind = kind.removesuffix(OPTIONAL)
    if kind in SIMPLE:
        assert isinstance(value, SIMPLE[kind]) and isinstance(value, bool) == (kind == "boolean"), (where, value)
    elif kind.startswith("list of "):
        for one in value:
            schema_check(types, kind[len("list of "):], one, where + "[]")
    else:
        members = dict(types[kind])
        members.update(types[members.pop("and")] if "and" in members else {})
        members = {name: of for name, of in members.items() if name in value or not of.endswith(OPTIONAL)}
        assert members.keys() == value.keys(), (where, members.keys() ^ value.keys())
        for name, of in members.items():
            schema_check(types, of, value[name], f"{where}.{name}")
