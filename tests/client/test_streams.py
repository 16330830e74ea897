#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The client and the rest of the machine: standard streams that are broken, and signals.

Usage: test_streams.py UDPECHO
"""
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import server
from client import expect, run, start, written
from server import PATIENCE, Server, answer_with
from tap import Tap


def input_closed():
    port = server.closed_port()
    got = run("127.0.0.1", port, stdin=None, preexec_fn=lambda: os.close(0))
    expect(got, 1, "", "udpecho: read standard input: bad file descriptor\n")


def input_unreadable():
    directory = os.open("/", os.O_RDONLY)
    try:
        got = run("127.0.0.1", server.closed_port(), stdin=directory)
    finally:
        os.close(directory)
    expect(got, 1, "", "udpecho: read standard input: is a directory\n")


def input_in_pieces():
    """One datagram, however many writes the input is made of."""
    with Server(server.echo) as peer:
        with start("127.0.0.1", peer.port) as client:
            for piece in (b"one ", b"two ", b"three"):
                client.stdin.write(piece)
                server.wait_until(lambda: server.pipe_is_empty(client.stdin.fileno()))
            _, stderr = client.communicate(timeout=PATIENCE)
    assert (client.returncode, stderr) == (0, b""), (client.returncode, stderr)
    assert peer.received == [b"one two three"], peer.received


def output_full(*arguments):
    with Server(server.echo) as peer, open("/dev/full", "wb") as full:
        got = run(*(arguments or ("127.0.0.1", peer.port)), stdout=full)
    expect(got, 1, "", "udpecho: write standard output: no space left on device\n")


def output_closed_pipe():
    reader, writer = os.pipe()
    os.close(reader)
    with Server(server.echo) as peer, open(writer, "wb") as pipe:
        got = run("127.0.0.1", peer.port, stdout=pipe)
    expect(got, 1, "", "udpecho: write standard output: broken pipe\n")


def errors_closed():
    """The socket must not become standard error, and the peer read our messages."""
    with Server(answer_with(lambda data: b"wrong")) as peer:
        status, _, _ = run("127.0.0.1", peer.port, data=b"x", stderr=None,
                           preexec_fn=lambda: os.close(2))
    assert status == 1 and peer.received == [b"x"], (status, peer.received)


def signal_in_input(number, word):
    """Input that the client has read shows that it is there, and waits for more."""
    with start("127.0.0.1", server.closed_port()) as client:
        client.stdin.write(b"the beginning of a message")
        server.wait_until(lambda: server.pipe_is_empty(client.stdin.fileno()))
        client.send_signal(number)
        client.wait(PATIENCE)  # the input stays open: only the signal can end the client
        got = client.returncode, client.stdout.read().decode(), client.stderr.read().decode()
    expect(got, 128 + number, "", f"udpecho: read standard input: {word}\n")


def signal_in_wait(number, word):
    with Server(server.silence) as peer, start("-w", "3600", "127.0.0.1", peer.port) as client:
        client.stdin.close()
        first = client.stdout.readline().decode()
        client.send_signal(number)
        client.wait(PATIENCE)
        got = client.returncode, first, client.stderr.read().decode()
    expect(got, 128 + number, written(b""), f"udpecho: read udp 127.0.0.1:{peer.port}: {word}\n")


def signal_in_output(number, word, *options):
    """Nobody reads the full pipe that the client writes to."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, bytes(4096))
    except BlockingIOError:
        os.set_blocking(writer, True)  # the client shares this setting
    with Server(server.echo) as peer, start(*options, "127.0.0.1", peer.port, stdout=writer) as client:
        client.stdin.close()
        server.wait_until(lambda: peer.received)
        client.send_signal(number)
        client.wait(PATIENCE)
        got = client.returncode, "", client.stderr.read().decode()
    os.close(reader)
    os.close(writer)
    expect(got, 128 + number, "", f"udpecho: write standard output: {word}\n")


def main():
    # Started in the background of a script we would pass on that SIGINT is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    tap = Tap()

    tap.case("input in pieces is one datagram", input_in_pieces)
    tap.case("standard input closed", input_closed)
    tap.case("standard input unreadable", input_unreadable)
    tap.case("standard output full", output_full)
    tap.case("standard output full, --help", output_full, "--help")
    tap.case("standard output a closed pipe", output_closed_pipe)
    tap.case("standard error closed", errors_closed)
    for number, word in ((signal.SIGINT, "interrupted"), (signal.SIGTERM, "terminated")):
        tap.case(f"{number.name} while reading the input", signal_in_input, number, word)
        tap.case(f"{number.name} while writing the output", signal_in_output, number, word)
        tap.case(f"{number.name} while writing a ping's output", signal_in_output, number, word, "--ping", "-i", "0.002")
        tap.case(f"{number.name} while waiting for the reply", signal_in_wait, number, word)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
