#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Which NIC config/image/root/usr/lib/udpechod/appliance gives to whom, on machines that are but a few files."""
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from tap import Tap, patience  # noqa: E402

PROGRAM = os.path.join(HERE, "..", "..", "config", "image", "root", "usr", "lib", "udpechod", "appliance")
A, B, C = "0000:00:03.0", "0000:01:00.0", "0000:0a:00.1"  # in the order in which `first` goes
DISK, NIC, INTEL, NVIDIA = "0x010000", "0x020000", "0x8086", "0x15b3"
FIRST = "[device echo]\ndevice = pci:first\naddress = 198.18.0.2/24\n"
NOT_STARTED = "udpechod: does not start without all of its NICs"
DHCP = "[Match]\nPath=pci-{}\n[Network]\nDHCP=ipv4\n"


class Machine:
    """A root with PCI devices, ADDRESS: (class, vendor, what else is in its folder), and tools that only say what was asked of
    them; a tool's status is that of a condition, TOOL="CONDITION"."""

    def __init__(self, root, devices, **fails):
        self.root = root
        for address, (kind, vendor, *more) in devices.items():
            self.write(f"sys/bus/pci/devices/{address}/class", kind)
            self.write(f"sys/bus/pci/devices/{address}/vendor", vendor)
            for name in more:
                self.write(f"sys/bus/pci/devices/{address}/{name}", "")
            if kind == NIC:
                self.write(f"sys/bus/pci/drivers/vfio-pci/{address}", "")
                os.makedirs(os.path.join(root, f"sys/bus/pci/devices/{address}/driver"))
        for name in ("run/appliance", "sys/kernel/mm/hugepages/hugepages-2048kB", "config", "bin"):
            os.makedirs(os.path.join(root, name))
        self.write("usr/share/udpechod/appliance/udpechod.conf", "built in\n")
        for tool in ("udevadm", "mount", "modprobe", "systemctl"):
            self.write(f"bin/{tool}", f"#!/bin/sh\necho {tool} $* >>{root}/asked\n{fails.get(tool, ':')}\n")
            os.chmod(os.path.join(root, "bin", tool), 0o755)

    def write(self, name, text):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text + "\n" * (not text.endswith("\n")))

    def read(self, name):
        try:
            with open(os.path.join(self.root, name), encoding="utf-8", newline="") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def run(self, udpechod, appliance=None):
        """Runs the program on these files of the configuration disk; what it said."""
        for name, text in (("udpechod.conf", udpechod), ("appliance.conf", appliance)):
            if text is not None:
                self.write(f"config/{name}", text)
        done = subprocess.run(["sh", PROGRAM, self.root], capture_output=True, text=True, timeout=patience(30), check=False,
                              env={"PATH": f"{self.root}/bin:{os.environ['PATH']}"})
        assert done.returncode == (1 if NOT_STARTED in done.stderr else 0), done
        return done.stderr

    def bound(self):
        """The devices that vfio-pci is to have: taken from their driver, and the last of them probed last."""
        taken = [self.read(f"{os.path.dirname(path)}/driver/unbind") for path in self.overrides()]
        assert taken == [f"{path.split('/')[-2]}\n" for path in self.overrides()], taken
        probed = self.read("sys/bus/pci/drivers_probe")
        assert (probed is None) == (taken == []) and (probed is None or probed in taken), (probed, taken)
        return [path.split("/")[-2] for path in self.overrides()]

    def overrides(self):
        return sorted(glob.glob(f"{self.root}/sys/bus/pci/devices/*/driver_override"))

    def awake(self):
        """The devices whose drivers udev is to find, in that order."""
        return re.findall(r"--parent-match=\S*/(\S+)", self.read("asked"))


def share(devices, udpechod, appliance, bound, management, said=(), config=None):
    """On a machine with the devices and two configuration files: those bound to vfio-pci, the management network's, and parts of
    what is said."""
    with tempfile.TemporaryDirectory() as root:
        machine = Machine(root, devices)
        errors = machine.run(udpechod, appliance)
        assert machine.bound() == bound, (machine.bound(), errors)
        awake = [address for address in machine.awake() if devices[address][0] == NIC and devices[address][1] != NVIDIA]
        network = machine.read("run/systemd/network/management.network")
        if management is None:
            assert (awake, network) == ([], None), (awake, network)
        else:
            address, text = management
            assert (awake, network) == ([address], text.format(address)), (awake, network, errors)
        for part in said:
            assert part in errors, f"not said: {part}: {errors}"
        assert (NOT_STARTED in errors) == (NOT_STARTED in said), errors
        if config is not None:
            assert machine.read("run/appliance/udpechod.conf") == config, machine.read("run/appliance/udpechod.conf")


def check_no_disk():
    with tempfile.TemporaryDirectory() as root:
        errors = Machine(root, {A: (DISK, INTEL)}, udevadm="[ $1 != wait ]").run(None)
        assert "as built in, for there is no disk with the label UDPECHOD" in errors, errors
    with tempfile.TemporaryDirectory() as root:
        machine = Machine(root, {A: (DISK, INTEL)}, mount="[ $1 = --bind ]")
        errors = machine.run(None)
        assert "as built in, for the disk UDPECHOD is neither FAT nor ext4, or broken" in errors, errors
        assert f"mount --bind {root}/usr/share/udpechod/appliance {root}/config" in machine.read("asked"), machine.read("asked")


def check_disk():
    """Drivers of disks are looked for before the disk is; that of a NIC is not."""
    with tempfile.TemporaryDirectory() as root:
        machine = Machine(root, {A: (DISK, INTEL), B: (NIC, INTEL), C: ("0x0c0330", INTEL)})
        errors = machine.run(None, "management = none\nhugepages = 128\nshell = ttyS1\n")
        assert "no udpechod.conf on that disk: as built in" in errors, errors
        assert machine.read("run/appliance/udpechod.conf") == "built in\n"
        assert machine.awake() == [A, C], machine.awake()
        assert machine.read("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages") == "64\n"
        asked = machine.read("asked").splitlines()
        assert [line[:12] for line in asked[:3]] == ["udevadm trig", "udevadm wait", "mount -o ro,"], asked
        assert "systemctl start --no-block appliance-shell@ttyS1.service" in asked, asked


def check_not_taken():
    with tempfile.TemporaryDirectory() as root:
        machine = Machine(root, TWO)
        os.remove(f"{root}/sys/bus/pci/drivers/vfio-pci/{B}")
        errors = machine.run(FIRST)
        assert f"{B}: vfio-pci does not take it" in errors and NOT_STARTED in errors, errors


def check_no_shell():
    """Whoever wrote it into the file is not kept from the rest."""
    with tempfile.TemporaryDirectory() as root:
        machine = Machine(root, TWO, systemctl="false")
        errors = machine.run(FIRST, "shell = a/b\n")
        assert "shell: a/b: there can be none" in errors and machine.bound() == [B], errors


def named(*addresses):
    return "".join(f"[device d{at}]\ndevice=pci:{address}\n" for at, address in enumerate(addresses))


GUARDED = (NIC, INTEL, "iommu_group")
TWO, THREE = {A: GUARDED, B: GUARDED}, {A: GUARDED, B: GUARDED, C: GUARDED}
CASES = (
    ("the first is the management network's, the next udpechod's", TWO, FIRST, None, [B], (A, DHCP),
     (f"udpechod: {B}, bound to vfio-pci", f"management: {A}, address: dhcp", "hugepages: 256 MiB"), FIRST.replace("first", B)),
    ("what is no NIC is neither", {A: (DISK, INTEL), B: GUARDED, C: GUARDED}, FIRST, "", [C], (B, DHCP)),
    ("a NIC that udpechod.conf names is not the management network's", TWO, named(A), None, [A], (B, DHCP), (), named(A)),
    ("appliance.conf names the management network's", THREE, FIRST, f"management = {B}", [A], (B, DHCP)),
    ("and udpechod.conf cannot take it", TWO, named(A), f"management = {A}\n", [], (A, DHCP), (f"{A}: it is the management", NOT_STARTED)),
    ("no management network", TWO, FIRST, "management=none\n", [A], None, ("management: no NIC",)),
    ("two for udpechod", THREE, named("first", "first"), None, [B, C], (A, DHCP), (), named(B, C)),
    ("one that is named, one that is not", THREE, named("first", A), None, [A, C], (B, DHCP), (), named(C, A)),
    ("one NIC alone", {A: GUARDED}, FIRST, None, [], (A, DHCP), ("no NIC is left for it: `management = none`", NOT_STARTED)),
    ("a NIC that is not there", TWO, named(C), f"management = {C}", [], None,
     (f"udpechod: {C}: there is no such NIC", f"management: {C}: there is no such NIC", NOT_STARTED)),
    ("a NIC of NVIDIA's keeps its driver", {A: GUARDED, B: (NIC, NVIDIA)}, FIRST, None, [], (A, DHCP), ("stays with its kernel driver",)),
    ("no IOMMU", {A: (NIC, INTEL), B: (NIC, INTEL)}, FIRST, None, [B], (A, DHCP), (f"{B}: no IOMMU", )),
    ("an address, and a gateway", TWO, FIRST, "address = 192.0.2.9/24\n\tgateway=192.0.2.1", [B],
     (A, "[Match]\nPath=pci-{}\n[Network]\nAddress=192.0.2.9/24\nGateway=192.0.2.1\n")),
    ("comments, and what no setting is", TWO, f"#device = pci:{A}\n" + FIRST, "# management = none\n\nmangement = none\nhugepages = 1G\n"
     "address = a b\n", [B], (A, DHCP), ("appliance.conf:3: left out", "appliance.conf:4: left out", "appliance.conf:5: left out",
                                        "hugepages: 256 MiB")),
    ("what only looks like a setting", TWO, FIRST, "management: none\nshell:ttyS0\nhugepages = 0900\nhugepages = 12345678\n$(a;b = c\n"
     "gateway =\n", [B], (A, DHCP), ("hugepages: 256 MiB", *(f"appliance.conf:{line}: left out" for line in range(1, 7)))),
    ("a comment is one anywhere", TWO, f"  # device = pci:{B}\n[device echo]\ndevice = pci:first # not pci:{A}\n", None, [B], (A, DHCP),
     (), f"  # device = pci:{B}\n[device echo]\ndevice = pci:{B}\n"),
    ("addresses as udpechod takes them", THREE, named("0000:0A:00.1", "00:03.0", "first"), "management = 1:0.0\n", [A, C], (B, DHCP),
     ("no NIC is left", NOT_STARTED)),
    ("what is no address", TWO, named("x", "0000:00:1.2.3.0", "::."), f"management = {20 * 'f'}:0.0\n", [], None,
     ("udpechod: x: there is no", "udpechod: 0000:00:1.2.3.0: there", "management: ffff", NOT_STARTED)),
    ("lines that end as on Windows", TWO, FIRST.replace("\n", "\r\n"), f"management = {B}\r\n\r\n", [A], (B, DHCP), (),
     FIRST.replace("first", A)),
)


def main():
    tap = Tap()
    for name, *case in CASES:
        tap.case(name, share, *case)
    tap.case("no configuration disk", check_no_disk)
    tap.case("a disk on any controller, and what is on it", check_disk)
    tap.case("a NIC that vfio-pci does not take", check_not_taken)
    tap.case("no shell", check_no_shell)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
