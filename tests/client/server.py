# SPDX-License-Identifier: BSD-3-Clause
"""UDP servers of the test's own: what they answer is the case's business."""
import contextlib
import fcntl
import shutil
import socket
import struct
import subprocess
import termios
import threading
import time

from tap import Skip, patience

SO_RCVBUFFORCE = 33  # socket(7); the module does not have it
PATIENCE = patience(30)  # seconds, only so that a bug does not hang the test


class Server:
    """Serves one address in a thread. answer(server, data, client) is called for each datagram."""

    def __init__(self, answer, address="127.0.0.1", port=0):
        self.answer = answer
        self.address = address
        self.received = []
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self.socket.bind((address, port))
        except OSError as error:
            self.socket.close()
            raise Skip(f"no {address} here: {error.strerror}") from error
        self.port = self.socket.getsockname()[1]
        self.socket.settimeout(0.1)
        with contextlib.suppress(PermissionError):  # it may have to wait for its turn
            self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def serve(self):
        while not self.stopping.is_set():
            try:
                data, self.extras, _, client = self.socket.recvmsg(65536, 256)
            except socket.timeout:
                continue
            self.received.append(data)
            self.answer(self, data, client)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(PATIENCE)
        self.socket.close()


def answer_with(change):
    """An answer that is the datagram with a change made to it."""
    return lambda server, data, client: server.socket.sendto(change(data), client)


echo = answer_with(lambda data: data)


def silence(_server, _data, _client):
    """No answer at all."""


def echo_after_stranger(server, data, client):
    """A wrong answer from a port that was not asked, and then the echo."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.sendto(b"from a stranger", client)
    echo(server, data, client)


def bad_checksum(server, _data, client):
    """A datagram from the right port whose checksum is wrong; at most a wake-up for nothing."""
    payload = b"damaged"
    udp = struct.pack("!HHHH", server.port, client[1], 8 + len(payload), 0xDEAD) + payload
    with raw_socket(socket.IPPROTO_UDP) as raw:
        raw.sendto(udp, (client[0], 0))


def unreachable(code):
    """No answer, but an ICMP error (RFC 792) that quotes the client's datagram."""

    def answer(server, data, client):
        local = socket.inet_aton("127.0.0.1")
        length = 20 + 8 + len(data)
        quoted = struct.pack("!BBHHHBBH", 0x45, 0, length, 0, 0, 64, 17, 0) + local + local
        quoted += struct.pack("!HHHH", client[1], server.port, 8 + len(data), 0)
        icmp = struct.pack("!BBHI", 3, code, 0, 0) + quoted
        total = sum(struct.unpack(f"!{len(icmp) // 2}H", icmp))
        total = (total & 0xFFFF) + (total >> 16)
        total = (total & 0xFFFF) + (total >> 16)
        icmp = icmp[:2] + struct.pack("!H", ~total & 0xFFFF) + icmp[4:]
        with raw_socket(socket.IPPROTO_ICMP) as raw:
            raw.sendto(icmp, (client[0], 0))

    return answer


def raw_socket(protocol):
    """A socket that sends what it is told to, where this is allowed."""
    try:
        return socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
    except PermissionError as error:
        raise Skip("raw sockets need CAP_NET_RAW") from error


def closed_port(address="127.0.0.1"):
    """A port on which nothing listened a moment ago."""
    with Server(silence, address) as server:
        return server.port


class Socat:
    """An echo server that somebody else wrote."""

    def __init__(self):
        if shutil.which("socat") is None:
            raise Skip("socat is not installed")
        self.port = closed_port()

    def __enter__(self):
        # One child per client; -T ends each of them when it has been quiet for a second.
        listen = f"UDP4-LISTEN:{self.port},bind=127.0.0.1,fork,reuseaddr"
        self.process = subprocess.Popen(
            ["socat", "-T1", "-b", "65536", listen, "PIPE"], stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while not self.listening():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise AssertionError("socat does not listen")
            time.sleep(0.01)
        return self

    def listening(self):
        """True when the kernel lists the port; asking by datagram would make socat fork."""
        with open("/proc/net/udp", encoding="ascii") as table:
            return any(line.split()[1].endswith(f":{self.port:04X}") for line in table)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)


def pipe_is_empty(descriptor):
    """True when the other side has read all that was written to the pipe."""
    unread = fcntl.ioctl(descriptor, termios.FIONREAD, struct.pack("i", 0))
    return struct.unpack("i", unread)[0] == 0


def wait_until(condition):
    """Waits for something that happens in another process."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)
