#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each call for memory, a descriptor or a thread fails in turn: `test_starved.py SHIM UDPECHOD UDPECHO [--runs=N|--all]`.

A run whose N-th call fails must end as if none had failed, or with one line and status 1 or 2; with no leak, and with
nothing left behind. N is each call that comes by a way of its own, who called whom; with --all, each call there is.
"""
import queue
import socket
import sys
import threading

from fault import FAIL
from kinds import Client, Live, Measuring, Offline
from reload import fail_reloads
from sweep import run_test


def serve(port_is):
    """An echo server, until the test ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        port_is.put(server.getsockname()[1])
        while True:
            data, peer = server.recvfrom(65535)
            server.sendto(data, peer)


def run_cases(tap, sweep, folder, runs, udpechod, udpecho):
    port_is = queue.Queue()
    threading.Thread(target=serve, args=(port_is,), daemon=True).start()
    port = port_is.get()
    for kind in (Client(udpecho, folder, port), Measuring(udpecho, folder, port), Offline(udpechod, folder),
                 Live(udpechod, folder)):
        tap.case(f"each call fails: {kind.name}", sweep.all, kind, runs, "one that fails", {"mode": FAIL})
    tap.case("each call fails: a reload", fail_reloads, sweep, Live(udpechod, folder), 2 * runs)


if __name__ == "__main__":
    sys.exit(run_test(2, run_cases))
