# SPDX-License-Identifier: BSD-3-Clause
"""A Debian of another release, or with libraries of another architecture, in a folder; and what is done in it.

    tree = Tree("build/platform/trixie", "trixie", packages)
    tree.make()
    tree.run("scripts/build", "build")
"""
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "live"), os.path.join(HERE, "..", "package")]
from debian import PATIENCE, TOP, export, tool  # noqa: E402
from tap import Skip, patience  # noqa: E402
from world import die_with_us  # noqa: E402

SOURCE = "/src/udpechod"
# In namespaces of its own: all that it starts ends with it. `ip netns` wants a root that is a mount, not one of chroot.
ENTER = """set -e
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /dev dev
for folder in run tmp; do mount -t tmpfs -o mode=1777 "$folder" "$folder"; done
pivot_root . mnt
umount --lazy /mnt
ip link set lo up
cd "$2"
shift 2
exec "$@"
"""
# The tests outside have the machine at the same time, and the first turn.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "CI": "true",
               "SLOWNESS": str(patience(4))}


def packages():
    """What a tree has, as scripts/setup says."""
    return tool(os.path.join(TOP, "scripts", "setup"), "--platform").split()


class Tree:
    def __init__(self, root, suite, names, architectures="amd64"):
        self.root = os.path.abspath(root)
        self.suite, self.names, self.architectures = suite, names, architectures

    def make(self):
        """It is kept for the next time. Only a whole one says what it is made of."""
        if os.geteuid() != 0:
            raise Skip("wants root, for a Debian of its own")
        wanted, mark = " ".join([self.suite, self.architectures, *self.names]), os.path.join(self.root, "made-of")
        if not os.path.exists(mark) or open(mark, encoding="utf-8").read() != wanted:
            shutil.rmtree(self.root, ignore_errors=True)
            os.makedirs(os.path.dirname(self.root), exist_ok=True)
            try:
                tool("mmdebstrap", "--mode=root", "--variant=apt", f"--architectures={self.architectures}",
                     f"--include={','.join(self.names)}", "--aptopt=Acquire::Languages none",
                     "--dpkgopt=force-unsafe-io", self.suite, self.root)
            except FileNotFoundError as error:
                raise Skip("no mmdebstrap here") from error
            with open(mark, "w", encoding="utf-8") as file:
                file.write(wanted)
        shutil.rmtree(self.path("/src"), ignore_errors=True)
        export(self.path(SOURCE))

    def path(self, name):
        return self.root + name

    def start(self, *arguments, folder=SOURCE):
        """Runs a program in there to its end; returns its status and all that it says."""
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--net", "--propagation=private",
             "sh", "-c", ENTER, "sh", self.root, folder, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=PATIENCE, check=False, env=ENVIRONMENT,
            preexec_fn=die_with_us)
        return done.returncode, done.stdout

    def run(self, *arguments, folder=SOURCE):
        """Runs a program that must succeed; returns all that it says."""
        status, said = self.start(*arguments, folder=folder)
        assert status == 0, f"{' '.join(arguments)}: status {status}: {said[-10000:]}"
        return said

    def test(self, tap, build, *arguments):
        """Runs tests of a build in there; each of their cases is one of ours."""
        log = self.path(f"{SOURCE}/{build}/meson-logs/testlog.junit.xml")
        if os.path.exists(log):
            os.remove(log)
        _, said = self.start("meson", "test", "-C", build, "-t", ENVIRONMENT["SLOWNESS"], "--no-rebuild",
                             "--print-errorlogs", *arguments)
        suites = list(xml.parse(log).getroot().iter("testsuite")) if os.path.exists(log) else []
        for suite in suites:
            for case in suite.iter("testcase"):
                tap.case(f"{name_of(suite)}: {re.sub(r'^[0-9]+ - ', '', case.get('name'))}", result, case)
        tap.case(f"{build}: {' '.join(arguments)}", check_whole, suites, said)


def name_of(suite):
    """As in `meson test --list`, without the project."""
    return suite.get("name").split(":")[-1]


def check_whole(suites, said):
    """A program that died, or ran nothing, has no failed case to show for it."""
    assert suites, f"no test ran: {said}"
    broken = [name_of(suite) for suite in suites if int(suite.get("errors") or 0) or not list(suite.iter("testcase"))]
    failed = [name_of(suite) for suite in suites if int(suite.get("failures") or 0)]
    assert not broken and not failed, f"failed: {failed}, broke off, or ran no case: {broken}:\n{said}"


def result(case):
    skipped = case.find("skipped")
    if skipped is not None:
        raise Skip(skipped.get("message") or "as it says")
    assert case.find("failure") is None and case.find("error") is None, "see the log below"
