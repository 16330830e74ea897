#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Captures of every form that tools make, whole and broken, replayed: `test_captures.py UDPECHOD`."""
import gzip
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

import offline

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import Tap, patience  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
OUR_MAC = "02:00:00:00:00:02"
SKIPS = ("records_too_long", "records_not_ethernet", "records_cut_off")
ETHERNET, RAW, SLL = 1, 101, 113


def total(data):
    """The Internet checksum of an even number of bytes."""
    value = sum(struct.unpack(f">{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return value ^ 0xFFFF


def frame(port, payload=b"hello!", checksum=0):
    """A datagram to port 7 from PORT."""
    udp = struct.pack(">4H", port, 7, 8 + len(payload), checksum) + payload
    ends = bytes([198, 18, 0, 1, 198, 18, 0, 2])
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + ends
    head = head[:10] + struct.pack(">H", total(head)) + head[12:]
    return bytes.fromhex(OUR_MAC.replace(":", "")) + bytes.fromhex("020000000001 0800") + head + udp


A, B, C = frame(4000), frame(4001), frame(4002)
DATAGRAM = frame(4003, bytes(65507))  # the longest that there is: 65,549 bytes


def pcap(records, order="<", magic=0xA1B2C3D4, link=ETHERNET, more=b""):
    """Of (seconds, fraction, frame); MORE goes into the head of each record."""
    return struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link) + b"".join(
        struct.pack(order + "IIII", seconds, fraction, len(data), len(data)) + more + data for seconds, fraction, data in records)


class Pcapng:
    """Blocks of a section, of the byte order ORDER."""

    def __init__(self, order="<"):
        self.order, self.data = order, b""
        self.block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))

    def block(self, kind, body):
        body += bytes(-len(body) % 4)
        length = struct.pack(self.order + "I", len(body) + 12)
        self.data += struct.pack(self.order + "I", kind) + length + body + length
        return self

    def interface(self, snaplen=262144, link=ETHERNET, **options):
        body = struct.pack(self.order + "HHI", link, 0, snaplen)
        for code, value in ((9, options.get("resolution")), (14, options.get("offset"))):
            if value is not None:
                body += struct.pack(self.order + "HH", code, len(value)) + value + bytes(-len(value) % 4)
        return self.block(1, body + (bytes(4) if options else b""))

    def packet(self, data, interface=0, time=0, options=b""):
        head = struct.pack(self.order + "IIIII", interface, time >> 32, time & 0xFFFFFFFF, len(data), len(data))
        return self.block(6, head + data + bytes(-len(data) % 4) + options)

    def simple(self, data, length=None):
        return self.block(3, struct.pack(self.order + "I", length or len(data)) + data)

    def obsolete(self, data, interface=0, time=0):
        return self.block(2, struct.pack(self.order + "HHIIII", interface, 9, time >> 32, time & 0xFFFFFFFF, len(data), len(data)) + data)


def replay(folder, data, *more, suffix=""):
    with open(f"{folder}/in.pcap", "wb") as file:
        file.write(data)
    command = [PROGRAM, "-d", f"pcap:in.pcap,out.pcap{suffix}", "-a198.18.0.2/24", f"-m{OUR_MAC}", "--explain", "--report=json", *more]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=patience(60), check=False)


def check(data, replies, skips=(), times=None, words=(), more=()):
    """So many echoes, the rest skipped for these reasons, replies at these times (ns), and a line of the log for each of WORDS."""
    with tempfile.TemporaryDirectory() as folder:
        done = replay(folder, data, *more)
        assert done.returncode == 0, done
        *lines, report = map(json.loads, done.stdout.splitlines())
        written = offline.read_pcap(f"{folder}/out.pcap")
        with open(f"{folder}/out.pcap", "rb") as file:
            is_fine = file.read(4) == struct.pack("<I", 0xA1B23C4D)
    assert report["verdicts"]["udp-echo"] == replies == len(written), report
    device = report["devices"][0]
    assert {name: device[name] for name in SKIPS} == {name: list(skips).count(name) for name in SKIPS}, device
    assert [line["number"] for line in lines] == list(range(1, 1 + report["rx_packets"] + len(skips))), lines
    assert sum("skipped" in line for line in lines) == len(skips), lines
    errors = done.stderr.splitlines()
    assert len(errors) == len(words) and all(re.search(word, line) for word, line in zip(words, errors)), errors
    if times is not None:
        assert [record.time_ns for record in written] == times, written
        assert is_fine == any(time % 1000 for time in times)


def check_refused(data, why, status=1):
    with tempfile.TemporaryDirectory() as folder:
        done = replay(folder, data)
        assert (done.returncode, done.stdout) == (status, ""), done
        assert re.fullmatch(rf"udpechod: device pcap:in.pcap,out.pcap: [^\n]*{re.escape(why)}[^\n]*\n", done.stderr), done.stderr
        assert not os.path.exists(f"{folder}/out.pcap"), "it made the output"


LONG, OTHER, CUT = SKIPS
LATE = 2**31 + 5  # in 2038
WHOLE = pcap([(1, 2, A), (3, 4, B), (5, 6, C)])
TWO_LENGTHS = Pcapng().interface(262144).interface(65535).packet(A).packet(B, 1)
CUT_WORDS = ["in the middle of record 3, which is skipped"]
GOOD = {
    "pcap": (WHOLE, 3, (), [1000002000, 3000004000, 5000006000]),
    "pcap, big-endian": (pcap([(1, 2, A)], ">"), 1, (), [1000002000]),
    "pcap of nanoseconds": (pcap([(1, 2, A), (3, 999999999, B)], magic=0xA1B23C4D), 2, (), [1000000002, 3999999999]),
    "pcap of nanoseconds, big-endian": (pcap([(1, 2, A)], ">", 0xA1B23C4D), 1, (), [1000000002]),
    "pcap as patched by Kuznetzov": (pcap([(1, 2, A), (1, 3, B)], magic=0xA1B2CD34, more=bytes(8)), 2, (), [1000002000, 1000003000]),
    "times after 2038": (pcap([(LATE, 1, A), (2**32 - 1, 999999, B)]), 2, (), [LATE * 10**9 + 1000, (2**32 - 1) * 10**9 + 999999000]),
    "a header alone": (pcap([]), 0),
    "cut off in the data": (WHOLE[:-7], 2, [CUT], None, CUT_WORDS),
    "cut off in a record's head": (WHOLE[:-len(C) - 3], 2, [CUT], None, CUT_WORDS),
    "cut off before the data": (WHOLE[:-len(C)], 2, [CUT], None, CUT_WORDS),
    "a full datagram on lo": (pcap([(0, 0, A), (0, 0, DATAGRAM), (0, 0, B)]), 2, [LONG], None, ["1 of 3 records are longer than 65535"]),
    "the longest that is replayed": (pcap([(0, 0, A + bytes(65535 - len(A)))]), 1),
    "one byte too long": (pcap([(0, 0, A + bytes(65536 - len(A))), (0, 0, B)]), 1, [LONG], None, ["longer than"]),
    "pcapng": (Pcapng().interface().packet(A, time=1000002).data, 1, (), [1000002000]),
    "pcapng, big-endian": (Pcapng(">").interface().packet(A, time=2**33).data, 1, (), [2**33 * 1000]),
    "two snapshot lengths": (TWO_LENGTHS.data, 2),
    "an unused interface of another link": (Pcapng().interface(link=SLL).interface().packet(A, 1).data, 1),
    "packets of another link": (Pcapng().interface(link=RAW).interface().packet(A[14:]).packet(A, 1).packet(A[14:]).data, 1,
                                [OTHER, OTHER], None, ["2 of 3 records are not Ethernet"]),
    "simple packets": (Pcapng().interface().packet(A, time=7).simple(B).data, 2, (), [7000, 7000]),
    "a simple packet, cut to the snapshot length": (Pcapng().interface(64).simple(C + bytes(64 - len(C)), 99).data, 1, (), None, ["cut short"]),
    "obsolete packets": (Pcapng().interface().obsolete(A, time=2**32 + 1).data, 1, (), [(2**32 + 1) * 1000]),
    "sections of either byte order": (Pcapng().interface().packet(A, time=1).data +
                                      Pcapng(">").interface(link=RAW).interface(resolution=b"\3").packet(B, 1, 2).data, 2, (), [1000, 2000000]),
    "nanoseconds": (Pcapng().interface(resolution=b"\x09").packet(A, time=1234567890123456789).data, 1, (), [1234567890123456789]),
    "picoseconds": (Pcapng().interface(resolution=b"\x0c").packet(A, time=5000000001999).data, 1, (), [5000000001]),
    "halves of halves of a second": (Pcapng().interface(resolution=b"\x9e").packet(A, time=5 << 30 | 1 << 29 | 1 << 21).data, 1, (), [5501953125]),
    "seconds, and an offset": (Pcapng().interface(resolution=b"\0", offset=struct.pack("<q", 10**6)).packet(A, time=1).data, 1, (), [1000001 * 10**9]),
    "time before an offset": (Pcapng().interface(offset=struct.pack("<q", -2)).packet(A, time=3000000).data, 1, (), [10**9]),
    "blocks that nobody knows": (Pcapng().block(0xBAD, b"abcd1").interface().block(5, bytes(20)).block(4, bytes(4)).packet(A, options=bytes(4))
                                 .block(0x40000BAD, bytes(70000)).packet(B).data, 2),
    "no interface": (Pcapng().data, 0),
    "pcapng, cut off": (Pcapng().interface().packet(A).packet(B).packet(C).data[:-5], 2, [CUT], None, CUT_WORDS),
    "pcapng, cut off behind a head": (TWO_LENGTHS.data + struct.pack("<II", 6, 200), 2, [CUT], None, CUT_WORDS),
    "pcapng, cut off in a block's head": (TWO_LENGTHS.data + b"\6", 2, [CUT], None, CUT_WORDS),
}
BAD = {
    "empty": (b"", "it is empty"),
    "no capture": (b"This is no capture.\n" * 9, "not a pcap file"),
    "cut off in the header": (WHOLE[:10], "not a pcap file"),
    "compressed": (gzip.compress(WHOLE), "it is compressed: decompress it with `gzip -dc`"),
    "compressed by zstd": (b"\x28\xb5\x2f\xfd" + WHOLE, "decompress it with `zstd -dc`"),
    "of another link": (pcap([], link=SLL), "not a capture of Ethernet: its link type is LINUX_SLL"),
    "pcapng of another link": (Pcapng().interface(link=SLL).packet(A).data, "not a capture of Ethernet: its link type is LINUX_SLL"),
    "a record of an impossible length": (WHOLE + b"\xff" * 40, "damaged after record 3"),
    "a packet of no interface": (TWO_LENGTHS.data + Pcapng().packet(A, 9).data[28:], "damaged after record 2: a packet of an interface"),
    "a packet longer than its block": (Pcapng().interface().block(6, struct.pack("<IIIII", 0, 0, 0, 99, 99) + A).data, "longer than its block"),
    "a block of 13 bytes": (TWO_LENGTHS.data + struct.pack("<II", 6, 13) + bytes(99), "an impossible length"),
    "two lengths that differ": (TWO_LENGTHS.data[:-4] + struct.pack("<I", 12), "whose two lengths differ"),
    "a section of no byte order": (b"\x0a\x0d\x0d\x0a" + bytes(40), "without a valid byte order"),
    "another version": (struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 2, 0, -1, 28), "a version of pcapng that is not 1"),
    "a block of 1 GiB": (Pcapng().interface().data + struct.pack("<II", 6, 2**30), "more than 16 MiB"),
}


def check_partial():
    """Taken at a sender, whose device was to finish the checksum: it is when asked for, and named when not."""
    pseudo = bytes([198, 18, 0, 1, 198, 18, 0, 2, 0, 17, 0, 14])
    data = pcap([(0, 0, frame(4000, checksum=total(pseudo) ^ 0xFFFF))])
    check(data, 1, more=["--partial-checksums=on"])
    for more in ((), ("--partial-checksums=auto",), ("--partial-checksums=off",)):
        with tempfile.TemporaryDirectory() as folder:
            done = replay(folder, data, *more)
        line, report = map(json.loads, done.stdout.splitlines())
        assert report["verdicts"]["udp-checksum"] == 1 and line["verdict"] == "udp-checksum" and line["kind"] == "drop", done
        assert re.fullmatch(r"checksum 0x[0-9a-f]{4} is a partial one .*: --partial-checksums=on", line["why"]), line


def check_text():
    """The same as text: lines of four words and more, and what was skipped in the report."""
    with tempfile.TemporaryDirectory() as folder:
        done = replay(folder, GOOD["a full datagram on lo"][0], "--report=text")
    lines = done.stdout.splitlines()
    assert lines[1] == "2 skipped longer than 65535 bytes", done
    assert re.search(r"^  records_too_long +1  ", done.stdout, re.M) and "records_cut_off" not in done.stdout, done


def main():
    tap = Tap()
    for name, row in GOOD.items():
        tap.case(name, check, *row)
    for name, row in BAD.items():
        tap.case(f"refused: {name}", check_refused, *row)
    tap.case("taken at a sender", check_partial)
    tap.case("as text", check_text)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
