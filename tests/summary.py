#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Adds up the cases of all test programs that ran, from meson's own records of them.

    summary.py FOLDER/meson-logs/LOG.junit.xml...

Prints what failed and what was skipped, then `N passed, N failed, N skipped`. The status is 1 if
anything failed or nothing ran.
"""
import os
import sys
import xml.etree.ElementTree as xml


def main():
    passed, failed, skipped = 0, [], []
    for path in sys.argv[1:]:
        folder = os.path.dirname(os.path.dirname(path))
        try:
            suites = list(xml.parse(path).getroot().iter("testsuite"))
        except (OSError, xml.ParseError) as error:
            failed.append(f"{path}: no record of the tests: {error}")
            continue
        for suite in suites:
            cases = list(suite.iter("testcase"))
            broken = int(suite.get("errors") or 0)
            bad = 0
            for case in cases:
                name = f"{folder}: {suite.get('name')}: {case.get('name')}"
                if case.find("failure") is not None or case.find("error") is not None:
                    failed.append(name)
                    bad += 1
                elif case.find("skipped") is not None:
                    skipped.append(name)
                else:
                    passed += 1
            # A program that died, or ran nothing, has no failed case to show for it.
            if (broken and not bad) or not cases:
                failed.append(f"{folder}: {suite.get('name')}: broke off, or ran no case")
    for name in skipped:
        print(f"skipped: {name}")
    for name in failed:
        print(f"failed: {name}")
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or not passed else 0


sys.exit(main())
