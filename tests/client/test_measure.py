#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The client's measurements: what it counts is what was done, to the last datagram.

Usage: test_measure.py UDPECHO
"""
import csv
import json
import os
import re
import resource
import select
import signal
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import server
from client import run, start
from measure import Harm, expect, measure, wait_for_start
from schema import schema_check, schema_read
from server import PATIENCE, Server, Socat, echo
from tap import Tap


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
    """A server that stalls for a while: the datagrams that were due meanwhile show it."""
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
    """The client stalls for a while: the datagrams that were due meanwhile show it, and it calls itself the bottleneck."""
    with Server(echo) as peer, start("--json", "--rate=400", "--duration=1.5s", "127.0.0.1", peer.port) as client:
        server.wait_until(lambda: peer.received)
        client.send_signal(signal.SIGSTOP)
        time.sleep(0.5)
        client.send_signal(signal.SIGCONT)
        got = json.loads(client.communicate(timeout=PATIENCE)[0])
    latency = got["hosts"][0]["latency_ns"]
    expect(got["total"], sent=600, lost=0)
    assert latency["max"] > 0.4e9 and latency["p90"] > 0.2e9, latency
    assert re.fullmatch(r"\d+ datagrams left more than 1 ms late, the latest by [\d.]+ ms", got["bottleneck"]), got["bottleneck"]


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
            unsent = int(re.search(r"(\d+) datagrams were due, but never sent", got["bottleneck"]).group(1))
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
    """Replies that came while the client was stalled: read, or counted as overrun."""
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
    """An error that all threads meet at once is reported once."""
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


def pace():
    """However few they are."""
    with Server(echo) as peer:
        _, stdout, _ = run("--rate=4", "--count=2", "-w", 5, "127.0.0.1", peer.port)
    told, seconds = re.search(r"^([\d.]+) datagrams a second for ([\d.]+) s$", stdout, re.M).groups()
    assert abs(float(told) - 2 / (float(seconds) + 0.25)) < 0.02, stdout


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


def kernel_times():
    """The network's part is not more than the whole."""
    with Server(echo) as peer:
        _, got, _ = measure(peer.port, "--rate=500", "--count=200", "--kernel-times")
        _, without, _ = measure(peer.port, "--rate=500", "--count=20")
    host = got["hosts"][0]
    assert host["network_ns"]["count"] > 150 and 0 < host["network_ns"]["p50"] <= host["latency_ns"]["p50"], host
    assert without["hosts"][0]["network_ns"]["count"] == 0


def by_socat():
    """One at a time: its pipe does not keep two datagrams apart."""
    with Socat() as peer:
        status, got, stderr = measure(peer.port, "--window=1", "--count=200", "-s", "24-1400")
    expect(got["total"], sent=200, received=200, lost=0, duplicates=0, corrupted=0)
    assert (status, stderr) == (0, ""), (status, stderr)


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
    tap.case("the pace of a few", pace)
    tap.case("a window is kept", window_is_kept)
    tap.case("the kernel's clock", kernel_times)
    tap.case("socat", by_socat)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
