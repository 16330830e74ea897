#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Fragments of datagrams that never become whole, millions of them: `test_memory.py UDPECHOD [COUNT]`.

udpechod says so and fails if not every packet buffer is back in its pool when it ends.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from struct import pack

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "golden")]
from offline import Record, check_law, write_pcap  # noqa: E402
from tap import Tap, without_stalls  # noqa: E402
from world import die_with_us  # noqa: E402

COUNT = 10_000_000
PLACES = 1024  # in the table of datagrams that are not whole
# Three times over, it fills and, 5 s later, all is given up: more than its share of the buffers.
ROUNDS, ROUND_TIME = 3, 5
LONGEST = 60  # seconds: so that a bug does not hang the test
MAC = bytes.fromhex("020000000002")


def checksum(data):
    total = sum(int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def fragment(number):
    """The first fragment of a datagram of its own, and nothing of the rest."""
    source = bytes((198, 18, 1 + number // 200, 1 + number % 200))
    fields = (0x45, 0, 20 + 64, number, 0x2000, 64, 17)
    there = source + bytes((198, 18, 0, 2))
    header = pack("!BBHHHBBH", *fields, 0) + there
    header = pack("!BBHHHBBH", *fields, checksum(header)) + there
    return MAC + bytes.fromhex("020000000001") + b"\x08\x00" + header + bytes(64)


def run(program, path, seconds):
    """Replays the file again and again for a while; returns the report."""
    arguments = ["-d", f"vdev:net_pcap0,rx_pcap={path},infinite_rx=1", "-m", MAC.hex(":"), "-a", "198.18.0.2/15",
                 "--report=json", "--log-level=warning"]
    with subprocess.Popen([program, *arguments], stdout=-1, stderr=-1, text=True, preexec_fn=die_with_us) as process:
        try:
            time.sleep(seconds)
            process.send_signal(signal.SIGTERM)
            out, errors = process.communicate(timeout=LONGEST)
        finally:
            process.kill()
    assert (process.returncode, without_stalls(errors)) == (0, ""), f"status {process.returncode}: {errors}"
    return json.loads(out)


def check_memory(program, count):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "in.pcap")
        # The driver takes a buffer of the pool for each record, for good.
        write_pcap(path, [Record(0, fragment(number)) for number in range(2000)])
        seconds, uptime = ROUNDS * ROUND_TIME - 3, (ROUNDS - 1) * ROUND_TIME
        report = run(program, path, seconds)
        while report["rx_packets"] < count or report["uptime_s"] <= uptime + 0.5:
            seconds *= 2
            assert seconds <= LONGEST, f"{report['rx_packets']} fragments in {report['uptime_s']} s"
            report = run(program, path, seconds)
    check_law(report)
    verdicts = report["verdicts"]
    assert verdicts["ip-fragment"] + verdicts["ip-fragment-kept"] == report["rx_packets"], verdicts
    assert verdicts["ip-fragment-kept"] == report["fragments_expired"] > 0, report
    assert report["fragments_expired"] >= ROUNDS * PLACES, report
    print(f"# {report['rx_packets']} fragments, {report['fragments_expired']} kept and given up, all buffers back")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    count = int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    tap.case(f"{count} fragments of datagrams that never become whole", check_memory, os.path.abspath(sys.argv[1]), count)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
