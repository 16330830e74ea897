# SPDX-License-Identifier: BSD-3-Clause
"""One call of a program that fails, or one moment at which a signal comes: what shim.c does, asked for from here.

The test is in namespaces of its own, of mounts and of the network: what a program leaves behind in
/run or /tmp or on an interface is there to be seen, and is gone with the test. Each lane has a link:

    the test's own network namespace
    +----------------------------------------------------------------+
    | kernel's stack - client0 198.18.0.1/24 == veth == echo0 - udpechod |
    +----------------------------------------------------------------+
"""
import ctypes
import mmap
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "golden"), os.path.join(HERE, "..", "live")]
from tap import Skip, patience  # noqa: E402
from world import LIBC, command, die_with_us  # noqa: E402

OFF, FAIL, SIGNAL, RECORD = range(4)
PATIENCE = patience(60)  # seconds, for a run: so that a bug does not hang the test
NEW_MOUNTS, NEW_NETWORK, BIND = 0x00020000, 0x40000000, 0x1000
HEAD = struct.Struct("QQQQqQQQQ256s")
CALLS_MAX = 65536
FIELDS = ("mode", "target", "signal", "stop_at_launch", "realtime_ns", "calls", "fired", "held", "launched", "where")


class Control:
    """What shim.c is to do, and what it did: a file that both have mapped."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(dir="/var/tmp")
        self.file.truncate(HEAD.size + 8 * CALLS_MAX)
        self.map = mmap.mmap(self.file.fileno(), 0)

    def set(self, **fields):
        """These, and 0 for the rest."""
        HEAD.pack_into(self.map, 0, *(fields.get(name, 0) for name in FIELDS[:-1]), b"")

    def __getattr__(self, name):
        value = HEAD.unpack_from(self.map)[FIELDS.index(name)]
        return value.split(b"\0")[0].decode() if name == "where" else value

    def first_of_each_path(self):
        """The numbers of those calls that came by a way that none before them came by: those that the program itself
        made, and those of libraries; and how many calls there were."""
        count, seen, numbers = min(self.calls, CALLS_MAX), set(), ([], [])
        for number in range(1, count + 1):
            (path,) = struct.unpack_from("Q", self.map, HEAD.size + 8 * (number - 1))
            if path not in seen:
                seen.add(path)
                numbers[1 - path % 2].append(number)
        return *numbers, count


def open_program(path):
    """Where to find it, also when what it lies in is hidden by the test's own /tmp; in all children."""
    descriptor = os.open(path, os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    return f"/proc/self/fd/{descriptor}"


def enter_own_namespaces():
    """Of mounts, with a /run of its own; and of the network."""
    if os.geteuid() != 0:
        raise Skip("wants root, for namespaces")
    if LIBC.unshare(NEW_NETWORK | NEW_MOUNTS) != 0:
        raise Skip(f"no namespaces of our own: {os.strerror(ctypes.get_errno())}")
    command("mount", "-n", "--make-rprivate", "/")
    command("mount", "-n", "-t", "tmpfs", "none", "/run")
    command("ip", "link", "set", "lo", "up")


class Lane:
    """One of those that run beside each other, with a control, a link, a /run and a /tmp of its own."""

    def __init__(self, number):
        self.number = number
        self.control = Control()
        self.folder = tempfile.TemporaryDirectory(dir="/var/tmp")
        for name in ("run", "tmp"):
            os.mkdir(f"{self.folder.name}/{name}")
        make_link(number)
        self.link = link_state(number)

    def prepare(self):
        """In the child."""
        die_with_us()
        failed = LIBC.unshare(NEW_MOUNTS)
        for name in ("run", "tmp"):
            failed |= LIBC.mount(f"{self.folder.name}/{name}".encode(), f"/{name}".encode(), None, BIND, None)
        if failed:
            os._exit(126)

    def clear(self):
        """After a program that had no chance to."""
        shutil.rmtree(f"{self.folder.name}/run/dpdk", ignore_errors=True)

    def left_behind(self):
        """What there is in its /run and its /tmp."""
        found = {os.path.relpath(os.path.join(path, name), self.folder.name)
                 for path, folders, files in os.walk(self.folder.name) for name in folders + files}
        return sorted(found - {"run", "tmp"})


def make_link(number):
    """One of several: client0 has 198.18.0.1, client1 198.18.1.1, ..."""
    client, ours = f"client{number}", f"echo{number}"
    for name in ("all", "default"):
        command("sysctl", "-qw", f"net.ipv6.conf.{name}.disable_ipv6=1")
    # net_af_packet's fanout group is the process number XOR this one: neighbours of both kinds would share one.
    command("ip", "link", "add", "name", ours, "index", str(4096 * (number + 1)), "type", "veth", "peer", "name", client)
    for name in (client, ours):
        command("ip", "link", "set", name, "up")
    command("ip", "address", "add", f"198.18.{number}.1/24", "dev", client)
    command("ethtool", "-K", client, "tx", "off")


def link_state(number):
    """All that the kernel says of our end, but for what it counts."""
    return command("ip", "-details", "link", "show", f"echo{number}")


def environment(shim, lane):
    """For a program under the shim."""
    result = dict(os.environ, LD_PRELOAD=shim, UDPECHOD_FAULT=lane.control.file.name)
    # The shim calls on; the sanitizer has nothing against not being the first.
    result["ASAN_OPTIONS"] = result.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return result


class Run:
    """A program under the shim, to its end."""

    def __init__(self, shim, lane, arguments, given="", **fields):
        control = lane.control
        control.set(**fields)
        self.process = subprocess.Popen(arguments, stdin=-1, stdout=-1, stderr=-1, env=environment(shim, lane),
                                        close_fds=False, preexec_fn=lane.prepare, errors="replace", text=True)
        try:
            self.out, self.errors = self.process.communicate(given, timeout=PATIENCE)
            self.hung = False
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.out, self.errors = self.process.communicate()
            self.hung = True
        # LeakSanitizer's own words, where a thread ends while it looks.
        self.errors = re.sub(r"==\d+==Running thread \d+ was not suspended\. False leaks are possible\.\n", "", self.errors)
        self.status = self.process.returncode
        self.fired, self.where, self.calls = control.fired, control.where, control.calls
        self.held, self.signal = control.held, control.signal
