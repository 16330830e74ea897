#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""All of it on Debian 13, with its compiler, its DPDK and its tools: built, tested, and made into packages.

Usage: test_debian13.py FOLDER, where the tree of Debian 13 is or comes to be
"""
import os
import signal
import sys

from tree import SOURCE, Tree, packages

from tap import Tap

SUITES = ("--suite=unit", "--suite=hardening", "--suite=documents")
OFFLINE = ("golden", "captures", "model", "compare")
# What depends on DPDK's version or on the system's tools most. Others want programs that would double the tree (a browser,
# tshark, promtool, Go), systemd as process 1, or hugepages; or they test for long what is the same in every release.
LIVE = ("live", "fragments", "identity", "operate", "reload", "errors", "settings")


class Packages:
    """Those of Debian 13, built from the same source, with its debhelper and its flags."""

    def __init__(self, tree):
        self.tree = tree

    def build(self):
        self.tree.run("env", f"DEB_BUILD_OPTIONS=nocheck parallel={os.cpu_count()}",
                      "dpkg-buildpackage", "--build=binary", "--no-sign")

    def check_lint(self):
        said = self.tree.run("sh", "-c", "lintian --allow-root --quiet --pedantic --display-info"
                             " --fail-on=error,warning,info,pedantic ../*.changes")
        assert said == "", said

    def check_install(self):
        """All that they depend on is Debian 13's; its drivers are where the installed program looks for them."""
        self.tree.run("sh", "-c", "dpkg --install ../udpechod_*.deb ../udpecho_*.deb")
        self.tree.run("/usr/bin/python3", "tests/golden/run.py", "/usr/sbin/udpechod", "udp-echo")
        self.tree.run("dpkg", "--purge", "udpechod", "udpecho")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    tree = Tree(os.path.join(sys.argv[1], "trixie"), "trixie", packages())
    tap.case("a tree of Debian 13", tree.make)
    if not tap.failed:
        tap.case("builds without a warning", tree.run, "scripts/build", "build")
    if not tap.failed:
        for tests in (SUITES, OFFLINE, LIVE):
            tree.test(tap, "build", *tests)
        built = Packages(tree)
        tap.case("packages build", built.build)
        tap.case("lintian has nothing to say", built.check_lint)
        tap.case("installed, the programs work", built.check_install)
    sys.exit(tap.exit_status())


if __name__ == "__main__":
    main()
