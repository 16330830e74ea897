#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What udpechod says when it may not do as it is told, or an interface is not fit: one line. `test_rights.py UDPECHOD`"""
import os
import re
import signal
import sys
import tempfile

from test_errors import ADDRESS, IDENTITY, check_refused, check_replay, make_files, run
from world import INTERFACE, World, command, require_tool

from tap import Skip, Tap

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def check_as_nobody(check, *arguments, before=()):
    if os.geteuid() != 0:
        raise Skip("wants root, to become nobody")
    require_tool("setpriv")
    check(*arguments, prefix=[*before, *NOBODY])


def check_folder(make):
    """What EAL would use in /tmp, where others may have been before; in a /tmp of our own."""
    place = ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs -o mode=1777 none /tmp && {make} && exec "$@"', "sh",
             "env", "--unset=XDG_RUNTIME_DIR"]
    check_as_nobody(check_refused, ["-d", "pcap:in.pcap", *IDENTITY], 1, "/tmp/dpdk is not a directory of yours alone",
                    "XDG_RUNTIME_DIR", before=place)


def check_interface(device, why, prepare=(), user=()):
    """In a namespace that has an interface; prepare is what ip(8) does to it first."""
    with World("af_packet") as world:
        if prepare:
            command("ip", "-n", world.appliance, *prepare)
        if user:
            require_tool(user[0])
        check_refused(["-d", device, ADDRESS], 1, f"device {device}", why,
                      ["ip", "netns", "exec", world.appliance, *user])


# What root lacks in a container: memory that it may lock, and the right to lock more.
LOCKED = ["prlimit", "--memlock=4194304:4194304", "setpriv", "--bounding-set=-ipc_lock,-sys_resource",
          "--inh-caps=-ipc_lock,-sys_resource"]


def check_lacking(kind, why, prefix, queues=1):
    """The resource that is missing is named, not what failed for want of it; and where to look further."""
    with World(kind, queues=queues) as world:
        done = run(["-d", world.device, ADDRESS], ["ip", "netns", "exec", world.appliance, *prefix])
    line = rf"udpechod: device {world.device}: [^\n]*{re.escape(why)}[^\n]*`udpechod --doctor -d {world.device}`[^\n]*\n"
    assert done.returncode == 1 and re.fullmatch(line, done.stderr), done


def run_as_nobody(tap):
    tap.case("nobody may replay", check_as_nobody, check_replay, [])
    for name, make in (("a directory of somebody else's", "mkdir /tmp/dpdk && chown 1 /tmp/dpdk"),
                       ("a directory for all", "mkdir -m 777 /tmp/dpdk && chown 65534 /tmp/dpdk"),
                       ("a link", "mkdir /tmp/own && ln -s own /tmp/dpdk && chown -h 65534 /tmp/own /tmp/dpdk")):
        tap.case(f"/tmp/dpdk is {name}", check_folder, make)
    tap.case("nobody may not write there", check_as_nobody, check_refused,
             ["-d", "pcap:in.pcap,/root-only.pcap", *IDENTITY], 1, "device pcap:in.pcap,/root-only.pcap",
             "Permission denied")
    for kind in ("af_xdp", "af_packet", "pcap-live"):
        tap.case(f"nobody has no permission for {kind}", check_interface, f"{kind}:{INTERFACE}", "no permission",
                 (), NOBODY)
    tap.case("nobody has no permission for tap", check_interface, "tap:echo1", "ermission", (), NOBODY)


def run_on_interfaces(tap):
    down = ("link", "set", INTERFACE, "down")
    address = ("address", "add", "198.18.0.2/24", "dev", INTERFACE)
    for kind in ("af_xdp", "af_packet", "pcap-live"):
        tap.case(f"{kind}: the interface is down", check_interface, f"{kind}:{INTERFACE}", "is down", down)
    for kind in ("af_packet", "pcap-live"):
        tap.case(f"{kind}: the kernel has the address", check_interface, f"{kind}:{INTERFACE}", "the kernel has",
                 address)
    for kind, size in (("af_packet", 32704), ("af_xdp", 26624)):
        tap.case(f"{kind}: too little memory may be locked", check_lacking, kind,
                 f"this process may lock 4096 KiB of memory, and the device needs {size} or more: `ulimit -l unlimited`", LOCKED)
    tap.case("af_xdp: too few capabilities", check_lacking, "af_xdp", "lacks CAP_SYS_ADMIN, which",
             ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"])
    tap.case("af_packet: too few capabilities", check_lacking, "af_packet", "lacks CAP_NET_ADMIN, which",
             ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"])
    tap.case("af_xdp: too few open files for its queues", check_lacking, "af_xdp",
             "the limit of open files, 64, is too low: `ulimit -n", ["prlimit", "--nofile=64:64"], 16)
    tap.case("tap: the interface exists", check_interface, f"tap:{INTERFACE}", "the interface exists")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that folders and namespaces are taken away
    tap = Tap()
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        make_files()
        run_as_nobody(tap)
        run_on_interfaces(tap)
        os.chdir("/")
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
