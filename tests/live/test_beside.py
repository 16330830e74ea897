#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What the host does with frames and addresses beside the appliance. `test_beside.py UDPECHOD UDPECHO`"""
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from struct import pack, unpack, unpack_from

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from test_live import check_client
from test_operate import LOUD, said, wait_for_log
from world import APPLIANCE, CLIENT, INTERFACE, PATIENCE, PREFIX, Appliance, World, command

from tap import Tap

LONG_NAME = "an-alternative-name-that-is-longer-than-15"


def segmented(place):
    """Sends 20 datagrams of 1000 bytes in one call; returns the lengths of the replies."""
    replies = []
    with place.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.3)
        client.setsockopt(socket.IPPROTO_UDP, 103, 1000)  # UDP_SEGMENT
        client.connect((APPLIANCE, 7))
        client.send(bytes(20 * 1000))
        with contextlib.suppress(TimeoutError):
            while len(replies) < 20:
                replies.append(len(client.recv(65535)))
    return replies


def check_superframes(kind, udpechod):
    """Several datagrams that come as one frame are not echoed as one, and the log has the fix. AF_XDP has none."""
    with World(kind, checksum_offload=True) as place, Appliance(place, udpechod, LOUD) as appliance:
        if kind != "af_xdp":
            wait_for_log(appliance, rf"^udpechod: device {place.device}: .*`ethtool -K PEER tx-udp-segmentation off`$")
            assert segmented(place) == []
            wait_for_log(appliance, r"^udpechod: device .* 1 frame held several datagrams .* `ethtool -K PEER tx-udp-segmentation off`$")
            place.run("ethtool", "-K", place.interface, "tx-udp-segmentation", "off")
        assert segmented(place) == 20 * [1000]
        command("ip", "netns", "exec", place.appliance, "ethtool", "-K", INTERFACE, "rx-udp-gro-forwarding", "on")
        if kind != "af_xdp":
            wait_for_log(appliance, r"^udpechod: device .*: the kernel merges UDP datagrams .*: `ethtool ")
            fix = next(line for line in appliance.read("errors").splitlines() if "the kernel merges" in line).split("`")[1]
            (before,) = findings(place, udpechod, "superframes", "-d", place.device, "-a", APPLIANCE + PREFIX)
            command("ip", "netns", "exec", place.appliance, *fix.split())
            (after,) = findings(place, udpechod, "superframes", "-d", place.device, "-a", APPLIANCE + PREFIX)
            assert before["mend"] == fix != after["mend"], (before, after)
        report = appliance.end()
    assert report["verdicts"]["eth-superframe"] == (kind != "af_xdp"), report


TAGS = [[], [(0x8100, 5)], [(0x88A8, 5)], [(0x88A8, 5), (0x8100, 6)], [(0x8100, 5), (0x8100, 6)], [(0x8100, 0x2000)]]


def check_tags(kind, udpechod):
    """A reply has the tags of its request, of the same types; where the driver can't, there is none, and the log says why."""
    with World(kind) as place, Appliance(place, udpechod) as appliance, \
            place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw, \
            place.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as peer:
        raw.bind((place.interface, 3))
        peer.bind((place.interface, 3))
        peer.setsockopt(263, 8, 1)  # PACKET_AUXDATA: where the kernel shows the outer tag
        untagged = bytes(Ether(dst=appliance.mac.hex(":"), src=place.mac().hex(":")) / IP(src=CLIENT, dst=APPLIANCE) / UDP(sport=5000, dport=7) / b"tags")
        for tags in TAGS:
            raw.send(untagged[:12] + b"".join(pack("!HH", *tag) for tag in tags) + untagged[12:])
            if kind == "af_packet" and tags and tags[0][0] != 0x8100:
                wait_for_log(appliance, r"^udpechod: device .*\(eth-runt\) whose outer VLAN tag is not 802.1Q: .*: use af_xdp")
                continue
            assert tags_of_reply(peer, appliance) == tags, tags
        report = appliance.end()
    assert report["verdicts"]["eth-runt"] == (2 if kind == "af_packet" else 0), report
    assert report["verdicts"]["udp-echo"] == len(TAGS) - report["verdicts"]["eth-runt"], report


def tags_of_reply(peer, appliance):
    peer.settimeout(PATIENCE)
    while True:
        frame, auxiliary, _, address = peer.recvmsg(2000, 200)
        if address[2] == 4 or frame[6:12] != appliance.mac or b"tags" not in frame:  # 4: our own
            continue
        status, *_, tag, kind = unpack("IIIHHHH", auxiliary[0][2])
        tags = [(kind, tag)] if status & 0x10 else []
        at = 12
        while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
            tags.append(unpack_from("!HH", frame, at))
            at += 4
        return tags


def findings(place, udpechod, check, *arguments):
    done = subprocess.run(["ip", "netns", "exec", place.appliance, udpechod, "--doctor", "--report=json", *arguments],
                          capture_output=True, text=True, timeout=2 * PATIENCE, check=False)
    return [finding for finding in json.loads(done.stdout)["findings"] if finding["check"] == check]


def check_altname(udpechod, udpecho):
    """An alternative name is the interface: to a second one, to the kernel's addresses, to the doctor."""
    with World("af_packet") as place:
        for name in ("enp9s0", LONG_NAME):
            command("ip", "-n", place.appliance, "link", "property", "add", "dev", INTERFACE, "altname", name)
        for name in ("enp9s0", LONG_NAME):
            place.device = f"af_packet:{name}"
            with Appliance(place, udpechod) as appliance:
                check_client(place, udpecho, 100)
                place.device = f"af_packet:{INTERFACE}"
                done = place.refused(udpechod, "-a", "198.18.0.78/24")
                assert "another udpechod has this interface" in done.stderr and done.returncode == 1, done
                appliance.end()
            (link,) = findings(place, udpechod, "link", "-d", f"af_packet:{name}", "-a", APPLIANCE + PREFIX)
            assert link["grade"] == "ok", link
        command("ip", "-n", place.appliance, "address", "add", APPLIANCE + PREFIX, "dev", INTERFACE)
        place.device = f"af_packet:{LONG_NAME}"
        done = place.refused(udpechod, "-a", APPLIANCE + PREFIX)
        assert done.returncode == 1 and "the kernel has" in done.stderr, done


def check_address(where, prefix, device, udpechod):
    """The kernel has the address somewhere: refused, found by the doctor, and what both say to type helps."""
    with World(device) as place:
        arguments = ("-d", place.device, "-a", APPLIANCE + PREFIX)
        if where == "route":
            command("ip", "-n", place.appliance, "link", "set", "lo", "up")
            command("ip", "-n", place.appliance, "route", "add", "local", "198.18.0.0/29", "dev", "lo")
            expected = f"the kernel takes {APPLIANCE} for its own and would answer too: "
        else:
            if where == "second0":
                command("ip", "-n", place.appliance, "link", "add", where, "type", "veth", "peer", "name", "second1")
            command("ip", "-n", place.appliance, "address", "add", f"{APPLIANCE}/{prefix}", "dev", where)
            expected = f"the kernel has {APPLIANCE} on {where} and would answer too: "
        done = place.refused(udpechod, "-a", APPLIANCE + PREFIX)
        assert done.returncode == 1 and done.stderr.startswith(f"udpechod: device {place.device}: {expected}"), done
        (finding,) = findings(place, udpechod, "address", *arguments)
        assert finding["grade"] == "stop", finding
        assert f"`{finding['mend']}`" in done.stderr, (finding, done.stderr)
        command("ip", "netns", "exec", place.appliance, *finding["mend"].split())
        (finding,) = findings(place, udpechod, "address", *arguments)
        assert finding["grade"] == "ok", finding
        with Appliance(place, udpechod) as appliance:
            appliance.end()


def check_forwarding(udpechod):
    """The kernel forwards what comes in: said at the start and by the doctor, whose fix helps."""
    with World("af_packet") as place:
        arguments = ("-d", place.device, "-a", APPLIANCE + PREFIX)
        command("ip", "netns", "exec", place.appliance, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        (finding,) = findings(place, udpechod, "forwarding", *arguments)
        with Appliance(place, udpechod) as appliance:
            assert said(appliance, rf"^udpechod: device {place.device}: the kernel forwards .*`{re.escape(finding['mend'])}`$")
            appliance.end()
        command("ip", "netns", "exec", place.appliance, "sysctl", "-qw", f"net.ipv4.conf.{INTERFACE}.proxy_arp=1")
        (answers,) = findings(place, udpechod, "forwarding", *arguments)
        assert "proxy_arp" in answers["text"] and "proxy_arp" not in finding["text"], (answers, finding)
        command("ip", "netns", "exec", place.appliance, *finding["mend"].split())
        (after,) = findings(place, udpechod, "forwarding", *arguments)
        assert (finding["grade"], after["grade"]) == ("risk", "ok"), (finding, after)
        with Appliance(place, udpechod) as appliance:
            appliance.stop()


def main():
    udpechod, udpecho = map(os.path.abspath, sys.argv[1:3])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    for kind in ("af_packet", "pcap-live", "af_xdp"):
        tap.case(f"{kind}: several datagrams in one frame", check_superframes, kind, udpechod)
    for kind in ("af_packet", "pcap-live", "af_xdp"):
        tap.case(f"{kind}: tags of either type", check_tags, kind, udpechod)
    tap.case("alternative names", check_altname, udpechod, udpecho)
    for where, prefix in ((INTERFACE, 24), ("lo", 32), ("second0", 16), ("route", 29)):
        tap.case(f"the kernel has the address: {where}", check_address, where, prefix, "af_packet", udpechod)
    tap.case("the kernel has the address, beside pcap-live", check_address, "lo", 32, "pcap-live", udpechod)
    tap.case("the kernel forwards", check_forwarding, udpechod)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
