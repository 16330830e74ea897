#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes cases/*.txt from cases*.py: `generate.py [DIRECTORY]`. Look at the diff before you commit it."""
import os
import sys

from casefile import format_case

HERE = os.path.dirname(os.path.abspath(__file__))


def generate(directory):
    """Makes the directory hold just the cases of cases*.py."""
    from cases import CASES  # pulls in scapy, which only this needs

    os.makedirs(directory, exist_ok=True)
    texts = {f"{case.name}.txt": format_case(case) for case in CASES}
    if len(texts) != len(CASES):
        raise ValueError("two cases have the same name")
    for name in os.listdir(directory):
        if name.endswith(".txt") and name not in texts:
            os.remove(os.path.join(directory, name))
    for name, text in texts.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    generate(sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "cases"))
