#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a monitoring system sees of the appliance: `test_metrics.py UDPECHOD UDPECHO`"""
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from test_live import check_client, flood
from test_operate import Ptrace, exchange, worker_thread
from world import (APPLIANCE, PATIENCE, Appliance, World, command, die_with_us, inside, require_tool,
                   wait_until)

from offline import Record, write_pcap  # noqa: E402
from tap import Skip, Tap

PORT = 9110
HTTP = f"--http={PORT}"


class Watched(World):
    """A loopback on the appliance's side, which a namespace begins without."""

    def make(self):
        super().make()
        command("ip", "-n", self.appliance, "link", "set", "lo", "up")

    def get(self, path, method="GET", host="127.0.0.1", **headers):
        """(status, type, text) of a page."""
        with inside(self.appliance):
            connection = http.client.HTTPConnection(host, PORT, timeout=PATIENCE)
            connection.connect()
        with contextlib.closing(connection):
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read().decode()


def read_samples(text):
    """{(name, its labels as a frozenset of pairs): value}"""
    samples = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = re.fullmatch(r"([a-z_]+)(?:\{(.*)\})? (\S+)", line).groups()
        key = name, frozenset(re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', labels or ""))
        assert key not in samples, f"twice: {line}"
        samples[key] = float(value)
    return samples


def total(samples, name, **labels):
    """The sum of all samples with the name and the labels."""
    found = [value for (one, its), value in samples.items() if one == name and its >= set(labels.items())]
    assert found, f"no {name} {labels}"
    return sum(found)


def check_format(udpechod, udpecho):
    """promtool finds nothing to complain of, and the figures are those of the final report."""
    require_tool("promtool")
    with Watched("af_xdp", queues=2) as place, Appliance(place, udpechod, HTTP, "--cores=0-1") as appliance:
        exchange(place, 300)
        check_client(place, udpecho, 3000)  # in fragments
        wait_until(lambda: place.get("/healthz")[0] == 200, "health")
        status, kind, text = place.get("/metrics")
        report = appliance.stop()
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8"), (status, kind)
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    print(f"# promtool check metrics: status {done.returncode}, {done.stdout + done.stderr!r}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    samples = read_samples(text)
    for verdict, count in report["verdicts"].items():
        assert total(samples, "udpechod_frames_total", verdict=verdict, device=place.device) == count, verdict
    for name in ("rx_packets", "rx_bytes", "tx_packets", "tx_bytes", "tx_full", "fragments_added", "announcements"):
        assert total(samples, f"udpechod_{name}_total") == report[name], name
    assert report["fragments_added"] > 0
    for worker in report["workers"]:
        core = str(worker["core"])
        assert total(samples, "udpechod_rx_packets_total", core=core) == worker["rx_packets"] > 0, worker
        polls, empty = (total(samples, f"udpechod_worker_{what}_total", core=core) for what in ("polls", "empty_polls"))
        assert 0 < empty < polls <= worker["rounds"] * worker["queues"], (polls, empty, worker)
        busy = total(samples, "udpechod_worker_busy_seconds_total", core=core)
        assert 0 < busy <= worker["busy_s"] * 1.0001 < 0.7 * report["uptime_s"], (busy, worker, report["uptime_s"])
        stays = worker["residence_ns"]
        assert total(samples, "udpechod_residence_seconds_count", core=core) == stays["bursts"] > 0, stays
        assert total(samples, "udpechod_residence_seconds_bucket", core=core, le="+Inf") == stays["bursts"]
        assert 0 < stays["p50"] <= stays["p99"] <= stays["p99.9"] <= stays["max"] < 1e9, stays
        stayed = total(samples, "udpechod_residence_seconds_sum", core=core)
        assert 0 < stayed <= (stays["bursts"] * stays["max"] + 1) / 1e9, (stayed, stays)
    # The same on every machine, so that they can be added up: powers of two of nanoseconds.
    ends = {float(dict(labels)["le"]) for name, labels in samples if name == "udpechod_residence_seconds_bucket"}
    assert sorted(ends) == [2**power / 1e9 for power in range(6, 31)] + [float("inf")], sorted(ends)
    assert total(samples, "udpechod_device_link_up") == 1
    assert total(samples, "udpechod_device_rx_missed_total") == 0
    assert 0 < total(samples, "udpechod_device_pool_buffers_free") < total(samples, "udpechod_device_pool_buffers")
    assert total(samples, "udpechod_build_info", version=report["version"]) == 1


def check_pages(udpechod):
    with Watched("af_packet") as place, Appliance(place, udpechod, HTTP) as appliance:
        wait_until(lambda: place.get("/healthz") == (200, "text/plain; charset=utf-8", "ok\n"), "health")
        assert place.get("/metrics", "HEAD")[::2] == (200, "")
        status, kind, text = place.get("/")
        assert (status, kind, text[:15]) == (200, "text/html; charset=utf-8", "<!DOCTYPE html>"), (status, kind)
        for path in ("/metrics/", "/nothing", "/../etc/passwd", "/x%00", "/metrics%00", "/%00", "/healthz%00/x",
                     "/metrics%2500", "//", "/" + "x" * 5000):
            assert place.get(path)[0] == 404, path
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            assert place.get("/metrics", method)[0] == 405, method
        # What a page of somebody else's in a browser here could have made mean 127.0.0.1.
        for host, wanted in (("localhost", 200), ("LOCALHOST:9", 200), ("127.0.0.1:9110", 200), ("[::1]:9", 200),
                             ("evil.example", 421), ("127.0.0.1.evil.example:9", 421), ("localhost.evil", 421), ("", 421)):
            assert place.get("/status.json", Host=host)[0] == wanted, host
        with inside(place.appliance):
            rude = socket.create_connection(("127.0.0.1", PORT), PATIENCE)
        with rude:
            rude.sendall(b"\0\1\2 nonsense\r\n\r\n")
            assert place.get("/healthz")[0] == 200
        assert place.get("/healthz")[0] == 200
        appliance.stop()


def check_ipv6(udpechod):
    """On the loopback of IPv6, and by its name alone."""
    if not os.path.exists("/proc/net/if_inet6"):
        raise Skip("the kernel has no IPv6")
    with Watched("af_packet") as place:
        command("ip", "netns", "exec", place.appliance, "sysctl", "-qw", "net.ipv6.conf.lo.disable_ipv6=0")
        with Appliance(place, udpechod, f"--http=[::1]:{PORT}") as appliance:
            wait_until(lambda: place.get("/healthz", host="::1") == (200, "text/plain; charset=utf-8", "ok\n"), "health")
            for host, wanted in (("localhost:9110", 200), ("[::1]:9110", 200), ("evil.example", 421)):
                assert place.get("/status.json", host="::1", Host=host)[0] == wanted, host
            appliance.stop()
        elsewhere = place.refused(udpechod, "-a", APPLIANCE, "--http=[2001:2::9]:80")
    assert elsewhere.returncode == 1, elsewhere
    assert elsewhere.stderr == "udpechod: option --http: [2001:2::9]:80: Cannot assign requested address\n", elsewhere


class Full(Appliance):
    """With more descriptors open than select() can tell apart, as EAL has with gigabytes of hugepages."""

    wrapper = ("bash", "-c", 'ulimit -n 4096 && for i in {20..1100}; do eval "exec $i</dev/null"; done && exec "$@"', "bash")


def check_crowd(udpechod):
    """Who opens connections and says nothing, or little, keeps nobody else from asking."""
    with Watched("af_packet") as place, Full(place, udpechod, HTTP) as appliance, contextlib.ExitStack() as crowd:
        assert len(os.listdir(f"/proc/{appliance.process.pid}/fd")) > 1024
        wait_until(lambda: place.get("/healthz")[0] == 200, "health")
        # From the address of who asks, from another, and from a hundred.
        for number in range(400):
            source = "127.0.0.1" if number < 100 else "127.0.0.2" if number < 200 else f"127.0.1.{number % 100}"
            with inside(place.appliance):
                one = crowd.enter_context(socket.create_connection(("127.0.0.1", PORT), PATIENCE, (source, 0)))
            with contextlib.suppress(ConnectionError):
                one.sendall(b"GET / HTTP/1.1\r\n"[:number % 20])
            if number % 100 == 40:
                assert place.get("/healthz")[0] == 200, number
        for path, status in (("/healthz", 200), ("/metrics", 200), ("/status.json", 200), ("/" + "x" * 100000, 414)):
            assert place.get(path)[0] == status, path
        crowd.close()
        wait_until(lambda: place.get("/healthz")[0] == 200, "health")
        appliance.stop()


def check_names(udpechod):
    """A device may have any name: of an interface the kernel takes quotes and backslashes."""
    name = 'a"b\\c\\n'
    with Watched("af_packet") as place:
        command("ip", "-n", place.appliance, "link", "add", name, "type", "veth", "peer", "name", "other0")
        command("ip", "-n", place.appliance, "link", "set", name, "up")
        with Appliance(place, udpechod, HTTP, "-d", f"af_packet:{name}", "-a", "198.18.1.2/24") as appliance:
            text = place.get("/metrics")[2]
            status = json.loads(place.get("/status.json")[2])
            appliance.end()
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    escaped = f"af_packet:{name}".replace("\\", "\\\\").replace('"', '\\"')
    assert total(read_samples(text), "udpechod_device_pool_buffers", device=escaped) > 0
    assert status["devices"][1]["device"] == f"af_packet:{name}", status


def check_health(udpechod):
    """503 with the reason while something is wrong, and 200 again."""
    with Watched("af_xdp") as place, Appliance(place, udpechod, HTTP, "--log-level=error") as appliance:
        wait_until(lambda: place.get("/healthz")[0] == 200, "health")
        command("ip", "-n", place.client, "link", "set", place.interface, "down")
        wait_until(lambda: place.get("/healthz")[::2] == (503, f"device {place.device}: link down\n"), "a link down")
        assert total(read_samples(place.get("/metrics")[2]), "udpechod_device_link_up") == 0
        command("ip", "-n", place.client, "link", "set", place.interface, "up")
        wait_until(lambda: place.get("/healthz")[0] == 200, "health, after the link")
        with Ptrace(worker_thread(appliance.process.pid)):
            wait_until(lambda: place.get("/healthz")[0] == 503, "a worker that stands still")
            assert re.fullmatch(r"worker on core \d+: stalled\n", place.get("/healthz")[2])
        wait_until(lambda: place.get("/healthz")[0] == 200, "health, after the worker")
        report = appliance.end()
    assert report["devices"][0]["link_changes"] == 2 and report["workers"][0]["stalls"] == 1, report


def check_health_offline(udpechod):
    """A replay that goes on and on, as nobody reads what it says, has no link that could be down."""
    with Watched("af_xdp") as place, tempfile.NamedTemporaryFile(suffix=".pcap") as capture:
        write_pcap(capture.name, [Record(number, bytes(60)) for number in range(20000)])
        with subprocess.Popen(["ip", "netns", "exec", place.appliance, udpechod, "-d", f"pcap:{capture.name}", "-a", APPLIANCE,
                               "-m", "02:00:00:00:00:02", "--explain", HTTP], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              preexec_fn=die_with_us) as replay:
            def health():
                with contextlib.suppress(OSError):
                    return place.get("/healthz")[2]
                return ""

            wait_until(lambda: "stalled" in health(), "the replay to be held up")
            answer = health()
            replay.kill()
    assert "link" not in answer, answer


def check_scrapes(udpechod):
    """Scraped all the time in a flood, counters never fall, and what is lost has a name."""
    stopping = threading.Event()
    with Watched("af_xdp") as place, Appliance(place, udpechod, HTTP) as appliance, \
            place.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.connect((APPLIANCE, 7))
        sender = threading.Thread(target=flood, args=(peer, stopping))
        sender.start()
        try:
            before, count, end = {}, 0, time.monotonic() + 3
            while time.monotonic() < end:
                now = read_samples(place.get("/metrics")[2])
                falling = [key for key in before if key[0].endswith("_total") and now[key] < before[key]]
                assert not falling and now.keys() >= before.keys(), falling
                before, count = now, count + 1
        finally:
            stopping.set()
            sender.join()
        report = appliance.stop()
    print(f"# {count} scrapes, {report['rx_packets']} frames")
    assert count >= 10 and report["verdicts"]["udp-echo"] > 1000, report


def check_telemetry(udpechod):
    """DPDK's own tool lists our commands, with help, and gets the figures."""
    require_tool("dpdk-telemetry.py")
    prefix = f"udpechod-test-{os.getpid()}"

    def ask(*commands):
        done = subprocess.run(["dpdk-telemetry.py", "-f", prefix], input="".join(f"{line}\n" for line in commands),
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done
        # A line of JSON, or several, to each command, behind prompts and a greeting.
        return done.stdout

    with World("af_packet") as place, subprocess.Popen(
            ["ip", "netns", "exec", place.appliance, udpechod, "-d", place.device, "-a", f"{APPLIANCE}/24", "--report=json",
             "--", "--no-huge", "-m", "512", f"--file-prefix={prefix}"],
            stdout=-1, stderr=-1, text=True, preexec_fn=die_with_us) as process:
        try:
            wait_until(lambda: place.run("ping", "-n", "-c", "1", "-W", "1", APPLIANCE).returncode == 0, "a ping's reply")
            exchange(place, 5)
            text = ask("/udpechod/verdicts", "/udpechod/verdicts,0", "/udpechod/verdicts,1", "/udpechod/counters",
                       "/udpechod/devices", "/udpechod/info", "/udpechod/health", "/help,/udpechod/verdicts")
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=2 * PATIENCE)
        finally:
            process.kill()
    report = json.loads(out)
    assert process.returncode == 0 and report["verdicts"]["udp-echo"] == 5, report
    text = re.sub(r"\s", "", text)
    for verdict, count in report["verdicts"].items():
        name = verdict.replace("-", "_")
        assert len(re.findall(rf'"{name}":\d+', text)) == 2, f"{name}: {text}"
        assert verdict == "icmp-echo" or text.count(f'"{name}":{count}') == 2, f"{name}: {text}"
    assert '"/udpechod/verdicts":{"error":"1:nosuchdevice:see/udpechod/devices"}' in text, text
    for part in ('"tx_full":0', f'"/udpechod/devices":["{place.device}"]', f'"version":"{report["version"]}"',
                 '"/udpechod/health":"ok"', "Framesbyverdict."):
        assert part in text, f"{part} is not in {text}"


def check_refused(udpechod):
    """A port that somebody has: one line, and status 1."""
    with Watched("af_packet") as place:
        with inside(place.appliance):
            other = socket.create_server(("127.0.0.1", PORT))
        with other:
            done = place.refused(udpechod, "-a", APPLIANCE, "--http", str(PORT))
        own = place.refused(udpechod, "-a", APPLIANCE, "--http", f"{APPLIANCE}:{PORT}")
    assert (done.returncode, done.stdout) == (1, ""), done
    assert done.stderr == f"udpechod: option --http: 127.0.0.1:{PORT}: Address already in use\n", done
    assert own.returncode == 1 and own.stderr.endswith(": a device has that address: give one that the kernel has, such as 127.0.0.1\n"), own


def main():
    udpechod, udpecho = map(os.path.abspath, sys.argv[1:3])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    tap.case("promtool, and the report", check_format, udpechod, udpecho)
    tap.case("pages and methods", check_pages, udpechod)
    tap.case("pages over IPv6", check_ipv6, udpechod)
    tap.case("a crowd that says little", check_crowd, udpechod)
    tap.case("names with quotes in them", check_names, udpechod)
    tap.case("health", check_health, udpechod)
    tap.case("health offline", check_health_offline, udpechod)
    tap.case("scrapes in a flood", check_scrapes, udpechod)
    tap.case("DPDK's telemetry", check_telemetry, udpechod)
    tap.case("a port in use", check_refused, udpechod)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
