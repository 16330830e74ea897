#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The appliance on live interfaces, against socket clients that know nothing of it: `test_live.py UDPECHOD UDPECHO`."""
import contextlib
import os
import random
import re
import select
import signal
import socket
import sys
import threading
from collections import Counter

import world
from strangers import service_tagged_frames, strange_frames
from world import APPLIANCE, PATIENCE, Appliance, World, wait_until

sys.path.insert(0, os.path.join(world.HERE, "..", "model"))
from model import Model  # noqa: E402
from settings import parse_options  # noqa: E402
from offline import read_pcap, read_verdicts  # noqa: E402
from tap import Skip, Tap  # noqa: E402

KINDS = ("af_xdp", "af_packet", "pcap-live", "tap")
FLOOD = 500_000  # datagrams at most: the signal comes long before
ARP_SIZE = 42


def noise(size):
    return random.Random(size).randbytes(size)


def check_client(place, udpecho, size):
    done = place.run(udpecho, "-w", str(PATIENCE), APPLIANCE, input=noise(size))
    expected = f"packet-written: bytes={size}\npacket-received: bytes={size} from={APPLIANCE}:7\n"
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, expected, b""), done


def check_ping(place, size):
    """ping compares the data itself, and says so below the line of the reply."""
    done = place.run("ping", "-n", "-c", "3", "-i", "0.2", "-W", str(PATIENCE), "-s", str(size), APPLIANCE)
    text = done.stdout.decode()
    assert done.returncode == 0 and "3 packets transmitted, 3 received, 0% packet loss" in text, text
    assert text.count("ttl=64") == 3 and "wrong" not in text and "DUP" not in text, text


def check_arping(place, appliance):
    done = place.run("arping", "-c", "2", "-w", str(PATIENCE), "-I", place.interface, APPLIANCE)
    text = done.stdout.decode()
    assert done.returncode == 0 and "Received 2 response(s)" in text, text
    macs = {bytes.fromhex(mac.replace(":", "")) for mac in re.findall(r"\[([0-9A-Fa-f:]+)\]", text)}
    assert macs == {appliance.mac}, text


def check_address_in_use(place):
    """A probe before somebody takes an address (RFC 5227): status 1 says that it is taken."""
    done = place.run("arping", "-D", "-c", "1", "-w", str(PATIENCE), "-I", place.interface, APPLIANCE)
    text = done.stdout.decode()
    assert done.returncode == 1 and "Received 1 response(s)" in text, text


def check_pipe(place, *tool, size=1200):
    """A tool that sends its input as one datagram, and writes what comes back."""
    data, got = noise(size), b""
    with place.start(*tool, stdin=-1, stdout=-1) as process:
        try:
            process.stdin.write(data)
            while len(got) < len(data) and select.select([process.stdout], [], [], PATIENCE)[0]:
                some = process.stdout.read(65536)
                if not some:
                    break
                got += some
        finally:
            process.kill()
    assert got == data, f"{len(got)} bytes came back of {len(data)}"


class Capture:
    """An independent witness at the client's interface: tcpdump, one for each direction."""

    def __init__(self, appliance, direction):
        self.path = appliance.path(f"{direction}.pcap")
        self.process = appliance.world.start(
            "tcpdump", "-i", appliance.world.interface, "-Q", direction, "-Z", "root", "-n", "-s", "2048", "-U",
            "--immediate-mode", "-w", self.path, stdin=-3, stdout=-3, stderr=-1)

    def __enter__(self):
        text = b""
        while b"listening on" not in text:
            ready = select.select([self.process.stderr], [], [], PATIENCE)[0]
            some = self.process.stderr.read(4096) if ready else b""
            if not some:
                self.__exit__()
                raise AssertionError(f"tcpdump does not start: {text}")
            text += some
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def records(self, last):
        """What went by until a frame that contains the bytes LAST did."""
        def has_last():
            with open(self.path, "rb") as file:
                return last in file.read()
        wait_until(has_last, "the last frame in tcpdump's capture")
        self.process.terminate()  # an orderly end completes the file and tells of losses
        text = self.process.communicate(timeout=PATIENCE)[1].decode()
        assert "\n0 packets dropped by kernel" in text, text
        return read_pcap(self.path)


def ask_model(mac, records):
    """What the model, a second opinion on every frame, says of each."""
    model = Model(parse_options(["-m", mac, "-a", APPLIANCE + world.PREFIX]))
    return [model.answer(record.frame, record.time_ns // 1000) for record in records]


def is_announcement(frame, mac):
    """Gratuitous ARP: to everybody, about the address of its sender."""
    return frame[:14] == b"\xff" * 6 + mac + b"\x08\x06" and frame[28:32] == frame[38:42]


def check_strangers(place, udpechod, make_frames):
    """Each frame has the model's verdict, and what comes out are the model's replies and nothing else."""
    world.require_tool("tcpdump")
    with Appliance(place, udpechod) as appliance:
        greetings, appliance_mac = appliance.greetings, appliance.mac.hex(":")
        with Capture(appliance, "out") as out, Capture(appliance, "in") as into, \
                place.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
            raw.bind((place.interface, 0x0806))
            for frame in make_frames(place.kind, place.mac().hex(":"), appliance_mac):
                raw.send(frame)
            appliance.greet(raw, 252)  # in turn: when this is answered, everything is
            last = socket.inet_aton("198.18.0.252")
            sent, came = out.records(last), into.records(last)
        report = appliance.stop()

    answers = ask_model(appliance_mac, sent)
    expected = [reply for answer in answers for reply in answer.replies]
    came = [record.frame for record in came]
    came = [frame for frame in came if not is_announcement(frame, appliance.mac)]
    for number, (got, wanted) in enumerate(zip(came, expected), 1):
        assert got == wanted, f"reply {number}:\n{got.hex()}\nexpected:\n{wanted.hex()}"
    assert len(came) == len(expected), f"{len(came)} frames came, expected {len(expected)}"
    counts = Counter(answer.verdict for answer in answers)
    counts["arp-reply"] += greetings
    for name in read_verdicts():
        assert report["verdicts"][name] == counts[name], f"{name}: {report['verdicts'][name]}, expected {counts[name]}"
    arps = greetings + report.get("announcements", 0)  # that went out beside the replies
    assert report["tx_packets"] == arps + len(came), report
    assert report["tx_bytes"] == ARP_SIZE * arps + sum(map(len, came)), report
    assert report["rx_bytes"] == ARP_SIZE * greetings + sum(len(record.frame) for record in sent), report


def flood(peer, stopping):
    """Sends until told to stop; a TAP goes away with udpechod."""
    data = noise(512)
    for _ in range(FLOOD):
        if stopping.is_set():
            break
        try:
            peer.send(data)
        except OSError:
            break


def check_flood(place, udpechod):
    stopping = threading.Event()
    with Appliance(place, udpechod) as appliance, place.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(PATIENCE)
        peer.connect((APPLIANCE, 7))
        sender = threading.Thread(target=flood, args=(peer, stopping))
        sender.start()
        try:
            for _ in range(500):
                assert peer.recv(2048) == noise(512), "the echo of a flood differs"
            assert sender.is_alive(), "the flood was over too soon"
            report = appliance.stop()
        finally:
            stopping.set()
            sender.join()
    assert report["verdicts"]["udp-echo"] >= 500, report


def check_partial_checksums(kind, udpechod, udpecho):
    """A client on a virtual link, as they come: its kernel leaves the UDP checksum to a device that there is not."""
    with World(kind, checksum_offload=True) as place, Appliance(place, udpechod) as appliance:
        check_client(place, udpecho, 600)
        report = appliance.stop()
    assert report["partial_checksums"] == 1, report


def check_stop(appliance, number):
    report = appliance.stop(number)
    verdicts = report["verdicts"]
    assert verdicts["udp-echo"] >= 5 and verdicts["icmp-echo"] >= 6, verdicts
    assert report["tx_full"] == 0, report


class Kind:
    """The cases of one kind of device. Once three have failed the others are not tried: it would take long."""

    def __init__(self, tap, name):
        self.tap = tap
        self.name = name
        self.failed_before = tap.failed

    def case(self, name, function, *arguments):
        hopeless = self.tap.failed - self.failed_before >= 3
        self.tap.case(f"{self.name}: {name}", *((give_up,) if hopeless else (function, *arguments)))


def give_up():
    raise Skip("three cases have failed")


def run_clients(kind, place, udpechod, udpecho, number):
    """All clients against one appliance, which a signal then ends."""
    appliance = Appliance(place, udpechod)
    with contextlib.ExitStack() as stack:
        kind.case("starts and answers", stack.enter_context, appliance)
        if not appliance.ready:
            return
        for size in (0, 1, 18, 512, 1472):
            kind.case(f"udpecho, {size} bytes", check_client, place, udpecho, size)
        for size in (56, 1400):
            kind.case(f"ping, {size} bytes", check_ping, place, size)
        kind.case("arping", check_arping, place, appliance)
        kind.case("arping -D finds the address in use", check_address_in_use, place)
        kind.case("nc -u", check_pipe, place, "nc", "-u", "-n", APPLIANCE, "7")
        kind.case("socat", check_pipe, place, "socat", "-b", "2000", "-", f"UDP4:{APPLIANCE}:7")
        kind.case(f"{number.name} ends it in order", check_stop, appliance, number)


def run_kind(tap, name, number, udpechod, udpecho):
    kind = Kind(tap, name)
    with World(name) as place:
        run_clients(kind, place, udpechod, udpecho, number)
        kind.case("strange frames", check_strangers, place, udpechod, strange_frames)
        if name != "af_packet":  # net_af_packet knows of customer tags only, and turns others into those
            kind.case("frames with service tags", check_strangers, place, udpechod, service_tagged_frames)
        kind.case("SIGTERM in a flood", check_flood, place, udpechod)
    if name != "tap":  # for which the kernel does complete them
        kind.case("partial checksums", check_partial_checksums, name, udpechod, udpecho)


def check_world():
    with World("af_packet"), World("tap"):
        pass


def main():
    udpechod, udpecho = map(os.path.abspath, sys.argv[1:3])
    # An end by a signal, too, shall take the namespaces away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # As a shell starts its background jobs, which would keep ping and others from being stopped.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    tap, able = Tap(), []
    tap.case("namespaces and interfaces of our own", lambda: able.append(check_world()))
    for name, number in zip(KINDS, (signal.SIGINT, signal.SIGTERM) * 2) if able else ():
        run_kind(tap, name, number, udpechod, udpecho)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
