# SPDX-License-Identifier: BSD-3-Clause
"""udpechod on a NIC of its own in the emulated machine, frames from outside, and the model's opinion on each of them."""
import json
import os
import sys
import time
from collections import Counter, namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "model"), os.path.join(HERE, "..", "golden")]
import frames as make  # noqa: E402
from compare import report_of  # noqa: E402
from machine import PATIENCE  # noqa: E402
from model import Model  # noqa: E402
from offline import check_law, read_verdicts  # noqa: E402
from settings import parse_options  # noqa: E402

from scapy.layers.inet import ICMP, IP  # noqa: E402
from scapy.layers.l2 import ARP, Ether  # noqa: E402

MAC, ADDRESS = make.OUR_MAC, f"{make.OURS}/24"
NOBODY = "00:00:00:00:00:00"
WINDOW = 48  # frames on their way: fewer than the smallest ring takes, and a socket's buffer
SHOWN = 3  # differences, in full

# A kind of NIC, its DPDK driver, and what becomes of a short frame before udpechod can see it. PADS: the emulation fills
# it with zeros up to the 60 bytes that a real wire would have given it. Otherwise it comes as it is, and the driver
# drops and counts what has no Ethernet header.
Nic = namedtuple("Nic", "model driver pads")
NICS = (Nic("e1000e", "net_e1000_em", True), Nic("virtio-net-pci", "net_virtio", False), Nic("vmxnet3", "net_vmxnet3", True))


def passes(frame):
    """Whether a NIC that is not promiscuous takes it: all of these filter by the destination, and by nothing else."""
    return frame[:6] in (bytes.fromhex(MAC.replace(":", "")), b"\xff" * 6)


def marker(number):
    """A ping from nobody: once it is answered, so is what came in bursts before."""
    ether = Ether(dst=MAC, src="02:00:00:00:fe:ed")
    ping = IP(src="198.18.0.250", dst=make.OURS) / ICMP(type=8, id=0xFEED, seq=number & 0xFFFF)
    return bytes(ether / ping / b"marker, long enough")


def announcement(tags=b""):
    """Gratuitous ARP (RFC 5227 2.3), behind tags as they are on the wire."""
    frame = bytes(Ether(dst="ff:ff:ff:ff:ff:ff", src=MAC) / ARP(
        op=1, hwsrc=MAC, psrc=make.OURS, hwdst=NOBODY, pdst=make.OURS))
    return frame[:12] + tags + frame[12:]


def vlans(requests):
    """In which VLANs these ARP requests came: the tags, without priorities, of the last 16."""
    found, oldest = [], 0
    for frame in requests:
        tags = frame[12:frame.index(b"\x08\x06\0\1\x08\0", 12)]
        tags = b"".join(tags[at:at + 2] + bytes([tags[at + 2] & 15, tags[at + 3]]) for at in range(0, len(tags), 4))
        if tags and tags not in found:
            found[oldest:oldest + 1] = [tags]
            oldest = (oldest + 1) % 16
    return found


class Daemon:
    """udpechod in the guest, on the NIC at a slot of the PCI bus. Leaving it kills it."""

    def __init__(self, machine, slot, *arguments):
        self.machine, self.shell = machine, machine.shell
        self.device = f"pci:0000:00:{slot:02x}.0"
        self.command = f"udpechod -d {self.device} -a {ADDRESS} --no-probe --report=json {' '.join(arguments)} >out 2>errors & echo $!"

    def __enter__(self):
        self.process = self.shell.check(self.command).split()[-1]
        return self

    def __exit__(self, *_):
        self.shell.run(f"kill -KILL {self.process} && wait {self.process}; rm -rf /run/dpdk /dev/hugepages/*")

    def errors(self):
        """What it has said on standard error so far."""
        return self.shell.check("cat errors")

    def await_log(self, text):
        """Waits until it has said that."""
        end = time.monotonic() + PATIENCE
        while text not in self.errors():
            assert time.monotonic() < end, f"it does not say {text!r}: {self.errors()}"
            time.sleep(0.1)

    def end(self):
        """SIGTERM: status 0, nothing left behind, nothing lost; the report."""
        status, _ = self.shell.run(f"kill -TERM {self.process}; wait {self.process}")
        assert status == 0, f"status {status}: {self.errors()}"
        left = self.shell.check("ls -A /dev/hugepages /run").split()
        assert set(left) == {"/dev/hugepages:", "/run:", "errors", "out"}, f"left behind: {left}"
        report = json.loads(self.shell.check("cat out"))
        check_law(report)
        (device,) = report["devices"]
        expected = {"device": self.device, "mac": MAC, "addresses": [make.OURS], "rx_missed": 0, "rx_nombuf": 0,
                    "tx_errors": 0, "tx_full": 0, "tx_stalls": 0, "pool_exhausted": 0}
        wrong = [f"{name}: {device[name]}, not {value}" for name, value in expected.items() if device[name] != value]
        assert not wrong, "\n".join(["of the device:", *wrong])
        return report


class Appliance(Daemon):
    """One on a wire, each of whose frames the model judges too."""

    def __init__(self, machine, wire, nic, slot, *arguments, mtu=1500):
        super().__init__(machine, slot, *arguments, *([] if mtu == 1500 else [f"--mtu={mtu}"]))
        self.wire, self.nic, self.mtu = wire, nic, mtu
        self.model = Model(parse_options(["-m", MAC, "-a", ADDRESS]))
        self.model.mtu = mtu
        self.seen, self.answers = [], []  # the frames that came to the driver, and the model's answers
        self.sent = self.markers = self.runts = self.differences = self.flaps = 0
        self.announcements = []

    def __enter__(self):
        super().__enter__()
        try:
            self.await_announcement()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        super().__exit__()
        self.wire.receive_all()

    def await_announcement(self):
        """It says who it is as soon as the link is up; until then the NIC takes no frame."""
        requests = [frame for frame, answer in zip(self.seen, self.answers) if answer.verdict == "arp-reply"]
        for tags in (b"", *vlans(requests)):
            frame = self.wire.receive(2 * PATIENCE)
            assert frame is not None, f"no announcement: {self.errors()}{self.machine.console.text[-500:]}"
            assert frame == announcement(tags), f"not an announcement: {frame.hex()}"
            self.announcements.append(frame)

    def send(self, frame):
        """Sends a frame; the replies that the model expects."""
        self.sent += 1
        self.wire.send(frame)
        if not passes(frame):
            return []
        if self.nic.pads:
            frame = frame.ljust(60, b"\0")
        elif len(frame) < 14:
            self.runts += 1
            return []
        answer = self.model.answer(frame, time.monotonic_ns() // 1000)
        self.seen.append(frame)
        self.answers.append(answer)
        return answer.replies

    def mark(self):
        """Sends a marker and receives until it is answered: the frames that came, and those that should have."""
        self.markers += 1
        expected = self.send(marker(self.markers))
        came = []
        while (frame := self.wire.receive()) is not None:
            came.append(frame)
            if frame == expected[0]:
                return came, expected
        return came, expected

    def exchange(self, frames):
        """Sends the frames, some at a time. Each has the model's replies, to the byte, and nothing else comes.

        In a burst replies that need copies are sent after the others, so the order is that of the windows alone; and
        only what came in bursts before a marker is sure to be sent before its answer, so there are two of them.
        """
        problems = []
        for at in range(0, len(frames), WINDOW):
            window = frames[at:at + WINDOW]
            expected = [reply for frame in window for reply in self.send(frame)]
            came = []
            for _ in range(2):
                some = self.mark()
                came, expected = came + some[0], expected + some[1]
            lost, strange = list((Counter(expected) - Counter(came)).elements()), list((Counter(came) - Counter(expected)).elements())
            self.differences += len(lost) + len(strange)
            problems += [f"lost: {frame.hex()}" for frame in lost] + [f"strange: {frame.hex()}" for frame in strange]
            if len(problems) > 10:
                break
        assert not problems, "\n".join([f"{len(problems)} differences from the model", *problems[:SHOWN]])

    def stop(self):
        """SIGTERM: the report counts what the model counts."""
        report = self.end()
        self.model.reassembly.finish()
        counts = Counter(answer.verdict for answer in self.answers)
        expected = report_of(self.seen, self.answers, self.model.reassembly.expired)
        expected["announcements"] = len(self.announcements)
        expected["tx_packets"] += len(self.announcements)
        expected["tx_bytes"] += sum(map(len, self.announcements))
        wrong = [f"{name}: {report[name]}, the model {value}" for name, value in expected.items() if report[name] != value]
        wrong += [f"{name}: {report['verdicts'][name]}, the model {counts[name]}"
                  for name in read_verdicts() if report["verdicts"][name] != counts[name]]
        waited = "link down: waiting for it" in self.errors()  # at the start, while a NIC agrees on its speed
        expected = {"rx_errors": self.runts, "link_changes": 2 * self.flaps + waited}
        (device,) = report["devices"]
        wrong += [f"{name}: {device[name]}, not {value}" for name, value in expected.items() if device[name] != value]
        assert not wrong, "\n".join(["the report:", *wrong])
        print(f"# {self.device}: {self.sent} frames, {len(self.seen)} of them to the driver, {self.differences} differences")
        print(f"#   {', '.join(f'{name} {count}' for name, count in counts.most_common())}", flush=True)
