#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""--doctor on this machine, in a network of the test's own: what it says is so, and its fixes fix it.
`test_doctor.py UDPECHOD`"""
import ctypes
import json
import os
import socket
import struct
import subprocess
import sys

from doctor import apply_fix, check_fix, examine
from world import APPLIANCE, INTERFACE, LIBC, PREFIX, Appliance, World, command, inside, require_tool

from tap import Skip, Tap, patience


def check_down(program):
    with World("af_xdp") as place:
        command("ip", "-n", place.appliance, "link", "set", INTERFACE, "down")
        before = place.link()
        examine(place, program)
        assert place.link() == before, "it changed the interface"
        check_fix(place, program, "link", "stop")


def check_address(program):
    """Wherever, and by whatever, the kernel has it."""
    with World("af_packet") as place:
        for words in (["address", "add", APPLIANCE + PREFIX, "dev", INTERFACE],
                      ["address", "add", APPLIANCE + "/32", "dev", "lo"],
                      ["address", "add", APPLIANCE, "peer", "198.18.7.7/32", "dev", INTERFACE],
                      ["address", "add", APPLIANCE + PREFIX, "brd", "+", "dev", INTERFACE, "label", f"{INTERFACE}:1"],
                      ["route", "add", "local", "198.18.0.0/28", "dev", "lo"]):
            command("ip", "-n", place.appliance, "link", "set", "lo", "up")
            command("ip", "-n", place.appliance, *words)
            check_fix(place, program, "address", "stop")


def check_ipv6_address(program):
    """The same of IPv6. A link-local one of another interface is another one."""
    if not os.path.exists("/proc/net/if_inet6"):
        raise Skip("the kernel has no IPv6")
    with World("af_packet") as place:
        command("ip", "netns", "exec", place.appliance, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0")
        command("ip", "-n", place.appliance, "link", "set", "lo", "up")
        for ours, words in (("2001:2::2/64", ["address", "add", "2001:2::2/64", "dev", INTERFACE]),
                            ("2001:2::2/64", ["address", "add", "2001:2::2/128", "dev", "lo"]),
                            ("2001:2::2/64", ["address", "add", "2001:2::2", "peer", "2001:2::7/128", "dev", INTERFACE]),
                            ("2001:2::2/64", ["route", "add", "local", "2001:2::/47", "dev", "lo"]),
                            ("fe80::2/64", ["address", "add", "fe80::2/64", "dev", INTERFACE])):
            command("ip", "-n", place.appliance, *words)
            check_fix(place, program, "address", "stop", "-a", ours)
        command("ip", "-n", place.appliance, "address", "add", "fe80::2/64", "dev", "lo")
        _, found = examine(place, program, "-a", "fe80::2/64")
        assert found["address"]["grade"] == "ok", found


def check_default_route(program):
    """In whatever table, and as one of several ways: what is said of it is said while the route is there."""
    ways = ("nexthop", "via", "198.18.6.2", "dev", "v0", "nexthop", "via", "198.18.7.2", "dev", INTERFACE)
    with World("af_packet") as place:
        def ip(*words):
            command("ip", "-n", place.appliance, *words)

        ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
        ip("address", "add", "198.18.6.1/24", "dev", "v0")
        ip("address", "add", "198.18.7.1/24", "dev", INTERFACE)
        ip("link", "set", "v0", "up")
        ip("link", "set", "v1", "up")
        for route in (ways, ("via", "198.18.7.2", "dev", INTERFACE), ("table", "77", *ways),
                      ("via", "198.18.6.2", "dev", "v0", "table", "78")):
            ip("route", "add", "default", *route)
            _, found = examine(place, program)
            assert found["address"]["grade"] == ("risk" if INTERFACE in route else "ok"), (route, found)
            table = ("table", route[route.index("table") + 1]) if "table" in route else ()
            ip("route", "del", "default", *table)
            _, found = examine(place, program)
            assert found["address"]["grade"] == "ok", (route, found)


def check_forwarding(program):
    with World("af_packet") as place:
        command("ip", "netns", "exec", place.appliance, "sysctl", "-qw", f"net.ipv4.conf.{INTERFACE}.forwarding=1")
        check_fix(place, program, "forwarding", "risk")
        if not os.path.exists("/proc/net/if_inet6"):
            raise Skip("the kernel has no IPv6")
        command("ip", "netns", "exec", place.appliance, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
        _, found = examine(place, program)
        assert found["forwarding"]["grade"] == "ok", found
        check_fix(place, program, "forwarding", "risk", "-a", "2001:2::2/64")


def attach_program(interface, mode):
    """An XDP program that passes all, by bpf(2) and rtnetlink(7): any other tool for it may be missing."""
    number = {"x86_64": 321, "aarch64": 280}.get(os.uname().machine)
    if number is None:
        raise Skip("what is the number of bpf(2) here?")
    code = ctypes.create_string_buffer(bytes.fromhex("b700000002000000 9500000000000000"))  # return XDP_PASS
    text = ctypes.create_string_buffer(b"GPL")
    attributes = ctypes.create_string_buffer(struct.pack(  # BPF_PROG_LOAD, BPF_PROG_TYPE_XDP
        "=IIQQIIQII16s", 6, 2, ctypes.addressof(code), ctypes.addressof(text), 0, 0, 0, 0, 0, b"foreign"), 128)
    descriptor = LIBC.syscall(number, 5, attributes, 128)
    assert descriptor >= 0, os.strerror(ctypes.get_errno())
    flags = {"xdp": 4, "xdpgeneric": 2}[mode]  # XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE
    nested = struct.pack("=HHiHHI", 8, 1, descriptor, 8, 3, flags)  # IFLA_XDP_FD, IFLA_XDP_FLAGS
    body = struct.pack("=BxHiII", 0, 0, socket.if_nametoindex(interface), 0, 0)
    body += struct.pack("=HH", 4 + len(nested), 43 | 0x8000) + nested  # IFLA_XDP
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.send(struct.pack("=IHHII", 16 + len(body), 19, 5, 1, 0) + body)  # RTM_SETLINK, to be acknowledged
        answer = netlink.recv(4096)
    os.close(descriptor)
    assert struct.unpack_from("=i", answer, 16) == (0,), answer


def check_xdp_program(program):
    """Nor does a start that is refused take the other program off. What a kill leaves is no other program."""
    with World("af_xdp") as place:
        for mode in ("xdp", "xdpgeneric"):
            with inside(place.appliance):
                attach_program(INTERFACE, mode)
            before = place.link()
            assert place.refused(program, "-a", APPLIANCE + PREFIX).returncode == 1
            assert before[0]["xdp"]["prog"]["name"] == "foreign" and place.link() == before, before
            check_fix(place, program, "xdp", "stop")
        with Appliance(place, program):
            pass  # and is killed
        with Appliance(place, program):
            _, found = examine(place, program)
            assert found["xdp"]["grade"] == "ok" and found["owner"]["grade"] == "stop", found


def check_native(program):
    """A bridge has no native XDP, and the device that the doctor names instead starts."""
    with World("af_xdp") as place:
        command("ip", "-n", place.appliance, "link", "add", "br0", "type", "bridge")
        command("ip", "-n", place.appliance, "link", "set", INTERFACE, "master", "br0")
        command("ip", "-n", place.appliance, "link", "set", "br0", "up")
        place.device = "af_xdp:br0"
        status, found = examine(place, program)
        done = place.refused(program, "-a", APPLIANCE + PREFIX)
        assert status == 1 and found["xdp"]["grade"] == "stop" and done.returncode == 1, (found, done)
        assert done.stderr.startswith(f'udpechod: device af_xdp:br0: {found["xdp"]["text"]}'), (done.stderr, found)
        place.device = found["xdp"]["mend"].split()[2]
        assert place.device == "af_packet:br0", found
        _, found = examine(place, program)
        assert "xdp" not in found, found
        with Appliance(place, program):
            pass


def check_mtu(program):
    """What it says is lost is lost, and what it says is fine is echoed."""
    with World("af_xdp") as place:
        for interface, namespace in ((INTERFACE, place.appliance), (place.interface, place.client)):
            command("ip", "-n", namespace, "link", "set", interface, "mtu", "3400")
        _, found = examine(place, program)
        assert found["mtu"]["grade"] == "risk", found
        assert not echoes(place, program, 3400)
        apply_fix(place, found["mtu"])
        _, found = examine(place, program)
        assert found["mtu"]["grade"] == "ok", found
        assert echoes(place, program, int(found["mtu"]["text"]))
        command("ip", "-n", place.appliance, "link", "set", INTERFACE, "mtu", "9000")
        check_fix(place, program, "mtu", "stop")


def echoes(place, program, size):
    """Whether a ping of so many bytes, with its IPv4 header, comes back."""
    with Appliance(place, program):
        done = place.run("ping", "-q", "-c", "1", "-W", "1", "-M", "do", "-s", str(size - 28), APPLIANCE)
    return done.returncode == 0


def check_offloads(program):
    """Both ends of a veth in one namespace, where the peer's name is known; a bridge of it is no better."""
    with World("tap") as place:
        command("ip", "-n", place.appliance, "link", "add", "v0", "type", "veth", "peer", "name", "v1")
        command("ip", "-n", place.appliance, "link", "add", "br0", "type", "bridge")
        for interface in ("v0", "v1", "br0"):
            command("ip", "-n", place.appliance, "link", "set", interface, "up")
        assert "v1" in check_fix(place, program, "offloads", "slow", device="af_xdp:v0")["text"]
        command("ip", "-n", place.appliance, "link", "set", "v0", "master", "br0")
        command("ip", "netns", "exec", place.appliance, "ethtool", "-K", "v1", "tx", "on")
        assert "v1" in check_fix(place, program, "offloads", "slow", device="af_packet:br0")["text"]
        command("ip", "netns", "exec", place.appliance, "ethtool", "-K", "v1", "tx-udp-segmentation", "on", "tx", "on")
        assert "v1" in check_fix(place, program, "superframes", "risk", device="af_packet:br0")["text"]
    with World("af_xdp", checksum_offload=True) as place:
        _, found = examine(place, program)
        assert found["offloads"]["grade"] == "unseen" and "namespace" in found["offloads"]["text"], found


def check_owner(program):
    with World("af_packet") as place, Appliance(place, program):
        status, found = examine(place, program)
        assert status == 1 and found["owner"]["grade"] == "stop", found
        require_tool("ss")
        said = command("ip", "netns", "exec", place.appliance, "sh", "-c", found["owner"]["mend"])
        assert "udpechod" in said and "pid=" in said, said


def check_objects(program):
    """Where libxdp is sent to a folder without its programs, af_xdp does not start."""
    with World("af_xdp") as place:
        _, found = examine(place, program)
        assert found["libxdp"]["grade"] == "ok" and found["af_xdp"]["grade"] == "ok", found
        environment = ("env", "LIBXDP_OBJECT_PATH=/nowhere")
        status, found = examine(place, program, before=environment)
        assert status == 1 and "/nowhere" in found["libxdp"]["text"], found
        _, found = examine(place, program, before=(*environment, "sh", "-c", f'{found["libxdp"]["mend"]}\nexec "$@"', "sh"))
        assert found["libxdp"]["grade"] == "ok", found


def check_place(program):
    """After a kill -9, without a place for libxdp to write to: with what the fix mounts, there is one. udpechod mounts it
    for itself; where it can't, it says so."""
    with World("af_xdp") as place:
        with Appliance(place, program):
            pass  # and is killed
        hidden = ("unshare", "--mount", "sh", "-c", 'mount -n -t tmpfs -o ro none /run && umount -a -t bpf; exec "$@"', "sh")
        status, found = examine(place, program, before=hidden)
        assert status == 0 and found["libxdp"]["grade"] == "risk", found
        fix = ("sh", "-c", f'{found["libxdp"]["mend"]} && exec "$@"', "sh")
        _, cured = examine(place, program, before=(*hidden, *fix))
        assert cured["libxdp"]["grade"] == "ok", cured

        class Hidden(Appliance):
            wrapper = hidden

        with Hidden(place, program) as appliance:
            appliance.end()
        with Appliance(place, program):
            pass
        hidden = (*hidden[:4], hidden[4].replace("; exec", "; mount -n -t tmpfs -o ro none /sys/fs; exec"), "sh")
        done = place.refused(program, "-a", APPLIANCE + PREFIX, before=hidden)
        assert done.returncode == 1 and found["libxdp"]["text"] in done.stderr, (done, found)


def check_tap(program):
    """One that was left is in the way; another interface of the name is not to be deleted."""
    with World("tap") as place:
        command("ip", "-n", place.appliance, "tuntap", "add", INTERFACE, "mode", "tap")
        assert check_fix(place, program, "tun", "stop")["mend"] == f"ip link del {INTERFACE}"
        command("ip", "-n", place.appliance, "link", "add", INTERFACE, "type", "bridge")
        _, found = examine(place, program)
        assert found["tun"]["grade"] == "stop" and found["tun"]["mend"].startswith("# "), found


def check_sys(program):
    """In a network namespace whose /sys is still that of another."""
    with World("af_packet") as place:
        done = subprocess.run(["nsenter", f"--net=/run/netns/{place.appliance}", program, "--doctor", "--report=json",
                               "-d", place.device, "-a", APPLIANCE + PREFIX],
                              capture_output=True, text=True, timeout=patience(20), check=False)
        found = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
        assert found["link"]["grade"] == "ok" and found["mtu"]["grade"] == "ok", found


def check_text(program):
    """What a person reads: each line is a check, with its fix below it; without a device they are of the machine."""
    with World("tap") as place:
        done = subprocess.run(["ip", "netns", "exec", place.appliance, program, "--doctor"],
                              capture_output=True, text=True, timeout=patience(20), check=False)
        lines = done.stdout.splitlines()
        assert done.stderr == "" and lines[0].endswith("the doctor's report") and lines[1] == "machine", done
        assert [line for line in lines if line.split()[:2] in (["ok", "hugepages"], ["stop", "hugepages"])], done.stdout
        assert done.returncode == (1 if any(line.startswith("  stop ") for line in lines) else 0), done.stdout
        assert lines[-1].count("fine: ") == 1, done.stdout
        assert lines[-2].startswith("no device is given: ") and "-d DEVICE" in lines[-2], done.stdout
        # Nothing of this keeps an interface of the kernel from a start, and the sum says so.
        stops = sum(line.startswith("  stop ") for line in lines)
        assert lines[-1].startswith(f"prevent a start on a PCI NIC or AF_XDP: {stops};") == bool(stops), done.stdout
        command("ip", "-n", place.appliance, "link", "add", INTERFACE, "type", "bridge")  # in the way of a TAP
        done = subprocess.run(["ip", "netns", "exec", place.appliance, program, "--doctor", "-d", f"tap:{INTERFACE}"],
                              capture_output=True, text=True, timeout=patience(20), check=False)
        lines = done.stdout.splitlines()
        assert done.returncode == 1 and lines[-1].startswith("prevent a start: "), done.stdout
        assert not any(line.startswith("no device is given") for line in lines), done.stdout


def main():
    program = os.path.abspath(sys.argv[1])
    tap = Tap()
    tap.case("an interface that is down", check_down, program)
    tap.case("an address that the kernel has too", check_address, program)
    tap.case("an IPv6 address that the kernel has too", check_ipv6_address, program)
    tap.case("an MTU that AF_XDP does not take", check_mtu, program)
    tap.case("a default route", check_default_route, program)
    tap.case("the kernel forwards", check_forwarding, program)
    tap.case("another XDP program", check_xdp_program, program)
    tap.case("no native XDP", check_native, program)
    tap.case("a veth's peer that leaves checksums", check_offloads, program)
    tap.case("another udpechod", check_owner, program)
    tap.case("libxdp's programs", check_objects, program)
    tap.case("nowhere for libxdp to write to", check_place, program)
    tap.case("a TAP of the name", check_tap, program)
    tap.case("/sys is that of another network namespace", check_sys, program)
    tap.case("as text, of the machine", check_text, program)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
