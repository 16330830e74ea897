# SPDX-License-Identifier: BSD-3-Clause
"""Networks of our own to run the appliance in, gone afterwards.

For the kinds of device that sit on a kernel interface:

    namespace udpechod-PID-client         namespace udpechod-PID-appliance
    +-----------------------------+       +----------------------------------+
    | nc, ping, udpecho, ...      |       |                    udpechod      |
    |            |                |       |                       |          |
    |      kernel's stack         |       |  (no address:    af_xdp, ...     |
    |            |                | veth  |   kernel mute)        |          |
    |   client0 198.18.0.1/24 ====|=======|==== echo0  <----------+          |
    +-----------------------------+       |  answers for 198.18.0.2          |
                                          +----------------------------------+

For tap:echo0, which udpechod makes itself, both ends are in one namespace:

    namespace udpechod-PID-client
    +---------------------------------------------------------------------------+
    | nc, ping, ... - kernel's stack - echo0 198.18.0.1/24 <-- tap --> udpechod |
    +---------------------------------------------------------------------------+
"""
import contextlib
import ctypes
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from struct import pack

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "golden")]
from offline import check_law  # noqa: E402
from tap import Skip, patience, without_stalls  # noqa: E402

CLIENT, APPLIANCE, PREFIX = "198.18.0.1", "198.18.0.2", "/24"
INTERFACE = "echo0"  # udpechod's
PATIENCE = patience(5)  # seconds: so that a bug does not hang the test
LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = itertools.count()

# Its own /run and /tmp show whatever udpechod leaves there. It may itself lie in /tmp, so it is
# started by its descriptor.
PRIVATE = 'mount -n --bind "$1/run" /run && mount -n --bind "$1/tmp" /tmp && shift && exec "$@"'


def command(*arguments):
    """Runs a tool that sets the network up; returns its output."""
    try:
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except FileNotFoundError as error:
        raise Skip(f"no {arguments[0]} here") from error
    if done.returncode != 0:
        raise OSError(f"{' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def require_tool(name):
    if shutil.which(name) is None:
        raise Skip(f"no {name} here")


def wait_until(condition, what, patience=PATIENCE):
    """Asks again and again, for a bounded time."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, f"waited {patience} s in vain: {what}"
        time.sleep(0.01)


def die_with_us():
    """For a child about to start: no end of this test, not even by SIGKILL, leaves it running."""
    LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


@contextlib.contextmanager
def inside(namespace):
    """This thread is in the namespace for a while; a socket that it opens there stays there."""
    def enter(descriptor):
        if LIBC.setns(descriptor, 0x40000000) != 0:  # CLONE_NEWNET
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")

    with open("/proc/self/ns/net", "rb") as home, open(f"/run/netns/{namespace}", "rb") as there:
        enter(there.fileno())
        try:
            yield
        finally:
            enter(home.fileno())


class World:
    """A network for one kind of device, a link of so many queues. checksum_offload: the client's kernel leaves UDP
    checksums partial."""

    def __init__(self, kind, checksum_offload=False, queues=1):
        self.kind = kind
        self.queues = queues
        self.checksum_offload = checksum_offload
        self.device = f"{kind}:{INTERFACE}"
        name = f"udpechod-{os.getpid()}-{next(NUMBERS)}"
        self.client = f"{name}-client"
        self.appliance = self.client if kind == "tap" else f"{name}-appliance"
        self.interface = INTERFACE if kind == "tap" else "client0"  # the client's
        self.made = []

    def __enter__(self):
        if os.geteuid() != 0:
            raise Skip("wants root, for network namespaces")
        try:
            self.make()
        except OSError as error:
            self.remove()
            raise Skip(f"no network of our own: {error}") from error
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_):
        self.remove()

    def make(self):
        for namespace in dict.fromkeys((self.client, self.appliance)):
            command("ip", "netns", "add", namespace)
            self.made.append(namespace)
            # No frame that no test asked for: neighbour discovery, DAD, forwarded replies.
            settings = ["net.ipv4.ip_forward=0"]
            settings += [f"net.ipv6.conf.{which}.{what}" for which in ("all", "default")
                         for what in ("disable_ipv6=1", "accept_dad=0") if os.path.exists("/proc/net/if_inet6")]
            command("ip", "netns", "exec", namespace, "sysctl", "-qw", *settings)
        if self.kind != "tap":
            queues = ("numtxqueues", str(self.queues), "numrxqueues", str(self.queues))
            command("ip", "-n", self.client, "link", "add", self.interface, *queues, "type", "veth",
                    "peer", "name", INTERFACE, *queues, "netns", self.appliance)
            command("ip", "-n", self.appliance, "link", "set", INTERFACE, "up")
            if not self.checksum_offload:
                command("ip", "netns", "exec", self.client, "ethtool", "-K", self.interface, "tx", "off")
            self.connect()

    def connect(self):
        """Brings up the client's end, which with a TAP there is only while udpechod runs."""
        command("ip", "-n", self.client, "address", "add", CLIENT + PREFIX, "dev", self.interface)
        command("ip", "-n", self.client, "link", "set", self.interface, "up")

    def remove(self):
        for namespace in self.made:
            subprocess.run(["ip", "netns", "delete", namespace], check=False)
        self.made.clear()

    def link(self):
        """All that the kernel says of the appliance's interface; None if it has none."""
        try:
            return json.loads(command("ip", "-n", self.appliance, "-json", "-details", "link", "show", INTERFACE))
        except OSError:
            return None

    def refused(self, program, *arguments, before=()):
        """Runs udpechod, which is not to start, on the appliance's side to its end."""
        return subprocess.run(["ip", "netns", "exec", self.appliance, *before, program, "-d", self.device, *arguments],
                              capture_output=True, text=True, timeout=2 * PATIENCE, check=False)

    def mac(self):
        """That of the client's interface, as bytes."""
        text = json.loads(command("ip", "-n", self.client, "-json", "link", "show", self.interface))[0]["address"]
        return bytes.fromhex(text.replace(":", ""))

    def run(self, *arguments, **options):
        """Runs a tool on the client's side to its end."""
        require_tool(arguments[0])
        return subprocess.run(["ip", "netns", "exec", self.client, *arguments], capture_output=True,
                              timeout=3 * PATIENCE, check=False, **options)

    def start(self, *arguments, **options):
        """Starts a tool on the client's side; `ip` becomes it, so its process number is the tool's."""
        require_tool(arguments[0])
        return subprocess.Popen(["ip", "netns", "exec", self.client, *arguments], bufsize=0,
                                preexec_fn=die_with_us, **options)

    def socket(self, *arguments):
        with inside(self.client):
            return socket.socket(*arguments)


class Appliance:
    """udpechod on the world's device. Leaving it kills a process that is still there."""

    wrapper = ()  # what starts it, inside
    probe = ("--no-probe",)  # so that tests need not wait for what RFC 5227 waits
    leaves = {"run/xdp"}  # libxdp's, for all that use it

    def __init__(self, world, program, *arguments):
        self.world = world
        self.program = os.path.abspath(program)
        self.arguments = ["-d", world.device, "-a", APPLIANCE + PREFIX, "--report=json", "--log-level=warning",
                          *self.probe, *arguments]
        self.greetings = 0  # ARP requests of ours that it answered
        self.process = None
        self.ready = False

    def __enter__(self):
        self.directory = tempfile.mkdtemp()
        try:
            self.start()
            self.ready = True
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory)

    def path(self, name):
        return os.path.join(self.directory, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def start(self):
        world = self.world
        self.link = world.link()
        for name in ("tmp", "run"):
            os.mkdir(self.path(name))
        with open(self.path("out"), "wb") as out, open(self.path("errors"), "wb") as errors, \
                open(self.program, "rb") as program:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", world.appliance, "sh", "-c", PRIVATE, "sh", self.directory, *self.wrapper,
                 f"/proc/self/fd/{program.fileno()}", *self.arguments],
                pass_fds=[program.fileno()], stdin=subprocess.DEVNULL, stdout=out, stderr=errors,
                preexec_fn=die_with_us)
        if world.kind == "tap":
            wait_until(lambda: self.check_alive() and world.link(), "the TAP interface")
            world.connect()
        with world.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as raw:
            raw.bind((world.interface, 0x0806))
            self.mac = self.greet(raw, 254)
            # Requests that it found waiting are answered by now too, and counted, if this one is.
            self.greet(raw, 253)

    def check_alive(self):
        assert self.process.poll() is None, f"status {self.process.returncode}: {self.read('errors')}"
        return True

    def greet(self, raw, host):
        """Asks by ARP, in the name of a host, until it is answered; returns the appliance's MAC."""
        asker = socket.inet_aton(f"198.18.0.{host}")
        mac, asked = self.world.mac(), socket.inet_aton(APPLIANCE)
        request = b"\xff" * 6 + mac + pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + mac + asker + bytes(6) + asked
        # It may not be there yet; once it is, it answers, and a second request would be one too many to count.
        raw.settimeout(PATIENCE / 5 if self.greetings else 0.05)
        end, answerer = time.monotonic() + PATIENCE, None
        while answerer is None:
            assert time.monotonic() < end, f"no answer in {PATIENCE} s: {self.read('errors')}"
            self.check_alive()
            with contextlib.suppress(OSError):  # nothing came; or its TAP is not up yet
                raw.send(request)
                while answerer is None:
                    frame = raw.recv(2048)
                    if frame[20:22] == b"\0\2" and frame[28:32] == asked:
                        self.greetings += 1
                        answerer = frame[6:12] if frame[38:42] == asker else None
        return answerer

    def end(self, number=signal.SIGTERM):
        """Ends it, whatever it has said on standard error; returns the report."""
        self.check_alive()
        self.process.send_signal(number)
        status = self.process.wait(2 * PATIENCE)
        assert status == 0, f"status {status}: {self.read('errors')}"
        report = json.loads(self.read("out"))
        check_law(report)
        return report

    def stop(self, number=signal.SIGTERM):
        """Ends it, and checks all that an orderly end promises; returns the report."""
        report = self.end(number)
        # Neighbours of this test may have had its core for a while, in which frames were lost.
        errors = without_stalls(self.read("errors"))
        errors = re.sub(r"^udpechod: device \S+: \d+ frames? (was|were) lost before .*\n", "", errors, flags=re.M)
        assert errors == "", errors
        left = {os.path.join(path, file) for name in ("tmp", "run")
                for path, directories, files in os.walk(self.path(name)) for file in directories + files}
        left -= set(map(self.path, self.leaves))
        assert not left, f"left behind: {left}"
        assert self.world.link() == self.link, f"the interface was {self.link}, is {self.world.link()}"
        (device,) = report["devices"]
        assert (device["device"], device["addresses"]) == (self.world.device, [APPLIANCE]), device
        assert bytes.fromhex(device["mac"].replace(":", "")) == self.mac, device
        return report
