# SPDX-License-Identifier: BSD-3-Clause
"""A computer that QEMU emulates, and all that reaches it from outside. No KVM, no root, no network is needed.

    +----------------------------- guest ------------------------------+
    |  e1000e, virtio-net, vmxnet3      first serial    second serial  |
    +--------||------------------------------|---------------|---------+
          Wire: frames in and out     Channel console     Shell         QMP: link, power, ...

Everything is a pair of sockets that QEMU inherits: no port, no path, nothing is left behind, and QEMU ends when
this process does. A wire loses nothing: QEMU reads the next frame when the NIC has room for it.

    with Machine(memory="1G", cpus=2) as machine:
        wire = machine.add_wire("e1000e", mac="02:00:00:00:00:0b", addr=0x10)   # guest: 0000:00:10.0
        machine.boot("-kernel", kernel, "-initrd", initrd, "-append", "console=ttyS0")
        machine.console.wait_for("login:", 60)
        wire.send(frame)
        reply = wire.receive(5)                         # a frame, or None: none came in 5 s
        machine.set_link(wire, False)
        machine.qmp("query-status")
        status, text = machine.shell.run("uname -r")    # where the guest runs a shell on its second serial port

Add disks and the like among the arguments of boot(). Show said() where something fails.
"""
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
from struct import pack, unpack

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "live")]
from tap import Skip, patience  # noqa: E402
from world import die_with_us  # noqa: E402

QEMU = "qemu-system-x86_64"
PATIENCE = patience(30)  # seconds: plain emulation on a busy machine is slow
MODELS = {  # what each NIC needs to be seen through the emulated IOMMU
    "e1000e": {},
    "virtio-net-pci": {"disable-legacy": "on", "iommu_platform": "on", "ats": "on"},
    "vmxnet3": {},
}


class Broken(AssertionError):
    """The machine, or what runs in it, did not do what was waited for."""


class Channel:
    """A serial port's other end: text, as it comes. It is taken at once, by a thread: a guest's kernel that can't get rid of
    a letter waits for 10 ms, and stands still meanwhile."""

    def __init__(self, mine):
        self.socket = mine
        self.text = ""
        self.is_off = False
        self.changed = threading.Condition()

    def listen(self):
        """Takes all that comes from now on."""
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        while some := self.socket.recv(65536):
            with self.changed:
                self.text += some.decode(errors="replace").replace("\r", "")
                self.changed.notify_all()
        with self.changed:
            self.is_off = True
            self.changed.notify_all()

    def write(self, text):
        self.socket.sendall(text.encode())

    def wait_for(self, pattern, patience=PATIENCE, start=0):
        """The match of the regular expression in the text from START on, as soon as it is there."""
        expression = re.compile(pattern, re.MULTILINE)
        with self.changed:
            self.changed.wait_for(lambda: self.is_off or expression.search(self.text, start), patience)
            found, text = expression.search(self.text, start), self.text[start:][-4000:]
        if not found:
            why = "the machine is off" if self.is_off else f"waited {patience} s in vain for {pattern!r}"
            raise Broken(f"{why}:\n{text}")
        return found


class Shell:
    """What the guest runs on its second serial port: it says `ready`, and then does line by line what it reads, without an
    echo or a prompt, and keeps the status of each in $status."""

    def __init__(self, channel):
        self.channel = channel
        self.number = 0

    def run(self, command, patience=PATIENCE):
        """Runs a line to its end: its status, and what it printed."""
        if self.number == 0:
            self.channel.wait_for("^ready$", 4 * patience)  # that is, until it has booted
        self.number += 1
        start = len(self.channel.text)
        self.channel.write(f"{command}\nprintf '\\nend-{self.number} %d\\n' $status\n")
        found = self.channel.wait_for(rf"^end-{self.number} (\d+)$", patience, start)
        return int(found[1]), self.channel.text[start:found.start()].removesuffix("\n")

    def check(self, command, patience=PATIENCE):
        """What the command printed; it has to succeed."""
        status, text = self.run(command, patience)
        if status != 0:
            raise Broken(f"{command}: status {status}: {text}")
        return text


class Wire:
    """What a NIC is plugged into: frames go in and come out, whole and in order."""

    def __init__(self, name, mine):
        self.name = name
        self.socket = mine
        self.bytes = bytearray()

    def send(self, frame):
        """To the guest. Waits while the NIC has no room; receive now and then, or it never has."""
        self.socket.sendall(pack("!I", len(frame)) + frame)

    def receive(self, patience=PATIENCE):
        """The next frame from the guest; None: none came in time."""
        end = time.monotonic() + patience
        while True:
            size = 4 + unpack("!I", self.bytes[:4])[0] if len(self.bytes) >= 4 else 4
            if size > 4 and len(self.bytes) >= size:
                frame = bytes(self.bytes[4:size])
                del self.bytes[:size]
                return frame
            if not select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]:
                return None
            some = self.socket.recv(1 << 20)
            if not some:
                raise Broken("the machine is off")
            self.bytes += some

    def receive_all(self):
        """All frames that are there by now."""
        frames = []
        while (frame := self.receive(0)) is not None:
            frames.append(frame)
        return frames


class Machine:
    """A PC (q35) with an IOMMU. Leaving it takes its power away."""

    def __init__(self, memory="1G", cpus=2):
        self.process = None
        self.passed = []  # their ends of sockets, and what else QEMU inherits
        self.wires = 0
        self.console, self.monitor = Channel(self.pair()), self.pair()
        self.shell = Shell(Channel(self.pair()))
        console, monitor, shell = (end.fileno() for end in self.passed)
        self.arguments = [
            "-machine", "q35,accel=tcg,kernel-irqchip=split", "-cpu", "max", "-smp", str(cpus), "-m", memory,
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-sandbox", "on",
            "-device", "intel-iommu,intremap=on,caching-mode=on,device-iotlb=on",
            "-chardev", f"socket,id=console,fd={console}", "-serial", "chardev:console",
            "-chardev", f"socket,id=shell,fd={shell}", "-serial", "chardev:shell",
            "-chardev", f"socket,id=monitor,fd={monitor}", "-mon", "chardev=monitor,mode=control"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def pair(self):
        mine, theirs = socket.socketpair()
        self.passed.append(theirs)
        return mine

    def add_nic(self, model, mac, addr, netdev, **options):
        """A NIC at slot ADDR (0x10 is 0000:00:10.0 in the guest) on what NETDEV, an argument of QEMU's, describes."""
        name = f"net{self.wires}"
        self.wires += 1
        options = {"netdev": name, "id": f"nic-{name}", "mac": mac, "bus": "pcie.0", "addr": hex(addr), **MODELS[model], **options}
        device = ",".join([model, *(f"{key}={value}" for key, value in options.items())])
        self.arguments += ["-netdev", netdev.format(id=name), "-device", device]
        return name

    def add_wire(self, model, mac, addr, **options):
        """A NIC, and the wire to it."""
        mine = self.pair()
        netdev = f"stream,id={{id}},server=off,addr.type=fd,addr.str={self.passed[-1].fileno()}"
        return Wire(self.add_nic(model, mac, addr, netdev, **options), mine)

    def add_taps(self, model, mac, addr, taps, **options):
        """A NIC on the open files of a TAP interface, one for each pair of its queues. They are QEMU's from now on."""
        self.passed += taps
        numbers = ":".join(str(tap.fileno()) for tap in taps)
        netdev = f"tap,id={{id}},fds={numbers},vhost=off"
        if model == "virtio-net-pci" and len(taps) > 1:
            options = {"mq": "on", "vectors": 2 * len(taps) + 2, **options}
        return self.add_nic(model, mac, addr, netdev, **options)

    def boot(self, *arguments):
        """Turns it on, with more arguments for QEMU: a kernel, disks."""
        if shutil.which(QEMU) is None:
            raise Skip(f"no {QEMU} here: install qemu-system-x86")
        self.process = subprocess.Popen(
            [QEMU, *self.arguments, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, pass_fds=[end.fileno() for end in self.passed],
            preexec_fn=die_with_us)
        for end in self.passed:
            end.close()
        self.passed = []
        for channel in (self.console, self.shell.channel):
            channel.listen()
        try:
            self.read_monitor()  # its greeting
            self.qmp("qmp_capabilities")
        except Broken as broken:
            raise Broken(f"QEMU does not start: {self.process.communicate(timeout=PATIENCE)[1].decode()}") from broken

    def read_monitor(self):
        """The next message of the monitor."""
        line = b""
        while not line.endswith(b"\n"):
            ready = select.select([self.monitor], [], [], PATIENCE)[0]
            some = self.monitor.recv(1) if ready else b""
            if not some:
                raise Broken(f"QEMU's monitor is silent after {line!r}")
            line += some
        return json.loads(line)

    def qmp(self, command, **arguments):
        """What QEMU's monitor returns for a command; events are skipped."""
        self.monitor.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        while True:
            message = self.read_monitor()
            if "error" in message:
                raise Broken(f"{command}: {message['error']['desc']}")
            if "return" in message:
                return message["return"]

    def set_link(self, name, up):
        """Plugs in what add_wire() or add_taps() made, or pulls it out."""
        self.qmp("set_link", name=name if isinstance(name, str) else name.name, up=up)

    def said(self):
        """All that the guest has said on its console, and QEMU where it has ended."""
        ended = self.process.poll() is not None
        return self.console.text + (self.process.stderr.read().decode() if ended else "")

    def wait_off(self, patience=PATIENCE):
        """Waits until the guest has turned itself off."""
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired as expired:
            raise Broken(f"still on after {patience} s:\n{self.said()[-4000:]}") from expired
