#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The client against servers on the loopback that are right, wrong, silent and absent.

Usage: test_client.py UDPECHO
"""
import os
import random
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import server
from client import expect, received, run, written
from server import Server, Socat, answer_with
from tap import Skip, Tap

HINT = "; try 'udpecho --help'\n"
BAD_PORT = "neither a number from 1 to 65535 nor a UDP service"
BAD_TIMEOUT = "not a time, such as 10s, 5ms or 2h; at least 1ms, at most a day"


def noise(size):
    """The same bytes on each run, and no two neighbours alike for long."""
    return random.Random(size).randbytes(size)


def echo_of(size, address="127.0.0.1", shown="127.0.0.1"):
    data = noise(size)
    with Server(server.echo, address) as peer:
        got = run(address, peer.port, data=data)
    expect(got, 0, written(data) + received(data, f"{shown}:{peer.port}"), "")
    assert peer.received == [data], "the server received something else, or more than once"


def echo_by_socat(size):
    data = noise(size)
    with Socat() as peer:
        got = run("127.0.0.1", peer.port, data=data)
    expect(got, 0, written(data) + received(data, f"127.0.0.1:{peer.port}"), "")


def echo_by_name():
    address = socket.getaddrinfo("localhost", None, type=socket.SOCK_DGRAM)[0][4][0]
    with Server(server.echo, address) as peer:
        status, stdout, stderr = run("localhost", peer.port, data=b"x")
    assert (status, stderr) == (0, ""), (status, stderr)
    assert stdout.endswith(f":{peer.port}\n"), stdout


def echo_after_stranger():
    data = b"the right bytes"
    with Server(server.echo_after_stranger) as peer:
        got = run("127.0.0.1", peer.port, data=data)
    expect(got, 0, written(data) + received(data, f"127.0.0.1:{peer.port}"), "")


def echo_is_wrong(data, change, why):
    with Server(answer_with(change)) as peer:
        got = run("127.0.0.1", peer.port, data=data)
    name = f"127.0.0.1:{peer.port}"
    expect(got, 1, written(data) + received(change(data), name),
           f"udpecho: check udp {name}: reply {why}\n")


def flip(offset):
    """Changes one byte of a datagram: all its bits."""
    return lambda data: data[:offset] + bytes([data[offset] ^ 0xFF]) + data[offset + 1:]


def too_much(size, limit, address):
    with Server(server.echo, address) as peer:
        got = run(address, peer.port, data=bytes(size))
    expect(got, 1, "",
           f"udpecho: read standard input: more than {limit} bytes, the most of one datagram\n")
    assert peer.received == [], "something was sent all the same"


def silence(answer, *options):
    with Server(answer) as peer:
        got = run(*options, "127.0.0.1", peer.port, data=b"hello")
    expect(got, 1, written(b"hello"), f"udpecho: read udp 127.0.0.1:{peer.port}: i/o timeout\n")


def bad_checksum():
    server.raw_socket(socket.IPPROTO_UDP).close()
    silence(server.bad_checksum, "-w", "0.5")


def refused(address, shown):
    port = server.closed_port(address)
    expect(run(address, port, data=b"hello"), 1, written(b"hello"),
           f"udpecho: read udp {shown}:{port}: connection refused\n")


def unreachable(code, words):
    server.raw_socket(socket.IPPROTO_ICMP).close()
    with Server(server.unreachable(code)) as peer:
        got = run("127.0.0.1", peer.port, data=b"hello")
    expect(got, 1, written(b"hello"), f"udpecho: read udp 127.0.0.1:{peer.port}: {words}\n")


def service_name():
    """Nothing may listen on the echo port here; the error names the number all the same."""
    try:
        port = socket.getservbyname("echo", "udp")
    except OSError as error:
        raise Skip("/etc/services lacks echo") from error
    _, stdout, stderr = run("-w", "0.2", "127.0.0.1", "echo", data=b"x")
    assert f" udp 127.0.0.1:{port}: " in stderr or f"from=127.0.0.1:{port}\n" in stdout, stderr


def port_default():
    _, stdout, stderr = run("-w", "0.2", "127.0.0.1", data=b"x")
    assert " udp 127.0.0.1:7: " in stderr or "from=127.0.0.1:7\n" in stdout, stderr


def unknown_host(name):
    status, stdout, stderr = run(name)
    assert (status, stdout) == (1, ""), (status, stdout)
    assert stderr.startswith(f"udpecho: resolve {name}: ") and stderr.count("\n") == 1, stderr


def wrong_usage(arguments, why):
    expect(run(*arguments), 2, "", f"udpecho: {why}{HINT}")


def source_or_interface(arguments, why):
    """It is the option that is wrong, and no peer."""
    expect(run(*arguments, "127.0.0.1"), 1, "", f"udpecho: {why}\n")


def information(option, start):
    """Needs no host and no input, not even an open one."""
    status, stdout, stderr = run(option, stdin=None, preexec_fn=lambda: os.close(0))
    assert (status, stderr) == (0, ""), (status, stderr)
    assert stdout.startswith(start), stdout


USAGE = [
    ([], "HOST: missing"),
    ([""], "HOST: missing"),
    (["--wait"], "--wait: unknown option"),
    (["--m"], "--m: ambiguous: --mtu, --max-loss, --max-p99"),
    (["--max=5"], "--max=5: ambiguous: --max-loss, --max-p99"),
    (["-q", "127.0.0.1"], "-q: unknown option"),
    (["--help=all"], "--help: takes no argument"),
    (["127.0.0.1", "-w"], "-w: needs an argument"),
    (["127.0.0.1", "--timeout"], "--timeout: needs an argument"),
    (["127.0.0.1", "7", "8"], "8: one argument too many"),
    *[([host], f"HOST {host}: write the port as the next argument")
      for host in ("127.0.0.1:7", "localhost:echo", ":7")],
    *[([host], f"HOST {host}: write an IPv6 address without brackets, and the port as the next argument")
      for host in ("[::1]:7", "[::1]")],
    *[(["127.0.0.1", port], f"port {port}: {BAD_PORT}")
      for port in ("0", "65536", "65543", "99999999999999999999", "", "7x", " 7", "+7", "no-such")],
    (["127.0.0.1", "two\nlines"], f"port two?lines: {BAD_PORT}"),
    *[(["-w", seconds, "127.0.0.1"], f"--timeout={seconds}: {BAD_TIMEOUT}")
      for seconds in ("0", "0.0001", "-1", "86401", "1e99", "nan", "inf", "0x1", " 1", "",
                      ".", "1.2.3")],
    *[(["-S", address, "127.0.0.1"], f"--source={address}: not an IP address")
      for address in ("nope", "localhost", "1.2.3.256", "")],
    (["-S", "::1", "127.0.0.1"], "--source=::1: an IPv6 address, and 127.0.0.1:7 has none"),
    (["-S", "127.0.0.1", "::1"], "--source=127.0.0.1: an IPv4 address, and [::1]:7 has none"),
    (["--ping", "-S", "::1", "127.0.0.1"],
     "--source=::1: an IPv6 address, and 127.0.0.1:7 has none"),
]


def main():
    tap = Tap()

    for size in (0, 1, 1472, 9000, 65507):
        tap.case(f"echo of {size} bytes", echo_of, size)
    for size in (0, 65527):
        tap.case(f"echo of {size} bytes over IPv6", echo_of, size, "::1", "[::1]")
    for size in (1, 1472):
        tap.case(f"echo of {size} bytes by socat", echo_by_socat, size)
    tap.case("echo by name", echo_by_name)
    tap.case("a stranger's answer is not the echo", echo_after_stranger)

    for offset in (0, 5, 9):
        tap.case(f"mismatch at offset {offset}", echo_is_wrong, b"0123456789", flip(offset),
                 f"differs at offset {offset}: got 0x{0xcf - offset:02x}, expected 0x3{offset}")
    tap.case("mismatch in the last of 65507 bytes", echo_is_wrong, bytes(65507), flip(65506),
             "differs at offset 65506: got 0xff, expected 0x00")
    tap.case("reply too short", echo_is_wrong, b"0123456789", lambda data: data[:-1],
             "is too short: got 9 bytes, expected 10")
    tap.case("reply too long", echo_is_wrong, b"0123456789", lambda data: data + b"!",
             "is too long: got 11 bytes, expected 10")
    tap.case("reply empty", echo_is_wrong, b"0123456789", lambda data: b"",
             "is too short: got 0 bytes, expected 10")
    tap.case("reply to nothing not empty", echo_is_wrong, b"", lambda data: b"!",
             "is too long: got 1 bytes, expected 0")

    tap.case("65508 bytes are refused", too_much, 65508, 65507, "127.0.0.1")
    tap.case("65528 bytes are refused over IPv6", too_much, 65528, 65527, "::1")
    tap.case("timeout", silence, server.silence, "-w", "0.2")
    tap.case("timeout, long option", silence, server.silence, "--timeout=.3")
    tap.case("a bad checksum is no answer", bad_checksum)
    tap.case("refused port", refused, "127.0.0.1", "127.0.0.1")
    tap.case("refused port over IPv6", refused, "::1", "[::1]")
    tap.case("network unreachable", unreachable, 0, "network is unreachable")
    tap.case("host unreachable", unreachable, 1, "no route to host")
    tap.case("service name as the port", service_name)
    tap.case("port 7 by default", port_default)
    # An empty label: refused by the resolver itself, so that no query leaves this machine.
    tap.case("unknown host", unknown_host, "no..such")

    for arguments, why in USAGE:
        tap.case(f"usage: {arguments!r}", wrong_usage, arguments, why)
    for task in ([], ["--ping"], ["--mtu"]):
        tap.case(f"a foreign source {task}", source_or_interface, [*task, "-S", "192.0.2.1"],
                 "--source=192.0.2.1: not an address of this machine")
    for name in ("nope", "", "lo" * 50):
        tap.case(f"no such interface: {name!r}", source_or_interface, ["-I", name],
                 f"--interface={name}: no such interface")
    for option, begin in (("-h", "Usage: udpecho "), ("--help", "Usage: udpecho "),
                          ("-V", "udpecho "), ("--version", "udpecho ")):
        tap.case(f"{option}", information, option, begin)

    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
