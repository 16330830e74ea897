# SPDX-License-Identifier: BSD-3-Clause
"""Runs udpechod from one pcap file to another and reads back all that it says. No scapy in here."""
import json
import os
import re
import struct
import subprocess
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
VERDICT_DEF = os.path.join(HERE, "..", "..", "include", "udpecho", "packet", "verdict.def")

KEYS = ("version", "uptime_s", "devices", "workers", "fragments_added", "fragments_expired", "fragments_evicted", "announcements",
        "partial_checksums", "verified_checksums", "arp_conflicts")  # of the report, besides those that the law names

# One frame of a pcap file. Its wire length is more than len(frame) if the capture was cut short.
Record = namedtuple("Record", "time_ns frame wire_length", defaults=[None])
# What a run left behind: explain is the list of lines before the report, replies a list of Records.
Run = namedtuple("Run", "status errors explain report replies out_pcap")
Row = namedtuple("Row", "kind explanation")


def write_pcap(path, records):
    """Writes a classic pcap file, in microseconds, which every tool reads."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for record in records:
            microseconds = record.time_ns // 1000
            wire_length = record.wire_length or len(record.frame)
            file.write(struct.pack("<IIII", microseconds // 10**6, microseconds % 10**6, len(record.frame), wire_length))
            file.write(record.frame)


def read_pcap(path):
    """Reads a pcap file of either byte order and resolution into a list of Records."""
    with open(path, "rb") as file:
        data = file.read()
    for order in "<>":
        (magic,) = struct.unpack_from(order + "I", data)
        if magic in (0xA1B2C3D4, 0xA1B23C4D):
            break
    else:
        raise ValueError(f"{path}: not a pcap file")
    if struct.unpack_from(order + "I", data, 20)[0] != 1:
        raise ValueError(f"{path}: the link type is not Ethernet")
    unit = 1000 if magic == 0xA1B2C3D4 else 1
    records, offset = [], 24
    while offset < len(data):
        seconds, fraction, captured, wire_length = struct.unpack_from(order + "IIII", data, offset)
        offset += 16
        if offset + captured > len(data):
            raise ValueError(f"{path}: the last record is cut short")
        records.append(Record(seconds * 10**9 + fraction * unit, data[offset:offset + captured], wire_length))
        offset += captured
    return records


LIVE_ONLY = {"eth-superframe"}  # a kernel makes such frames, and no capture has them: tests/live


def read_verdicts():
    """The rows of verdict.def: report name -> Row, in their order."""
    with open(VERDICT_DEF, encoding="utf-8") as file:
        rows = re.findall(r'^VERDICT\(\w+, "([^"]+)", (\w+), "([^"]+)"\)', file.read(), re.MULTILINE)
    return {name: Row(kind, explanation) for name, kind, explanation in rows}


def number_frames(frames):
    """Records out of (frame, wire length, time in us) triples; frame n without a time is at 1 s + n us."""
    return [Record(10**9 + number * 1000 if time_us is None else time_us * 1000, frame, wire)
            for number, (frame, wire, time_us) in enumerate(frames, 1)]


def write_files(files, directory):
    """Writes the files, name -> text, that the arguments speak of."""
    for name, text in files.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(text)


def run(program, records, arguments, directory, files):
    """Replays the records through udpechod, which runs in the directory. The program is a list of words."""
    sink = os.path.join(directory, "out.pcap")
    write_pcap(os.path.join(directory, "in.pcap"), records)
    write_files(files, directory)
    if os.path.exists(sink):
        os.remove(sink)
    command = [*program, "-d", "pcap:in.pcap,out.pcap", *arguments, "--explain", "--report=json"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        return Run(done.returncode, done.stderr, [], {}, [], b"")
    *explained, report = map(json.loads, done.stdout.splitlines())  # an object a line
    explain = [f"{one['number']} {one['verdict']} {one['why']}" for one in explained]
    with open(sink, "rb") as file:
        out_pcap = file.read()
    return Run(0, done.stderr, explain, report, read_pcap(sink), out_pcap)


def in_parallel(tap, cases):
    """Runs the cases, (name, function, argument...) each, side by side, and reports them in order."""
    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        for name, future in [(name, pool.submit(*call)) for name, *call in cases]:
            tap.case(name, future.result)


def check_law(report):
    """The law of the verdicts: no frame uncounted, no reply unaccounted for."""
    rows, counts = read_verdicts(), report["verdicts"]
    assert list(counts) == list(rows), f"the report's verdicts are not verdict.def's: {list(counts)}"
    assert report["rx_packets"] == sum(counts.values()), "rx_packets is not the sum of the verdicts"
    replies = sum(counts[name] for name, row in rows.items() if row.kind == "REPLY")
    missing = [key for key in KEYS if key not in report]
    assert not missing, f"the report has no {', '.join(missing)}"
    extra = report["fragments_added"] + report["announcements"]
    assert report["tx_packets"] + report["tx_full"] == replies + extra, "tx_packets + tx_full is not what was answered"
