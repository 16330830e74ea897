#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The client and the path to a server: hosts, families, marks, sizes and the MTU.

Usage: test_path.py UDPECHO
"""
import json
import os
import re
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from client import CLIENT, run
from measure import Harm, expect, measure
from server import PATIENCE, Server, echo
from tap import Tap

IP_RECVTTL = 12  # ip(7); the module does not have it


def sizes(least, most):
    with Server(echo) as peer:
        status, got, _ = measure(peer.port, "--window=4", "--count=300", f"--size={least}-{most}")
    lengths = [len(data) for data in peer.received]
    expect(got["total"], sent=300, received=300)
    assert status == 0 and min(lengths) >= least and max(lengths) <= most, (min(lengths), max(lengths))
    assert min(lengths) < least + (most - least) / 10 and max(lengths) > most - (most - least) / 10, sorted(lengths)


def hosts():
    """Several at once, each with its own account."""
    with Server(echo) as good, Server(Harm(drop=2), "127.0.0.2", good.port):
        status, got, _ = measure(good.port, "--rate=1000", "--count=100", "--flows=2", "-w", "2", address="127.0.0.1,127.0.0.2")
    assert status == 0 and [host["host"] for host in got["hosts"]] == [f"127.0.0.1:{good.port}", f"127.0.0.2:{good.port}"], got
    expect(got["hosts"][0], sent=100, received=100, lost=0)
    expect(got["hosts"][1], sent=100, received=50, lost=50)
    expect(got["total"], sent=200, lost=50)


def marks():
    """DSCP and TTL go out as told; those that come back are the server's."""
    seen = {}
    def answer(to, data, client):
        seen.update({kind: value[0] for _, kind, value in to.extras})
        to.socket.sendto(data, client)

    with Server(answer) as peer:
        for option, value in ((socket.IP_RECVTOS, 1), (IP_RECVTTL, 1), (socket.IP_TTL, 33), (socket.IP_TOS, 46 << 2)):
            peer.socket.setsockopt(socket.IPPROTO_IP, option, value)
        status, got, _ = measure(peer.port, "--ping", "-c", 3, "-i", "0.02", "--dscp=10", "--ttl=7", "-S", "127.0.0.9")
    assert status == 0 and seen == {socket.IP_TOS: 10 << 2, socket.IP_TTL: 7}, seen
    expect(got["hosts"][0], ttl={"min": 33, "max": 33}, dscp=[46])
    # IPv4 in IPv6's clothes: what is on the wire is IPv4 (RFC 4291 2.5.5.2).
    with Server(answer) as peer:
        peer.socket.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
        status, got, _ = measure(peer.port, "--ping", "-c", 1, "--dscp=12", "-S", "127.0.0.9", address="::ffff:127.0.0.1")
    assert status == 0 and seen[socket.IP_TOS] == 12 << 2, seen


def ipv6():
    with Server(echo, "::1") as peer:
        status, got, _ = measure(peer.port, "--ping", "-c", 3, "-i", "0.02", "-6", "--dscp=10", address="::1")
    expect(got["hosts"][0], sent=3, received=3, host=f"[::1]:{peer.port}")
    assert status == 0 and got["hosts"][0]["ttl"]["min"] > 0, got


def marks_in_text():
    with Server(echo) as peer:
        peer.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 33)
        peer.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 46 << 2)
        _, stdout, _ = run("-c", 2, "-i", "0.02", "127.0.0.1", peer.port)
    assert "\nreplies had ttl 33, dscp 46\n" in stdout, stdout


def mtu():
    """On the loopback a datagram may be as large as any."""
    with Server(echo) as peer:
        status, stdout, stderr = run("--mtu", "127.0.0.1", peer.port)
    assert (status, stderr) == (0, ""), (status, stderr)
    assert stdout.startswith("52 bytes: echo\n1500 bytes: echo\n1501 bytes: echo\n"), stdout
    assert stdout.endswith(f"mtu of 127.0.0.1:{peer.port}: 65535 bytes, 65507 of them payload\n"), stdout


def mtu_of_a_server():
    """One that answers nothing longer than 1000 bytes of payload."""
    with Server(lambda to, data, client: len(data) <= 1000 and echo(to, data, client)) as peer:
        status, stdout, _ = run("--mtu", "-w", "0.5", "127.0.0.1", peer.port)
    assert status == 0 and stdout.endswith(": 1028 bytes, 1000 of them payload\n") and "1500 bytes: no reply\n" in stdout, stdout


def mtu_of_a_wrong_server():
    """One that answers what is longer than 1000 bytes of payload with less."""
    with Server(lambda to, data, client: echo(to, data[:1000], client)) as peer:
        status, stdout, _ = run("--mtu", "-w", "400ms", "127.0.0.1", peer.port)
        done = run("--mtu", "--json", "-w", "0.4", "127.0.0.1", peer.port)
    assert status == 0 and "1500 bytes: a wrong reply\n" in stdout and stdout.endswith(": 1028 bytes, 1000 of them payload\n"), stdout
    got = json.loads(done[1])
    (host,) = got["hosts"]
    assert done[0] == 0 and (got["task"], host["host"], host["mtu"], host["payload"]) == ("mtu", "127.0.0.1", 1028, 1000), got
    assert [f"{one['bytes']} bytes: {one['outcome']}" for one in host["tries"]] == stdout.splitlines()[:-1], (host, stdout)


def mtu_of_nobody():
    """What is not known is null, and the others are asked all the same."""
    with Server(echo) as peer:
        status, stdout, stderr = run("--mtu", "--json", "-w", "0.1", "127.0.0.1,127.0.0.2", peer.port)
    good, bad = json.loads(stdout)["hosts"]
    assert status == 1 and stderr.startswith("udpecho: "), (status, stderr)
    assert (good["mtu"], bad["host"], bad["mtu"], bad["payload"], bad["tries"][:1]) == (65535, "127.0.0.2", None, None, bad["tries"][:1]), stdout


def one_bad_host():
    """A host that can't be had is said, and the others are measured; the status tells that one is missing."""
    with Server(echo) as peer:
        for hosts in ("127.0.0.1,no-such-host.invalid", "no-such-host.invalid,127.0.0.1"):
            status, stdout, stderr = run("--json", "--rate=1000", "--count=20", "--threads=2", "-w", "2", hosts, peer.port)
            (host,) = json.loads(stdout)["hosts"]
            assert (status, host["received"]) == (1, 20) and stderr.startswith("udpecho: resolve no-such-host.invalid: ") and stderr.count("\n") == 1, stderr
        status, stdout, stderr = run("--rate=1000", "--count=20", "no-such-host.invalid", peer.port)
        assert (status, stdout) == (1, "") and stderr.count("\n") == 1, (status, stdout, stderr)


def answered_by_another():
    """A server that answers from another of its addresses: there is no reply, and each mode says why."""
    with Server(echo, "127.0.0.2") as other, \
            Server(lambda to, data, client: echo(other, data, client)) as peer:
        because = rf"; but %s came from 127\.0\.0\.2:{other.port}\n"
        for arguments, what in ((["--ping", "-c", "2", "-i", "0.05"], "2 datagrams"), (["--rate=100", "--count=3", "--flows=1"], "3 datagrams"),
                                (["--window=2", "--count=2"], "2 datagrams")):
            status, _, stderr = run(*arguments, "-w", "0.3", "127.0.0.1", peer.port)
            assert status == 1 and re.fullmatch(rf"udpecho: check udp 127\.0\.0\.1:{peer.port}: no reply" + because % what, stderr), stderr
        done = subprocess.run([CLIENT, "-w", "0.3", "127.0.0.1", str(peer.port)], input=b"hello", capture_output=True, timeout=PATIENCE, check=False)
        assert done.returncode == 1 and re.fullmatch(r"udpecho: read udp \S+: i/o timeout" + because % "1 datagram", done.stderr.decode()), done
        status, _, stderr = run("--rate=100", "--count=3", "-w", "0.3", "127.0.0.2", other.port)
        assert (status, stderr) == (0, ""), stderr


def main():
    tap = Tap()
    tap.case("sizes", sizes, 24, 1400)
    tap.case("several hosts", hosts)
    tap.case("DSCP, TTL, source", marks)
    tap.case("DSCP and TTL in words", marks_in_text)
    tap.case("IPv6", ipv6)
    tap.case("MTU", mtu)
    tap.case("MTU of a server", mtu_of_a_server)
    tap.case("an MTU, of a server that answers wrong", mtu_of_a_wrong_server)
    tap.case("a server that answers from another address", answered_by_another)
    tap.case("a host that is not to be had, of two", one_bad_host)
    tap.case("an MTU, of two of whom one is not there", mtu_of_nobody)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
