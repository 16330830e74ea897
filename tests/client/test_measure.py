#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The client's measurements: what it counts is what was done, to the last datagram.

Usage: test_measure.py UDPECHO
"""
import contextlib
import csv
import json
import os
import pty
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import xml.dom.minidom

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import server
from client import CLIENT, run, start
from schema import schema_check, schema_read
from server import PATIENCE, Server, Socat, echo
from tap import Skip, Tap

IP_RECVTTL = 12  # ip(7); the module does not have it


class Harm:
    """Does harm to every so many-th datagram of each flow, and keeps count of it."""

    kinds = ("drop", "duplicate", "truncate", "extend", "corrupt", "strange", "swap", "delay", "foreign")

    def __init__(self, **every):
        self.every = every
        self.done = dict.fromkeys(self.kinds, 0)
        self.received, self.seen, self.held = 0, {}, {}

    def __call__(self, to, data, client):
        self.received += 1
        number = self.seen[client] = self.seen.get(client, 0) + 1
        send = to.socket.sendto
        for kind, every in self.every.items():
            # Not the first or the last few, so that what is held back has something behind it.
            if number % every == 0:
                self.done[kind] += 1
                getattr(self, kind)(to, data, client)
                break
        else:
            send(data, client)
            held = self.held.pop(client, None)
            if held is not None:
                send(held, client)

    def drop(self, *_):
        pass

    def duplicate(self, to, data, client):
        to.socket.sendto(data, client)
        to.socket.sendto(data, client)

    def truncate(self, to, data, client):
        to.socket.sendto(data[:-1], client)

    def extend(self, to, data, client):
        to.socket.sendto(data + b"!", client)

    def corrupt(self, to, data, client):
        """One bit, anywhere: what says which datagram it is as well as the pattern."""
        at = self.done["corrupt"] * 7 % len(data)
        to.socket.sendto(data[:at] + bytes([data[at] ^ 1 << self.done["corrupt"] % 8]) + data[at + 1:], client)

    def strange(self, to, data, client):
        to.socket.sendto(b"who am I?", client)
        to.socket.sendto(data, client)

    def foreign(self, to, data, client):
        """Like one of ours, but of another run, at another time."""
        to.socket.sendto(bytes(byte ^ 0x5A for byte in data[:8]) + data[8:16] + bytes(8) + data[24:], client)
        to.socket.sendto(data, client)

    def swap(self, _to, data, client):
        self.held[client] = data

    def delay(self, to, data, client):
        timer = threading.Timer(4, self.too_late, (to, data, client))
        timer.daemon = True
        timer.start()

    @staticmethod
    def too_late(to, data, client):
        with contextlib.suppress(OSError):  # nobody is there any more
            to.socket.sendto(data, client)


def measure(port, *options, address="127.0.0.1"):
    """The client's status, results and complaints. It waits long: a machine that is slow loses nothing."""
    status, stdout, stderr = run("--json", "--timeout=5", *options, address, port)
    return status, json.loads(stdout), stderr


def wait_for_start(client):
    """Until there is the thread that sends."""
    server.wait_until(lambda: len(os.listdir(f"/proc/{client.pid}/task")) > 1)


def wait_for_heed(client):
    """Until the signals that it was sent have come to it: of two at once it sees one."""
    def pending():
        with open(f"/proc/{client.pid}/status", encoding="ascii") as file:
            return [line for line in file if re.match(r"(SigPnd|ShdPnd):\s*0*[1-9a-f]", line)]
    server.wait_until(lambda: not pending())


def expect(got, **wanted):
    assert {key: got[key] for key in wanted} == wanted, f"{ {key: got[key] for key in wanted} }, expected {wanted}"


def every_harm(swap, *options):
    """Done versus reported, in all and by flow."""
    harm = Harm(drop=10, duplicate=11, truncate=13, extend=17, corrupt=19, strange=23, foreign=29, **swap)
    with Server(harm) as peer:
        status, got, stderr = measure(peer.port, "--count=4000", "--flows=4", *options)
    done, total = harm.done, got["total"]
    print("# " + ", ".join(f"{kind}: {count}" for kind, count in done.items() if count))
    print("# " + ", ".join(f"{key}: {count}" for key, count in total.items() if count))
    assert harm.received == 4000 and min(done[kind] for kind in harm.every) > 50, done
    expect(total, sent=4000, lost=done["drop"], duplicates=done["duplicate"], truncated=done["truncate"],
           extended=done["extend"], corrupted=done["corrupt"], strangers=done["strange"] + done["foreign"],
           reordered=done["swap"], late=0, stale=0, overrun=0,
           received=4000 - done["drop"] - done["truncate"] - done["extend"] - done["corrupt"])
    assert abs(total["loss_percent"] - done["drop"] / 40) < 1e-6, total
    (host,) = got["hosts"]
    assert len(host["flows"]) == 4 and len({flow["source_port"] for flow in host["flows"]}) == 4, host
    for flow in host["flows"]:
        expect(flow, sent=1000, lost=100, reordered=done["swap"] // 4)
    assert host["latency_ns"]["count"] == total["received"], host
    wrong = total["truncated"] + total["extended"] + total["corrupted"]
    assert (status, stderr) == (1, f"udpecho: check udp 127.0.0.1:{peer.port}: {wrong} replies are not what was sent\n"), (status, stderr)


def late_replies():
    """What comes after the timeout is late, and no latency is hidden."""
    harm = Harm(delay=10)
    with Server(harm) as peer:
        status, got, stderr = measure(peer.port, "--rate=200", "--duration=6s", "--timeout=2.5")
    total, latency = got["total"], got["hosts"][0]["latency_ns"]
    # Those delayed at the end have nobody who waits for them.
    assert total["late"] + total["lost"] == harm.done["delay"] and total["late"] > 20, (total, harm.done)
    assert total["received"] == 1200 - harm.done["delay"] and latency["count"] == 1200 - total["lost"], (total, latency)
    assert latency["p99"] > 3.9e9 and total["loss_percent"] == 10, (latency, total)
    assert (status, stderr) == (0, ""), (status, stderr)


def stall_is_seen():
    """A server that stands still for a while: the datagrams that were due meanwhile tell."""
    def answer(to, data, client):
        if len(to.received) == 100:
            time.sleep(0.5)
        to.socket.sendto(data, client)

    with Server(answer) as peer:
        _, got, _ = measure(peer.port, "--rate=400", "--duration=1s", "--timeout=2")
    latency = got["hosts"][0]["latency_ns"]
    expect(got["total"], sent=400, received=400, lost=0)
    # Half of them were due in the half second; closed loop would have seen one.
    assert latency["p90"] > 0.35e9 and latency["max"] > 0.45e9, latency


def own_stall_is_seen():
    """The client stands still for a while: what was due meanwhile tells, and it says whose fault it is."""
    with Server(echo) as peer, start("--json", "--rate=400", "--duration=1.5s", "127.0.0.1", peer.port) as client:
        server.wait_until(lambda: peer.received)
        client.send_signal(signal.SIGSTOP)
        time.sleep(0.5)
        client.send_signal(signal.SIGCONT)
        got = json.loads(client.communicate(timeout=PATIENCE)[0])
    latency = got["hosts"][0]["latency_ns"]
    expect(got["total"], sent=600, lost=0)
    assert latency["max"] > 0.4e9 and latency["p90"] > 0.2e9, latency
    assert re.fullmatch(r"\d+ datagrams left more than 1 ms late, at most [\d.]+ ms", got["bottleneck"]), got["bottleneck"]


def lossy_flows():
    """A broken path shows up as the flows that lost."""
    broken = set()

    def answer(to, data, client):
        if len(broken) < 2:
            broken.add(client[1])
        if client[1] not in broken:
            to.socket.sendto(data, client)

    with Server(answer) as peer:
        status, stdout, _ = run("--rate=2000", "--count=800", "--flows=8", "-w", "2", "127.0.0.1", peer.port)
    assert status == 0, status
    for port in broken:
        assert f"  from port {port}: 100 of 100 lost\n" in stdout, stdout
    assert stdout.count("from port") == 2 and "800 sent, 600 received, 200 lost (25 %)" in stdout, stdout


def schema():
    """What --json prints is what the man page says."""
    types = schema_read(os.path.join(HERE, "..", "..", "app", "udpecho", "udpecho.1.in"), "version  ")
    assert set(types) == {"", "HOST", "FLOW", "COUNTS", "LATENCY", "TTL"} and len(types[""]) == 7, types
    with Server(Harm(drop=3)) as peer:
        for mode in (["--ping", "-i", "0.02"], ["--rate=200", "--flows=2", "-k"], ["--window=2"]):
            _, got, _ = measure(peer.port, *mode, "-c", 9, "-w", "0.2", address="127.0.0.1,127.0.0.1")
            schema_check(types, "", got, "")


def even_flows():
    """From all ports as often, whatever threads they belong to."""
    with Server(echo) as peer:
        _, got, _ = measure(peer.port, "--rate=1500", "--duration=1s", "--flows=3", "--threads=2")
    expect(got["total"], sent=1500, received=1500)
    assert [flow["sent"] for flow in got["hosts"][0]["flows"]] == [500, 500, 500], got["hosts"][0]["flows"]


def never_sent():
    """More than any machine can send: it ends all the same, and says what it left out."""
    with Server(server.silence) as peer:
        for options, due in ((["--flows=2", "--threads=2"], 20_000_000), (["--count=7M"], 7_000_000)):
            _, got, _ = measure(peer.port, "--rate=100M", "--duration=0.2s", "--timeout=0.1", *options)
            unsent = int(re.search(r"(\d+) datagrams were due, and never sent", got["bottleneck"]).group(1))
            assert got["total"]["sent"] + unsent == due and got["seconds"] < PATIENCE / 2, (got["total"], got["bottleneck"], due)


def window_is_filled():
    """However wide, and although nothing has come back yet."""
    with Server(server.silence) as peer:
        _, got, _ = measure(peer.port, "--window=20000", "--duration=2s", "--count=20000")
    assert got["total"]["sent"] == 20000, got["total"]


def busy():
    """Where the client never waits for the server, it is what was measured; where it does, it is not."""
    with Server(server.silence) as peer:
        _, got, _ = measure(peer.port, "--window=65536", "--duration=0.5s", "--timeout=0.001")
        assert re.search(r"its threads were busy for (9[1-9]|100) % of the time", got["bottleneck"]), got["bottleneck"]
    with Server(lambda to, data, client: (time.sleep(0.05), echo(to, data, client))) as peer:
        _, got, _ = measure(peer.port, "--window=1", "--count=20", "--timeout=5")
    assert got["bottleneck"] is None, got["bottleneck"]


def no_room():
    """What came while the client stood still: read, or counted as what it had no room for."""
    def answer(to, _data, client):
        process.send_signal(signal.SIGSTOP)
        server.wait_until(lambda: stands_still(process.pid))
        for _ in range(1000):
            to.socket.sendto(bytes(65000), client)
        process.send_signal(signal.SIGCONT)

    started = threading.Event()
    with Server(lambda *of: (started.wait(PATIENCE), answer(*of))) as peer, start("--json", "-c", 1, "127.0.0.1", peer.port) as process:
        started.set()
        got = json.loads(process.communicate(timeout=PATIENCE)[0])["total"]
    print(f"# of 1000 too many: strangers {got['strangers']}, overrun {got['overrun']}")
    assert got["overrun"] > 100 and got["strangers"] + got["overrun"] == 1000, got


def stands_still(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rpartition(")")[2].split()[0] == "T"


def far_too_long():
    """However much too long a reply is, its length is told."""
    with Server(server.answer_with(lambda data: data * 20)) as peer, tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "out.csv")
        _, got, _ = measure(peer.port, "-c", 2, "-i", "0.02", "--csv", path)
        with open(path, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    expect(got["total"], sent=2, extended=2, received=0, lost=0)
    assert [(row["fate"], row["reply_bytes"]) for row in rows] == [("extended", "1280")] * 2, rows


def too_long_to_send():
    """What every thread fails of at once is said once."""
    with Server(server.silence, "::1") as peer:
        for _ in range(3):  # ThreadSanitizer sees most races, not each
            got = run("--df", "--size=65507", "--window=128", "--flows=2", "--threads=2", "::1", peer.port)
            assert got == (1, "", f"udpecho: write udp [::1]:{peer.port}: message too long (65507 bytes)\n"), got


def network_after_refusal():
    """A send that failed does not lay the network's times to others from then on."""
    port = server.closed_port()
    with start("--json", "--window=8", "--kernel-times", "--count=2000", "--timeout=0.2", "127.0.0.1", port) as client:
        wait_for_start(client)
        time.sleep(0.5)
        with Server(echo, port=port):
            (host,) = json.loads(client.communicate(timeout=PATIENCE)[0])["hosts"]
    assert host["refused"] > 0 and host["received"] > 1000, host
    assert host["network_ns"]["count"] > 0.95 * host["received"] and 0 < host["network_ns"]["p50"] <= host["latency_ns"]["p50"], host


def many_flows():
    """More than the descriptors that a program has at first."""
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))

    with Server(echo) as peer:
        status, stdout, stderr = run("-c", 200, "--rate=2000", "--flows=200", "127.0.0.1", peer.port, preexec_fn=few)
    assert (status, stderr) == (0, "") and " 200 sent, 200 received" in stdout, (status, stdout, stderr)


def output_closed():
    """Nobody reads a ping any more: it ends, and says so once."""
    with Server(echo) as peer, start("--ping", "-i", "0.01", "127.0.0.1", peer.port) as client:
        client.stdout.readline()
        client.stdout.close()
        status = client.wait(PATIENCE)
        stderr = client.stderr.read()
    assert (status, stderr) == (1, b"udpecho: write standard output: broken pipe\n"), (status, stderr)


def gates():
    with Server(Harm(drop=10)) as peer:
        name = f"udpecho: check udp 127.0.0.1:{peer.port}: "
        for option, status, stderr in (("--max-loss=10", 0, ""), ("--max-loss=9.9", 1, name + "10 % lost, more than 9.9 %\n"),
                                       ("--max-p99=10s", 0, "")):
            got = measure(peer.port, "--rate=1000", "--count=100", "-w", "2", option)
            assert (got[0], got[2]) == (status, stderr), got
        status, _, stderr = measure(peer.port, "--rate=1000", "--count=100", "-w", "2", "--max-p99=1us")
        assert status == 1 and re.fullmatch(re.escape(name) + r"p99 [\d.]+ ms, more than 0.001 ms\n", stderr), stderr


def silence():
    with Server(server.silence) as peer:
        status, got, stderr = measure(peer.port, "--rate=100", "--count=5", "-w", "0.2", "--max-loss=1")
    assert (status, stderr) == (1, f"udpecho: check udp 127.0.0.1:{peer.port}: no reply\n"), (status, stderr)
    expect(got["total"], sent=5, lost=5, loss_percent=100)


def refused():
    port = server.closed_port()
    status, got, stderr = measure(port, "--rate=100", "--count=5", "-w", "0.2")
    assert (status, stderr) == (1, f"udpecho: check udp 127.0.0.1:{port}: no reply\n"), (status, stderr)
    expect(got["total"], sent=5, lost=5)
    assert got["total"]["refused"] > 0, got["total"]


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


def csv_lines():
    """A line for each datagram and what became of it."""
    harm = Harm(drop=7, duplicate=11)
    with Server(harm) as peer, tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "out.csv")
        run("--rate=2000", "--count=200", "--flows=2", "--threads=2", "-w", "2", "--csv", path, "127.0.0.1", peer.port)
        with open(path, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    fates = [row["fate"] for row in rows]
    assert fates.count("lost") == harm.done["drop"] and fates.count("duplicate") == harm.done["duplicate"], fates
    assert fates.count("received") == 200 - harm.done["drop"], fates
    assert {(row["source_port"], row["sequence"]) for row in rows} == {(port, str(n)) for port in {row["source_port"] for row in rows}
                                                                      for n in range(100)}
    assert all(int(row["latency_ns"]) > 0 and row["reply_bytes"] == "64" for row in rows if row["fate"] == "received")


def csv_late():
    """One line for what was given up, and then came."""
    harm = Harm(drop=7, delay=10)
    with Server(harm) as peer, tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "out.csv")
        _, got, _ = measure(peer.port, "--rate=200", "--count=1200", "--timeout=2.5", "--csv", path)
        with open(path, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    fates = [row["fate"] for row in rows]
    assert sorted(int(row["sequence"]) for row in rows) == list(range(1200)), fates
    assert {fate: fates.count(fate) for fate in ("received", "late", "lost")} == {fate: got["total"][fate] for fate in ("received", "late", "lost")}, fates
    assert got["total"]["late"] > 10, got["total"]


def csv_unwritable():
    with Server(echo) as peer:
        status, stdout, stderr = run("--count=1", "--csv=/nowhere/x", "127.0.0.1", peer.port)
    assert (status, stdout, stderr) == (1, "", "udpecho: write /nowhere/x: no such file or directory\n"), (status, stdout, stderr)
    with Server(echo) as peer:
        status, stdout, stderr = run("--rate=1000", "--count=20", "-w", 5, "--csv=/dev/full", "127.0.0.1", peer.port)
    assert (status, stderr) == (1, "udpecho: write /dev/full: no space left on device\n") and "20 sent, 20 received" in stdout, (status, stdout, stderr)


def pace():
    """However few they are."""
    with Server(echo) as peer:
        _, stdout, _ = run("--rate=4", "--count=2", "-w", 5, "127.0.0.1", peer.port)
    told, seconds = re.search(r"^([\d.]+) datagrams a second for ([\d.]+) s$", stdout, re.M).groups()
    assert abs(float(told) - 2 / (float(seconds) + 0.25)) < 0.02, stdout


def plots():
    """Both formats are what they say, and the red of losses is there only where something was lost."""
    with tempfile.TemporaryDirectory() as directory:
        pictures = []
        for every in ({}, {"drop": 5}):
            with Server(Harm(**every)) as peer:
                for name in ("a.svg", "a.png"):
                    path = os.path.join(directory, name)
                    status, _, stderr = run("--rate=1000", "--count=300", "--threads=2", "--flows=2", "-w", "3", "--plot", path, "127.0.0.1", peer.port)
                    assert (status, stderr) == (0, ""), (status, stderr)
            with open(os.path.join(directory, "a.svg"), encoding="utf-8") as file:
                pictures.append(file.read())
            with open(os.path.join(directory, "a.png"), "rb") as file:
                head = file.read(24)
            assert head[:8] == b"\x89PNG\r\n\x1a\n" and head[16:] == bytes([0, 0, 2000 >> 8, 2000 & 255, 0, 0, 1440 >> 8, 1440 & 255]), head
    bars = []
    for picture in pictures:
        assert xml.dom.minidom.parseString(picture).documentElement.tagName == "svg"
        bars.append(len(re.findall(r"rgb\(75(?:\.\d+)?%, ?10(?:\.\d+)?%", picture)))
    print(f"# red shapes without and with losses: {bars}")
    assert bars[0] == 1 and bars[1] > 5, bars  # one is the legend's


def plot_unwritable():
    """What is wrong with the name is said before anything is sent, and a full disk in the end."""
    with Server(echo) as peer, tempfile.TemporaryDirectory() as directory:
        for end in ("svg", "png"):
            status, stdout, stderr = run("--count=1", f"--plot=/nowhere/x.{end}", "127.0.0.1", peer.port)
            assert (status, stdout, stderr) == (1, "", f"udpecho: write /nowhere/x.{end}: no such file or directory\n"), (status, stdout, stderr)
            assert not peer.received, peer.received
        for end in ("svg", "png"):
            full = os.path.join(directory, f"full.{end}")
            os.symlink("/dev/full", full)
            status, _, stderr = run("--count=1", "--plot", full, "127.0.0.1", peer.port)
            assert (status, stderr) == (1, f"udpecho: write {full}: no space left on device\n"), (status, stderr)


def sizes(least, most):
    with Server(echo) as peer:
        status, got, _ = measure(peer.port, "--window=4", "--count=300", f"--size={least}-{most}")
    lengths = [len(data) for data in peer.received]
    expect(got["total"], sent=300, received=300)
    assert status == 0 and min(lengths) >= least and max(lengths) <= most, (min(lengths), max(lengths))
    assert min(lengths) < least + (most - least) / 10 and max(lengths) > most - (most - least) / 10, sorted(lengths)


def window_is_kept():
    """Never more on their way than the window, and never less."""
    queue, more = [], []

    def answer(to, data, client):
        queue.append(data)
        if len(queue) == 5:
            more.extend(select.select([to.socket], [], [], 0.02)[0])
            for one in queue:
                to.socket.sendto(one, client)
            queue.clear()

    with Server(answer) as peer:
        status, got, _ = measure(peer.port, "--window=5", "--count=100", "-w", "2")
    expect(got["total"], sent=100, received=100, lost=0)
    assert status == 0 and not more


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


def kernel_times():
    """The network's part is not more than the whole."""
    with Server(echo) as peer:
        _, got, _ = measure(peer.port, "--rate=500", "--count=200", "--kernel-times")
        _, without, _ = measure(peer.port, "--rate=500", "--count=20")
    host = got["hosts"][0]
    assert host["network_ns"]["count"] > 150 and 0 < host["network_ns"]["p50"] <= host["latency_ns"]["p50"], host
    assert without["hosts"][0]["network_ns"]["count"] == 0


def marks_in_text():
    with Server(echo) as peer:
        peer.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 33)
        peer.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 46 << 2)
        _, stdout, _ = run("-c", 2, "-i", "0.02", "127.0.0.1", peer.port)
    assert "\nreplies had ttl 33, dscp 46\n" in stdout, stdout


def by_socat():
    """One at a time: its pipe does not keep two datagrams apart."""
    with Socat() as peer:
        status, got, stderr = measure(peer.port, "--window=1", "--count=200", "-s", "24-1400")
    expect(got["total"], sent=200, received=200, lost=0, duplicates=0, corrupted=0)
    assert (status, stderr) == (0, ""), (status, stderr)


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
        status, stdout, _ = run("--mtu", "-w", "100ms", "127.0.0.1", peer.port)
        done = run("--mtu", "--json", "-w", "0.1", "127.0.0.1", peer.port)
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
    """A server that answers from another of its addresses: silence, of which the cause is said, whatever the mode."""
    with Server(echo, "127.0.0.2") as other, \
            Server(lambda to, data, client: echo(other, data, client)) as peer:
        because = rf"; but from 127\.0\.0\.2:{other.port}: %s\n"
        for arguments, what in ((["--ping", "-c", "2", "-i", "0.05"], "2 datagrams"), (["--rate=100", "--count=3", "--flows=1"], "3 datagrams"),
                                (["--window=2", "--count=2"], "2 datagrams")):
            status, _, stderr = run(*arguments, "-w", "0.3", "127.0.0.1", peer.port)
            assert status == 1 and re.fullmatch(rf"udpecho: check udp 127\.0\.0\.1:{peer.port}: no reply" + because % what, stderr), stderr
        done = subprocess.run([CLIENT, "-w", "0.3", "127.0.0.1", str(peer.port)], input=b"hello", capture_output=True, timeout=PATIENCE, check=False)
        assert done.returncode == 1 and re.fullmatch(rf"udpecho: read udp \S+: i/o timeout" + because % "1 datagram", done.stderr.decode()), done
        status, _, stderr = run("--rate=100", "--count=3", "-w", "0.3", "127.0.0.2", other.port)
        assert (status, stderr) == (0, ""), stderr


def files_and_streams():
    """A CSV on standard output, the results beside it; and no part of a picture where the disk is full."""
    with Server(echo) as peer, tempfile.TemporaryDirectory() as folder:
        status, stdout, stderr = run("--rate=1000", "--count=20", "-w", "2", "--csv=-", "127.0.0.1", peer.port)
        assert status == 0 and len(stdout.splitlines()) == 21 and stdout.startswith("host,source_port,"), stdout
        assert "20 sent, 20 received" in stderr and "udpecho: " not in stderr, stderr
        if os.geteuid() != 0:
            raise Skip("wants root, for a disk that is full")
        script = 'mount -n -t tmpfs -o size=4k none "$1" && cd "$1" && shift && "$@"; status=$?; ls >&2; exit $status'
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", folder, CLIENT, "--rate=1000", "--count=20", "-w", "2",
                               "--plot=a.png", "127.0.0.1", str(peer.port)], capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert (done.returncode, done.stderr) == (1, "udpecho: write a.png: no space left on device\n"), done


def no_input():
    """What is sent to measure needs no standard input."""
    with Server(echo) as peer:
        done = subprocess.run([CLIENT, "-c", "1", "127.0.0.1", str(peer.port)], stdin=None, preexec_fn=lambda: os.close(0),
                              capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0 and b"1 sent, 1 received" in done.stdout, done


def wrong_usage(arguments, why):
    status, stdout, stderr = run(*arguments)
    assert (status, stdout, stderr) == (2, "", f"udpecho: {why}; try 'udpecho --help'\n"), (status, stdout, stderr)


HOST = "127.0.0.1"
USAGE = [
    (["--csv=x.svg", "--plot=x.svg", HOST], "--csv=x.svg: the same file as --plot"),
    (["--csv=-", "--json", HOST], "--csv=-: standard output has the results of --json"),
    (["--rate=0", HOST], "--rate=0: not a number of datagrams a second, such as 1000, 20k or 1.5M; at least 0.01, at most 100M"),
    (["--rate=1e3", HOST], "--rate=1e3: not a number of datagrams a second, such as 1000, 20k or 1.5M; at least 0.01, at most 100M"),
    (["--size=23", HOST], "--size=23: not bytes of payload, 24 to 65507, or a range of them"),
    (["--size=100-50", HOST], "--size=100-50: not bytes of payload, 24 to 65507, or a range of them"),
    (["--size=65508", HOST], "--size=65508: not bytes of payload, 24 to 65507, or a range of them"),
    (["--count=0", HOST], "--count=0: not a number of datagrams; at most 1000000M"),
    (["--count=1.5", HOST], "--count=1.5: not a number of datagrams; at most 1000000M"),
    (["--duration=1x", HOST], "--duration=1x: not a time, such as 10s, 5ms or 2h; at least 1ms, at most a day"),
    (["--window=0", HOST], "--window=0: not a number from 1 to 65536"),
    (["--flows=5000", HOST], "--flows=5000: not a number from 1 to 4096"),
    (["--flows=4096", HOST + ",127.0.0.2"], "--flows=4096: more than 4096 of all hosts together"),
    (["--dscp=64", HOST], "--dscp=64: not a number from 0 to 63"),
    (["--ttl=0", HOST], "--ttl=0: not a number from 1 to 255"),
    (["--max-loss=101", HOST], "--max-loss=101: not a percentage"),
    (["--max-p99=fast", HOST], "--max-p99=fast: not a time, such as 10s, 5ms or 2h; at least 1us, at most a day"),
    (["--plot=x.gif", HOST], "--plot=x.gif: not a name that ends with .svg or .png"),
    (["--ping", "a,,b"], "HOST: missing"),
    (["--rate=5", "--window=5", HOST], "--window: not together with --rate"),
    (["-m", "-i", "1", HOST], "--interval: not together with --mtu"),
    (["--mtu", "--csv=x.csv", HOST], "--mtu: a search, which does not go with options of the others"),
    (["a,b"], "HOST: one, where standard input is sent"),
]


def main():
    tap = Tap()
    tap.case("every harm, at a rate", every_harm, {"swap": 31}, "--rate=2000", "--timeout=2")
    # What is held back until the next one comes might wait too long here.
    tap.case("every harm, with a window", every_harm, {}, "--window=128", "--timeout=4")
    tap.case("every harm, by two threads", every_harm, {"swap": 31}, "--rate=2000", "--timeout=2", "--threads=2")
    tap.case("late replies", late_replies)
    tap.case("a stall is seen", stall_is_seen)
    tap.case("a stall of its own is seen", own_stall_is_seen)
    tap.case("flows that lost", lossy_flows)
    tap.case("gates", gates)
    tap.case("silence", silence)
    tap.case("refused", refused)
    tap.case("the schema in the man page", schema)
    tap.case("even flows", even_flows)
    tap.case("what is never sent", never_sent)
    tap.case("a wide window is filled", window_is_filled)
    tap.case("busy threads", busy)
    tap.case("no room", no_room)
    tap.case("far too long", far_too_long)
    tap.case("too long to be sent", too_long_to_send)
    tap.case("the kernel's clock after a refusal", network_after_refusal)
    tap.case("more flows than descriptors", many_flows)
    tap.case("a ping that nobody reads", output_closed)
    tap.case("lines of a ping", ping_lines)
    tap.case("a ping that is refused", ping_refused)
    tap.case("a terminal", terminal)
    tap.case("a ping without end", endless)
    tap.case("SIGINT", interrupted, signal.SIGINT)
    tap.case("SIGTERM", interrupted, signal.SIGTERM)
    tap.case("SIGINT twice", interrupted_twice)
    tap.case("CSV", csv_lines)
    tap.case("CSV of late replies", csv_late)
    tap.case("CSV, unwritable", csv_unwritable)
    tap.case("the pace of a few", pace)
    tap.case("plots", plots)
    tap.case("a plot, unwritable", plot_unwritable)
    tap.case("sizes", sizes, 24, 1400)
    tap.case("a window is kept", window_is_kept)
    tap.case("several hosts", hosts)
    tap.case("DSCP, TTL, source", marks)
    tap.case("DSCP and TTL in words", marks_in_text)
    tap.case("IPv6", ipv6)
    tap.case("the kernel's clock", kernel_times)
    tap.case("socat", by_socat)
    tap.case("MTU", mtu)
    tap.case("MTU of a server", mtu_of_a_server)
    tap.case("an MTU, of a server that answers wrong", mtu_of_a_wrong_server)
    tap.case("a server that answers from another address", answered_by_another)
    tap.case("files, and a stream", files_and_streams)
    tap.case("a host that is not to be had, of two", one_bad_host)
    tap.case("an MTU, of two of whom one is not there", mtu_of_nobody)
    tap.case("no standard input", no_input)
    for arguments, why in USAGE:
        tap.case(f"usage: {' '.join(arguments)}", wrong_usage, arguments, why)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
