# SPDX-License-Identifier: BSD-3-Clause
"""What udpechod's options say: the ports, the access list, the limits."""
import argparse
import ipaddress
import os

EVERY_PORT = set(range(1, 65536))
PREFIX6 = 64  # of a source, by which its rate is counted
TOKEN = 10**6  # of credit: a microsecond earns the rate


def options_parser(**fields):
    """The options that change what becomes of a frame."""
    parser = argparse.ArgumentParser(**fields)
    parser.add_argument("-a", "--address", action="append", required=True, metavar="IP[/LEN]")
    parser.add_argument("-m", "--mac", required=True)
    parser.add_argument("-p", "--udp-port", default="7", metavar="LIST")
    parser.add_argument("--acl", metavar="FILE")
    parser.add_argument("--rate-limit", metavar="N[:BURST]")
    parser.add_argument("--rate-limit-prefix6", type=int, default=PREFIX6, metavar="LEN")
    parser.add_argument("--rate-limit-prefix", type=int, default=24, metavar="LEN")
    parser.add_argument("--icmp-arp-rate-limit", metavar="N[:BURST]")
    parser.add_argument("--icmp-unreachable", nargs="?", const="100", metavar="N")
    parser.add_argument("--block-source-port", default="", metavar="LIST")
    return parser


def parse_options(arguments):
    return options_parser().parse_args(arguments)


def parse_ports(text):
    """`7`, `7,7000-7099` or `any`: the set of served ports; port 0 is none (RFC 768)."""
    if text == "any":
        return EVERY_PORT
    ports = set()
    for item in filter(None, text.split(",")):
        low, _, high = item.partition("-")
        ports.update(range(int(low), int(high or low) + 1))
    return ports


class AccessList:
    """Whether a source may be answered: the longest prefix that matches says so."""

    def __init__(self, lines=()):
        self.rules = {}
        for line in lines:
            words = line.partition("#")[0].split()
            if words:
                self.rules[ipaddress.ip_network(words[1])] = words[0] == "allow"

    @classmethod
    def read(cls, name, directory):
        if name is None:
            return cls()
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            return cls(file)

    def allows(self, address):
        matching = [network for network in self.rules if address in network]
        return not matching or self.rules[max(matching, key=lambda network: network.prefixlen)]


class Bucket:
    """A token bucket, full at first."""

    def __init__(self, rate, burst):
        self.rate = rate
        self.most = self.credit = burst * TOKEN
        self.time_us = 0

    def take(self, now_us):
        """Takes a token, if there is one."""
        elapsed, self.time_us = max(0, now_us - self.time_us), now_us
        self.credit = min(self.most, self.credit + elapsed * self.rate)
        if self.credit < TOKEN:
            return False
        self.credit -= TOKEN
        return True


class Limit:
    """A rate limit for each key: `N[:BURST]`, or None for no limit."""

    def __init__(self, text):
        rate, _, burst = (text or "").partition(":")
        self.arguments = (int(rate), int(burst or rate)) if text else None
        self.buckets = {}

    def take(self, key, now_us):
        if self.arguments is None:
            return True
        if key not in self.buckets:
            self.buckets[key] = Bucket(*self.arguments)
        return self.buckets[key].take(now_us)
