#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What others do to the interface and to the host under the appliance. `test_changes.py UDPECHOD UDPECHO`"""
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from struct import pack, unpack, unpack_from

import world
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from test_live import check_client
from test_operate import Ptrace, said, wait_for_log, worker_thread
from world import APPLIANCE, CLIENT, PATIENCE, PREFIX, Appliance, World, command, wait_until

from tap import Tap

INTERFACE = world.INTERFACE
LOUD = "--log-level=notice"
OTHER_MAC = "02:00:00:00:00:77"
OTHER_NAME = "renamed0"
LONG_NAME = "an-alternative-name-that-is-longer-than-15"


def link_set(place, *arguments):
    command("ip", "-n", place.appliance, "link", "set", *arguments)


def set_mtu(place, mtu):
    link_set(place, INTERFACE, "mtu", str(mtu))
    command("ip", "-n", place.client, "link", "set", place.interface, "mtu", str(mtu))


def check_mtu(kind, high, udpechod, udpecho):
    """Replies are cut for the MTU that the link has, not for the one that it had."""
    with World(kind) as place:
        set_mtu(place, high)
        with Appliance(place, udpechod, LOUD) as appliance:
            check_client(place, udpecho, high - 100)
            set_mtu(place, 1400)
            wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface's MTU is 1400 now, it was {high}")
            check_client(place, udpecho, high - 100)
            set_mtu(place, high)
            wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface's MTU is {high} now, it was 1400")
            check_client(place, udpecho, high - 100)
            report = appliance.end()
    # 1400 bytes take more than one frame, and the others did not.
    assert report["fragments_added"] == -(-(high - 92) // 1376) - 1, report
    assert (report["devices"][0]["changes"], report["devices"][0]["mtu"]) == (2, high), report


def check_tap_mtu(udpechod, udpecho):
    """The kernel's end of a TAP as well; what was there at the start is no change."""
    with World("tap") as place, Appliance(place, udpechod, LOUD) as appliance:
        command("ip", "-n", place.client, "link", "set", place.interface, "mtu", "1400")
        wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface's MTU is 1400 now, it was 1500")
        check_client(place, udpecho, 1450)
        command("ip", "-n", place.client, "link", "set", place.interface, "mtu", "9000")  # more than one buffer holds
        wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface's MTU is 9000 now, and packet buffers hold \d+: ")
        report = appliance.end()
    (device,) = report["devices"]
    assert 1500 < device["mtu"] < 9000 and device["changes"] == 2, device
    assert report["fragments_added"] == 1, report


def check_shared(udpechod, udpecho):
    """A driver that says which interface it shares its device with."""
    with World("af_packet") as place:
        place.device = f"vdev:net_af_packet0,iface={INTERFACE}"
        with Appliance(place, udpechod, LOUD, "--mtu=1450", "--partial-checksums=on") as appliance:
            link_set(place, INTERFACE, "address", OTHER_MAC)
            wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface's MAC is {OTHER_MAC} now")
            link_set(place, INTERFACE, "mtu", "1400")
            wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface's MTU is 1400 now")
            link_set(place, INTERFACE, "mtu", "1500")
            wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface's MTU is 1500 now")
            report = appliance.end()
    assert (report["devices"][0]["mac"], report["devices"][0]["changes"]) == (OTHER_MAC, 3), report


def check_mac(kind, udpechod, udpecho):
    """It answers under the interface's new MAC, and tells everybody."""
    with World(kind) as place, Appliance(place, udpechod, LOUD) as appliance:
        check_client(place, udpecho, 100)
        link_set(place, INTERFACE, "address", OTHER_MAC)
        wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface's MAC is {OTHER_MAC} now")
        wait_until(lambda: OTHER_MAC in command("ip", "-n", place.client, "neigh", "show", APPLIANCE), "the announcement")
        check_client(place, udpecho, 100)
        report = appliance.end()
    (device,) = report["devices"]
    assert (device["mac"], device["changes"]) == (OTHER_MAC, 1), device


def check_own_mac(udpechod, udpecho):
    """A MAC of the operator's stays."""
    with World("af_packet") as place, Appliance(place, udpechod, LOUD, "-m", OTHER_MAC) as appliance:
        link_set(place, INTERFACE, "address", "02:00:00:00:00:78")
        link_set(place, INTERFACE, "mtu", "1400")  # what comes later shows that this was seen
        wait_for_log(appliance, "MTU is 1400")
        check_client(place, udpecho, 100)
        report = appliance.end()
    assert report["devices"][0]["mac"] == OTHER_MAC, report


def check_rename(udpechod, udpecho):
    """The same interface under another name: it goes on."""
    with World("af_packet") as place, Appliance(place, udpechod, LOUD) as appliance:
        for arguments in (("down",), ("name", OTHER_NAME)):
            link_set(place, INTERFACE, *arguments)
        link_set(place, OTHER_NAME, "up")
        wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface is called {OTHER_NAME} now")
        wait_for_log(appliance, rf"^udpechod: device {place.device}: link up$")
        wait_until(lambda: place.run(udpecho, "-w", "1", APPLIANCE, input=b"x").returncode == 0, "an echo")
        place.device = f"af_packet:{OTHER_NAME}"
        done = place.refused(udpechod, "-a", "198.18.0.78/24")
        assert done.returncode == 1 and "another udpechod has this interface" in done.stderr, done
        report = appliance.end()
    assert report["devices"][0]["changes"] == 1, report


def check_queues(udpechod, udpecho):
    """Queues that come while it runs are not polled: said in the log, and by /healthz."""
    with World("af_xdp", queues=2) as place:
        command("ip", "-n", place.appliance, "link", "set", "lo", "up")
        for space, interface in ((place.appliance, INTERFACE), (place.client, place.interface)):
            command("ip", "netns", "exec", space, "ethtool", "-L", interface, "rx", "1", "tx", "1")
        with Appliance(place, udpechod, LOUD, "--http=127.0.0.1:9110") as appliance:
            check_client(place, udpecho, 100)
            command("ip", "netns", "exec", place.appliance, "ethtool", "-L", INTERFACE, "rx", "2", "tx", "2")
            wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface receives on 2 queues now, "
                         "and udpechod polls 1 of them")
            with world.inside(place.appliance):
                connection = http.client.HTTPConnection("127.0.0.1", 9110, timeout=PATIENCE)
                connection.request("GET", "/healthz")
            answer = connection.getresponse()
            assert (answer.status, answer.read().decode()) == (
                503, f"device {place.device}: the interface receives on queues that are not polled\n"), answer.status
            command("ip", "netns", "exec", place.appliance, "ethtool", "-L", INTERFACE, "rx", "1", "tx", "1")
            wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface receives on 1 queues now$")
            report = appliance.end()
    assert report["devices"][0]["changes"] == 2, report


def check_unequal_queues(udpechod, udpecho):
    """All queues that receive are polled, whatever transmits."""
    def set_queues(space, interface, rx, tx):
        arguments = ["ip", "netns", "exec", space, "ethtool", "-L", interface, "rx", str(rx), "tx", str(tx)]
        # The kernel is still at the sockets of the process before for a while.
        wait_until(lambda: subprocess.run(arguments, capture_output=True, check=False).returncode == 0, "the queues")

    with World("af_xdp", queues=2) as place:
        for receive, transmit in ((2, 1), (1, 2)):
            set_queues(place.appliance, INTERFACE, receive, transmit)
            set_queues(place.client, place.interface, transmit, receive)
            with Appliance(place, udpechod, LOUD) as appliance:
                assert (receive > transmit) == bool(said(
                    appliance, rf"^udpechod: device {place.device}: the interface transmits on 1 of its 2 queues: "))
                done = place.run(udpecho, "--flows=32", "--window=1", "-c", "64", APPLIANCE)
                assert done.returncode == 0, done
                report = appliance.end()
            assert report["verdicts"]["udp-echo"] == 64, report
            assert sum(worker["queues"] for worker in report["workers"]) == receive, report


def check_lost_of_two(udpechod, udpecho):
    """One of two devices is lost: the other goes on, the report shows which, and the status is 1 in the end."""
    with World("af_packet") as place:
        command("ip", "-n", place.appliance, "link", "add", "second0", "type", "veth", "peer", "name", "second1")
        for name in ("second0", "second1"):
            link_set(place, name, "up")
        with Appliance(place, udpechod, "-d", "af_packet:second0", "-a", "198.19.0.2/24") as appliance:
            command("ip", "-n", place.appliance, "link", "delete", "second0")
            wait_for_log(appliance, "^udpechod: device af_packet:second0: the interface is gone$")
            check_client(place, udpecho, 100)
            appliance.process.send_signal(signal.SIGTERM)
            status = appliance.process.wait(2 * PATIENCE)
            errors, report = appliance.read("errors"), json.loads(appliance.read("out"))
    assert status == 1, (status, errors)
    assert errors.endswith("udpechod: device af_packet:second0: it was lost; the others went on\n"), errors
    assert [device["lost"] for device in report["devices"]] == [False, True], report


def check_held(udpechod, udpecho):
    """A worker that its driver holds does not keep the stop waiting: the report, and status 1."""
    with World("af_packet") as place, Appliance(place, udpechod) as appliance:
        check_client(place, udpecho, 100)
        with Ptrace(worker_thread(appliance.process.pid)):
            appliance.process.send_signal(signal.SIGTERM)
            wait_until(lambda: said(appliance, r"^udpechod: worker on core \d+: it did not stop within 5 s"), "the error",
                       3 * PATIENCE)
            wait_until(lambda: appliance.read("out").endswith("}\n"), "the report")
            report = json.loads(appliance.read("out"))
        status = appliance.process.wait(2 * PATIENCE)
    assert status == 1 and report["verdicts"]["udp-echo"] == 1, (status, report)


# What the host does beside us

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
            wait_for_log(appliance, r"^udpechod: device .*: the kernel puts UDP datagrams .*: `ethtool ")
            fix = next(line for line in appliance.read("errors").splitlines() if "the kernel puts" in line).split("`")[1]
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
    for kind, high in (("af_packet", 9000), ("af_xdp", 3000), ("pcap-live", 4000)):
        tap.case(f"{kind}: another MTU", check_mtu, kind, high, udpechod, udpecho)
    tap.case("tap: another MTU", check_tap_mtu, udpechod, udpecho)
    tap.case("a driver that names its interface", check_shared, udpechod, udpecho)
    for kind in ("af_packet", "af_xdp", "pcap-live"):
        tap.case(f"{kind}: another MAC", check_mac, kind, udpechod, udpecho)
    tap.case("another MAC, with one of the operator's", check_own_mac, udpechod, udpecho)
    tap.case("another name", check_rename, udpechod, udpecho)
    tap.case("another number of queues", check_queues, udpechod, udpecho)
    tap.case("other numbers of queues that receive and that transmit", check_unequal_queues, udpechod, udpecho)
    for kind in ("af_packet", "pcap-live", "af_xdp"):
        tap.case(f"{kind}: several datagrams in one frame", check_superframes, kind, udpechod)
    for kind in ("af_packet", "pcap-live", "af_xdp"):
        tap.case(f"{kind}: tags of either type", check_tags, kind, udpechod)
    tap.case("one of two devices is lost", check_lost_of_two, udpechod, udpecho)
    tap.case("a worker is held", check_held, udpechod, udpecho)
    tap.case("alternative names", check_altname, udpechod, udpecho)
    for where, prefix in ((INTERFACE, 24), ("lo", 32), ("second0", 16), ("route", 29)):
        tap.case(f"the kernel has the address: {where}", check_address, where, prefix, "af_packet", udpechod)
    tap.case("the kernel has the address, beside pcap-live", check_address, "lo", 32, "pcap-live", udpechod)
    tap.case("the kernel forwards", check_forwarding, udpechod)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
