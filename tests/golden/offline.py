# SPDX-License-Identifier: BSD-3-Clause
"""Runs udpechod from one pcap file to another and reads back all that it says. No scapy in here."""
import json
import os
import re
import struct
import subprocess
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
VERDICT_DEF = os.path.join(HERE, "..", "..", "include", "udpecho", "verdict.def")

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


def read_verdicts():
    """The rows of verdict.def: report name -> Row, in their order."""
    with open(VERDICT_DEF, encoding="utf-8") as file:
        rows = re.findall(r'^VERDICT\(\w+, "([^"]+)", (\w+), "([^"]+)"\)', file.read(), re.MULTILINE)
    return {name: Row(kind, explanation) for name, kind, explanation in rows}


def number_frames(frames):
    """Records out of (frame, wire length) pairs, timed by their number: frame n is at 1 s + n us."""
    return [Record(10**9 + number * 1000, frame, wire) for number, (frame, wire) in enumerate(frames, 1)]


def run(program, records, arguments, directory):
    """Replays the records through udpechod, with its files in the directory."""
    source, sink = os.path.join(directory, "in.pcap"), os.path.join(directory, "out.pcap")
    write_pcap(source, records)
    if os.path.exists(sink):
        os.remove(sink)
    command = [program, "-d", f"pcap:{source},{sink}", *arguments, "--explain", "--report=json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        return Run(done.returncode, done.stderr, [], {}, [], b"")
    explain, brace, report = done.stdout.partition("{")
    with open(sink, "rb") as file:
        out_pcap = file.read()
    return Run(0, done.stderr, explain.splitlines(), json.loads(brace + report), read_pcap(sink), out_pcap)


def check_law(report):
    """The law of the verdicts: no frame uncounted, no reply unaccounted for."""
    rows, counts = read_verdicts(), report["verdicts"]
    assert list(counts) == list(rows), f"the report's verdicts are not verdict.def's: {list(counts)}"
    assert report["rx_packets"] == sum(counts.values()), "rx_packets is not the sum of the verdicts"
    replies = sum(counts[name] for name, row in rows.items() if row.kind == "REPLY")
    extra = report.get("fragments_added", 0) + report.get("announcements", 0)
    assert report["tx_packets"] + report["tx_full"] == replies + extra, "tx_packets + tx_full is not what was answered"
