# SPDX-License-Identifier: BSD-3-Clause
"""What programs are to do while a call of theirs fails, or a signal comes; and what must come of it all the same."""
import json
import re

from offline import Record, check_law, write_pcap
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether


def datagram(port):
    return bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src="198.18.0.1", dst="198.18.0.2") /
                 UDP(sport=4000, dport=port) / b"hello")


class Kind:
    """A program and what it is to do. result() is all that a fault may not change, if the run succeeds."""

    fields = {}  # for the shim
    given = ""  # on standard input

    def __init__(self, program, folder):
        self.program, self.folder = program, folder


class Appliance(Kind):
    def __init__(self, program, folder):
        super().__init__(program, folder)
        with open(f"{folder}/acl", "w", encoding="ascii") as file:
            file.write("deny 0.0.0.0/0\n" + "".join(f"allow 198.18.{i}.0/24\n" for i in range(200)))
        with open(f"{folder}/conf", "w", encoding="ascii") as file:
            file.write(f"[udpechod]\nacl = {folder}/acl\nrate-limit = 100\nudp-port = 7,7000-7010\nreport = json\n"
                       "log-level = error\n")

    def command(self, *arguments):
        return [self.program, "-c", f"{self.folder}/conf", *arguments]


class Offline(Appliance):
    name = "udpechod, offline"

    def __init__(self, program, folder):
        super().__init__(program, folder)
        write_pcap(f"{folder}/in.pcap", [Record(i * 1000, datagram(7 + i % 2)) for i in range(20)])

    def arguments(self, lane):
        return self.command("-d", f"pcap:{self.folder}/in.pcap,{self.folder}/out{lane.number}.pcap",
                            "-a", "198.18.0.2/24", "-m", "02:00:00:00:00:02", "--explain")

    def result(self, lane, run):
        *lines, report = map(json.loads, run.out.splitlines())
        check_law(report)
        for key in ("uptime_s", "devices", "workers", "reloads"):  # times are in there, and names
            del report[key]
        with open(f"{self.folder}/out{lane.number}.pcap", "rb") as file:
            return lines, report, file.read()


class Live(Appliance):
    name = "udpechod, live"
    fields = {"stop_at_launch": 1}

    def arguments(self, lane):
        return self.command("-d", f"af_packet:echo{lane.number}", "-a", f"198.18.{lane.number}.2/24",
                            f"--http=127.0.0.1:{9200 + lane.number}")

    def result(self, lane, run):
        report = json.loads(run.out)
        check_law(report)
        return sorted(report)


class Client(Kind):
    name = "udpecho, a stream"
    given = "a line\n" * 20

    def __init__(self, program, folder, port):
        super().__init__(program, folder)
        self.port = port

    def arguments(self, lane):
        return [self.program, "--timeout=5", "127.0.0.1", str(self.port)]

    def result(self, lane, run):
        return re.sub("[0-9]+", "N", run.out)


class Measuring(Client):
    name = "udpecho, a measurement"
    given = ""

    def arguments(self, lane):
        return [self.program, "--rate=1000", "--count=20", "--flows=3", "--json",
                f"--csv={self.folder}/csv{lane.number}", "127.0.0.1",
                str(self.port)]

    def result(self, lane, run):
        return sorted(json.loads(run.out))
