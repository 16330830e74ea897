# SPDX-License-Identifier: BSD-3-Clause
"""What test programs of measurements share: a server that does harm and counts it, and the client's results."""
import contextlib
import json
import os
import re
import threading

import server
from client import run


class Harm:
    """Does harm to every so many-th datagram of each flow, and keeps count of it."""

    kinds = ("drop", "duplicate", "truncate", "extend", "corrupt", "strange", "swap", "delay", "foreign")

    def __init__(self, **every):
        self.every = every
        self.done = dict.fromkeys(self.kinds, 0)
        self.received, self.seen, self.held = 0, {}, {}

    def __call__(self, to, data, client):
        self.received += 1
        number = self.seen[client] = self.seen.get(client, 0) + 1
        send = to.socket.sendto
        for kind, every in self.every.items():
            # Not the first or the last few, so that what is held back has something behind it.
            if number % every == 0:
                self.done[kind] += 1
                getattr(self, kind)(to, data, client)
                break
        else:
            send(data, client)
            held = self.held.pop(client, None)
            if held is not None:
                send(held, client)

    def drop(self, *_):
        pass

    def duplicate(self, to, data, client):
        to.socket.sendto(data, client)
        to.socket.sendto(data, client)

    def truncate(self, to, data, client):
        to.socket.sendto(data[:-1], client)

    def extend(self, to, data, client):
        to.socket.sendto(data + b"!", client)

    def corrupt(self, to, data, client):
        """One bit, anywhere: what says which datagram it is as well as the pattern."""
        at = self.done["corrupt"] * 7 % len(data)
        to.socket.sendto(data[:at] + bytes([data[at] ^ 1 << self.done["corrupt"] % 8]) + data[at + 1:], client)

    def strange(self, to, data, client):
        to.socket.sendto(b"who am I?", client)
        to.socket.sendto(data, client)

    def foreign(self, to, data, client):
        """Like one of ours, but of another run, at another time."""
        to.socket.sendto(bytes(byte ^ 0x5A for byte in data[:8]) + data[8:16] + bytes(8) + data[24:], client)
        to.socket.sendto(data, client)

    def swap(self, _to, data, client):
        self.held[client] = data

    def delay(self, to, data, client):
        timer = threading.Timer(4, self.too_late, (to, data, client))
        timer.daemon = True
        timer.start()

    @staticmethod
    def too_late(to, data, client):
        with contextlib.suppress(OSError):  # nobody is there any more
            to.socket.sendto(data, client)


def measure(port, *options, address="127.0.0.1"):
    """The client's status, results and complaints. It waits long: a machine that is slow loses nothing."""
    status, stdout, stderr = run("--json", "--timeout=5", *options, address, port)
    return status, json.loads(stdout), stderr


def wait_for_start(client):
    """Until there is the thread that sends."""
    server.wait_until(lambda: len(os.listdir(f"/proc/{client.pid}/task")) > 1)


def wait_for_heed(client):
    """Until the signals that it was sent have come to it: of two at once it sees one."""
    def pending():
        with open(f"/proc/{client.pid}/status", encoding="ascii") as file:
            return [line for line in file if re.match(r"(SigPnd|ShdPnd):\s*0*[1-9a-f]", line)]
    server.wait_until(lambda: not pending())


def expect(got, **wanted):
    assert {key: got[key] for key in wanted} == wanted, f"{ {key: got[key] for key in wanted} }, expected {wanted}"
