#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What the appliance tells systemd, played by a socket here, and what it may no longer do once it runs.
`test_notify.py UDPECHOD UDPECHO UNIT...`"""
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import world
from test_live import check_client
from test_operate import Ptrace, worker_thread
from test_reload import Configured
from world import APPLIANCE, PATIENCE, Appliance, World, wait_until

from tap import Skip, Tap, patience

EXPOSURE = 30  # tenths: what `systemd-analyze security` may say at the most
NET_ADMIN, DAC_READ_SEARCH = 1 << 12, 1 << 2
PING = {"WATCHDOG": "1"}


class Manager:
    """Hears what a service has to say, sd_notify(3): datagrams of lines NAME=VALUE."""

    def __init__(self, watchdog=1.0):
        self.folder = tempfile.mkdtemp(dir="/var/tmp")  # as udpechod has a /tmp of its own
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = os.path.join(self.folder, "notify")
        self.socket.bind(path)
        self.environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": str(int(watchdog * 1e6))}
        self.wrapper = ("env", *("=".join(item) for item in self.environment.items()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        shutil.rmtree(self.folder)

    def hear(self, patience=4 * PATIENCE):
        """The next message, or None."""
        self.socket.settimeout(patience)
        try:
            return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())
        except (socket.timeout, BlockingIOError):
            return None

    def hear_all(self):
        """Those that are there already."""
        return list(iter(lambda: self.hear(0), None))

    def await_message(self, name, value="1"):
        """Those before one with NAME=VALUE, and that."""
        before, end = [], time.monotonic() + 4 * PATIENCE
        while True:
            message = self.hear()
            assert message is not None and time.monotonic() < end, f"no {name}={value} after {before}"
            if message.get(name) == value:
                return before, message
            before.append(message)

    def check_pings(self, count):
        for _ in range(count):
            self.await_message("WATCHDOG")


class Supervised(Configured):
    def __init__(self, manager, *arguments):
        self.wrapper = manager.wrapper
        super().__init__(*arguments)


def check_life(udpechod, udpecho):
    """From READY, when it answers at once, over reloads and a worker that is held, to STOPPING."""
    with Manager() as manager, World("af_xdp") as place, \
            Supervised(manager, place, udpechod, "udp-port = 7\n") as appliance:
        before, ready = manager.await_message("READY")
        assert not any("RELOADING" in message or "STOPPING" in message for message in before), before
        assert ready["STATUS"].startswith(f"{place.device} up"), ready
        check_client(place, udpecho, 100)
        manager.check_pings(3)

        start = time.monotonic_ns() // 1000
        appliance.reload("udp-port = 7,9\n")
        _, reloading = manager.await_message("RELOADING")
        assert start <= int(reloading["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000, reloading
        before, done = manager.await_message("READY")
        assert done["STATUS"] == "reloaded" and all(message == PING for message in before), (before, done)
        appliance.reload("udp-port = 70000\n")
        manager.await_message("RELOADING")
        _, done = manager.await_message("READY")
        assert re.fullmatch(r"reload refused: \S+:5: udp-port: 70000: not a list of ports[^\n]*", done["STATUS"]), done
        manager.check_pings(3)

        with Ptrace(worker_thread(appliance.process.pid)):
            wait_until(lambda: "has not polled for" in appliance.read("errors"), "word of a worker that stands still")
            manager.hear_all()
            time.sleep(2)  # four times as long as between two
            starved = manager.hear_all()
            assert PING not in starved, starved
        manager.check_pings(3)
        check_client(place, udpecho, 100)
        appliance.process.send_signal(signal.SIGTERM)
        manager.await_message("STOPPING")
        assert appliance.process.wait(2 * PATIENCE) == 0
        assert manager.hear_all() == [], "something after the end"


@contextlib.contextmanager
def started(manager, udpechod, *arguments):
    """On a device that needs neither root nor a network."""
    with subprocess.Popen([udpechod, "-d", "vdev:net_ring0", "-a", APPLIANCE, "--idle=sleep", *arguments],
                          env={**os.environ, **manager.environment}, stdout=-1, stderr=-1, text=True,
                          preexec_fn=world.die_with_us) as process:
        try:
            yield process
        finally:
            process.kill()


def write_long_list(path):
    """Takes seconds to load: each prefix wants a table of its own."""
    with open(path, "w", encoding="ascii") as file:
        file.writelines(f"deny 10.{i >> 8}.{i & 255}.1/32\n" for i in range(20000))


def check_stop_at_start(udpechod):
    """While it loads a long list it says that it is at it, and a stop is heeded."""
    with Manager() as manager:
        acl = os.path.join(manager.folder, "acl")
        write_long_list(acl)
        with started(manager, udpechod, f"--acl={acl}") as process:
            for _ in range(3):
                before, _ = manager.await_message("EXTEND_TIMEOUT_USEC", "30000000")
                assert before == [], before
            process.send_signal(signal.SIGTERM)
            out, errors = process.communicate(timeout=4 * PATIENCE)
        assert (process.returncode, out, errors) == (0, "", "udpechod: told to stop\n"), (process.returncode, out, errors)
        assert not any("READY" in message for message in manager.hear_all())


def check_long_reload(udpechod):
    """It is alive while it loads a long list, and a stop is heeded then too."""
    with Manager(watchdog=0.2) as manager:
        acl = os.path.join(manager.folder, "acl")
        with open(acl, "w", encoding="ascii") as file:
            file.write("deny 10.0.0.0/8\n")
        with started(manager, udpechod, f"--acl={acl}") as process:
            manager.await_message("READY")
            write_long_list(acl)
            process.send_signal(signal.SIGHUP)
            manager.await_message("RELOADING")
            for _ in range(3):
                message = manager.hear()
                assert message == PING or set(message) == {"STATUS"}, message
            process.send_signal(signal.SIGTERM)
            out, errors = process.communicate(timeout=4 * PATIENCE)
        assert process.returncode == 0, (process.returncode, errors)
        assert "udpechod: reload refused, the old configuration stays in effect: told to stop\n" in errors, errors
        assert "reloads               0 and 1 refused" in out, out


def read_threads(process):
    """What each thread may do: a list of (name, {CapPrm: ..., NoNewPrivs: ...})."""
    threads = []
    for thread in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{thread}/status", encoding="utf-8") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        threads.append((status["Name"], {name: int(status[name], 16) for name in
                                         ("CapPrm", "CapEff", "CapInh", "CapAmb", "NoNewPrivs")}))
    return threads


def check_capabilities(kind, kept, udpechod):
    """No thread has more than the device needs: of its own and DPDK's, and that of the HTTP server."""
    with World(kind) as place, Appliance(place, udpechod, "--http=0.0.0.0:9110", "--log-level=notice", "--", "--no-huge",
                                         "-m", "512", "--file-prefix=privileges") as appliance:
        threads = read_threads(appliance.process.pid)
        link = appliance.link
        appliance.end()
        said = re.search(r"^udpechod: capabilities: (.*)$", appliance.read("errors"), re.M)
        assert place.link() == link, f"the interface was {link}, is {place.link()}"
    names = {name for name, _ in threads}
    print(f"# {kind}: {said[1]}: {', '.join(sorted(names))}")
    assert len(threads) >= 5 and {"rte-worker-1", "dpdk-worker1"} & set(names) and any("telemet" in name for name in names), names  # of 15 letters
    wanted = {"CapPrm": kept, "CapEff": kept, "CapInh": 0, "CapAmb": 0, "NoNewPrivs": 1}
    assert all(can == wanted for _, can in threads), threads


def check_no_root(udpechod, udpecho):
    """Another user with the one capability that a TAP takes: it runs, and has none any more."""
    can = ("--inh-caps=-all,+net_admin", "--ambient-caps=-all,+net_admin", "--bounding-set=-all,+net_admin")
    with World("tap") as place:
        appliance = Appliance(place, udpechod)
        appliance.wrapper = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *can)
        with appliance:
            check_client(place, udpecho, 100)
            threads = read_threads(appliance.process.pid)
            appliance.stop()
    assert all(can["CapPrm"] == can["CapEff"] == can["CapAmb"] == 0 for _, can in threads), threads


def check_units(udpechod, units):
    """systemd takes them as they are, and finds them as closed as they were."""
    if shutil.which("systemd-analyze") is None:
        raise Skip("no systemd-analyze here")
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for unit in units:
            with open(unit, encoding="utf-8") as file:
                text = re.sub(r"(?<==)/\S+/udpechod(?= )", udpechod, file.read())
            assert udpechod in text, text
            paths.append(os.path.join(folder, os.path.basename(unit).replace("@", "@lab")))
            with open(paths[-1], "w", encoding="utf-8") as file:
                file.write(text)
        subprocess.run(["systemd-analyze", "verify", "--man=no", *paths], check=True, timeout=patience(60))
        for path in paths:
            done = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}",
                                   "--no-pager", path], capture_output=True, text=True, timeout=patience(60), check=False)
            print("#", done.stdout.strip().splitlines()[-1])
            assert done.returncode == 0, done.stderr + done.stdout


def main():
    udpechod, udpecho, *units = map(os.path.abspath, sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap = Tap()
    tap.case("ready, alive, reloading, stopping", check_life, udpechod, udpecho)
    tap.case("told to stop while it starts", check_stop_at_start, udpechod)
    tap.case("alive during a long reload, and told to stop", check_long_reload, udpechod)
    for kind, kept in (("af_xdp", NET_ADMIN), ("af_packet", 0), ("pcap-live", 0), ("tap", 0)):
        tap.case(f"{kind}: capabilities", check_capabilities, kind, kept | DAC_READ_SEARCH, udpechod)
    tap.case("without root", check_no_root, udpechod, udpecho)
    tap.case("the units", check_units, udpechod, units)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
