# SPDX-License-Identifier: BSD-3-Clause
"""One udpechod that is soaked: what is done to it all the time, and what it takes of the machine."""
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from offline import check_law
from tap import patience, without_stalls
from world import die_with_us, inside, wait_until

PATIENCE = patience(60)  # seconds
MAC = "02:00:00:00:00:02"
POLICIES = (
    "udp-port = 7\n",
    "udp-port = 7,7000-7099\nttl = 33\nrate-limit = 100000:1000\n",
    "udp-port = 7\nacl = {folder}/acl\nicmp-unreachable = 100\n",
    "udp-port = any\nrate-limit = 5\nrate-limit-prefix = 32\nicmp-arp-rate-limit = 1000\n",
)
ACL = "allow 0.0.0.0/0\ndeny 128.0.0.0/1\ndeny 203.0.113.8/31\n"


class Soaked:
    """Its settings, its process, and what it said last."""

    def __init__(self, name, program, folder, device, space, more):
        self.name, self.folder, self.device, self.space = name, folder, device, space
        self.prefix = f"udpechod-soak-{os.getpid()}-{name}"
        self.conf = f"{folder}/{name}.conf"
        self.reloads = self.scrapes = self.captures = self.captured = 0
        self.samples = []
        with open(f"{folder}/acl", "w", encoding="ascii") as file:
            file.write(ACL)
        self.write_policy()
        with open(f"{folder}/{name}.out", "wb") as out, open(f"{folder}/{name}.log", "wb") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", space, program, "-c", self.conf, *more, "--", "--no-huge", "-m", "512", f"--file-prefix={self.prefix}"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=log, preexec_fn=die_with_us)

    def read(self, what):
        with open(f"{self.folder}/{self.name}.{what}", encoding="utf-8", errors="replace") as file:
            return file.read()

    def write_policy(self):
        policy = POLICIES[self.reloads % len(POLICIES)].format(folder=self.folder)
        with open(self.conf + ".new", "w", encoding="ascii") as file:
            file.write(f"[udpechod]\nreport = json\nhttp = 9110\nlog-level = error\n{policy}"
                       f"[device]\ndevice = {self.device}\naddress = 198.18.0.2/24\nmac = {MAC}\n")
        os.rename(self.conf + ".new", self.conf)

    def check_alive(self):
        assert self.process.poll() is None, f"{self.name}: status {self.process.returncode}: {self.read('log')}"

    def get(self, path, statuses=(200,)):
        """A page, whose connection is closed before we go on."""
        try:
            with inside(self.space), urllib.request.urlopen(f"http://127.0.0.1:9110{path}", timeout=PATIENCE) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, ""
            error.close()
        assert status in statuses, f"{self.name}: {path}: status {status}"
        self.scrapes += 1
        return text

    def wait(self):
        def answers():
            self.check_alive()
            with contextlib.suppress(OSError):
                return self.get("/healthz", (200, 503))
        wait_until(lambda: answers() is not None, f"{self.name}: its status page", PATIENCE)

    def reload(self):
        self.reloads += 1
        self.write_policy()
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.metric("reloads_total") >= self.reloads, f"{self.name}: reload {self.reloads}", PATIENCE)

    def scrape(self):
        text = self.get("/metrics")
        assert text.count("\n") > 100, f"{self.name}: {text}"
        self.get("/healthz", (200, 503))
        status = json.loads(self.get("/status.json"))
        assert len(status["verdicts"]) > 20, status

    def metric(self, name):
        """The sum over all labels."""
        return sum(int(value) for value in re.findall(rf"^udpechod_{name}(?:{{.*?}})? (\d+)$", self.get("/metrics"), re.M))

    def tell(self, commands):
        """What DPDK's telemetry answers to each."""
        answers = []
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
            peer.settimeout(PATIENCE)
            peer.connect(f"/run/dpdk/{self.prefix}/dpdk_telemetry.v2")
            peer.recv(65536)
            for command in commands:
                peer.send(command.encode())
                answers.append(json.loads(peer.recv(65536)))
        return answers

    def capture(self, verdict):
        """A short one, looked at until it is over."""
        path = f"{self.folder}/{self.name}.pcapng"
        answers = self.tell(["/udpechod/verdicts", "/udpechod/drops", "/ethdev/stats,0", "/mempool/list",
                             f"/udpechod/capture/start,file={path},verdict={verdict},packets=1000,seconds=1"])
        assert "error" not in answers[-1], answers[-1]
        state = {}

        def is_over():
            (answer,) = self.tell(["/udpechod/capture"])
            state.update(answer["/udpechod/capture"])
            return state["state"] != "running"
        wait_until(is_over, f"{self.name}: the end of a capture", PATIENCE)
        assert state["state"] == "done", state
        self.captures += 1
        self.captured += state["packets"]
        os.unlink(path)

    def sample(self, began):
        """What it takes now: memory, descriptors, threads; packet buffers that are free."""
        self.check_alive()
        time.sleep(0.1)  # for the last connection to be gone
        number = self.process.pid
        with open(f"/proc/{number}/status", encoding="ascii") as file:
            status = dict(line.split(":", 1) for line in file)
        sample = {"t": time.monotonic() - began, "rss_kb": int(status["VmRSS"].split()[0]),
                  "fds": len(os.listdir(f"/proc/{number}/fd")), "threads": int(status["Threads"]), "free": self.metric("device_pool_buffers_free"),
                  "rx": self.metric("rx_packets_total")}
        self.samples.append(sample)
        return sample

    def end(self):
        """Ends it; what must hold then, and the report."""
        self.check_alive()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE)
        # It fails by itself where a packet buffer is missing.
        assert (status, without_stalls(self.read("log"))) == (0, ""), f"{self.name}: status {status}: {self.read('log')}"
        report = json.loads(self.read("out"))
        check_law(report)
        assert (report["reloads"], report["reloads_refused"]) == (self.reloads, 0), report
        return report

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def growth(samples, name):
    """How much more it takes at the end than in the beginning, if more and more: 0, or by how much.

    Three parts of the time, the first tenth left out. What goes up and down is no growth; what is higher in each part
    than it ever was in the one before is.
    """
    values = [sample[name] for sample in samples[max(1, len(samples) // 10):]]
    third = len(values) // 3
    parts = values[:third], values[third:2 * third], values[2 * third:]
    if third == 0 or not max(parts[0]) < min(parts[1]) <= max(parts[1]) < min(parts[2]):
        return 0
    return min(parts[2]) - max(parts[0])
