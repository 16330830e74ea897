#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What others do to the interface and to the host under the appliance. `test_changes.py UDPECHOD UDPECHO`"""
import http.client
import json
import os
import signal
import subprocess
import sys

import world
from test_live import check_client
from test_operate import Ptrace, said, wait_for_log, worker_thread
from world import APPLIANCE, PATIENCE, Appliance, World, command, wait_until

from tap import Skip, Tap

INTERFACE = world.INTERFACE
LOUD = "--log-level=notice"
HTTP = "--http=127.0.0.1:9110"
LOG_INTERVAL = 10  # seconds from one line about an attribute of an interface to the next
OTHER_MAC = "02:00:00:00:00:77"
OTHER_NAME = "renamed0"


def link_set(place, *arguments):
    command("ip", "-n", place.appliance, "link", "set", *arguments)


def set_mtu(place, mtu):
    link_set(place, INTERFACE, "mtu", str(mtu))
    command("ip", "-n", place.client, "link", "set", place.interface, "mtu", str(mtu))


def ask(place, path):
    """What it serves there: the status and the text."""
    with world.inside(place.appliance):
        connection = http.client.HTTPConnection("127.0.0.1", 9110, timeout=PATIENCE)
        connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def wait_for_mtu(place, wanted):
    """Of a change that comes so soon after another that the log does not say it yet."""
    wait_until(lambda: json.loads(ask(place, "/status.json")[1])["devices"][0]["mtu"] == wanted, f"the MTU {wanted}")


def check_mtu(kind, high, udpechod, udpecho):
    """Replies are cut for the MTU that the link has, not for the one that it had."""
    with World(kind) as place:
        set_mtu(place, high)
        link_set(place, "lo", "up")
        with Appliance(place, udpechod, LOUD, HTTP) as appliance:
            check_client(place, udpecho, high - 100)
            set_mtu(place, 1400)
            wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface's MTU is 1400 now, it was {high}")
            check_client(place, udpecho, high - 100)
            set_mtu(place, high)
            wait_for_mtu(place, high)
            check_client(place, udpecho, high - 100)
            report = appliance.end()
    # 1400 bytes take more than one frame, and the others did not.
    assert report["fragments_added"] == -(-(high - 92) // 1376) - 1, report
    assert (report["devices"][0]["changes"], report["devices"][0]["mtu"]) == (2, high), report


def check_tap_mtu(udpechod, udpecho):
    """The kernel's end of a TAP as well; what was there at the start is no change."""
    with World("tap") as place:
        link_set(place, "lo", "up")
        with Appliance(place, udpechod, LOUD, HTTP) as appliance:
            command("ip", "-n", place.client, "link", "set", place.interface, "mtu", "9000")  # more than one buffer holds
            wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface's MTU is 9000 now, and packet buffers hold "
                         r"(1[5-9]|[2-8]\d)\d\d: ")
            command("ip", "-n", place.client, "link", "set", place.interface, "mtu", "1400")
            wait_for_mtu(place, 1400)
            check_client(place, udpecho, 1450)
            report = appliance.end()
    (device,) = report["devices"]
    assert (device["mtu"], device["changes"]) == (1400, 2), device
    assert report["fragments_added"] == 1, report


def check_shared(udpechod, udpecho):
    """A driver that says which interface it shares its device with."""
    with World("af_packet") as place:
        place.device = f"vdev:net_af_packet0,iface={INTERFACE}"
        link_set(place, "lo", "up")
        with Appliance(place, udpechod, LOUD, HTTP, "--mtu=1450", "--partial-checksums=on") as appliance:
            link_set(place, INTERFACE, "address", OTHER_MAC)
            wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface's MAC is {OTHER_MAC} now")
            link_set(place, INTERFACE, "mtu", "1400")
            wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface's MTU is 1400 now")
            link_set(place, INTERFACE, "mtu", "1500")
            wait_for_mtu(place, 1450)
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
        link_set(place, INTERFACE, "down")
        wait_for_log(appliance, rf"^udpechod: device {place.device}: link down$")
        link_set(place, INTERFACE, "name", OTHER_NAME)
        link_set(place, OTHER_NAME, "up")
        wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface is called {OTHER_NAME} now")
        wait_for_log(appliance, rf"^udpechod: device {place.device}: link up$")
        wait_until(lambda: place.run(udpecho, "-w", "1", APPLIANCE, input=b"x").returncode == 0, "an echo")
        place.device = f"af_packet:{OTHER_NAME}"
        done = place.refused(udpechod, "-a", "198.18.0.78/24")
        assert done.returncode == 1 and "another udpechod has this interface" in done.stderr, done
        report = appliance.end()
    assert report["devices"][0]["changes"] == 1, report


def check_rename_escape(udpechod, udpecho):
    """The log has nothing in it that a terminal would obey."""
    with World("af_packet") as place, Appliance(place, udpechod, LOUD) as appliance:
        link_set(place, INTERFACE, "down")
        link_set(place, INTERFACE, "name", "\033[31mR")
        wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface is called \?\[31mR now")
        appliance.end()


def check_rename_up(udpechod, udpecho):
    """Since Linux 6.2 an interface that is up can be renamed: that is no change of its link."""
    with World("af_packet") as place, Appliance(place, udpechod, LOUD) as appliance:
        done = subprocess.run(["ip", "-n", place.appliance, "link", "set", INTERFACE, "name", OTHER_NAME], check=False,
                              capture_output=True, text=True)
        if done.returncode != 0 and "busy" in done.stderr:
            raise Skip("this kernel renames no interface that is up")
        wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface is called {OTHER_NAME} now")
        check_client(place, udpecho, 100)
        report = appliance.end()
    assert (report["devices"][0]["changes"], report["devices"][0]["link_changes"]) == (1, 0), report


def check_queues(udpechod, udpecho):
    """Queues that come while it runs are not polled: said in the log, and by /healthz."""
    with World("af_xdp", queues=2) as place:
        link_set(place, "lo", "up")
        for space, interface in ((place.appliance, INTERFACE), (place.client, place.interface)):
            command("ip", "netns", "exec", space, "ethtool", "-L", interface, "rx", "1", "tx", "1")
        with Appliance(place, udpechod, LOUD, HTTP) as appliance:
            check_client(place, udpecho, 100)
            command("ip", "netns", "exec", place.appliance, "ethtool", "-L", INTERFACE, "rx", "2", "tx", "2")
            wait_for_log(appliance, rf"^udpechod: device {place.device}: the interface receives on 2 queues now, "
                         "and udpechod polls 1 of them")
            answer = ask(place, "/healthz")
            assert answer == (503, f"device {place.device}: the interface receives on queues that are not polled\n"), answer
            command("ip", "netns", "exec", place.appliance, "ethtool", "-L", INTERFACE, "rx", "1", "tx", "1")
            wait_until(lambda: ask(place, "/healthz")[0] == 200, "its health")
            wait_until(lambda: said(appliance, rf"^udpechod: device {place.device}: the interface receives on 1 queues now$"),
                       "the log", LOG_INTERVAL + PATIENCE)
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
    assert errors.endswith("udpechod: device af_packet:second0 was lost, and the other devices went on\n"), errors
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
    tap.case("another name, which a terminal would obey", check_rename_escape, udpechod, udpecho)
    tap.case("another name while the link is up", check_rename_up, udpechod, udpecho)
    tap.case("another number of queues", check_queues, udpechod, udpecho)
    tap.case("other numbers of queues that receive and that transmit", check_unequal_queues, udpechod, udpecho)
    tap.case("one of two devices is lost", check_lost_of_two, udpechod, udpecho)
    tap.case("a worker is held", check_held, udpechod, udpecho)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
