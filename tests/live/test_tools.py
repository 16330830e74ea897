#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""DPDK's own tools against a running appliance, whose memory is hugepages: `test_tools.py UDPECHOD UDPECHO`"""
import os
import re
import signal
import subprocess
import sys
import time

from huge import PREFIX, Huge, hugepages, tidy, tshark
from test_operate import exchange
from world import APPLIANCE, CLIENT, World, require_tool, wait_until

from offline import Record, write_pcap
from tap import Tap


def check_proc_info(udpechod):
    with hugepages(), World("af_xdp") as place, Huge(place, udpechod) as appliance:
        exchange(place, 5)
        # One that shares nothing takes nothing away as it ends.
        write_pcap(appliance.path("tmp/in.pcap"), [Record(0, bytes(60))])
        done = appliance.run(f"/proc/{appliance.process.pid}/exe", "-d", "pcap:/tmp/in.pcap", "-a", "198.18.0.9", "-m", "02:00:00:00:00:09",
                             "--", f"--file-prefix={PREFIX}")
        assert done.returncode == 0, done
        os.remove(appliance.path("tmp/in.pcap"))
        done = appliance.run("dpdk-proc-info", f"--file-prefix={PREFIX}", "--", "--stats")
        counts, = appliance.ask("/udpechod/counters")
        appliance.stop()
    assert done.returncode == 0, done
    seen = {key: int(value) for key, value in re.findall(r"^\s*([RT]X-packets): *(\d+)", done.stdout, flags=re.M)}
    print(f"# dpdk-proc-info --stats: {seen}")
    assert 5 < seen["RX-packets"] <= counts["rx_packets"] and 5 < seen["TX-packets"] <= counts["tx_packets"], (seen, counts)


def check_dumpcap(udpechod):
    """Datagrams and their echoes, as tshark reads them."""
    with hugepages(), World("af_xdp") as place, Huge(place, udpechod) as appliance:
        require_tool("dpdk-dumpcap")
        process = subprocess.Popen(["nsenter", "-t", str(appliance.process.pid), "-m", "-n", "dpdk-dumpcap", f"--file-prefix={PREFIX}",
                                    "-i", "0", "-c", "20", "-a", "duration:20", "-w", "/tmp/dump.pcapng"],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            wait_until(lambda: os.path.exists(appliance.path("tmp/dump.pcapng")), "dpdk-dumpcap", 20)
            while process.poll() is None:
                exchange(place, 1)
                time.sleep(0.02)
            text = process.communicate()[0].replace("\b", "").strip()
        finally:
            process.kill()
            process.wait()
        lines = tshark(appliance.path("tmp/dump.pcapng"), "ip.src", "udp.srcport", "udp.dstport", "data.data")
        tidy(appliance)
        appliance.stop()
    print("#", text.splitlines()[-1])
    requests = [line for line in lines if line[2] == "7"]
    replies = [line for line in lines if line[1] == "7"]
    assert process.returncode == 0 and len(requests) >= 9 and len(replies) >= 9, (text, lines)
    for (asker, *ports, data), (answerer, *back, echo) in zip(requests, replies):
        assert (asker, answerer, ports[::-1], data) == (CLIENT, APPLIANCE, back, echo), lines


def main():
    udpechod = os.path.abspath(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    tap.case("dpdk-proc-info", check_proc_info, udpechod)
    tap.case("dpdk-dumpcap", check_dumpcap, udpechod)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
