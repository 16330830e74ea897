#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The captures of a running appliance, whose memory is hugepages: `test_capture.py UDPECHOD UDPECHO`"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from huge import Huge, expect, hugepages, tidy, tshark
from test_live import Model, noise, parse_options
from test_loss import await_echo
from test_operate import Ptrace, exchange, worker_thread
from world import APPLIANCE, CLIENT, World, require_tool, wait_until

from tap import Tap, patience


def raw_socket(place):
    raw = place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    raw.bind((place.interface, 0x0800))
    return raw


def frames_of(path):
    """Of each packet: (received?, bytes, comment, time)"""
    require_tool("tshark")
    done = subprocess.run(["tshark", "-r", path, "-T", "json", "-x", "-j", "frame pkt_comment"],
                          capture_output=True, text=True, timeout=patience(60), check=True)
    packets = []
    for packet in json.loads(done.stdout or "[]"):
        layers = packet["_source"]["layers"]
        flags = int(layers["frame"]["frame.packet_flags"], 16) & 3
        assert flags in (1, 2), flags
        packets.append((flags == 1, bytes.fromhex(layers["frame_raw"][0]), layers.get("pkt_comment", {}).get("frame.comment", ""),
                        float(layers["frame"]["frame.time_epoch"])))
    return packets


class Mixture:
    """Frames of several verdicts, in an order that is known."""

    def __init__(self, place, appliance):
        ether = Ether(dst=appliance.mac.hex(":"), src=place.mac().hex(":"))
        ip = IP(src="198.18.0.77", dst=APPLIANCE, id=7)
        self.good = [bytes(ether / ip / UDP(sport=4000 + i, dport=7) / noise(100 + i)) for i in range(5)]
        self.bad = [bytes(ether / ip / UDP(sport=5000 + i, dport=7, chksum=0x1234) / noise(100 + i)) for i in range(5)]
        self.other = [bytes(ether / ip / UDP(sport=6000 + i, dport=9) / noise(100 + i)) for i in range(5)]
        self.all = [frame for three in zip(self.good, self.bad, self.other) for frame in three]

    def send(self, place):
        with raw_socket(place) as raw:
            for frame in self.all:
                raw.send(frame)


def record(appliance, place, mixture, name, *keys):
    """Has the mixture captured; returns what the appliance says of that."""
    started, = appliance.ask(f"/udpechod/capture/start,file=/tmp/{name}.pcapng," + ",".join(keys))
    expect(started, state="running", file=f"/tmp/{name}.pcapng")
    if name == "bad":
        time.sleep(1)  # so that a clock that goes wrong shows
    count, = appliance.ask("/udpechod/counters")
    mixture.send(place)
    wait_until(lambda: appliance.ask("/udpechod/counters")[0]["rx_packets"] >= count["rx_packets"] + len(mixture.all), "all frames")
    state, = appliance.ask("/udpechod/capture/stop")
    return state


def captured(appliance, place, mixture, name, *keys):
    """What is captured of the mixture, and what the appliance says of that."""
    before = time.time()
    state = record(appliance, place, mixture, name, *keys)
    packets = frames_of(appliance.path(f"tmp/{name}.pcapng"))
    assert state["missed"] == 0 and state["packets"] == len(packets), (state, packets)
    assert all(before - 1e-5 <= when <= time.time() for *_, when in packets), (before, packets)
    return [packet for packet in packets if packet[1][12:14] == b"\x08\x00" and packet[1][26:30] != socket.inet_aton(CLIENT)], state


def right_checksum(frame):
    packet = Ether(frame)
    del packet[UDP].chksum
    return Ether(bytes(packet))[UDP].chksum


def check_whole(appliance, place):
    """A datagram in fragments is judged, and explained, as a whole; not by what its last fragment looks like."""
    ether = Ether(dst=appliance.mac.hex(":"), src=place.mac().hex(":"))
    udp = bytes(UDP(sport=4000, dport=7, len=8 + 40, chksum=0x1234)) + b"\0" * 8 + b"\x30\x39" * 2 + b"\xff" * 28
    fragments = [bytes(ether / IP(src="198.18.0.77", dst=APPLIANCE, id=9, proto=17, frag=at // 8, flags=flags) / udp[at:to])
                 for at, to, flags in ((0, 16, "MF"), (16, 48, ""))]
    appliance.ask("/udpechod/capture/start,file=/tmp/whole")
    with raw_socket(place) as raw:
        for frame in fragments:
            raw.send(frame)
    wait_until(lambda: any(drop["length"] == 82 for drop in appliance.ask("/udpechod/drops,udp-checksum")[0].values()), "a drop")
    expect(appliance.ask("/udpechod/capture/stop")[0], state="done")
    seen = [(frame, comment) for _, frame, comment, _ in frames_of(appliance.path("tmp/whole")) if frame[26:30] == fragments[0][26:30]]
    assert [frame for frame, _ in seen][0] == fragments[0] and seen[0][1].startswith("ip-fragment-kept: "), seen
    whole, comment = seen[1]
    assert len(seen) == 2 and whole[34:] == udp and comment.startswith("udp-checksum: header says 0x1234, computes to 0x"), seen


def check_capture(udpechod, kind):
    """By verdict and direction: what was sent and what came back, byte for byte, and why."""
    with hugepages(), World(kind) as place, Huge(place, udpechod) as appliance:
        mixture = Mixture(place, appliance)
        packets, state = captured(appliance, place, mixture, "bad", "verdict=udp-checksum")
        expect(state, state="done", why="stopped", packets=5)
        for line in tshark(appliance.path("tmp/bad.pcapng"), "frame.number", "ip.src", "udp.srcport", "udp.checksum", "frame.comment"):
            print("#", *line)
        assert [packet[:3] for packet in packets] == [
            (True, frame, f"udp-checksum: header says 0x1234, computes to 0x{right_checksum(frame):04x}")
            for frame in mixture.bad], packets

        drops, unknown = appliance.ask("/udpechod/drops,udp-checksum", "/udpechod/drops,nothing")
        time.sleep(1)  # when they were does not depend on when one asks, whatever DPDK takes for the frequency of the clock
        same, = appliance.ask("/udpechod/drops,udp_checksum")
        noted = [(drop["header"], drop["length"], drop["why"]) for drop in reversed(drops.values())]  # the latest came first
        assert noted == [(frame[:62].hex(), len(frame), "header says 0x1234, which is wrong") for frame in mixture.bad], drops
        assert [drop["header"] for drop in same.values()] == [drop["header"] for drop in drops.values()] and len(same) == 5, same
        for number, drop in drops.items():
            assert abs(float(drop["time"]) - float(same[number]["time"])) < 1e-3, (drop, same)
        expect(unknown, error="nothing: no such verdict: see /udpechod/verdicts")

        packets, _ = captured(appliance, place, mixture, "in", "direction=in")
        assert [packet[:2] for packet in packets] == [(True, frame) for frame in mixture.all], packets
        assert [packet[2].split(":")[0] for packet in packets] == ["udp-echo", "udp-checksum", "udp-port"] * 5, packets

        packets, _ = captured(appliance, place, mixture, "out", "direction=out", "verdict=reply")
        model = Model(parse_options(["-m", appliance.mac.hex(":"), "-a", APPLIANCE + "/24"]))
        replies = [model.answer(frame, 0).replies[0] for frame in mixture.good]
        assert [packet[:2] for packet in packets] == [(False, reply) for reply in replies], packets

        packets, _ = captured(appliance, place, mixture, "echoes", "verdict=udp-echo+udp-port")
        expected = [packet for good, reply, other in zip(mixture.good, replies, mixture.other)
                    for packet in ((True, good), (False, reply), (True, other))]
        assert [packet[:2] for packet in packets] == expected, packets

        captured(appliance, place, mixture, "short", "snaplen=96", "verdict=drop+keep")
        lengths = tshark(appliance.path("tmp/short.pcapng"), "frame.cap_len", "frame.len", "frame.comment")
        assert [line[:2] for line in lengths if "port 9" in line[2]] == [["96", str(len(f))] for f in mixture.other], lengths
        assert sum("header says 0x1234, which is wrong" in line[2] for line in lengths) == 5, lengths
        check_whole(appliance, place)
        tidy(appliance)
        appliance.stop()


FILTERS = ["udp", "arp", "udp dst port 7", "udp src portrange 5001-5003 or arp", "src host 198.18.0.77 and greater 143",
           "not ip", "ip[8] == 64", "udp[8] & 1 != 0", "udp[8:4] > 0x80000000", "udp[9] < 100", "ip[2:2] = 131", "ether[0] & 1 != 0", "udp[8] = ip[8]", "len - 40 > ip[2:2]",
           "ether[12:2] = 0x0806", "udp port 9 and (udp[4:2] > 110)", "icmp", "vlan"]


def check_filters(udpechod):
    """Each filter lets through what tcpdump's own lets through, of the same frames."""
    require_tool("tcpdump")
    with hugepages(), World("af_xdp") as place, Huge(place, udpechod) as appliance:
        mixture = Mixture(place, appliance)

        def read(name, *text):
            """The lines of the mixture; ARP between the kernels comes when it likes."""
            done = subprocess.run(["tcpdump", "-tnxx", "-r", appliance.path(f"tmp/{name}.pcapng"), *text], capture_output=True, text=True, check=True)
            return [packet for packet in re.split(r"\n(?=\S)", done.stdout) if "198.18.0.77" in packet]

        record(appliance, place, mixture, "all")
        matched = []
        for number, text in enumerate(FILTERS):
            record(appliance, place, mixture, f"filter{number}", f"filter={text}")
            assert read(f"filter{number}") == read("all", text), text
            matched.append(len(read("all", text)))
        print(f"# packets matched: {dict(zip(FILTERS, matched))}")
        assert len(set(matched)) > 5, matched
        tidy(appliance)
        appliance.end()  # it takes long, and a busy machine keeps a worker off its core


def check_limits(udpechod):
    """It ends by itself with what is reached first, and what is wrong is said."""
    with hugepages(), World("af_packet") as place, Huge(place, udpechod) as appliance:
        mixture = Mixture(place, appliance)

        def run(name, *keys):
            expect(appliance.ask(f"/udpechod/capture/start,file=/tmp/{name}," + ",".join(keys))[0], state="running")
            for _ in range(20):
                mixture.send(place)
            wait_until(lambda: appliance.ask("/udpechod/capture")[0]["state"] != "running", "the end of the capture")
            return appliance.ask("/udpechod/capture")[0]

        expect(run("packets", "packets=7"), state="done", why="7 packets", packets=7)
        assert len(tshark(appliance.path("tmp/packets"), "frame.number")) == 7
        state = run("bytes", "bytes=5000")
        expect(state, state="done", why="5000 bytes")
        assert 4500 < state["bytes"] <= 5000 and os.path.getsize(appliance.path("tmp/bytes")) < 5500, state
        expect(run("seconds", "seconds=1", "verdict=acl"), state="done", why="1 seconds", packets=0)
        expect(appliance.ask("/udpechod/capture/start,file=/run/nowhere/x")[0], error="/run/nowhere/x: No such file or directory")
        expect(appliance.ask("/udpechod/capture/start,file=/tmp/packets")[0], error="/tmp/packets: File exists")
        expect(appliance.ask("/udpechod/capture")[0], state="done", why="1 seconds")  # of the last one that there was
        for wrong, why in (("", "give file=/PATH"), ("file=x", "file: x: give an absolute path, from / on"),
                           ("file=/tmp/x,verdict=nothing", "verdict: nothing: no such verdict: see the table in udpechod(8)"),
                           ("file=/tmp/x,direction=up", "direction: up: give in, out or both"),
                           ("file=/tmp/x,snaplen=89", "snaplen: 89: not a number from 90 to 65000"),
                           ("file=/tmp/x,packets=0", "packets: 0: not a number from 1 to 4294967295"),
                           ("file=/tmp/x,speed=1", "speed: no such key: give file, verdict, direction, packets, bytes, seconds, snaplen or filter"),
                           (f"file=/tmp/x,filter=udp{' ' * 1000}and port 9", "the command is too long: give at most 1022 characters"),
                           ("file=/tmp/x,fast", "fast: give KEY=VALUE"),
                           ("file=/tmp/x,filter=udp and", "filter: can't parse filter expression: syntax error")):
            expect(appliance.ask(f"/udpechod/capture/start,{wrong}")[0], error=why)
        assert not os.path.exists(appliance.path("tmp/x"))
        done = appliance.run("sh", "-c", "mkdir /tmp/small && mount -n -t tmpfs -o size=16k none /tmp/small")
        assert done.returncode == 0, done
        state = run("small/full", "bytes=1000000")
        expect(state, state="failed", why="cannot write /tmp/small/full: No space left on device")
        assert "udpechod: capture: cannot write /tmp/small/full: No space left on device: the capture ends after" in appliance.read("errors")
        appliance.run("umount", "/tmp/small")
        os.rmdir(appliance.path("tmp/small"))
        expect(appliance.ask("/udpechod/capture/start,file=/tmp/last")[0], state="running")
        expect(appliance.ask("/udpechod/capture/start,file=/tmp/other")[0], error="a capture is running: stop it first")
        mixture.send(place)
        wait_until(lambda: appliance.ask("/udpechod/capture")[0]["packets"] >= 20, "packets")
        report = appliance.end()  # while it runs: the file is whole all the same
        assert len(frames_of(appliance.path("tmp/last"))) >= 20
        assert report["verdicts"]["udp-checksum"] >= 20 * 5 * 4, report


def check_flood(udpechod):
    """At the highest rate what is not captured is counted, and everything is echoed as ever."""
    with hugepages(), World("af_xdp", queues=2) as place, Huge(place, udpechod, "--cores=0-1") as appliance, \
            place.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.connect((APPLIANCE, 7))
        expect(appliance.ask("/udpechod/capture/start,file=/tmp/flood,verdict=udp-echo,snaplen=96,packets=4000000000,bytes=4000000000")[0],
               state="running")
        for _ in range(100000):
            peer.send(b"x" * 100)
        with Ptrace(worker_thread(appliance.process.pid)):  # it can't say that it is done with the taps
            expect(appliance.ask("/udpechod/capture/stop")[0], state="done")
        wait_until(lambda: appliance.run("true").returncode == 0 and appliance.process.poll() is None, "life")
        state, = appliance.ask("/udpechod/capture")
        os.unlink(appliance.path("tmp/flood"))
        exchange(place, 10)
        packets, _ = captured(appliance, place, Mixture(place, appliance), "again", "verdict=udp-checksum")
        assert len(packets) == 5, packets
        tidy(appliance)
        report = appliance.end()
    print(f"# {state['packets']} captured and {state['missed']} missed")
    assert report["tx_packets"] + report["tx_full"] >= report["verdicts"]["udp-echo"], report


def check_accounts(udpechod):
    """Captured and missed together are all that there were, in both directions."""
    with hugepages(), World("af_xdp") as place, Huge(place, udpechod) as appliance, \
            place.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.connect((APPLIANCE, 7))
        expect(appliance.ask("/udpechod/capture/start,file=/tmp/flood,verdict=udp-echo,snaplen=65000,packets=4000000000,bytes=4000000000")[0],
               state="running")
        for _ in range(100000):
            peer.send(b"x" * 100)
        await_echo(place)  # the last of them
        state, = appliance.ask("/udpechod/capture/stop")
        lines = subprocess.run(["capinfos", "-c", "-M", "-T", "-r", appliance.path("tmp/flood")], capture_output=True, text=True, check=True).stdout
        tidy(appliance)
        report = appliance.stop()
    print(f"# {state['packets']} captured, {state['missed']} missed, {report['verdicts']['udp-echo']} echoes")
    assert state["missed"] > 0, "the snap length is to leave few buffers"
    assert int(lines.split()[-1]) == state["packets"], lines
    # A request that was missed may have a reply that was not, and the other way round.
    assert state["packets"] + state["missed"] == 2 * report["verdicts"]["udp-echo"] > 0, (state, report)


def main():
    udpechod = os.path.abspath(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    for kind in ("af_xdp", "tap"):
        tap.case(f"{kind}: captures by verdict and direction", check_capture, udpechod, kind)
    tap.case("filters, as tcpdump has them", check_filters, udpechod)
    tap.case("limits, and what is wrong", check_limits, udpechod)
    tap.case("captured and missed are all", check_accounts, udpechod)
    tap.case("a capture that ends while a worker stands still", check_flood, udpechod)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
