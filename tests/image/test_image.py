#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The appliance's image: built, booted, hurt, and booted again: `test_image.py UDPECHO PACKAGES FOLDER`.

The image comes into FOLDER, of the packages in PACKAGES, which are built unless they are there.

Figures are printed and not judged: an emulated machine is slow, and this one may be busy.
"""
import contextlib
import glob
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "vm"), os.path.join(HERE, "..", "package")]
from debian import build_once, workspace  # noqa: E402
from machine import Broken, Machine  # noqa: E402
from tap import Skip, Tap, patience  # noqa: E402
from world import die_with_us  # noqa: E402

from scapy.layers.inet import IP, UDP  # noqa: E402
from scapy.layers.l2 import ARP, Ether  # noqa: E402

SCRIPTS = os.path.join(HERE, "..", "..", "scripts")
MAC, ADDRESS, PORT = "02:00:00:00:00:0b", "198.18.0.2", 7000
MANAGEMENT, ECHO = 0x10, 0x11  # slots: NICs in the order in which the appliance looks for them
PATIENCE = patience(180)  # seconds, for a boot
NIC = "vmxnet3"
SHELL = 'stty raw -echo; echo ready; while read -r line; do eval "$line" </dev/null 2>&1; status=$?; done'


def tool(*command, **options):
    """Runs a tool to its end."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience(1200), check=False, **options)
    except FileNotFoundError as error:
        raise Skip(f"no {command[0]} here") from error
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr[-4000:]}"
    return done.stdout


def free_port(kind):
    """A port of this host's that nobody has."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def digest(folder):
    """Of what was built."""
    digests = {}
    for path in glob.glob(f"{folder}/*"):
        if os.path.basename(path) in ("udpechod.img", "initrd", "vmlinuz"):
            with open(path, "rb") as file:
                digests[path] = hashlib.file_digest(file, "sha256").hexdigest()
    assert len(digests) == 3, digests
    return digests


class Image:
    """The image in a folder, and its configuration disk."""

    def __init__(self, packages, folder):
        self.packages, self.folder = packages, folder

    def build(self):
        if os.geteuid() != 0:
            raise Skip("wants root, to install Debian in a folder")
        shutil.rmtree(self.folder, ignore_errors=True)
        build_once(self.packages)
        before = time.monotonic()
        with workspace() as temporary:
            said = tool(f"{SCRIPTS}/build-image", f"--packages={self.packages}", self.folder, env={**os.environ, "TMPDIR": temporary})
        print(f"# {said.splitlines()[-1]}, in {time.monotonic() - before:.0f} s")
        self.configure("udpechod", "[udpechod]\n", f"[udpechod]\nudp-port = 7,{PORT}\n")
        self.configure("appliance", "#shell = none", "shell = ttyS1")

    def configure(self, name, old, new):
        path = f"{self.folder}/config/{name}.conf"
        with open(path, encoding="utf-8") as file:
            text = file.read()
        assert old in text, text
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))

    def disk(self):
        """Makes the configuration disk: ext4 here, FAT in run-image."""
        path = f"{self.folder}/config.ext4"
        tool("mke2fs", "-q", "-F", "-t", "ext4", "-L", "UDPECHOD", "-d", f"{self.folder}/config", path, "4M")
        return path


class Booted:
    """The image in a machine: its kernel and initrd, a wire to the NIC for echoes, a way to /metrics on the other."""

    def __init__(self, image, machine):
        self.machine = machine
        self.metrics = free_port(socket.SOCK_STREAM)
        self.count = 0
        forward = f"user,id={{id}},hostfwd=tcp:127.0.0.1:{self.metrics}-:9110"
        machine.add_nic("virtio-net-pci", "02:00:00:00:00:0a", MANAGEMENT, forward)
        self.wire = machine.add_wire(NIC, MAC, ECHO)
        with open(f"{image.folder}/cmdline", encoding="utf-8") as file:
            append = file.read()
        self.started = time.monotonic()
        machine.boot("-kernel", f"{image.folder}/vmlinuz", "-initrd", f"{image.folder}/initrd", "-append", append,
                     "-drive", f"if=none,id=config,format=raw,readonly=on,file={image.disk()}", "-device", "virtio-blk-pci,drive=config")

    def await_announcement(self):
        """What udpechod says once it can be heard."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            frame = self.wire.receive(1)
            if frame is not None and ARP in (seen := Ether(frame)) and (seen.src, seen[ARP].psrc) == (MAC, ADDRESS):
                return
        raise Broken(f"no announcement in {PATIENCE} s:\n{self.machine.console.text[-4000:]}")

    def echo(self):
        """A datagram, there and back. It is sent again if nothing comes: on a computer that stands still for long the watchdog
        starts udpechod once more."""
        self.count += 1
        text = b"are you there? %d" % self.count
        ask = Ether(dst=MAC, src="02:00:00:00:00:01") / IP(src="198.18.0.1", dst=ADDRESS) / UDP(sport=4000, dport=PORT) / text
        end, frame = time.monotonic() + PATIENCE, None
        while time.monotonic() < end:
            if frame is None:
                self.wire.send(bytes(ask))
            elif UDP in (seen := Ether(frame)) and bytes(seen[UDP].payload)[:len(text)] == text:
                return
            frame = self.wire.receive(5)
        raise Broken(f"no echo in {PATIENCE} s:\n{self.machine.console.text[-4000:]}")

    def first_echo(self):
        self.await_announcement()
        self.echo()
        print(f"# power-on to first echo: {time.monotonic() - self.started:.1f} s")
        said = self.machine.console.text
        for line in re.findall(r"(?:appliance|udpechod)\[\d+\]: (.*)", said):
            print(f"#   {line}")
        for part in ("configuration: from the disk UDPECHOD", f"udpechod: 0000:00:{ECHO:02x}.0, bound to vfio-pci",
                     f"management: 0000:00:{MANAGEMENT:02x}.0, address: dhcp"):
            assert part in said, said

    def open_shell(self):
        channel = self.machine.shell.channel
        channel.wait_for("# $", PATIENCE)
        channel.write(SHELL + "\n")

    def check_metrics(self):
        """Over the kernel's driver and DHCP, while udpechod has its own NIC: and they count what came there."""
        end, text = time.monotonic() + PATIENCE, ""
        while time.monotonic() < end and not re.search(r'^udpechod_\w*\{[^}]*verdict="udp-echo"[^}]*\} [1-9]', text, re.MULTILINE):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/metrics", timeout=patience(5)) as page:
                text = page.read().decode()
            time.sleep(0.2)
        assert text and time.monotonic() < end, text

    def check_read_only(self):
        shell = self.machine.shell
        for place in ("/", "/etc", "/usr/sbin", "/config", "/lib/modules"):
            status, said = shell.run(f"touch {place}/probe")
            assert status != 0 and "Read-only file system" in said, (place, said)
        shell.check("touch /tmp/probe /var/probe /run/probe")
        kinds = set(re.findall(r"^\S+ \S+ (\S+) ", shell.check("cat /proc/mounts"), re.MULTILINE))
        assert not kinds & {"btrfs", "vfat", "xfs"}, kinds

    def main_process(self):
        return self.machine.shell.check("systemctl show -P MainPID udpechod.service").strip()

    def hurt(self, signal_name):
        """Sends udpechod a signal that it cannot catch; how long it is until it echoes again."""
        process = self.main_process()
        self.wire.receive_all()
        before = time.monotonic()
        self.machine.shell.check(f"kill -{signal_name} {process}")
        self.await_announcement()
        self.echo()
        took = time.monotonic() - before
        assert self.main_process() != process
        return took

    def check_kill(self):
        print("# kill -KILL to the next echo:", ", ".join(f"{self.hurt('KILL'):.2f} s" for _ in range(3)))

    def check_watchdog(self):
        print(f"# kill -STOP to the next echo, by the watchdog: {self.hurt('STOP'):.1f} s")

    def check_doctor(self):
        """It looks at this machine, and finds the NIC as it should be."""
        status, said = self.machine.shell.run("udpechod -c /etc/udpechod/udpechod.conf --doctor", PATIENCE)
        print(*(f"#   {line}" for line in said.splitlines()), sep="\n")
        assert status in (0, 1) and f"0000:00:{ECHO:02x}.0" in said, (status, said)

    def check_exposure(self):
        said = self.machine.shell.check("systemd-analyze --no-pager security udpechod.service | tail -1", PATIENCE)
        print(f"# {said.strip()}")
        assert "Overall exposure level for udpechod.service" in said, said


def boot_again(image, udpecho):
    """As a person does: scripts/run-image, from the disk that UEFI boots."""
    echo, metrics = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    before = time.monotonic()
    with subprocess.Popen([f"{SCRIPTS}/run-image", "--disk", f"--echo={echo}", f"--metrics={metrics}", image.folder],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=die_with_us) as process:
        try:
            while time.monotonic() < before + PATIENCE and process.poll() is None:
                done = subprocess.run([udpecho, "--timeout=1", "127.0.0.1", str(echo)], input=b"again", capture_output=True, check=False)
                if done.returncode == 0:
                    print(f"# from the disk, power-on to first echo: {time.monotonic() - before:.1f} s")
                    return
                time.sleep(0.1)
        finally:
            process.kill()
            said = process.stdout.read().decode(errors="replace")
        raise Broken(f"no echo: {said[-4000:]}")


def check_untouched(image, digests):
    assert digest(image.folder) == digests


def main():
    udpecho, packages, folder = (os.path.abspath(path) for path in sys.argv[1:])
    image, tap = Image(packages, folder), Tap()
    tap.case("is built", image.build)
    if tap.failed or not os.path.exists(f"{image.folder}/initrd"):
        return tap.exit_status()
    digests = digest(image.folder)
    booted = []
    with Machine() as machine:
        tap.case("boots", lambda: booted.append(Booted(image, machine)))
        for appliance in booted:
            for name, check in (
                    ("echoes", appliance.first_echo), ("has /metrics on its management network", appliance.check_metrics),
                    ("has a shell where it is told to", appliance.open_shell), ("cannot be written to", appliance.check_read_only),
                    ("heals when it is killed", appliance.check_kill), ("heals when it stands still", appliance.check_watchdog),
                    ("has the doctor look", appliance.check_doctor), ("says how exposed it is", appliance.check_exposure),
                    ("still echoes", appliance.echo)):
                tap.case(name, check)
    tap.case("after a power cut boots again, from a disk that cannot be written to", boot_again, image, udpecho)
    tap.case("and is as it was built", check_untouched, image, digests)
    return tap.exit_status()


if __name__ == "__main__":
    signal.alarm(1800)
    sys.exit(main())
