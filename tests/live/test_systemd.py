#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The units under a real systemd, with all of their walls. `test_systemd.py UDPECHOD UDPECHO UNIT...`"""
import contextlib
import os
import re
import signal
import sys

from systemd import Machine, measure
from test_operate import Ptrace, worker_thread
from test_notify import NET_ADMIN, read_threads
from world import APPLIANCE, CLIENT, INTERFACE, PREFIX, wait_until

from tap import Tap

SERVICE, INSTANCE = "udpechod", "udpechod@lab"
CONFIG = {SERVICE: "/etc/udpechod/udpechod.conf", INSTANCE: "/etc/udpechod/lab.conf"}
MEMORY = "eal-argument = --no-huge\neal-argument = -m512\neal-argument = --file-prefix=lab\n"  # DPDK's tools see it


def has_capability(number):
    with open("/proc/self/status", encoding="ascii") as file:
        return bool(int(re.search(r"CapEff:\s*(\S+)", file.read())[1], 16) >> number & 1)


def drop_in():
    """What the machine must not be asked for where the test may not do it either; and no long wait."""
    text = "[Service]\nWatchdogSec=2\n"
    if not has_capability(24):  # CAP_SYS_RESOURCE
        text += "LimitMEMLOCK=8M\nOOMScoreAdjust=0\nCapabilityBoundingSet=CAP_IPC_LOCK\n"
    return text


def configure(machine, unit, kind, text=""):
    machine.write(CONFIG[unit], f"[device it]\ndevice = {kind}:{INTERFACE}\naddress = {APPLIANCE}{PREFIX}\n"
                                f"[udpechod]\n{text}")


def connect(machine, kind):
    """The client's end: of a link, or of the TAP."""
    interface = INTERFACE if kind == "tap" else "client0"
    if kind != "tap":
        machine.run("ip", "link", "add", interface, "type", "veth", "peer", "name", INTERFACE)
        machine.run("ethtool", "-K", interface, "tx", "off")
        machine.run("ip", "link", "set", INTERFACE, "up")
    machine.run("ip", "address", "add", CLIENT + PREFIX, "dev", interface)
    machine.run("ip", "link", "set", interface, "up")


def disconnect(machine):
    machine.run("ip", "link", "delete", "client0")


def echoes(machine, port=7):
    return machine.run("udpecho", "-w", "1", APPLIANCE, str(port), input="again", check=False).returncode == 0


def check_kind(machine, kind, kept):
    """Started it echoes, with no more than it takes; stopped it leaves nothing."""
    configure(machine, SERVICE, kind)
    if kind != "tap":
        connect(machine, kind)
    took = measure(lambda: machine.run("systemctl", "start", SERVICE))
    if kind == "tap":
        connect(machine, kind)
    assert echoes(machine), machine.journal(SERVICE)
    (process,) = machine.processes("system.slice/udpechod.service")
    threads = read_threads(process)
    assert all(can["CapPrm"] == can["CapEff"] == kept and can["NoNewPrivs"] == 1 for _, can in threads), threads
    assert machine.show(SERVICE, "StatusText").startswith(f"{kind}:{INTERFACE} up"), machine.show(SERVICE, "StatusText")
    print(f"# {kind}: up in {took:.1f} s, down in {measure(lambda: machine.run('systemctl', 'stop', SERVICE)):.1f} s")
    assert (machine.show(SERVICE, "Result"), machine.show(SERVICE, "ActiveState")) == ("success", "inactive")
    assert machine.run("find", "/run/dpdk", "-mindepth", "1").stdout == ""
    link = machine.run("ip", "-details", "link", "show", INTERFACE, check=False).stdout
    assert (link == "" if kind == "tap" else "xdp" not in link and "promiscuity 0" in link), link
    if kind != "tap":
        disconnect(machine)


def check_tools(machine):
    """DPDK's tools find it where they look, and it captures where it may write, and nowhere else."""
    def ask(command):
        return machine.run("dpdk-telemetry.py", "-f", "lab", input=command).stdout

    configure(machine, SERVICE, "af_packet", MEMORY)
    connect(machine, "af_packet")
    machine.run("systemctl", "start", SERVICE)
    assert "Read-only" in ask("/udpechod/capture/start,file=/etc/lab.pcapng"), "a file in /etc"
    assert "running" in ask("/udpechod/capture/start,file=/var/lib/udpechod/lab.pcapng,packets=2,filter=udp port 7")
    assert echoes(machine)
    wait_until(lambda: '"packets": 2' in ask("/udpechod/capture"), "the capture")
    machine.run("systemctl", "stop", SERVICE)
    assert machine.run("stat", "--format=%a", "/var/lib/udpechod", "/var/lib/udpechod/lab.pcapng").stdout == "700\n600\n"
    disconnect(machine)


def check_reload(machine):
    """`systemctl reload` fails where the configuration is wrong, with the reason, and all stays as it is."""
    configure(machine, INSTANCE, "af_xdp")
    connect(machine, "af_xdp")
    machine.run("systemctl", "start", INSTANCE)
    configure(machine, INSTANCE, "af_xdp", "udp-port = 9\n")
    machine.run("systemctl", "reload", INSTANCE)
    wait_until(lambda: echoes(machine, 9), "an echo of the new port")
    configure(machine, INSTANCE, "af_xdp", "udp-port = 70000\n")
    assert machine.run("systemctl", "reload", INSTANCE, check=False).returncode != 0
    assert "lab.conf:5: udp-port: 70000: not a list of ports" in machine.journal(INSTANCE)
    assert "reload refused" not in machine.journal(INSTANCE), "it was asked all the same"
    machine.run("systemctl", "kill", "--signal=HUP", INSTANCE)
    wait_until(lambda: "reload refused: /etc" in machine.show(INSTANCE, "StatusText"), "a status")
    assert machine.show(INSTANCE, "ActiveState") == "active" and echoes(machine, 9)
    configure(machine, INSTANCE, "af_xdp")


def check_killed(machine):
    """kill -9: another is there soon, without a word from anybody."""
    (process,) = machine.processes(f"system.slice/system-udpechod.slice/{INSTANCE}.service")
    os.kill(process, signal.SIGKILL)
    took = measure(lambda: wait_until(lambda: echoes(machine), "an echo"))
    print(f"# echoes {took:.1f} s after kill -9")
    assert machine.show(INSTANCE, "NRestarts") == "1"


def check_held(machine):
    """A worker that stands still, as if something else had its core: ended by the watchdog, and started again."""
    (process,) = machine.processes(f"system.slice/system-udpechod.slice/{INSTANCE}.service")
    thread = worker_thread(process)
    with Ptrace(thread):
        wait_until(lambda: os.waitpid(thread, 0x40000000 | os.WNOHANG)[0] == thread, "the end of what stands still", 30)
    wait_until(lambda: echoes(machine), "an echo")
    assert machine.show(INSTANCE, "NRestarts") == "2"
    machine.run("systemctl", "stop", INSTANCE)
    disconnect(machine)


def check_late(machine):
    """The interface is not there yet: it is waited for."""
    machine.run("systemctl", "start", "--no-block", INSTANCE)
    wait_until(lambda: int(machine.show(INSTANCE, "NRestarts")) >= 6, "some tries", 60)
    connect(machine, "af_xdp")
    wait_until(lambda: echoes(machine), "an echo", 10)
    machine.run("systemctl", "stop", INSTANCE)
    disconnect(machine)


def check_wrong(machine):
    """The configuration is wrong: said once."""
    machine.run("systemctl", "reset-failed", INSTANCE, check=False)
    configure(machine, INSTANCE, "af_xdp", "udp-prt = 7\n")
    assert machine.run("systemctl", "start", INSTANCE, check=False).returncode != 0
    machine.await_state(INSTANCE, "failed")
    assert machine.show(INSTANCE, "NRestarts") == "0"
    assert machine.journal(INSTANCE).count("lab.conf:5: udp-prt: no such setting") == 1, machine.journal(INSTANCE)


def main():
    udpechod, udpecho, *units = map(os.path.abspath, sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    files = {}
    for unit in units:
        with open(unit, encoding="utf-8") as file:
            name = os.path.basename(unit)
            files[f"/etc/systemd/system/{name}"] = re.sub(r"(?<==)/\S+/udpechod(?= )", "/usr/sbin/udpechod", file.read())
            files[f"/etc/systemd/system/{name}.d/test.conf"] = drop_in()
    tap = Tap()
    machine = Machine(files, {"/usr/sbin/udpechod": udpechod, "/usr/bin/udpecho": udpecho})

    def case(name, function, *arguments):
        tap.case(name, function, machine, *arguments)

    with contextlib.ExitStack() as stack:
        tap.case("a machine with a systemd of its own", stack.enter_context, machine)
        if machine.first is None:
            return tap.exit_status()
        machine.run("mkdir", "/etc/udpechod")
        for kind, kept in (("af_xdp", NET_ADMIN), ("af_packet", 0), ("pcap-live", 0), ("tap", 0)):
            case(f"{kind}: start, echo, stop", check_kind, kind, kept)
        case("DPDK's tools", check_tools)
        case("reload", check_reload)
        case("kill -9", check_killed)
        case("a worker is held", check_held)
        case("an interface that comes late", check_late)
        case("a wrong configuration", check_wrong)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
