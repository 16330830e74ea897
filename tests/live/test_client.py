#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The client against udpechod, and against servers that are not ours: `test_client.py UDPECHOD UDPECHO`"""
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

from world import APPLIANCE, CLIENT, HERE, INTERFACE, PATIENCE, PREFIX, Appliance, World, command, die_with_us, inside, require_tool, wait_until

from tap import Tap, patience


def measure(place, udpecho, *arguments, host=APPLIANCE):
    done = place.run(udpecho, "--json", *arguments, host, stdin=subprocess.DEVNULL)
    assert done.stderr == b"", done
    return done.returncode, json.loads(done.stdout)


def expect(got, **wanted):
    assert {key: got[key] for key in wanted} == wanted, f"{ {key: got[key] for key in wanted} }, expected {wanted}"


MODES = [
    ("--ping", "-c", "5", "-i", "0.02"),
    ("--rate=2000", "--count=1000", "--flows=8", "--size=24-1472"),
    ("--window=16", "--count=5000", "--flows=4", "--threads=2"),
    ("--rate=20", "--count=10", "--size=1473-65300", "--timeout=3"),  # in fragments: what AF_PACKET can hold of them, five in a ring
    ("--rate=500", "--count=200", "--dscp=46", "--ttl=9", f"--source={CLIENT}", "--interface=client0", "--kernel-times"),
]


def check_modes(kind, udpechod, udpecho):
    """Both sides count the same."""
    with World(kind) as place, Appliance(place, udpechod) as appliance:
        sent = 0
        for mode in MODES:
            status, got = measure(place, udpecho, *(part.replace("client0", place.interface) for part in mode))
            total = got["total"]
            assert status == 0, (mode, got)
            expect(total, lost=0, received=total["sent"], duplicates=0, corrupted=0, reordered=0, strangers=0, refused=0)
            sent += total["sent"]
            marked = "--dscp=46" in mode
            # Its replies have the request's DSCP and a TTL of their own.
            expect(got["hosts"][0], dscp=[46 if marked else 0], ttl={"min": 64, "max": 64})
            if "--kernel-times" in mode:
                # Where the clocks of two cores differ by more than a round trip, its time is not known.
                assert 190 <= got["hosts"][0]["network_ns"]["count"] <= 200, got["hosts"][0]["network_ns"]
        report = appliance.stop()
    assert report["verdicts"]["udp-echo"] == sent, (report["verdicts"], sent)


def check_mtu(udpechod, udpecho):
    """That of the link, whatever the server could do."""
    with World("af_xdp") as place, Appliance(place, udpechod) as appliance:
        for size in (1500, 1300):
            command("ip", "-n", place.client, "link", "set", place.interface, "mtu", str(size))
            done = place.run(udpecho, "--mtu", "-w", "0.3", APPLIANCE)
            assert (done.returncode, done.stderr) == (0, b""), done
            assert done.stdout.decode().endswith(f"mtu of {APPLIANCE}:7: {size} bytes, {size - 28} of them payload\n"), done.stdout
            done = place.run(udpecho, "--df", "-c", "1", "-s", str(size - 27), APPLIANCE)
            assert (done.returncode, done.stderr.decode()) == \
                (1, f"udpecho: write udp {APPLIANCE}:7: message too long ({size - 27} bytes)\n"), done
        appliance.end()  # its interface is not as it was


def check_mtu_interrupted(udpecho):
    """What the kernel said of one size does not keep it from waiting, and from hearing, at the next."""
    with World("af_packet") as place:
        command("ip", "-n", place.appliance, "address", "add", APPLIANCE + PREFIX, "dev", INTERFACE)
        command("ip", "-n", place.client, "link", "set", place.interface, "mtu", "1400")
        with inside(place.appliance):
            peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with peer, place.start(udpecho, "--mtu", "-w", "3600", APPLIANCE, "9", stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE) as client:
            peer.settimeout(PATIENCE)
            peer.bind((APPLIANCE, 9))
            data, where = b"", None
            while len(data) <= 1000:
                if where:
                    peer.sendto(data, where)
                data, where = peer.recvfrom(65535)
            client.send_signal(signal.SIGINT)
            stdout, stderr = client.communicate(timeout=PATIENCE)
    assert b"1500 bytes: too long\n" in stdout and (client.returncode, stderr) == (130, f"udpecho: read udp {APPLIANCE}:9: interrupted\n".encode()), \
        (client.returncode, stdout, stderr)


def check_slow_link(udpechod, udpecho):
    """Where the kernel has no room for what is to be sent: nothing is late, and the queue is not laid to the network."""
    with World("af_packet") as place, Appliance(place, udpechod) as appliance:
        tbf = ("tc", "qdisc", "replace", "dev", place.interface, "root", "tbf", "burst", "3000", "limit", "1000000", "rate")
        # While the MAC is asked for, the kernel drops what it has no room for, and says nothing.
        assert place.run(udpecho, "-w", str(PATIENCE), APPLIANCE, input=b"there?").returncode == 0
        assert place.run(*tbf, "2mbit").returncode == 0
        for mode in ("--window=1000", "--rate=300"):
            _, got = measure(place, udpecho, mode, "--size=1400", "--count=400", "--kernel-times", "--timeout=10")
            expect(got["total"], sent=400, received=400, lost=0, late=0)
            network, whole = got["hosts"][0]["network_ns"], got["hosts"][0]["latency_ns"]
            print(f"# {mode}: network {network}, whole {whole}")
            assert 0 < network["count"] and network["max"] < whole["p50"], (network, whole)
        # A short queue, which drops: the kernel says so, and each is sent again.
        tbf = (*tbf[:-2], "10000", "rate")
        assert place.run(*tbf, "2mbit").returncode == 0
        for mode in ("--window=1000", "--rate=300"):
            _, got = measure(place, udpecho, mode, "--size=1400", "--count=200", "--timeout=10")
            expect(got["total"], sent=200, received=200, lost=0, refused=0)
            assert got["total"]["no_room"] > 0 and "had no room" in got["bottleneck"], got
        assert place.run(*tbf, "8kbit").returncode == 0
        for mode in ("--window=1000", "--rate=1000"):
            done = place.run(udpecho, mode, "--size=1400", "--duration=0.5s", "--timeout=0.5", APPLIANCE, stdin=subprocess.DEVNULL)
            assert b" sent, " in done.stdout, done
        appliance.end()


def check_lost_reply(udpechod, udpecho):
    """What the appliance's rate limit does not answer is what the client misses."""
    with World("af_packet") as place, Appliance(place, udpechod, "--rate-limit=100:50") as appliance:
        status, got = measure(place, udpecho, "--rate=2000", "--count=1000", "--timeout=2")
        report = appliance.stop()
    assert status == 0 and 0 < got["total"]["lost"] == report["verdicts"]["rate-limit"], (got["total"], report["verdicts"])
    assert got["total"]["received"] == report["verdicts"]["udp-echo"], (got["total"], report["verdicts"])


@contextlib.contextmanager
def started(place, *arguments):
    """A server on the client's own loopback."""
    process = place.start(*arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def check_other(place, udpecho, *arguments):
    """It is there when it answers; then all is echoed as it should be."""
    with started(place, *arguments):
        wait_until(lambda: place.run(udpecho, "-c", "1", "-w", "0.1", "127.0.0.1").returncode == 0, arguments[0], 3 * PATIENCE)
        for mode in (("--window=1", "--count=200", "--size=24-1400"), ("--ping", "-c", "3", "-i", "0.01"), ("--rate=200", "--count=50", "--flows=4")):
            status, got = measure(place, udpecho, *mode, host="127.0.0.1")
            assert status == 0, got
            expect(got["total"], lost=0, received=got["total"]["sent"], duplicates=0, corrupted=0, strangers=0)


def check_inetd(udpecho):
    """inetutils' internal echo service."""
    require_tool("inetutils-inetd")
    with World("af_packet") as place, tempfile.TemporaryDirectory() as directory:
        command("ip", "-n", place.client, "link", "set", "lo", "up")
        path = os.path.join(directory, "inetd.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write("echo dgram udp wait root internal\n")
        check_other(place, udpecho, "inetutils-inetd", "-d", f"--pidfile={directory}/pid", path)


def check_go(udpecho):
    """net.ListenPacket, ReadFrom, WriteTo."""
    require_tool("go")
    with World("af_packet") as place, tempfile.TemporaryDirectory() as directory:
        command("ip", "-n", place.client, "link", "set", "lo", "up")
        program = os.path.join(directory, "echo")
        done = subprocess.run(["go", "build", "-o", program, os.path.join(HERE, "echo.go")], capture_output=True, text=True, timeout=patience(120),
                              check=False, preexec_fn=die_with_us,
                              env={**os.environ, "HOME": directory, "GOCACHE": directory + "/cache", "GO111MODULE": "off", "GOTOOLCHAIN": "local"})
        assert done.returncode == 0, done.stderr
        check_other(place, udpecho, program, "127.0.0.1:7")


NEW_SOURCE = "198.18.0.77"


def check_source_moves(how, arguments, udpechod, udpecho):
    """The source address goes, or another is what the way to the server has: what is sent later is answered, at the same port."""
    with World("af_packet") as place, tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        path = os.path.join(directory, "list.acl")
        with open(path, "w", encoding="ascii") as file:
            file.write("allow 0.0.0.0/0\n")
        with Appliance(place, udpechod, f"--acl={path}", "--log-level=notice") as appliance, \
                place.start(udpecho, "--json", *arguments, APPLIANCE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as client:
            wait_until(lambda: place.run("ss", "-Hun", "dst", APPLIANCE).stdout.count(b"\n") >= 2, "its sockets")
            ports = set(re.findall(rb"\S+:(\d+) +198", place.run("ss", "-Hun", "dst", APPLIANCE).stdout))
            if how == "gone":
                command("ip", "-n", place.client, "address", "flush", "dev", place.interface)
            command("ip", "-n", place.client, "address", "add", NEW_SOURCE + PREFIX, "dev", place.interface)
            if how == "unanswered":  # it is there, but nothing comes back to it
                command("ip", "-n", place.client, "route", "replace", "198.18.0.0/24", "dev", place.interface, "src", NEW_SOURCE)
                with open(path, "w", encoding="ascii") as file:
                    file.write(f"deny {CLIENT}\n")
                appliance.process.send_signal(signal.SIGHUP)
            wait_until(lambda: place.run("ss", "-Hun", "src", NEW_SOURCE).stdout.count(b"\n") >= 2, "its new address")
            after = set(re.findall(rb"\S+:(\d+) +198", place.run("ss", "-Hun", "src", NEW_SOURCE).stdout))
            received = json.loads(client.communicate(timeout=3 * PATIENCE)[0])["total"]["received"]
            report = appliance.end()
    assert after == ports and len(ports) == 2, (ports, after)
    assert report["verdicts"]["udp-echo"] >= received > 0, (received, report)


def main():
    udpechod, udpecho = map(os.path.abspath, sys.argv[1:3])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    for kind in ("af_xdp", "af_packet", "tap"):
        tap.case(f"{kind}: every mode", check_modes, kind, udpechod, udpecho)
    tap.case("MTU of the link", check_mtu, udpechod, udpecho)
    tap.case("MTU of the link, interrupted", check_mtu_interrupted, udpecho)
    tap.case("a slow link", check_slow_link, udpechod, udpecho)
    tap.case("what is not answered", check_lost_reply, udpechod, udpecho)
    for how in ("gone", "unanswered"):
        for arguments in (("--ping", "-c", "30", "-i", "0.1", "-w", "0.3", "--flows=2"), ("--window=1", "--flows=2", "--duration=3s", "-w", "0.3"),
                          ("--rate=200", "--flows=2", "--threads=2", "--duration=3s", "-w", "0.3")):
            tap.case(f"the source address is {how}: {arguments[0]}", check_source_moves, how, arguments, udpechod, udpecho)
    tap.case("inetd", check_inetd, udpecho)
    tap.case("the classic Go program", check_go, udpecho)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
