# SPDX-License-Identifier: BSD-3-Clause
"""udpechod alone, in different sizes: worker cores, addresses and ports, start-up time, memory.

A device has at most 16 addresses, so that is where they end. Ports go on to `any`.
"""
import os
import subprocess
import tempfile
import time
from pathlib import Path

import endless
from bench import bars, fail, progress, ratios, rounds, show, spread, table

SIZE = 60
FRAMES = 1024  # the same for all, so that as much memory is walked through: a frame for each port
FIRST_PORT = 7000
PORTS = {"1 port": 1, "10 ports": 10, "100 ports": 100, "1000 ports": 1000, "any port": 1000}
ADDRESSES = (1, 4, 16)
ACL = "allow 0.0.0.0/0\ndeny 203.0.113.0/24\n"
IPV6_ACL = "".join(f"deny 2001:2:{i >> 16:x}:{i & 0xFFFF:x}::/64\n" for i in range(0, 200000, 2))
MEMORY = ("VmHWM", "RssAnon", "RssFile", "RssShmem")


class Run:
    """One way to run udpechod: its captures are written once, and measured each round."""

    def __init__(self, options, folder, devices=1, addresses=1, ports="1 port", arguments=()):
        served = range(FIRST_PORT, FIRST_PORT + PORTS[ports])
        self.options, self.addresses = options, addresses
        # One core is always the last, as for the peers: interrupts prefer the first.
        last = max(os.sched_getaffinity(0))
        self.arguments = [
            f"--cores={','.join(str(last - i) for i in reversed(range(devices)))}",
            f"--udp-port={'any' if ports == 'any port' else f'{served[0]}-{served[-1]}'}", *arguments]
        self.paths = []
        for device in range(devices):
            path = f"{folder}/{devices}-{addresses}-{len(served)}-{device}.pcap"
            endless.capture(path, SIZE, device, addresses, served, FRAMES)
            self.paths.append(path)

    def measure(self, seconds, meanwhile=None):
        return endless.answered(self.options, self.paths, seconds, *self.arguments,
                                addresses=self.addresses, meanwhile=meanwhile)


def speeds(title, options, folder, sizes):
    """Of each size, {name: what Run takes}: echoes a second, and as a multiple of the first's."""
    seconds = 2 if options.quick else 3
    runs = {name: Run(options, folder, **size) for name, size in sizes.items()}
    pps = rounds(title, options, {name: lambda run=run: run.measure(seconds) for name, run in runs.items()})
    first = next(iter(pps.values()))
    return {name: {"pps": spread(values), "ratio": ratios(values, first)} for name, values in pps.items()}


def start_up(options, folder, name, *arguments):
    """Seconds from exec to exit, for a capture of one frame that is replayed to its end."""
    path = f"{folder}/one.pcap"
    endless.capture(path, SIZE, count=1)
    command = [options.udpechod, "-d", f"pcap:{path}", "-m", endless.mac(0), "-a", endless.address(0),
               *arguments]

    def once():
        begin = time.perf_counter()
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - begin
        if result.returncode != 0:
            fail(f"{name}: {result.stderr}")
        return seconds
    return once


def memory(options, folder, **size):
    """Bytes, from /proc, of a run under load."""
    found = {}

    def look(pid):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            key, _, value = line.partition(":")
            if key in MEMORY:
                found[key] = int(value.split()[0]) * 1024

    Run(options, folder, **size).measure(1, look)
    return found


def run(options):
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        acl, ipv6_acl = f"--acl={folder}/acl.conf", f"--acl={folder}/ipv6.conf"
        Path(folder, "acl.conf").write_text(ACL, encoding="ascii")
        Path(folder, "ipv6.conf").write_text(IPV6_ACL, encoding="ascii")
        cores = {"1 core": {}}
        if len(os.sched_getaffinity(0)) > 1:
            cores["2 cores"] = {"devices": 2}
        result["cores"] = speeds("cores", options, folder, cores)
        result["served"] = speeds("addresses and ports", options, folder, {
            **{f"{n} address{'es' if n > 1 else ''}, 1 port": {"addresses": n} for n in ADDRESSES},
            **{f"1 address, {ports}": {"ports": ports} for ports in list(PORTS)[1:]},
            "16 addresses, any port": {"addresses": 16, "ports": "any port"}})
        quickly = {"1 device": (), "16 addresses, any port": (
            "-p", "any", *(word for i in range(1, 16) for word in ("-a", endless.address(i)))),
            "rate limit": ("--rate-limit=1000",), "access list": (acl,), "100,000 IPv6 prefixes": (ipv6_acl,)}
        times = rounds("start-up", options, {
            name: start_up(options, folder, name, *arguments) for name, arguments in quickly.items()})
        result["start-up"] = {name: spread(values) for name, values in times.items()}
        progress("memory")
        result["memory"] = {
            name: memory(options, folder, **size) for name, size in {
                "1 device": {}, "2 devices": {"devices": 2} if "2 cores" in cores else {},
                "16 addresses, any port": {"addresses": 16, "ports": "any port"},
                "rate limit": {"arguments": ["--rate-limit=1000000000"]},
                "access list": {"arguments": [acl]}, "100,000 IPv6 prefixes": {"arguments": [ipv6_acl]}}.items()}
    return result


def tables(result):
    parts = [table([title, "Mpps", "ratio to the first"],
                   [[name, show(row["pps"], 1, 1e6), show(row["ratio"])] for name, row in result[key].items()])
             for key, title in (("cores", f"worker cores, {SIZE} bytes"), ("served", f"served, {SIZE} bytes"))]
    parts.append(table(["start-up and end, one frame between", "ms"],
                       [[name, show(row, 0, 1e-3)] for name, row in result["start-up"].items()]))
    parts.append(table(["memory, MiB", *MEMORY],
                       [[name, *(f"{row[key] / 2**20:.1f}" for key in MEMORY)]
                        for name, row in result["memory"].items()]))
    return "\n".join(parts)


def plot(result, path):
    bars(path, {name.replace(", ", "\n"): {"": row["ratio"]}
                for name, row in {**result["cores"], **result["served"]}.items()},
         "ratio to one core, address, port", f"Echoes a second of udpechod, {SIZE}-byte frames", 1)
