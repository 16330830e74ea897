#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The client as a ping, with somebody who watches it or nobody: its lines, and how it ends.

Usage: test_ping.py UDPECHO
"""
import contextlib
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import server
from client import CLIENT, run, start
from measure import Harm, wait_for_heed
from server import PATIENCE, Server, echo
from tap import Tap


def output_closed():
    """Nobody reads a ping any more: it ends, and says so once."""
    with Server(echo) as peer, start("--ping", "-i", "0.01", "127.0.0.1", peer.port) as client:
        client.stdout.readline()
        client.stdout.close()
        status = client.wait(PATIENCE)
        stderr = client.stderr.read()
    assert (status, stderr) == (1, b"udpecho: write standard output: broken pipe\n"), (status, stderr)


def ping_lines():
    """A line a reply, and ping's summary."""
    with Server(Harm(drop=3, corrupt=4, duplicate=5)) as peer:
        status, stdout, stderr = run("--ping", "-c", 6, "-i", "0.05", "-w", "2", "-s", "100", "127.0.0.1", peer.port)
        name = f"127.0.0.1:{peer.port}"
    lines = stdout.splitlines()
    reply = rf"100 bytes from {name}: seq=%d ttl=\d+ time=[\d.]+ ms"
    for wanted in (reply % 0 + r" network=[\d.]+ ms", reply % 1 + ".*", rf"no reply from {name}: seq=2 in 2 s",
                   reply % 3 + r" \(corrupted at offset 7: got 0x..?, expected 0x..\)", reply % 4 + r" \(duplicate\)",
                   rf"--- {name}: 6 sent, 3 received, 2 lost \(33.33 %\)", "corrupted 1: .*", "duplicates 1: .*",
                   r"rtt min/avg/max/mdev = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms",
                   r"rtt p50 = [\d.]+ ms", r"network rtt p50 = [\d.]+ ms"):  # three replies tell no more
        assert any(re.fullmatch(wanted, line) for line in lines), f"no {wanted}: {stdout}"
    assert (status, stderr) == (1, f"udpecho: check udp {name}: 1 replies are not what was sent\n"), (status, stderr)


def ping_refused():
    port = server.closed_port()
    status, stdout, _ = run("--ping", "-c", 2, "-i", "0.05", "-w", "0.2", "127.0.0.1", port)
    name = f"127.0.0.1:{port}"
    # A line for each, and not another one that says that no reply came.
    assert status == 1 and stdout.startswith(f"error from {name}: connection refused\n" * 2 + f"--- {name}: 2 sent"), stdout


def read_all(terminal):
    """What was written to the other side, which is closed; not all of it is there at once."""
    shown = b""
    with open(terminal, "rb", buffering=0) as file, contextlib.suppress(OSError):
        while select.select([file], [], [], PATIENCE)[0] and (more := file.read(65536)):
            shown += more
    return shown.decode()


def terminal():
    """On a terminal it pings, and it says how far it is; in a pipe it does neither."""
    with Server(echo) as peer:
        ours, its = pty.openpty()
        with subprocess.Popen([CLIENT, "127.0.0.1", str(peer.port)], stdin=its, stdout=subprocess.PIPE) as client:
            line = client.stdout.readline()
            client.send_signal(signal.SIGINT)
            rest = client.stdout.read()
        os.close(ours)
        os.close(its)
        assert client.returncode == 0 and line.startswith(b"64 bytes from 127.0.0.1:") and b" 0 lost (0 %)" in rest, (line, rest)
        ours, its = pty.openpty()
        status, _, _ = run("--rate=1000", "--duration=1.2s", "127.0.0.1", peer.port, stderr=its)
        os.close(its)
        shown = read_all(ours)
        assert status == 0 and re.search(r"\r *\d+ %  \d+ sent  \d+ received  [01] s to go", shown) and shown.endswith("\r\x1b[K"), shown
        status, stdout, stderr = run("--rate=1000", "--duration=1.2s", "127.0.0.1", peer.port)
        assert (status, stderr) == (0, ""), stderr
        assert "\r" not in stdout, stdout


def endless():
    """A ping that nobody asked for by name ends where nobody sees it: after the 10 seconds of all others."""
    ours, its = pty.openpty()
    with Server(echo) as peer, start("--ping", "127.0.0.1", peer.port) as asked, \
            start("--flows=2", "127.0.0.1", peer.port, stdin=its, stdout=its) as watched, \
            start("--json", "--max-loss=50", "127.0.0.1", peer.port) as implied:
        got = json.loads(implied.communicate(timeout=PATIENCE)[0])
        assert implied.returncode == 0 and got["mode"] == "ping" and got["total"]["sent"] == 10, got
        for client in (asked, watched):
            assert client.poll() is None, "it ended by itself"
            client.send_signal(signal.SIGINT)
            assert client.wait(PATIENCE) == 0, client.returncode
    os.close(ours)
    os.close(its)


def interrupted(number):
    """A signal ends it with the summary; nothing that was on its way is called lost."""
    with Server(echo) as peer, start("--rate=200", "--duration=1h", "127.0.0.1", peer.port) as client:
        server.wait_until(lambda: len(peer.received) > 50)
        client.send_signal(number)
        stdout, stderr = (text.decode() for text in client.communicate(timeout=PATIENCE))
    sent, received, lost = map(int, re.match(r"--- \S+: (\d+) sent, (\d+) received, (\d+) lost", stdout).groups())
    assert client.returncode == 0 and sent == received == len(peer.received) > 50 and lost == 0 and stderr == "", (stdout, stderr)


def interrupted_twice():
    """The second does not wait any more."""
    with Server(server.silence) as peer, start("--rate=200", "--timeout=3600", "127.0.0.1", peer.port) as client:
        server.wait_until(lambda: peer.received)
        client.send_signal(signal.SIGINT)
        wait_for_heed(client)
        client.send_signal(signal.SIGINT)
        stdout, _ = client.communicate(timeout=PATIENCE)
    assert b": 0 sent, 0 received, 0 lost" in stdout, stdout


def no_input():
    """What is sent to measure needs no standard input."""
    with Server(echo) as peer:
        done = subprocess.run([CLIENT, "-c", "1", "127.0.0.1", str(peer.port)], stdin=None, preexec_fn=lambda: os.close(0),
                              capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0 and b"1 sent, 1 received" in done.stdout, done


def main():
    tap = Tap()
    tap.case("a ping that nobody reads", output_closed)
    tap.case("lines of a ping", ping_lines)
    tap.case("a ping that is refused", ping_refused)
    tap.case("a terminal", terminal)
    tap.case("a ping without end", endless)
    tap.case("SIGINT", interrupted, signal.SIGINT)
    tap.case("SIGTERM", interrupted, signal.SIGTERM)
    tap.case("SIGINT twice", interrupted_twice)
    tap.case("no standard input", no_input)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
