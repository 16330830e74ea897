#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The Debian packages, from a clean export: built, checked, and lived with in a Debian of their own.

Usage: test_package.py FOLDER, where the packages are or come to be
"""
import contextlib
import glob
import os
import shutil
import signal
import sys

from debian import HERE, Debian, build, build_once, digests, export, make_debian, packages, tool, workspace
from tap import Tap
from test_systemd import CONFIG, INSTANCE, SERVICE, connect, drop_in, echoes
from world import APPLIANCE, INTERFACE, PREFIX

LAB = "lab0"  # the second appliance's interface
DROP_INS = {f"/etc/systemd/system/{unit}.service.d/test.conf": drop_in() for unit in (SERVICE, "udpechod@")}


class Packages:
    """Two versions of them, built from one export."""

    def __init__(self, first, folder):
        self.first = first
        self.again, self.next = (os.path.join(folder, name) for name in ("again", "next"))

    def debs(self, folder):
        return [packages(folder)[name] for name in ("udpechod", "udpecho")]

    def build(self):
        build_once(self.first)
        assert set(packages(self.first)) == {"udpechod", "udpecho", "udpechod-dbgsym", "udpecho-dbgsym"}

    def check_lint(self):
        (changes,) = glob.glob(os.path.join(self.first, "*.changes"))
        said = tool("lintian", "--allow-root", "--quiet", "--pedantic", "--display-info", "--fail-on=error,warning,info,pedantic", changes)
        assert said == "", said

    def check_hardening(self):
        """Debian's flags do what ours do: looked at before symbols are stripped."""
        programs = [os.path.join(self.first, "udpechod", "debian", "tmp", "usr", path) for path in ("sbin/udpechod", "bin/udpecho")]
        tool(sys.executable, os.path.join(HERE, "..", "hardening", "test_hardening.py"), *programs)

    def check_reproducible(self):
        """The same bytes in another folder, in another time zone, with another home."""
        folder = os.path.join(self.again, "of-another-name")
        export(folder)
        build(folder, "--build=binary", TZ="Pacific/Kiritimati", HOME="/nonexistent", CCACHE_DISABLE="1")
        assert digests(self.first) == digests(self.again), (digests(self.first), digests(self.again))

    def build_next(self):
        """A next version, which ships another configuration."""
        shutil.copytree(self.first, self.next, symlinks=True)
        for path in packages(self.next).values():
            os.remove(path)
        folder = os.path.join(self.next, "udpechod")
        with open(os.path.join(folder, "debian", "changelog"), "r+", encoding="utf-8") as file:
            text = file.read().replace(")", "+next)", 1)
            file.seek(0)
            file.write(text)
        with open(os.path.join(folder, "config", "udpechod.conf"), "a", encoding="utf-8") as file:
            file.write("# The next version says more here.\n")
        build(folder, "--build=binary", "--no-pre-clean")


class Life:
    """An installation, from its first day to its last: each case goes on where the one before it ended."""

    def __init__(self, built, root):
        self.built, self.root = built, root
        self.machine = self.files = None

    def begin(self, stack):
        make_debian(self.root, self.built.debs(self.built.first))
        self.machine = stack.enter_context(Debian(DROP_INS, {}, self.root))
        self.files = self.machine.everything()
        connect(self.machine, "af_xdp")
        self.machine.run("ip", "link", "add", LAB, "up", "type", "veth", "peer", "name", "lab1")

    def state(self, unit):
        return self.machine.show(unit, "ActiveState"), self.machine.show(unit, "UnitFileState")

    def processes(self):
        return {self.machine.show(unit, "MainPID") for unit in (SERVICE, INSTANCE)} - {"0"}

    def echo(self):
        assert echoes(self.machine), self.machine.journal(SERVICE)

    def check_install(self):
        """It takes no interface that nobody gave it, and nothing fails; who starts it is told what it wants."""
        said = self.machine.install(*self.built.debs(self.built.first))
        assert "error" not in said.lower(), said
        assert self.state(SERVICE) == ("inactive", "disabled"), self.state(SERVICE)
        assert self.machine.run("systemctl", "start", SERVICE, check=False).returncode != 0
        assert "udpechod: no device: " in self.machine.journal(SERVICE), self.machine.journal(SERVICE)

    def check_start(self):
        """Configured in the file that is there, and in another one for a second appliance."""
        for unit, device in ((SERVICE, f"af_xdp:{INTERFACE}"), (INSTANCE, f"af_packet:{LAB}")):
            with open(self.machine.path(CONFIG[unit]), "a", encoding="utf-8") as file:
                file.write(f"[device it]\ndevice = {device}\naddress = {APPLIANCE}{PREFIX}\n")
            done = self.machine.run("systemctl", "enable", "--now", unit, check=False)
            assert done.returncode == 0, self.machine.journal(unit)
        self.echo()

    def check_upgrade(self):
        """Where the shipped configuration has changed, and ours as well, ours stays."""
        before, processes = self.machine.read(CONFIG[SERVICE]), self.processes()
        self.machine.install(*self.built.debs(self.built.next), options=["--option=Dpkg::Options::=--force-confdef"])
        assert self.machine.say("dpkg-query", "--show", "--showformat=${Version}", "udpechod").endswith("+next")
        assert self.machine.read(CONFIG[SERVICE]) == before, "the upgrade changed the configuration"
        assert "next version" in self.machine.read(f"{CONFIG[SERVICE]}.dpkg-dist")
        assert len(self.processes() - processes) == 2, f"ran {processes}, now {self.processes()}"
        self.echo()

    def check_remove(self):
        """What was removed runs no more, and is as it was when it comes back."""
        before = self.machine.read(CONFIG[SERVICE])
        self.machine.say("apt-get", "remove", "--yes", "udpechod")
        assert self.machine.run("pidof", "udpechod", check=False).stdout == "", "it still runs"
        assert self.machine.read(CONFIG[SERVICE]) == before
        self.machine.install(*self.built.debs(self.built.next))
        assert self.state(SERVICE) == ("active", "enabled"), self.state(SERVICE)
        self.echo()

    def check_purge(self):
        self.machine.say("apt-get", "purge", "--yes", "--auto-remove", "udpechod", "udpecho")
        left = self.machine.everything() ^ self.files
        assert not left, f"left behind, or gone: {sorted(left)}"
        assert self.machine.run("pidof", "udpechod", check=False).stdout == "", "it still runs"
        units = self.machine.say("systemctl", "list-units", "--plain", "--no-legend", "--state=active", "udpechod*")
        assert units == "", units


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    with workspace() as folder, contextlib.ExitStack() as stack:
        built = Packages(os.path.abspath(sys.argv[1]), folder)
        tap.case("builds from a clean export", built.build)
        tap.case("lintian has nothing to say", built.check_lint)
        tap.case("the programs are hardened", built.check_hardening)
        tap.case("builds the same bytes elsewhere", built.check_reproducible)
        tap.case("builds the next version", built.build_next)
        life = Life(built, os.path.join(folder, "root"))
        tap.case("a Debian of their own", life.begin, stack)
        for name, case in (("installs, and waits to be configured", life.check_install),
                           ("configured and started, it echoes", life.check_start),
                           ("an upgrade keeps the configuration, and it echoes", life.check_upgrade),
                           ("removed and installed again, it echoes", life.check_remove),
                           ("purged, nothing is left", life.check_purge)):
            if life.files is not None and not tap.failed:
                tap.case(name, case)
    sys.exit(tap.exit_status())


if __name__ == "__main__":
    main()
